"""The only place that knows which methods and properties JUEL and Groovy may use, by the kind of value; exposed hosts list their own."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import FAILURES, Exposed, getters, missing
from engine.expressions.exposed import call as call_exposed
from engine.expressions.exposed import read as read_exposed
from engine.expressions.members.dates import DATES, DURATIONS, MOMENTS, TIMES, ZONES
from engine.expressions.members.items import Function, Table
from engine.expressions.members.lists import LISTS
from engine.expressions.members.maps import MAPS
from engine.expressions.members.numbers import BOOLEANS, NUMBERS
from engine.expressions.members.texts import BYTES, TEXTS
from engine.expressions.text import java_text
from engine.expressions.values import identity, kind, order, same

EVERY: Table = {
    "equals": same,
    "compareTo": order,
    "is": lambda value, other: value is other,
    "toString": java_text,
    "hashCode": lambda value: hash(repr(identity(value))) % 2**31,
}

TABLES: dict[str, Table] = {
    "text": TEXTS,
    "number": NUMBERS,
    "boolean": BOOLEANS,
    "list": LISTS,
    "set": LISTS,
    "range": LISTS,
    "map": MAPS,
    "date": DATES,
    "time": TIMES,
    "date-time": MOMENTS,
    "duration": DURATIONS,
    "bytes": BYTES,
    "zone": ZONES,
}


def call(value: Any, name: str, args: Sequence[Any]) -> Any:
    """The method `name` of a value. ExpressionError when it has none, the arguments do not fit, or it fails."""
    if isinstance(value, Exposed):
        return call_exposed(value, name, args)
    function = _find(value, name)
    if function is None:
        raise _missing(value, "method", name)
    try:
        return function(value, *args)
    except FAILURES as failure:
        raise ExpressionError(_why(value, name, function, args, failure)) from failure


def read(value: Any, name: str) -> Any:
    """The property `name` of a value that is not a map: its getter's result, as in Java. ExpressionError when there is none."""
    if isinstance(value, Exposed):
        return read_exposed(value, name)
    for getter in getters(name):
        if _find(value, getter):
            return call(value, getter, ())
    hint = f": write {name}()" if _find(value, name) else ""
    error = _missing(value, "property", name)
    raise ExpressionError(error.reason + hint)


def has(value: Any, name: str) -> bool:
    """Whether a value has this method, for languages that try something else when it has not."""
    return name in value.exposed if isinstance(value, Exposed) else _find(value, name) is not None


def _find(value: Any, name: str) -> Function | None:
    if value is None:
        return None
    return _table(value).get(name) or EVERY.get(name)


def _table(value: Any) -> Table:
    return TABLES.get("zone" if isinstance(value, tzinfo) else kind(value), {})


def _missing(value: Any, sort: str, name: str) -> ExpressionError:
    if value is None:
        return ExpressionError(f"The {sort} '{name}' was asked of null")
    return missing(f"A {kind(value)}", sort, name, [*_table(value), *EVERY])


def _why(value: Any, name: str, function: Function, args: Sequence[Any], failure: Exception) -> str:
    """What went wrong in a call, in words that fit the script and not our own code."""
    given = ", ".join(kind(arg) for arg in args) or "nothing"
    try:
        inspect.signature(function).bind(value, *args)
    except (TypeError, ValueError):
        return f"'{name}' of a {kind(value)} does not take {len(args)} argument{'' if len(args) == 1 else 's'}"
    if isinstance(failure, TypeError | AttributeError):
        return f"'{name}' of a {kind(value)} cannot be called with {given}"
    return f"'{name}' of a {kind(value)} failed: {failure}"
