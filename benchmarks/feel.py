"""FEEL measured: the score on the DMN technology compatibility kit, by suite, and the time of two common expressions.

Run as `python -m benchmarks.feel`; the last lines are NAME MEASURED TARGET ok|short.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from timeit import repeat
from typing import Any

from engine.errors import RatchetError
from engine.expressions import feel
from engine.expressions.feel import kinds, temporal, tree

KIT = Path(__file__).parent.parent / "tests" / "expressions" / "feel-tck.json.gz"
TOLERANCE = Decimal("1e-8")

CONDITION = 'amount > 1000 and status = "open"'
CONTEXT = '{id: order.id, total: order.price * order.count, open: status = "open"}'
VARIABLES = {"amount": 1500, "status": "open", "order": {"id": "A-1", "price": Decimal("9.5"), "count": 3}}

MICRO, MACRO, CONDITION_TIME, CONTEXT_TIME = 97.0, 99.0, 3.0, 15.0

UNREACHABLE = {
    "0015-all-any": "inputs and results are declared as numbers and booleans, this copy of the kit has only their texts",
    "0021-singleton-list": "two results are declared as string: the decision, not the expression, makes an item of a list of one",
    "0070-feel-instance-of": "asks for types that the model defines (tNumberList, t_context_013 …); their definitions are not in this copy",
    "0082-feel-coercion": "tests what a decision's declared type makes of a value; five of the types are defined in the model only",
}
CHOSEN = {
    "0068-feel-equality": "in the standard = leaves out fractions of a second; here, as in Camunda, two moments of one second are two",
}


@dataclass(frozen=True)
class Case:
    """One literal expression of the kit: the names it sees, the value it must have, and the type that its decision declares."""

    suite: str
    expression: str
    context: dict[str, Any]
    expected: Any
    declared: str | None = None

    @property
    def answer(self) -> Any:
        """What we give; an exception counts as null."""
        try:
            return feel.evaluate(self.expression, self.context)
        except RatchetError:
            return None

    @property
    def passes(self) -> bool:
        return same(self.answer, self.expected)

    @property
    def passes_as_decision(self) -> bool:
        """Whether it passes as the kit runs it: as a decision, whose result becomes a value of the declared type."""
        return same(conformed(self.answer, self.declared), self.expected)


@dataclass(frozen=True)
class Score:
    """Passed and all cases of each suite."""

    suites: dict[str, tuple[int, int]]

    @property
    def micro(self) -> float:
        """Percent of all cases."""
        return 100 * sum(passed for passed, _ in self.suites.values()) / sum(count for _, count in self.suites.values())

    @property
    def macro(self) -> float:
        """The mean of the suites' percents."""
        return 100 * sum(passed / count for passed, count in self.suites.values()) / len(self.suites)


def cases() -> list[Case]:
    with gzip.open(KIT, "rt", encoding="utf-8") as kit:
        rows = json.load(kit)
    return [Case(row["suite"], row["expr"], _context(row["ctx"]), value_of(row["expected"]), row["typeRef"]) for row in rows]


def _context(typed: dict[str, Any]) -> dict[str, Any]:
    return {name: value_of(value) for name, value in typed.items()}


def value_of(typed: Any) -> Any:
    """The value of the kit's notation {"t": type, "v": value}."""
    return _READERS[typed["t"]](typed["v"])


def _moment(text: str) -> Any:
    """A date, time or duration; what we cannot read equals nothing, not null."""
    value = temporal.parse(text)
    return object() if value is None else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "null": lambda value: None,
    "boolean": lambda value: value == "true",
    "string": lambda value: value or "",
    "decimal": Decimal,
    "list": lambda value: [value_of(item) for item in value],
    "context": _context,
    **dict.fromkeys(("date", "dateTime", "time", "duration"), _moment),
}


def same(given: Any, expected: Any) -> bool:
    if isinstance(expected, Decimal):
        return type(given) in (int, Decimal) and abs(given - expected) < TOLERANCE
    if type(given) is not type(expected):
        return False
    if isinstance(given, list):
        return len(given) == len(expected) and all(map(same, given, expected))
    if isinstance(given, dict):
        return given.keys() == expected.keys() and all(same(value, expected[name]) for name, value in given.items())
    return bool(given == expected)


def conformed(value: Any, declared: str | None) -> Any:
    """What a value becomes as the result of a declared type (DMN 1.5, 10.3.2.9.4); a type that the model defines is not known here."""
    fits = kinds.type_test(tree.TypeNode(0, declared)) if declared else None
    if fits is None or value is None or fits(value):
        return value
    only = value[0] if isinstance(value, list) and len(value) == 1 else None
    return only if only is not None and fits(only) else None


def score(found: list[Case], passes: Callable[[Case], bool] = lambda case: case.passes) -> Score:
    suites: dict[str, tuple[int, int]] = {}
    for case in found:
        passed, count = suites.get(case.suite, (0, 0))
        suites[case.suite] = passed + passes(case), count + 1
    return Score(suites)


def microseconds(expression: str) -> float:
    """The best time of one evaluation, once compiled."""
    rounds = 20_000
    feel.evaluate(expression, VARIABLES)
    return min(repeat(lambda: feel.evaluate(expression, VARIABLES), number=rounds, repeat=5)) / rounds * 1e6


def lines() -> Iterator[str]:
    found = cases()
    alone, decided = score(found), score(found, lambda case: case.passes_as_decision)
    for suite, (passed, count) in alone.suites.items():
        yield f"{suite:50} {passed:5} of {count:5}"
    yield from _reasons(alone)
    askable = Score({suite: counts for suite, counts in alone.suites.items() if suite not in UNREACHABLE})
    yield f"Without the suites that hold unreachable cases: {askable.micro:.2f} % of the cases, {askable.macro:.2f} % a suite"
    yield f"With the results' declared types, as the kit runs them: {decided.micro:.2f} % of the cases, {decided.macro:.2f} % a suite"
    yield _line("feel-tck-micro", alone.micro, MICRO, "%", alone.micro >= MICRO)
    yield _line("feel-tck-macro", alone.macro, MACRO, "%", alone.macro >= MACRO)
    for name, expression, target in (("feel-condition", CONDITION, CONDITION_TIME), ("feel-context", CONTEXT, CONTEXT_TIME)):
        time = microseconds(expression)
        yield _line(name, time, target, "us", time <= target)


def _reasons(result: Score) -> Iterator[str]:
    """Why the cases that do not pass do not."""
    for suite, (passed, count) in result.suites.items():
        if passed < count:
            kind, reason = ("unreachable", UNREACHABLE[suite]) if suite in UNREACHABLE else ("chosen", CHOSEN.get(suite, "not known why"))
            yield f"{kind}: {count - passed} of {suite}: {reason}"


def _line(name: str, measured: float, target: float, unit: str, met: bool) -> str:
    return f"{name} {measured:.2f}{unit} {target:.2f}{unit} {'ok' if met else 'short'}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
