"""The only place for hit policies and aggregators: which matched rules count, and what value they make (DMN 1.3, 8.2.10 and 11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.dmn.errors import DecisionFailed, HitPolicyViolated, shown
from engine.dmn.model import Table
from engine.dmn.texts import Text
from engine.expressions import feel
from engine.expressions.values import same


@dataclass(frozen=True)
class Hit:
    """A matched rule: its id, its number from 1, what its outputs gave. Empty cells are missing in `given`."""

    id: str
    index: int
    given: dict[str, Any]


def choose(table: Table, hits: list[Hit]) -> list[Hit]:
    """The matched rules that make the result, in its order. HitPolicyViolated names the rules that may not match together."""
    return POLICIES[table.policy](table, hits)


def value_of(table: Table, chosen: list[Hit]) -> Any:
    """The table's value, as Camunda 8 gives it; at least one rule matched."""
    if table.aggregation:
        return aggregate(table, chosen)
    values = [bare(table, hit.given) for hit in chosen]
    return values[0] if table.policy in SINGLE else values


def bare(table: Table, given: dict[str, Any]) -> Any:
    """One output alone is its value, several are a context; what is not given is null."""
    if len(table.outputs) == 1:
        return given.get(table.outputs[0].name)
    return {output.name: given.get(output.name) for output in table.outputs}


def aggregate(table: Table, chosen: list[Hit]) -> Any:
    """One number for all rules that matched. DecisionFailed when an output is none."""
    values = [value for hit in chosen for value in hit.given.values()]
    if table.aggregation == "COUNT":
        return len(chosen)
    found = feel.evaluate(f"{str(table.aggregation).lower()}(values)", {"values": values}) if values else None
    if found is None and values:
        raise DecisionFailed(f"{table.aggregation} has no answer for {shown(values)}, the outputs of {told(chosen)}: each must be a number")
    return found


def told(hits: Sequence[Hit]) -> str:
    """Rules as messages name them."""
    return ", ".join(f"rule {hit.index} ({hit.id})" for hit in hits)


def _unique(table: Table, hits: list[Hit]) -> list[Hit]:
    if len(hits) > 1:
        raise _violated(hits, "The hit policy UNIQUE allows one rule to match, but {} do. Make their tests exclude each other.")
    return hits


def _any(table: Table, hits: list[Hit]) -> list[Hit]:
    if any(not same(bare(table, hit.given), bare(table, hits[0].given)) for hit in hits):
        raise _violated(hits, "The hit policy ANY wants the same outputs from all rules that match, but {} differ.")
    return hits[:1]


def _violated(hits: list[Hit], message: str) -> HitPolicyViolated:
    return HitPolicyViolated(message.format(told(hits)), rules=[hit.id for hit in hits])


def _by_priority(table: Table, hits: list[Hit]) -> list[Hit]:
    """The rules by the place of their outputs among the allowed values, the first output first; what is not among them comes last."""
    ranked = [(output.name, priorities(output.allowed)) for output in table.outputs if output.allowed]
    return sorted(hits, key=lambda hit: [_rank(hit.given.get(name), values) for name, values in ranked])


def priorities(allowed: Text) -> list[Any]:
    """The allowed values of an output, the first with the highest priority; none where the text is no list of values."""
    values = f"[{allowed.source}]"
    found = None if allowed.language != "feel" or feel.check(values) else feel.evaluate(values, {})
    return found if isinstance(found, list) else []


def _rank(value: Any, values: list[Any]) -> int:
    return next((place for place, one in enumerate(values) if _is_in(value, one)), len(values))


def _is_in(value: Any, one: Any) -> bool:
    if isinstance(one, feel.Range | feel.Comparison):
        return feel.evaluate("value in one", {"value": value, "one": one}) is True
    return same(value, one)


POLICIES: dict[str, Callable[[Table, list[Hit]], list[Hit]]] = {
    "UNIQUE": _unique,
    "FIRST": lambda table, hits: hits[:1],
    "PRIORITY": lambda table, hits: _by_priority(table, hits)[:1],
    "ANY": _any,
    "COLLECT": lambda table, hits: hits,
    "RULE ORDER": lambda table, hits: hits,
    "OUTPUT ORDER": _by_priority,
}
SINGLE = frozenset(("UNIQUE", "FIRST", "PRIORITY", "ANY"))
RANKED = frozenset(("PRIORITY", "OUTPUT ORDER"))
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
