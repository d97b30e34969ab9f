"""The only place for dates and times that Python's types cannot hold: years before 1 or after 9999, and nanoseconds.

A day is its number in the proleptic Gregorian calendar (0001-01-01 is 1), a clock its nanoseconds since midnight. Whatever fits is Python's
own date, datetime or time; nanoseconds ride on a subclass of these; a year that does not fit makes a `FarDate` or a `FarMoment`.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from engine.expressions.feel.durations import DAY, SECOND

FURTHEST_YEAR = 999_999_999
CYCLE_YEARS, CYCLE_DAYS = 400, 146_097  # the calendar repeats itself, weekdays too
_PAST, _FUTURE = 401, 8801  # first years of the cycles that stand in for far ones: zones have settled there
_LAST = date.max.toordinal()


class FineTime(time):
    """A time with nanoseconds; `extra` are those beyond its microseconds."""

    extra = 0


class FineMoment(datetime):
    """A date and time with nanoseconds; `extra` are those beyond its microseconds."""

    extra = 0


class _Far:
    """Order and equality of far values among each other and with Python's, by `place`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Far | date) and _zoned(self) == _zoned(other) and place(self) == place(other)

    def __lt__(self, other: Any) -> bool:
        return _comparable(self) < _comparable(other, self)

    def __le__(self, other: Any) -> bool:
        return _comparable(self) <= _comparable(other, self)

    def __gt__(self, other: Any) -> bool:
        return _comparable(self) > _comparable(other, self)

    def __ge__(self, other: Any) -> bool:
        return _comparable(self) >= _comparable(other, self)

    def __hash__(self) -> int:
        return hash(place(self))


@dataclass(frozen=True, slots=True, eq=False)
class FarDate(_Far):
    """A date of a far year: `number` is its day; str() gives ISO 8601 (-2017-12-31, 99999-12-31)."""

    number: int

    @property
    def near(self) -> date:
        """The same day of a nearer year, whose calendar is the same."""
        first = date(_PAST if self.number < 1 else _FUTURE, 1, 1).toordinal()
        return date.fromordinal(first + (self.number - 1) % CYCLE_DAYS)

    @property
    def year(self) -> int:
        return (self.number - self.near.toordinal()) // CYCLE_DAYS * CYCLE_YEARS + self.near.year

    @property
    def month(self) -> int:
        return self.near.month

    @property
    def day(self) -> int:
        return self.near.day

    def isoformat(self) -> str:
        return f"{'-' * (self.year < 0)}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    __str__ = isoformat


@dataclass(frozen=True, slots=True, eq=False)
class FarMoment(_Far):
    """A date and time of a far year; str() gives ISO 8601 with the offset of its zone."""

    on: FarDate
    clock: time

    @property
    def near(self) -> datetime:
        return datetime.combine(self.on.near, self.clock)

    @property
    def year(self) -> int:
        return self.on.year

    @property
    def month(self) -> int:
        return self.on.month

    @property
    def day(self) -> int:
        return self.on.day

    @property
    def tzinfo(self) -> tzinfo | None:
        return self.clock.tzinfo

    def isoformat(self) -> str:
        offset = self.near.replace(microsecond=0).isoformat()[19:]
        return f"{self.on}T{clock_text(self.clock)}{offset}"

    __str__ = isoformat


Day = date | FarDate
Moment = datetime | FarMoment
DAYS = (date, FarDate)
MOMENTS = (datetime, FineMoment, FarMoment)
CLOCKS = (time, FineTime)


def near(value: Any) -> Any:
    """A value of Python's own with the same month, weekday, clock and zone."""
    return value.near if isinstance(value, FarDate | FarMoment) else value


# days


def make_day(year: int, month: int, day: int) -> Day:
    """Raises ValueError when there is no such day, or beyond `FURTHEST_YEAR`."""
    if 1 <= year <= 9999:
        return date(year, month, day)
    if abs(year) > FURTHEST_YEAR:
        raise ValueError(f"The year {year} is out of range")
    cycles, rest = divmod(year - 1, CYCLE_YEARS)
    return FarDate(date(rest + 1, month, day).toordinal() + cycles * CYCLE_DAYS)


def number_of(day: Day) -> int:
    return day.number if isinstance(day, FarDate) else day.toordinal()


