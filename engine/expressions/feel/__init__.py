"""The only place where the rest of Ratchet meets FEEL, the expression language of DMN 1.5 (chapter 10), in Camunda's null-tolerant dialect.

Values are Python's: int and Decimal, str, bool, None, list, dict, date, datetime, time, `YearsMonths`, `DaysTime`, `Range`, `Function`;
`FarDate` and `FarMoment` only for years that Python's dates do not have.
A broken text raises ExpressionError with line and column; a text that can be read never fails but gives None, and tells `warn` why.
The only exception is `assert(…)`, whose purpose is to fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.clock import Clock
from engine.expressions.feel.doubts import doubts_of
from engine.expressions.feel.durations import DaysTime, YearsMonths
from engine.expressions.feel.far import FarDate, FarMoment
from engine.expressions.feel.program import Program, program, tree_of
from engine.expressions.feel.scope import Run, Scope, TooMuchWork, Warn
from engine.expressions.feel.tokens import Source
from engine.expressions.feel.values import Comparison, Function, Range

__all__ = ["Comparison", "DaysTime", "FarDate", "FarMoment", "Function", "Range", "YearsMonths", "check", "doubts", "evaluate", "matches"]


def evaluate(source: str, context: Mapping[str, Any], warn: Warn | None = None, *, clock: Clock | None = None) -> Any:
    """The value of an expression (its text without the leading `=`) where `context` has the names.

    `warn` is called with a text and its position for each unknown name and failed operation, `clock` is what now() and today() ask.
    Raises ExpressionError when the text is no FEEL, or when an assert() in it fails.
    """
    return _run(program(source, context, False), Scope(context, None, Run(warn, clock)))


def matches(unary_tests: str, value: Any, context: Mapping[str, Any], warn: Warn | None = None, *, clock: Clock | None = None) -> bool:
    """Whether a value passes unary tests such as `< 10, [20..30]`, `not("a", "b")` or `-` (the cell of a decision table).

    Raises ExpressionError when the text is no unary tests.
    """
    run = Run(warn, clock)
    return _run(program(unary_tests, context, True), Scope(context, None, run).inside({"?": value})) is True


def check(source: str, *, unary: bool = False) -> list[str]:
    """What is wrong with a text, with line and column; empty when it can be read."""
    error = program(source, {}, unary).error
    return [error.message] if error else []


def doubts(source: str, *, unary: bool = False) -> list[str]:
    """What is probably a mistake in a text that can be read, with line and column: such an expression gives null, it does not fail.

    Raises ExpressionError when it cannot be read: ask `check` first.
    """
    place = Source(source)
    return [f"{text} ({place.spot(at)})" for at, text in doubts_of(tree_of(source, unary))]


def _run(compiled: Program, scope: Scope) -> Any:
    if compiled.code is None:
        raise compiled.refusal()
    try:
        return compiled.code(scope)
    except TooMuchWork as error:
        return scope.run.complain(error.message, "line 1, column 1")
    except RecursionError:
        return scope.run.complain("The evaluation is nested too deep", "line 1, column 1")
