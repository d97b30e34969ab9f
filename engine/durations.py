"""The only place that reads ISO 8601 durations as lengths of the calendar: `P1Y2M3DT4H`, `P2W`, `PT0.5S`, `-PT5M`.

Years, months, weeks and days are steps on the calendar, hours and less are exact, as java.time's Period and Duration are, which both
Camundas use. FEEL's own two kinds of duration, which never mix months with days, are in `engine.expressions.feel.durations`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.errors import RatchetError

_TOO_LONG = "it is longer than can be counted; write one of less than 2,000 years"
_NUMBER = r"([-+]?\d{1,18}(?:[.,]\d{1,18})?)"
_ISO = re.compile(
    rf"([-+]?)P(?=[-+\dT])(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=[-+\d])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)


class NotADuration(RatchetError):
    """This is not a duration."""

    def __init__(self, text: str, why: str = "it is not ISO 8601; write for example PT30S, PT10M or P1DT12H"):
        super().__init__(f"“{text[:80]}” is not a duration: {why}.")
        self.why = why


@dataclass(frozen=True)
class Length:
    """How long something takes: whole months and days of the calendar, and an exact rest."""

    months: int = 0
    days: int = 0
    rest: timedelta = timedelta(0)

    def after(self, moment: datetime, times: int = 1) -> datetime:
        """The moment so many lengths after another: on its own clock for months and days, exact for the rest.

        The 31st becomes the last day of a shorter month. Raises OverflowError beyond the years that Python knows.
        """
        there = _months_later(moment, self.months * times) if self.months else moment
        there = there + timedelta(days=self.days * times) if self.days else there
        return (there.astimezone(UTC) + self.rest * times).astimezone(moment.tzinfo)

    @property
    def forward(self) -> bool:
        """Whether it leads into the future, whichever month it begins in."""
        return min(self.months, self.days, self.rest.total_seconds()) >= 0 and self != Length()

    @property
    def about(self) -> timedelta:
        """Its length with months of 30 days: to compare and to estimate, never to count with."""
        return timedelta(days=30 * self.months + self.days) + self.rest


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"the year {year} is out of range")
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def parse(text: str) -> Length:
    """The length that an ISO 8601 duration stands for; raises NotADuration."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise NotADuration(text)
    negative, *parts = found.groups()
    sign = -1 if negative == "-" else 1
    years, months, weeks, days, hours, minutes, seconds = (sign * Decimal((part or "0").replace(",", ".")) for part in parts)
    whole_months, whole_days = 12 * years + months, 7 * weeks + days
    if whole_months % 1:
        raise NotADuration(text, "a part of a month has no fixed length; write days instead, for example P15D")
    exact = (whole_days % 1) * 86_400 + hours * 3600 + minutes * 60 + seconds
    try:
        return Length(int(whole_months), int(whole_days // 1), timedelta(microseconds=int(exact * 1_000_000)))
    except OverflowError as error:
        raise NotADuration(text, _TOO_LONG) from error


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of exact length, a day being 24 hours; raises NotADuration, also for months and years."""
    length = parse(text)
    if length.months:
        raise NotADuration(text, "months differ in length; write days or hours here, for example P30D")
    try:
        return timedelta(days=length.days) + length.rest
    except OverflowError as error:
        raise NotADuration(text, _TOO_LONG) from error
