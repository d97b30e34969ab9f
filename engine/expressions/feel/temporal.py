"""The only place that reads and writes FEEL's dates and times and knows their zones (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.expressions.feel import durations, far
from engine.expressions.feel.durations import HOUR, MINUTE, SECOND, Duration
from engine.expressions.feel.far import Day, FarMoment, Moment

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)\Z", re.ASCII)
_TIME = re.compile(
    r"T?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(?:(Z)|([+-])(\d\d):?(\d\d)(?::(\d\d))?(?:\[([A-Za-z][\w/+-]*)\])?|@([A-Za-z][\w/+-]*))?\Z",
    re.ASCII,
)
_WIDEST_OFFSET = timedelta(hours=18)

Temporal = Day | Moment | time | Duration


def parse_date(text: str) -> Day | None:
    """The date of YYYY-MM-DD, with a sign before and up to nine digits of the year."""
    found = _DATE.match(text)
    return make_date(*map(int, found.groups())) if found else None


def make_date(year: int, month: int, day: int) -> Day | None:
    try:
        return far.make_day(year, month, day)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> time | None:
    """The time of hh:mm:ss with optional fraction and zone: Z, an offset (with [Area/City]) or @Area/City. 24:00:00 is midnight."""
    if text.startswith("24:00:00"):
        text = "00" + text[2:]
    found = _TIME.match(text)
    if found is None:
        return None
    hour, minute, second, fraction, utc, sign, hours, minutes, seconds, bracketed, name = found.groups()
    known, where = _zone(bracketed or name, utc, sign, (hours, minutes, seconds))
    nanoseconds = int((fraction or "")[:9].ljust(9, "0"))
    return make_time(int(hour), int(minute), int(second or 0) * SECOND + nanoseconds, where) if known else None


def make_time(hour: int, minute: int, nanoseconds: int, zone: tzinfo | None = None) -> time | None:
    """A time of hour, minute and the nanoseconds of its second and fraction; None when there is none such."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= nanoseconds < MINUTE):
        return None
    return far.make_clock(hour * HOUR + minute * MINUTE + nanoseconds, zone)


def _zone(name: str | None, utc: str | None, sign: str | None, parts: tuple[str | None, ...]) -> tuple[bool, tzinfo | None]:
    """Whether the zone is a known one, and the zone (None for local)."""
    if name:
        zone = named_zone(name)
        return zone is not None, zone
    if not sign:
        return True, UTC if utc else None
    hours, minutes, seconds = (int(part or 0) for part in parts)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    zone = offset_zone(-offset if sign == "-" else offset)
    return zone is not None, zone


@lru_cache(256)
def named_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_called(name: str) -> tzinfo | None:
    """The zone of a name (Europe/Kyiv) or an offset (Z, +02:00), None when there is none such."""
    return named_zone(name) or (parse_time(f"00:00:00{name}") or time()).tzinfo


def offset_zone(offset: timedelta) -> tzinfo | None:
    """A zone of fixed offset, None beyond 18 hours."""
    if not offset:
        return UTC
    return timezone(offset) if abs(offset) <= _WIDEST_OFFSET else None


def parse_date_and_time(text: str) -> Moment | None:
    """The moment of a date, T and a time; a date alone is its midnight."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    clock = parse_time(time_text) if separator else time()
    if day is None or clock is None:
        return None
    moment = far.join(day, clock)
    return far.join(far.day_numbered(far.number_of(day) + 1), clock) if time_text.startswith("24") else moment


def parse(text: str) -> Temporal | None:
    """What an at-literal or a text stands for: date, date and time, time or duration."""
    for reader in (parse_date, parse_time, durations.parse):
        if (value := reader(text)) is not None:
            return value
    return parse_date_and_time(text) if "T" in text else None


def zone_name(zone: tzinfo | None) -> str | None:
    return zone.key if isinstance(zone, ZoneInfo) else None


def written(value: Day | Moment | time) -> str:
    """The value as FEEL writes it: ISO 8601, a named zone after @."""
    if isinstance(value, datetime | FarMoment):
        return f"{far.day_of(value).isoformat()}T{far.clock_text(value)}{_zone_text(value)}"
    if isinstance(value, time):
        return far.clock_text(value) + _zone_text(value)
    return value.isoformat()


def iso_text(value: Day | Moment | time) -> str:
    """The value as Java and JSON write it: the offset, then a named zone in brackets."""
    zone = zone_name(getattr(value, "tzinfo", None))
    offset = far.near(value).utcoffset() if zone else None
    return written(value) if offset is None else f"{written(value).partition('@')[0]}{offset_text(offset)}[{zone}]"


def _zone_text(value: Moment | time) -> str:
    if value.tzinfo is None:
        return ""
    if name := zone_name(value.tzinfo):
        return f"@{name}"
    return offset_text(far.near(value).utcoffset() or timedelta())


def offset_text(offset: timedelta) -> str:
    if not offset:
        return "Z"
    seconds = abs(int(offset.total_seconds()))
    text = f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
