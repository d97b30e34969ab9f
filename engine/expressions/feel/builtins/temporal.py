"""The only place for FEEL's date and time functions (DMN 1.5, 10.3.4.6, 10.3.4.8 and 10.3.4.11)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time
from typing import Any

from engine.expressions.feel import comparison
from engine.expressions.feel.builtins.conversion import day_of
from engine.expressions.feel.signature import row, row_with_run
from engine.expressions.feel.temporal import zone_name

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _is(left: Any = None, right: Any = None) -> bool:
    """Whether both are the same element of FEEL's semantic domain: also the same zone, not only the same moment."""
    if type(left) is not type(right):
        return comparison.equal(left, right) is True
    if isinstance(left, datetime | time):
        return bool(left.replace(tzinfo=None) == right.replace(tzinfo=None)) and _zone(left) == _zone(right)
    return comparison.equal(left, right) is True


def _zone(value: datetime | time) -> Any:
    return zone_name(value.tzinfo) or value.utcoffset()


def _last_day(moment: date) -> date:
    day = day_of(moment)
    return day.replace(day=monthrange(day.year, day.month)[1])


ROWS = (
    row("is", "value1?: any, value2?: any", _is),
    row("day of year", "date: day", lambda day: day.timetuple().tm_yday),
    row("day of week", "date: day", lambda day: DAYS[day.weekday()]),
    row("month of year", "date: day", lambda day: MONTHS[day.month - 1]),
    row("week of year", "date: day", lambda day: day.isocalendar().week),
    row_with_run("now", "", lambda run: run.clock.now()),
    row_with_run("today", "", lambda run: run.clock.now().date()),
    row("last day of month", "date: day", _last_day),
)
