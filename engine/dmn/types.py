"""The only place that turns values into the type of a column (`typeRef`) as Camunda 7 does; Camunda 8 leaves values as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.dmn.errors import DecisionFailed, shown
from engine.expressions import feel
from engine.expressions.feel.values import adopt, kind_of

WHOLE_LIMITS = {"integer": 2**31, "long": 2**63}


def coerce(value: Any, type: str | None) -> Any:
    """The value in a type; null stays null, a type that is not in the table changes nothing. DecisionFailed when it does not fit."""
    become = _TYPES.get(type or "")
    if value is None or become is None:
        return value
    try:
        return become(adopt(value))
    except (ValueError, InvalidOperation) as wrong:
        raise DecisionFailed(f"{shown(value)} is not of the type {type}") from wrong


def is_known(type: str) -> bool:
    """Whether FEEL or Camunda has a type of this name."""
    return type in _TYPES or type in _UNCHANGED


def _string(value: Any) -> Any:
    return value if isinstance(value, str) else feel.evaluate("string(value)", {"value": value})


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value.lower()] if isinstance(value, str) and value.lower() in {"true", "false"} else _refuse()


def _number(value: Any) -> Any:
    if isinstance(value, str):
        found = Decimal(value.strip())
        value = int(found) if found.is_finite() and found.as_tuple().exponent == 0 else found
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or (isinstance(value, Decimal) and not value.is_finite()):
        _refuse()
    return value


def _whole(limit: int) -> Callable[[Any], int]:
    def become(value: Any) -> int:
        number = _number(value)
        return int(number) if -limit <= number < limit and number == int(number) else _refuse()

    return become


def _date(value: Any) -> Any:
    if isinstance(value, str):
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value if kind_of(value) in {"date", "date and time"} else _refuse()


def _refuse() -> Any:
    raise ValueError


_TYPES: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "double": _number,
    "number": _number,
    "date": _date,
    **{name: _whole(limit) for name, limit in WHOLE_LIMITS.items()},
}
_UNCHANGED = frozenset((
    "Any", "any", "time", "dateTime", "date and time", "dayTimeDuration", "yearMonthDuration", "days and time duration",
    "years and months duration", "context", "list", "function",
))  # fmt: skip
