"""The only place that evaluates decision tables: inputs, the rules that match, defaults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.dmn import hits, texts
from engine.dmn.errors import DecisionFailed, shown
from engine.dmn.hits import Hit
from engine.dmn.model import Input, Output, Rule, Table
from engine.dmn.texts import View
from engine.dmn.types import coerce
from engine.expressions import ExpressionError
from engine.expressions.feel.scope import TooMuchWork

CELL_INPUT = "cellInput"  # what cells of both Camundas call the input where the model gives it no name
_ENOUGH = {"FIRST": 1}


@dataclass(frozen=True)
class Answer:
    """What a table gave: its value, the value as rows of Camunda 7, the inputs by name, the rules that matched."""

    value: Any
    rows: list[dict[str, Any]]
    inputs: dict[str, Any]
    hits: list[Hit]


def evaluate(table: Table, view: View) -> Answer:
    """DecisionFailed says which rule and column is at fault."""
    values = [_input(one, view) for one in table.inputs]
    names = _names(table.inputs)
    columns = [view.inside({"?": value, one.variable: value}) for one, value in zip(table.inputs, values, strict=True)]
    matches = (_hit(table, index, rule, view) for index, rule in _matching(table, columns))
    found = list(islice(matches, _ENOUGH.get(table.policy)))
    value, rows = _concluded(table, found, view)
    return Answer(value, rows, dict(zip(names, values, strict=True)), found)


def _concluded(table: Table, found: list[Hit], view: View) -> tuple[Any, list[dict[str, Any]]]:
    if not found:
        return _without_match(table, view)
    chosen = hits.choose(table, found)
    value = hits.value_of(table, chosen)
    if table.aggregation:
        return value, [] if value is None else [{table.outputs[0].name: value}]
    return value, [hit.given for hit in chosen]


def _without_match(table: Table, view: View) -> tuple[Any, list[dict[str, Any]]]:
    """The default outputs where there are any; else null, where Camunda 7 counts to 0."""
    defaults = {one.name: _output(one, one.default, view, "the default of") for one in table.outputs if one.default}
    if defaults:
        return hits.bare(table, defaults), [defaults]
    return None, [{table.outputs[0].name: 0}] if table.aggregation == "COUNT" else []


def _input(one: Input, view: View) -> Any:
    if one.expression is None:
        return None
    try:
        value = coerce(texts.value_of(one.expression, view), one.type)
        if one.allowed and view.run.warn and value is not None and not texts.passes(one.allowed, view.inside({"?": value})):
            view.run.warn(f"The input {one.name} is {shown(value)}, which is not among its allowed values {one.allowed.source}")
        return value
    except (ExpressionError, TooMuchWork, DecisionFailed) as wrong:
        raise DecisionFailed(f"the input {one.name}: {wrong.message}") from wrong


def _matching(table: Table, columns: list[View]) -> Iterator[tuple[int, Rule]]:
    number, passes = 0, texts.passes
    for index, rule in enumerate(table.rules, 1):
        try:
            for number, test in rule.tests:
                if not passes(test, columns[number]):
                    break
            else:
                yield index, rule
        except (ExpressionError, TooMuchWork) as wrong:
            raise DecisionFailed(f"rule {index} ({rule.id}), the input {table.inputs[number].name}: {wrong.message}") from wrong


def _hit(table: Table, index: int, rule: Rule, view: View) -> Hit:
    where = f"rule {index} ({rule.id}),"
    cells = [(one, cell) for one, cell in zip(table.outputs, rule.outputs, strict=True) if cell]
    return Hit(rule.id, index, {one.name: _output(one, cell, view, where) for one, cell in cells})


def _output(one: Output, cell: texts.Text | None, view: View, where: str) -> Any:
    assert cell is not None
    try:
        value = coerce(texts.value_of(cell, view), one.type)
        if one.allowed and view.run.warn and value is not None and not texts.passes(one.allowed, view.inside({"?": value})):
            view.run.warn(f"The output {one.name} of {where} is {shown(value)}, which is not among its allowed values {one.allowed.source}")
        return value
    except (ExpressionError, TooMuchWork, DecisionFailed) as wrong:
        raise DecisionFailed(f"{where} the output {one.name}: {wrong.message}") from wrong


def _names(inputs: tuple[Input, ...]) -> list[str]:
    """The names of inputs; a second one of the same name gets its number."""
    names = [one.name for one in inputs]
    return [name if name not in names[:place] else f"{name} ({place + 1})" for place, name in enumerate(names)]
