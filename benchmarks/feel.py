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
from engine.expressions.feel import temporal

KIT = Path(__file__).parent.parent / "tests" / "expressions" / "feel-tck.json.gz"
TOLERANCE = Decimal("1e-8")

CONDITION = 'amount > 1000 and status = "open"'
CONTEXT = '{id: order.id, total: order.price * order.count, open: status = "open"}'
VARIABLES = {"amount": 1500, "status": "open", "order": {"id": "A-1", "price": Decimal("9.5"), "count": 3}}


@dataclass(frozen=True)
class Case:
    """One literal expression of the kit: the names it sees and the value it must have."""

    suite: str
    expression: str
    context: dict[str, Any]
    expected: Any

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
    return [
        Case(row["suite"], row["expr"], {name: value_of(value) for name, value in row["ctx"].items()}, value_of(row["expected"]))
        for row in rows
    ]


def value_of(typed: Any) -> Any:
    """The value of the kit's notation {"t": type, "v": value}."""
    return _READERS[typed["t"]](typed["v"])


def _moment(text: str) -> Any:
    """A date, time or duration to the microsecond; what we cannot read equals nothing, not null."""
    value = temporal.parse(text)
    return object() if value is None else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "null": lambda value: None,
    "boolean": lambda value: value == "true",
    "string": lambda value: value or "",
    "decimal": Decimal,
    "list": lambda value: [value_of(item) for item in value],
    "context": lambda value: {name: value_of(item) for name, item in value.items()},
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


def score(found: list[Case]) -> Score:
    suites: dict[str, tuple[int, int]] = {}
    for case in found:
        passed, count = suites.get(case.suite, (0, 0))
        suites[case.suite] = passed + case.passes, count + 1
    return Score(suites)


def microseconds(expression: str) -> float:
    """The best time of one evaluation, once compiled."""
    rounds = 20_000
    feel.evaluate(expression, VARIABLES)
    return min(repeat(lambda: feel.evaluate(expression, VARIABLES), number=rounds, repeat=5)) / rounds * 1e6


def lines() -> Iterator[str]:
    result = score(cases())
    for suite, (passed, count) in result.suites.items():
        yield f"{suite:50} {passed:5} of {count:5}"
    yield _line("feel-tck-micro", result.micro, 88.6, "%", result.micro >= 88.6)
    yield _line("feel-tck-macro", result.macro, 94.0, "%", result.macro >= 94.0)
    for name, expression, target in (("feel-condition", CONDITION, 3.0), ("feel-context", CONTEXT, 15.0)):
        time = microseconds(expression)
        yield _line(name, time, target, "us", time <= target)


def _line(name: str, measured: float, target: float, unit: str, met: bool) -> str:
    return f"{name} {measured:.2f}{unit} {target:.2f}{unit} {'ok' if met else 'short'}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
