"""The only place that knows the exceptions of Python scripts: which exist, which a script can catch, and what becomes of the others."""

from __future__ import annotations

import re
from decimal import DecimalException
from typing import Any

from engine.errors import RatchetError
from engine.expressions import ExpressionError
from engine.expressions.limits import LimitReached
from engine.expressions.python.texts import shown
from engine.expressions.python.values import Kind

OWN = (
    ArithmeticError, AssertionError, AttributeError, BufferError, DecimalException, LookupError, NameError, NotImplementedError,
    RuntimeError, StopIteration, TypeError, ValueError, re.error,
)  # fmt: skip
UNCATCHABLE = (LimitReached, RecursionError, MemoryError)
MAX_SHOWN = 500


def _kind(error: type[Exception]) -> Kind:
    return Kind(error.__name__, (error, RatchetError) if error is Exception else (error,), error)


KINDS = {
    error.__name__: _kind(error)
    for error in (
        Exception, ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, LookupError, NameError, NotImplementedError,
        OverflowError, RuntimeError, StopIteration, TypeError, UnicodeError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


def catchable(error: BaseException) -> bool:
    """Whether a script may catch the error: its own and those of the engine, not a limit, and not the database's."""
    own = isinstance(error, (*OWN, RatchetError)) or type(error) is Exception
    return own and not isinstance(error, UNCATCHABLE)


def scripted(error: Exception) -> bool:
    """Whether the error came of what the script did, and not of the engine or the database."""
    return catchable(error) or isinstance(error, (RecursionError, MemoryError))


def fits(error: Exception, wanted: Any) -> bool:
    """Whether `except wanted` catches the error. TypeError when it is no exception's class."""
    if isinstance(wanted, tuple):
        return any(fits(error, each) for each in wanted)
    if isinstance(wanted, Kind):
        return isinstance(error, wanted.types)
    if isinstance(wanted, type) and issubclass(wanted, RatchetError):
        return isinstance(error, wanted)
    raise TypeError("except needs the class of an exception")


def raised(value: Any) -> Exception:
    """What `raise value` raises. TypeError when it is no exception."""
    made = value() if isinstance(value, Kind) else value
    if not isinstance(made, Exception):
        raise TypeError("only an exception can be raised, such as ValueError('...') or BpmnError('code')")
    return made


def explained(error: Exception) -> ExpressionError:
    """What an exception that nothing caught looks like outside of the script."""
    if isinstance(error, RecursionError):
        return LimitReached("The script is nested too deeply")
    if isinstance(error, MemoryError):
        return LimitReached("The script makes too much data")
    text = shown(error)[:MAX_SHOWN]
    return ExpressionError(f"{type(error).__name__}: {text}" if text else type(error).__name__)
