"""The only place for the properties of FEEL's dates, times, durations and ranges (DMN 1.5, table 65)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from engine.expressions.feel import far
from engine.expressions.feel.durations import DAY, HOUR, MINUTE, SECOND, DaysTime, YearsMonths
from engine.expressions.feel.far import CLOCKS, DAYS, MOMENTS, Moment
from engine.expressions.feel.temporal import zone_name
from engine.expressions.feel.values import Comparison, Range

Property = Callable[[Any], Any]


def _offset(value: Moment | time) -> DaysTime | None:
    offset: timedelta | None = far.near(value).utcoffset()
    return None if offset is None else DaysTime.of(offset)


_OF_A_DATE: dict[str, Property] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: far.near(value).isoweekday(),
}
_OF_A_TIME: dict[str, Property] = {
    "hour": lambda value: far.near(value).hour,
    "minute": lambda value: far.near(value).minute,
    "second": lambda value: far.near(value).second,
    "time offset": _offset,
    "timezone": lambda value: zone_name(value.tzinfo),
}
_OF_A_KIND: dict[type, dict[str, Property]] = {
    **dict.fromkeys(DAYS, _OF_A_DATE),
    **dict.fromkeys(MOMENTS, _OF_A_DATE | _OF_A_TIME),
    **dict.fromkeys(CLOCKS, _OF_A_TIME),
    YearsMonths: {"years": lambda value: value.years, "months": lambda value: value.months_left},
    DaysTime: {
        "days": lambda value: value.part(DAY, 10**40),
        "hours": lambda value: value.part(HOUR, DAY),
        "minutes": lambda value: value.part(MINUTE, HOUR),
        "seconds": lambda value: value.part(SECOND, MINUTE),
    },
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_included,
        "end included": lambda value: value.high_included,
    },
    Comparison: {
        "start": lambda value: value.value if value.operator in (">", ">=", "=") else None,
        "end": lambda value: value.value if value.operator in ("<", "<=", "=") else None,
        "start included": lambda value: value.operator in (">=", "="),
        "end included": lambda value: value.operator in ("<=", "="),
    },
}
PROPERTIES: dict[tuple[type, str], Property] = {(kind, name): read for kind, rows in _OF_A_KIND.items() for name, read in rows.items()}
