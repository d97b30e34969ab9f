"""The only place for FEEL's two kinds of duration (DMN 1.5, 10.3.2.3.7 and 10.3.2.3.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

SECOND = 10**9
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# The sign may stand before the whole, as in ISO 8601, or before each part, as Java writes it.
_MONTHS = re.compile(r"(-?)P(?=[-\d])(?:(-?\d{1,18})Y)?(?:(-?\d{1,18})M)?\Z", re.ASCII)
_DAYS = re.compile(
    r"(-?)P(?=[-\dT])(?:(-?\d{1,18})D)?(?:T(?=[-\d])(?:(-?\d{1,18})H)?(?:(-?\d{1,18})M)?(?:(-?)(\d{1,18})(?:\.(\d{0,9})\d*)?S)?)?\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration of whole months: str() gives P1Y2M."""

    months: int

    @property
    def years(self) -> int:
        return _quotient(self.months, 12)

    @property
    def months_left(self) -> int:
        return self.months - 12 * self.years

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        if not self.months:
            return "P0M"
        return "-" * (self.months < 0) + "P" + _part(years, "Y") + _part(months, "M")


@dataclass(frozen=True, slots=True, order=True)
class DaysTime:
    """A duration of exact length in nanoseconds: str() gives P1DT2H3M4.5S."""

    nanoseconds: int

    @classmethod
    def of(cls, length: timedelta) -> DaysTime:
        return cls((length.days * 86_400 + length.seconds) * SECOND + length.microseconds * 1000)

    @property
    def timedelta(self) -> timedelta:
        """Rounded down to microseconds; raises OverflowError beyond Python's range."""
        return timedelta(microseconds=self.nanoseconds // 1000)

    def part(self, unit: int, whole: int) -> int:
        """How many of a unit there are beside the greater units: part(HOUR, DAY) is the hours that make no whole day."""
        sign = -1 if self.nanoseconds < 0 else 1
        return sign * (abs(self.nanoseconds) % whole // unit)

    def __str__(self) -> str:
        if not self.nanoseconds:
            return "PT0S"
        days, rest = divmod(abs(self.nanoseconds), DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        time = _part(hours, "H") + _part(minutes, "M") + _seconds(rest)
        return "-" * (self.nanoseconds < 0) + "P" + _part(days, "D") + ("T" + time if time else "")


Duration = YearsMonths | DaysTime


def _quotient(number: int, divisor: int) -> int:
    return number // divisor if number >= 0 else -(-number // divisor)


def _part(count: int, letter: str) -> str:
    return f"{count}{letter}" if count else ""


def _seconds(nanoseconds: int) -> str:
    whole, fraction = divmod(nanoseconds, SECOND)
    if not nanoseconds:
        return ""
    return f"{whole}.{fraction:09d}".rstrip("0") + "S" if fraction else f"{whole}S"


def parse(text: str) -> Duration | None:
    """The duration that an ISO 8601 text stands for; None when it is none or mixes months with days."""
    if found := _MONTHS.match(text):
        sign, years, months = found.groups()
        return YearsMonths(_signed(sign, 12 * int(years or 0) + int(months or 0)))
    if found := _DAYS.match(text):
        sign, days, hours, minutes, negative, seconds, fraction = found.groups()
        rest = int(seconds or 0) * SECOND + int((fraction or "").ljust(9, "0"))
        length = int(days or 0) * DAY + int(hours or 0) * HOUR + int(minutes or 0) * MINUTE + _signed(negative, rest)
        return DaysTime(_signed(sign, length))
    return None


def _signed(sign: str | None, amount: int) -> int:
    return -amount if sign else amount