def day_numbered(number: int) -> Day:
    """Raises ValueError beyond `FURTHEST_YEAR`."""
    if 1 <= number <= _LAST:
        return date.fromordinal(number)
    day = FarDate(number)
    if abs(day.year) > FURTHEST_YEAR:
        raise ValueError("The date is out of range")
    return day


def day_of(value: Day | Moment) -> Day:
    """The day of a date, or of a date and time."""
    if isinstance(value, FarMoment):
        return value.on
    return value.date() if isinstance(value, datetime) else value


def add_months(day: Day, months: int) -> Day:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return make_day(year, month + 1, min(day.day, last_day(year, month + 1)))


def last_day(year: int, month: int) -> int:
    """The number of days that a month has."""
    return monthrange(2000 + year % CYCLE_YEARS, month)[1]


# clocks


def clock_of(value: Moment | time) -> time:
    """The clock of a date and time with its zone; a time stays itself."""
    if isinstance(value, time):
        return value
    return value.clock if isinstance(value, FarMoment) else make_clock(nanoseconds_of(value), value.tzinfo, value.fold)


def nanoseconds_of(value: Moment | time) -> int:
    """Nanoseconds since midnight, as the clock shows."""
    clock = value.clock if isinstance(value, FarMoment) else value
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * SECOND + clock.microsecond * 1000 + getattr(clock, "extra", 0)


def make_clock(nanoseconds: int, zone: tzinfo | None, fold: int = 0) -> time:
    """A clock of nanoseconds since midnight; `fold` is 1 in the hour that clocks show for the second time when summer ends."""
    micros, extra = divmod(nanoseconds, 1000)
    minutes, rest = divmod(micros, 60_000_000)
    parts = (minutes // 60, minutes % 60, rest // 1_000_000, rest % 1_000_000, zone)
    if not extra:
        return time(*parts, fold=fold)
    fine = FineTime(*parts, fold=fold)
    fine.extra = extra
    return fine


def clock_text(value: Moment | time) -> str:
    """hh:mm:ss with as many decimals as it has."""
    whole, fraction = divmod(nanoseconds_of(value), SECOND)
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{text}.{fraction:09d}".rstrip("0") if fraction else text


# moments


def join(day: Day, clock: time) -> Moment:
    """A day and a clock as one value."""
    if isinstance(day, FarDate):
        return FarMoment(day, clock)
    if not isinstance(clock, FineTime):
        return datetime.combine(day, clock)
    fine = FineMoment.combine(day, clock)
    fine.extra = clock.extra
    return fine


def offset_of(value: Moment) -> timedelta | None:
    offset: timedelta | None = near(value).utcoffset()
    return offset


def place(value: Any) -> int:
    """Where a value stands: the number of a day, or the nanoseconds of a moment, in UTC when it has a zone."""
    if isinstance(value, FarDate) or (isinstance(value, date) and not isinstance(value, datetime)):
        return number_of(value)
    return number_of(day_of(value)) * DAY + nanoseconds_of(value) - _nanoseconds(offset_of(value))


def _nanoseconds(length: timedelta | None) -> int:
    return ((length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds) * 1000 if length else 0


def moment_at(place: int, zone: tzinfo | None) -> Moment:
    """The moment at a place, as `place` gives it, on the clocks of a zone; raises ValueError out of range."""
    number, clock = divmod(place, DAY)
    if zone is None:
        return join(day_numbered(number), make_clock(clock, None))
    there = _in_zone(datetime.combine(near(day_numbered(number)), make_clock(clock, UTC)), zone)
    number, clock = divmod(place + _nanoseconds(there.utcoffset()), DAY)
    return join(day_numbered(number), make_clock(clock, zone, there.fold))


def _in_zone(standing: datetime, zone: tzinfo) -> datetime:
    try:
        return standing.astimezone(zone)
    except OverflowError:  # the first or last day that Python knows
        return standing.replace(tzinfo=zone)


def apart(left: Moment, right: Moment) -> int:
    """Nanoseconds from the right to the left one; raises ValueError when only one of them has a time zone."""
    if _zoned(left) is not _zoned(right):
        raise ValueError("one of the two has a time zone, the other has none")
    return place(left) - place(right)


def _zoned(value: Any) -> bool:
    return getattr(value, "tzinfo", None) is not None


def _comparable(value: Any, other: Any = None) -> int:
    if other is not None and _zoned(value) is not _zoned(other):
        raise TypeError("one of the two has a time zone, the other has none")
    return place(value)
