"""What evaluating a decision gives, and the only place that maps it as `camunda:mapDecisionResult` asks (Camunda 7, DMN integration)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.errors import ResultNotMapped


@dataclass(frozen=True)
class MatchedRule:
    """A rule whose tests all passed: its id, its number from 1, what its outputs gave by their names."""

    id: str
    index: int
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Evaluated:
    """One decision of an evaluation. `rows` is its result as Camunda 7 has it, a list of maps; `inputs` and `rules` only tables have."""

    id: str
    name: str
    kind: str
    value: Any
    rows: list[dict[str, Any]]
    inputs: dict[str, Any] = field(default_factory=dict)
    rules: list[MatchedRule] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """The value of a decision, as Camunda 8 gives it, and all decisions that were evaluated for it; it itself is the last of them.

    `warnings` say why something became null on the way, and which values are not among those allowed.
    """

    decision_id: str
    value: Any
    evaluated: list[Evaluated]
    warnings: list[str] = field(default_factory=list)

    @property
    def rules(self) -> list[MatchedRule]:
        return self.evaluated[-1].rules

    @property
    def inputs(self) -> dict[str, Any]:
        return self.evaluated[-1].inputs

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.evaluated[-1].rows


def mapped(result: Result, how: str | None = None) -> Any:
    """The result in one of Camunda 7's shapes: singleEntry, singleResult, collectEntries, or resultList where nothing is said.

    ResultNotMapped when the result has more rows or outputs than the shape has room for.
    """
    if (how or "resultList") not in MAPPINGS:
        raise ResultNotMapped(f"There is no mapping “{how}” of decision results. Choose one of {', '.join(MAPPINGS)}.")
    return MAPPINGS[how or "resultList"](result)


def _single_result(result: Result) -> dict[str, Any] | None:
    if len(result.rows) > 1:
        raise _unfit(result, f"its result has {len(result.rows)} rows, where at most one is allowed")
    return dict(result.rows[0]) if result.rows else None


def _single_entry(result: Result) -> Any:
    row = _single_result(result) or {}
    if len(row) > 1:
        raise _unfit(result, f"its result has the outputs {', '.join(row)}, where at most one is allowed")
    return next(iter(row.values()), None)


def _collect_entries(result: Result) -> list[Any]:
    names = list(dict.fromkeys(name for row in result.rows for name in row))
    if len(names) > 1:
        raise _unfit(result, f"its result has the outputs {', '.join(names)}, where only one is allowed")
    return [row[name] for row in result.rows for name in row]


def _unfit(result: Result, why: str) -> ResultNotMapped:
    return ResultNotMapped(
        f"The decision {result.decision_id} does not fit its mapDecisionResult: {why}. Change the mapping or the table.",
        decision=result.decision_id,
    )


MAPPINGS: dict[str, Callable[[Result], Any]] = {
    "singleEntry": _single_entry,
    "singleResult": _single_result,
    "collectEntries": _collect_entries,
    "resultList": lambda result: [dict(row) for row in result.rows],
}
