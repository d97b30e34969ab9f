"""The only place for the methods of dates, times, moments and durations, by their java.time names."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from engine.expressions import ExpressionError, date_patterns
from engine.expressions.members.items import Table
from engine.expressions.operators import minus, plus
from engine.expressions.values import order

UNITS = {
    "Nanos": timedelta(microseconds=1) / 1000, "Millis": timedelta(milliseconds=1), "Seconds": timedelta(seconds=1),
    "Minutes": timedelta(minutes=1), "Hours": timedelta(hours=1), "Days": timedelta(days=1), "Weeks": timedelta(weeks=1),
}  # fmt: skip
MONTHS = {"Months": 1, "Years": 12, "Decades": 120}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add_months(value: Any, number: int) -> Any:
    """The same day so many months later, or the month's last day."""
    years, month = divmod(value.year * 12 + value.month - 1 + number, 12)
    day = min(value.day, calendar.monthrange(years, month + 1)[1])
    return value.replace(year=years, month=month + 1, day=day)


def shifted(value: Any, by: timedelta) -> Any:
    """The moment so much later; a time of day goes round."""
    if isinstance(value, time):
        return (datetime.combine(date(2000, 1, 1), value) + by).timetz()
    if type(value) is date and by % timedelta(days=1):
        raise ExpressionError("A date without a time cannot be moved by less than a day")
    return value + by


def _shifts(sign: int) -> Table:
    word = "plus" if sign > 0 else "minus"
    by_time = {f"{word}{name}": _by_time(unit * sign) for name, unit in UNITS.items() if unit}
    return {**by_time, **{f"{word}{name}": _by_month(months * sign) for name, months in MONTHS.items()}}


def _by_time(unit: timedelta) -> Callable[[Any, int], Any]:
    return lambda value, number: shifted(value, unit * number)


def _by_month(months: int) -> Callable[[Any, int], Any]:
    return lambda value, number: add_months(value, months * number)


def aware(value: Any) -> datetime:
    """A moment in UTC; what has no zone is taken as UTC."""
    full = value if isinstance(value, datetime) else datetime.combine(value, time())
    return full.astimezone(UTC) if full.tzinfo else full.replace(tzinfo=UTC)


def epoch_milliseconds(value: date) -> int:
    return (aware(value) - EPOCH) // timedelta(milliseconds=1)


def epoch_seconds(value: date, *zone: Any) -> int:
    return epoch_milliseconds(value) // 1000


def zone(name: Any) -> tzinfo:
    """A time zone by its name: Europe/Kyiv, UTC, Z, +02:00."""
    if isinstance(name, tzinfo):
        return name
    try:
        return date_patterns.offset(name) if name in ("Z", "UTC", "GMT") or name[:1] in "+-" else ZoneInfo(name)
    except (ValueError, LookupError, OSError) as unknown:
        raise ExpressionError(f"There is no time zone '{name}'") from unknown


def formatted(value: Any, pattern: Any) -> str:
    """By a date format, or by a pattern, as Groovy's Date.format."""
    form = pattern if isinstance(pattern, date_patterns.DateFormat) else date_patterns.DateFormat(str(pattern))
    return form.format(value)


def truncated(value: Any, unit: Any = "DAYS") -> Any:
    """Without anything smaller than the unit (DAYS, HOURS, MINUTES, SECONDS)."""
    fields = ("hour", "minute", "second", "microsecond")
    kept = ("DAYS", "HOURS", "MINUTES", "SECONDS").index(str(unit))
    return value.replace(**dict.fromkeys(fields[kept:], 0))


def _midnight(value: date, *at: Any) -> datetime:
    return datetime.combine(value, time(), zone(at[0]) if at else None)


_SHARED: Table = {
    **_shifts(1),
    **_shifts(-1),
    "plus": plus,
    "minus": minus,
    "next": lambda value: plus(value, 1),
    "previous": lambda value: minus(value, 1),
    "format": formatted,
    "isBefore": lambda value, other: order(value, other) < 0,
    "isAfter": lambda value, other: order(value, other) > 0,
    "before": lambda value, other: order(value, other) < 0,
    "after": lambda value, other: order(value, other) > 0,
    "isEqual": lambda value, other: order(value, other) == 0,
}

