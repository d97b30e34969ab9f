"""The only place for Python, a script language of models: a part of the language, read by Python's parser and carried out by our own code.

A script sees the names of its scope, the built-ins and the six modules listed here, and of every value only the members listed in
`members`. Nothing of it is ever given to Python itself to run. It has a budget of steps, seconds and memory (`engine.expressions.limits`).
"""

from __future__ import annotations

import functools
from collections.abc import MutableMapping
from typing import Any

from engine.clock import Clock, SystemClock
from engine.errors import RatchetError
from engine.expressions import ExpressionError
from engine.expressions.python.builtins import BUILTINS
from engine.expressions.python.errors import explained, scripted
from engine.expressions.python.frames import Closure, Frame, Run
from engine.expressions.python.names import Names
from engine.expressions.python.source import TOO_DEEP, Script, parse, problems
from engine.expressions.python.statements import block
from engine.expressions.python.values import handed_over, is_data

__all__ = ["check", "run"]


def run(source: str, scope: MutableMapping[str, Any], clock: Clock | None = None) -> Any:
    """Run a script and give the value of the last expression that stood on a line of its own at its top level; None without one.

    Variables set at the top level are left in `scope`, except those that start with _, loop variables, and what is no data, such as
    functions. Callables in `scope` are functions; `clock` answers `datetime.now()`. ExpressionError with line and column when the script is
    broken, fails or uses up its budget; what a function of the scope raises, and a raised BpmnError, goes through.
    """
    script, body = _prepared(source)
    current = Run(scope, clock or SystemClock(), BUILTINS)
    try:
        body(Frame(current, {}))
        for name in sorted(current.assigned & scope.keys()):
            _leave(scope, name)
        return handed_over(current.value) if is_data(current.value) else None
    except ExpressionError as error:
        raise error.placed(source, *script.place(current.node)) from error
    except RatchetError:
        raise
    except Exception as error:
        if not scripted(error):
            raise
        raise explained(error).placed(source, *script.place(current.node)) from error


def check(source: str) -> list[str]:
    """What keeps a script from running, one sentence with line and column each; empty when nothing is known."""
    try:
        return [problem.message for problem in problems(parse(source))]
    except ExpressionError as broken:
        return [broken.message]


@functools.lru_cache(maxsize=256)
def _prepared(source: str) -> tuple[Script, Closure]:
    script = parse(source)
    for problem in problems(script):
        raise problem
    try:
        return script, block(script.tree.body, Names())
    except RecursionError as deep:
        raise ExpressionError(TOO_DEEP, source, 1, 1) from deep


def _leave(scope: MutableMapping[str, Any], name: str) -> None:
    value = scope[name]
    left = handed_over(value)
    if left is not value:
        scope[name] = left
