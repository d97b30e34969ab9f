"""The only place that reads and writes FEEL's dates and times and knows their zones (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.6)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.expressions.feel import durations
from engine.expressions.feel.durations import Duration

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z", re.ASCII)
_TIME = re.compile(
    r"T?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(?:(Z)|([+-])(\d\d):?(\d\d)(?::(\d\d))?(?:\[([A-Za-z][\w/+-]*)\])?|@([A-Za-z][\w/+-]*))?\Z",
    re.ASCII,
)
_WIDEST_OFFSET = timedelta(hours=18)

Temporal = date | datetime | time | Duration


def parse_date(text: str) -> date | None:
    """The date of YYYY-MM-DD."""
    found = _DATE.match(text)
    return make_date(*map(int, found.groups())) if found else None


def make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
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
    micro = int((fraction or "")[:6].ljust(6, "0"))
    return make_time(int(hour), int(minute), int(second or 0), micro, where) if known else None


def make_time(hour: int, minute: int, second: int, micro: int = 0, zone: tzinfo | None = None) -> time | None:
    try:
        return time(hour, minute, second, micro, zone)
    except (ValueError, OverflowError):
        return None


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


def offset_zone(offset: timedelta) -> tzinfo | None:
    """A zone of fixed offset, None beyond 18 hours."""
    if not offset:
        return UTC
    return timezone(offset) if abs(offset) <= _WIDEST_OFFSET else None


def parse_date_and_time(text: str) -> datetime | None:
    """The moment of a date, T and a time; a date alone is its midnight."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    moment = parse_time(time_text) if separator else time()
    if day is None or moment is None:
        return None
    joined = datetime.combine(day, moment)
    return joined + timedelta(days=1) if time_text.startswith("24") else joined


def parse(text: str) -> Temporal | None:
    """What an at-literal or a text stands for: date, date and time, time or duration."""
    for reader in (parse_date, parse_time, durations.parse):
        if (value := reader(text)) is not None:
            return value
    return parse_date_and_time(text) if "T" in text else None


def zone_name(zone: tzinfo | None) -> str | None:
    return zone.key if isinstance(zone, ZoneInfo) else None


def written(value: date | time) -> str:
    """The value as FEEL writes it: ISO 8601, a named zone after @."""
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{_clock(value.time())}{_zone_text(value)}"
    if isinstance(value, time):
        return _clock(value) + _zone_text(value)
    return value.isoformat()


def _clock(value: time) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return f"{text}.{value.microsecond:06d}".rstrip("0") if value.microsecond else text


def _zone_text(value: datetime | time) -> str:
    if value.tzinfo is None:
        return ""
    if name := zone_name(value.tzinfo):
        return f"@{name}"
    return offset_text(value.utcoffset() or timedelta())


def offset_text(offset: timedelta) -> str:
    if not offset:
        return "Z"
    seconds = abs(int(offset.total_seconds()))
    text = f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
