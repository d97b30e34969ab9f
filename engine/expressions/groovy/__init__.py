"""The only place for Groovy, the scripts of Camunda 7 models: the part of the language that real models use, in a closed world.

A script sees the names of its scope, the members listed in `engine.expressions.members` and the classes listed in `classes`; it
has no reflection, files or network, and a budget of steps, seconds and memory (`engine.expressions.limits`).
"""

from __future__ import annotations

import functools
from collections.abc import MutableMapping
from typing import Any

from engine.clock import Clock, SystemClock
from engine.expressions import ExpressionError
from engine.expressions.groovy.calls import CALLS
from engine.expressions.groovy.evaluate import EXPRESSIONS
from engine.expressions.groovy.execute import STATEMENTS, make_functions, outside
from engine.expressions.groovy.frames import Frame, Jumped, Returned, Run, handed_over
from engine.expressions.groovy.review import aliases, problems, static_imports
from engine.expressions.groovy.statements import parse
from engine.expressions.groovy.targets import TARGETS

TABLE = {**EXPRESSIONS, **CALLS, **TARGETS, **STATEMENTS}
_parsed = functools.lru_cache(maxsize=512)(parse)


def run(source: str, scope: MutableMapping[str, Any], clock: Clock | None = None) -> Any:
    """Run a script and give the value of its return or last statement.

    Variables set without def are set in `scope`; callables in `scope` are functions, and `new Name(...)` calls one of that name. `clock`
    answers `new Date()` and `LocalDate.now()`. ExpressionError with line and column when the script is broken, fails or uses up its
    budget; what a function of the scope raises, and a thrown BpmnError, goes through.
    """
    script = _parsed(source)
    current = Run(source, scope, clock or SystemClock(), TABLE)
    current.aliases.update(aliases(script))
    current.imported.update(static_imports(script))
    frame = Frame(current)
    make_functions(frame, script)
    try:
        value = _result(frame, script)
    except RecursionError as deep:
        raise ExpressionError("The script is nested too deeply", source) from deep
    return _delivered(current, value)


def _result(frame: Frame, script: Any) -> Any:
    try:
        return frame.value(script)
    except Returned as returned:
        return returned.value
    except Jumped as jumped:
        raise outside(jumped.word).placed(frame.run.source, 1, 1) from jumped


def _delivered(current: Run, value: Any) -> Any:
    """The value, when it and what the script put into the scope are fit to leave."""
    try:
        for name in current.assigned & current.scope.keys():
            handed_over(current.scope[name])
        return None if callable(value) else handed_over(value)
    except ExpressionError as unfit:
        raise unfit.placed(current.source, 1, 1) from unfit


def check(source: str) -> list[str]:
    """What keeps a script from running, one sentence with line and column each; empty when nothing is known."""
    try:
        return [problem.message for problem in problems(source, _parsed(source))]
    except ExpressionError as broken:
        return [broken.message]
    except RecursionError:
        return ["The script is nested too deeply"]
