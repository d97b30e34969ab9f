"""The only place for FEEL's date and time functions (DMN 1.5, 10.3.4.6, 10.3.4.8 and 10.3.4.11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from engine.expressions.feel import comparison, far, temporal
from engine.expressions.feel.far import Day, FarMoment, Moment
from engine.expressions.feel.signature import row, row_with_run

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
    if type(left) is type(right) and isinstance(left, datetime | time | FarMoment):
        return temporal.written(left) == temporal.written(right)
    return comparison.equal(left, right) is True


def _of_the_day(read: Callable[[date], Any]) -> Callable[[Day | Moment], Any]:
    """A function of the calendar day, which a nearer year has too."""
    return lambda moment: read(far.near(far.day_of(moment)))


def _last_day(moment: Day | Moment) -> Day:
    day = far.day_of(moment)
    return far.make_day(day.year, day.month, far.last_day(day.year, day.month))


ROWS = (
    row("is", "value1?: any, value2?: any", _is),
    row("day of year", "date: day", _of_the_day(lambda day: day.timetuple().tm_yday)),
    row("day of week", "date: day", _of_the_day(lambda day: DAYS[day.weekday()])),
    row("month of year", "date: day", _of_the_day(lambda day: MONTHS[day.month - 1])),
    row("week of year", "date: day", _of_the_day(lambda day: day.isocalendar().week)),
    row_with_run("now", "", lambda run: run.clock.now()),
    row_with_run("today", "", lambda run: run.clock.now().date()),
    row("last day of month", "date: day", _last_day),
)