_CALENDAR: Table = {
    "getYear": lambda value: value.year,
    "getMonthValue": lambda value: value.month,
    "getMonth": lambda value: date_patterns.MONTHS[value.month - 1].upper(),
    "getDayOfMonth": lambda value: value.day,
    "getDayOfWeek": lambda value: date_patterns.DAYS[value.weekday()].upper(),
    "getDayOfYear": lambda value: value.timetuple().tm_yday,
    "isLeapYear": lambda value: calendar.isleap(value.year),
    "lengthOfMonth": lambda value: calendar.monthrange(value.year, value.month)[1],
    "withDayOfMonth": lambda value, day: value.replace(day=day),
    "withMonth": lambda value, month: value.replace(month=month),
    "withYear": lambda value, year: value.replace(year=year),
    "getTime": epoch_milliseconds,
    "toEpochMilli": epoch_milliseconds,
    "toEpochSecond": epoch_seconds,
    "toEpochDay": lambda value: (aware(value) - EPOCH).days,
    "clearTime": truncated,
}

_CLOCK: Table = {
    "getHour": lambda value: value.hour,
    "getMinute": lambda value: value.minute,
    "getSecond": lambda value: value.second,
    "getNano": lambda value: value.microsecond * 1000,
    "withHour": lambda value, hour: value.replace(hour=hour),
    "withMinute": lambda value, minute: value.replace(minute=minute),
    "withSecond": lambda value, second: value.replace(second=second),
    "withNano": lambda value, nano: value.replace(microsecond=nano // 1000),
    "truncatedTo": truncated,
}

DATES: Table = {
    **_SHARED,
    **_CALENDAR,
    "atStartOfDay": _midnight,
    "atTime": lambda value, *clock: datetime.combine(value, clock[0] if isinstance(clock[0], time) else time(*clock)),
}

TIMES: Table = {**_SHARED, **_CLOCK, "atDate": lambda value, day: datetime.combine(day, value)}

MOMENTS: Table = {
    **_SHARED,
    **_CALENDAR,
    **_CLOCK,
    "toLocalDate": datetime.date,
    "toLocalTime": datetime.time,
    "toLocalDateTime": lambda value: value.replace(tzinfo=None),
    "toInstant": lambda value, *offset: aware(value.replace(tzinfo=value.tzinfo or (zone(offset[0]) if offset else UTC))),
    "toOffsetDateTime": aware,
    "atZone": lambda value, name: value.astimezone(zone(name)) if value.tzinfo else value.replace(tzinfo=zone(name)),
    "atOffset": lambda value, name: value.astimezone(zone(name)) if value.tzinfo else value.replace(tzinfo=zone(name)),
    "withZoneSameInstant": lambda value, name: value.astimezone(zone(name)),
    "withZoneSameLocal": lambda value, name: value.replace(tzinfo=zone(name)),
    "toDate": aware,
    "withTimeAtStartOfDay": lambda value: value.replace(hour=0, minute=0, second=0, microsecond=0),
    "toDateTime": aware,
    "getMillis": epoch_milliseconds,
    "getMinuteOfHour": lambda value: value.minute,
    "getHourOfDay": lambda value: value.hour,
    "getMonthOfYear": lambda value: value.month,
}

DURATIONS: Table = {
    "toDays": lambda value: value.days,
    "getDays": lambda value: value.days,
    "toHours": lambda value: value // timedelta(hours=1),
    "toMinutes": lambda value: value // timedelta(minutes=1),
    "toSeconds": lambda value: value // timedelta(seconds=1),
    "getSeconds": lambda value: value // timedelta(seconds=1),
    "toMillis": lambda value: value // timedelta(milliseconds=1),
    "isNegative": lambda value: value < timedelta(0),
    "isZero": lambda value: not value,
    "negated": lambda value: -value,
    "abs": abs,
    "plus": plus,
    "minus": minus,
}

ZONES: Table = {"getId": str}
