"""The only place that says which Python types FEEL's values have, what they are called, and how foreign values become theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from engine.expressions.feel.durations import DaysTime, YearsMonths
from engine.expressions.feel.far import CLOCKS, DAYS, MOMENTS
from engine.expressions.feel.numbers import MATH
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed


@dataclass(frozen=True, slots=True)
class Range:
    """The values between two ends: [1..10] and (1..10)."""

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True

    def __str__(self) -> str:
        return f"{'[' if self.low_included else '('}{self.low}..{self.high}{']' if self.high_included else ')'}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A range of one end, or a test for (in)equality, as a value: < 10."""

    operator: str
    value: Any


class Function:
    """Something that FEEL can call; `parameters` are the names that a call may use, None when any number of unnamed ones fits."""

    __slots__ = ("call", "name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...] | None, call: Callable[..., Any]):
        self.name = name
        self.parameters = parameters
        self.call = call

    def __call__(self, *arguments: Any) -> Any:
        return self.call(*arguments)

    def __repr__(self) -> str:
        return f"function({', '.join(self.parameters or ())})"


KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    **dict.fromkeys(DAYS, "date"),
    **dict.fromkeys(MOMENTS, "date and time"),
    **dict.fromkeys(CLOCKS, "time"),
    YearsMonths: "years and months duration",
    DaysTime: "days and time duration",
    list: "list",
    dict: "context",
    Range: "range",
    Comparison: "range",
    Function: "function",
}
NUMBERS = frozenset((int, Decimal))


def kind_of(value: Any) -> str:
    """FEEL's name for the type of a value."""
    return KINDS.get(type(value), type(value).__name__)


def adopt(value: Any) -> Any:
    """A value from outside as FEEL's own: floats become Decimal, mappings dict, sequences list, callables functions.

    Only the outermost layer: what a container holds is adopted when it is taken out.
    """
    return value if type(value) in KINDS else _adopt_foreign(value)


def adopt_all(values: list[Any]) -> list[Any]:
    return [value if type(value) in KINDS else _adopt_foreign(value) for value in values]


def _adopt_foreign(value: Any) -> Any:
    for kind, become in _FOREIGN:
        if isinstance(value, kind):
            return become(value)
    if callable(value):
        return Function(getattr(value, "__name__", "function"), None, value)
    return value


def _decimal(value: float) -> Decimal | None:
    return MATH.create_decimal(repr(value)) if isfinite(value) else None


# datetime before date: it is one.
_FOREIGN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (float, lambda value: _decimal(float(value))),
    (str, str.__str__),
    (int, int),
    (Decimal, Decimal),
    (Mapping, dict),
    ((Sequence, Set), list),
    (datetime, lambda value: datetime.combine(value.date(), value.timetz())),
    (date, lambda value: date(value.year, value.month, value.day)),
    (timedelta, DaysTime.of),
    (JsonNode, lambda value: adopt(value.data)),
    (Typed, lambda value: adopt(value.value)),
)
