"""The only place that checks the texts of decisions before they run, each with the line and element where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.dmn import texts
from engine.dmn.model import Boxed, Decision, FunctionOf, Invocation, Listing, Literal, Logic, Relation, Table
from engine.dmn.texts import Text
from engine.errors import Problem


def check(decision: Decision) -> list[Problem]:
    """What is wrong with the texts of a decision and of the knowledge models that it may call."""
    return [_problem(decision, text, said) for text in texts_of(decision) for said in texts.check(text)]


def doubts(decision: Decision) -> list[Problem]:
    """What may be a slip in a decision that can be evaluated."""
    known = decision.known | _names(decision.logic) | {name for one in decision.knowledge for name in _names(one.function)}
    said = [(text, each) for text in texts_of(decision) for each in texts.doubts(text)]
    remarks = [Problem(decision.file, line, decision.id, text) for line, text in decision.remarks]
    return remarks + [_problem(decision, text, each) for text, each in said if not any(f"'{name}'" in each for name in known)]


def _problem(decision: Decision, text: Text, said: str) -> Problem:
    return Problem(decision.file, text.line or decision.line, text.element or decision.id, f"“{_short(text.source)}”: {said}")


def _short(source: str) -> str:
    return source if len(source) <= 80 else f"{source[:77]}…"


def texts_of(decision: Decision) -> Iterator[Text]:
    """All texts that evaluating a decision may run."""
    waiting: list[Logic] = [decision.logic, *(one.function for one in decision.knowledge)]
    while waiting:
        found, inner = _PARTS[type(logic := waiting.pop())](logic)
        yield from (text for text in found if text is not None)
        waiting.extend(inner)


Parts = tuple[list[Text | None], list[Logic]]


def _table(table: Table) -> Parts:
    inputs = [text for one in table.inputs for text in (one.expression, one.allowed)]
    outputs = [text for output in table.outputs for text in (output.allowed, output.default)]
    cells = [text for rule in table.rules for text in (*(test for _, test in rule.tests), *rule.outputs)]
    return [*inputs, *outputs, *cells], []


_PARTS: dict[type[Any], Callable[[Any], Parts]] = {
    Table: _table,
    Literal: lambda logic: ([logic.text], []),
    Boxed: lambda logic: ([], [inner for _, inner in logic.entries]),
    Listing: lambda logic: ([], list(logic.items)),
    Relation: lambda logic: ([], [cell for row in logic.rows for cell in row]),
    FunctionOf: lambda logic: ([], [logic.body]),
    Invocation: lambda logic: ([], [logic.function, *(inner for _, inner in logic.bindings)]),
}


def _names(logic: Logic) -> frozenset[str]:
    """The names that boxed expressions bind: entries of contexts, parameters of functions."""
    bound: set[str] = set()
    waiting = [logic]
    while waiting:
        one = waiting.pop()
        bound |= {name for name, _ in one.entries if name} if isinstance(one, Boxed) else set()
        bound |= set(one.parameters) if isinstance(one, FunctionOf) else set()
        waiting.extend(_PARTS[type(one)](one)[1])
    return frozenset(bound)
