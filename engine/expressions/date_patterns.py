"""The only place for Java's date patterns such as dd.MM.yyyy HH:mm, for SimpleDateFormat and DateTimeFormatter."""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, ClassVar

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.text import moment_text

MONTHS = list(calendar.month_name)[1:]
DAYS = list(calendar.day_name)
PART = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z'])")


@dataclass(frozen=True)
class Letter:
    """One letter of a pattern: how it is written at a width, the expression that reads it, and the field that it gives."""

    write: Callable[[datetime, int], str]
    read: Callable[[int], str]
    field: str


def _digits(field: str, value: Callable[[datetime], int]) -> Letter:
    return Letter(lambda moment, width: f"{value(moment):0{width}d}", lambda width: rf"\d{{{width}}}" if width > 1 else r"\d{1,2}", field)


def _year(moment: datetime, width: int) -> str:
    return f"{moment.year % 100:02d}" if width == 2 else f"{moment.year:0{width}d}"


def _month(moment: datetime, width: int) -> str:
    named = MONTHS[moment.month - 1]
    return (named if width > 3 else named[:3]) if width > 2 else f"{moment.month:0{width}d}"


def _weekday(moment: datetime, width: int) -> str:
    named = DAYS[moment.weekday()]
    return named if width > 3 else named[:3]


def _zone(moment: datetime, width: int, utc: str = "Z") -> str:
    offset = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    if not offset and utc:
        return utc
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    return f"{sign}{minutes // 60:02d}" + (f"{':' if width == 3 else ''}{minutes % 60:02d}" if width > 1 else "")


ZONE = r"Z|UTC|GMT|[+-]\d\d(?::?\d\d)?"
LETTERS: dict[str, Letter] = {
    "y": Letter(_year, lambda width: r"\d{2}" if width == 2 else r"\d{4}", "year"),
    "M": Letter(_month, lambda width: r"[A-Za-z]+" if width > 2 else rf"\d{{{width}}}" if width == 2 else r"\d{1,2}", "month"),
    "d": _digits("day", lambda moment: moment.day),
    "H": _digits("hour", lambda moment: moment.hour),
    "h": _digits("hour12", lambda moment: moment.hour % 12 or 12),
    "m": _digits("minute", lambda moment: moment.minute),
    "s": _digits("second", lambda moment: moment.second),
    "S": Letter(lambda moment, width: f"{moment.microsecond:06d}000"[:width], lambda width: rf"\d{{{width}}}", "fraction"),
    "a": Letter(lambda moment, width: "AM" if moment.hour < 12 else "PM", lambda width: "[AaPp][Mm]", "half"),
    "E": Letter(_weekday, lambda width: r"[A-Za-z]+", ""),
    "X": Letter(_zone, lambda width: ZONE, "zone"),
    "x": Letter(lambda moment, width: _zone(moment, width, ""), lambda width: ZONE, "zone"),
    "Z": Letter(lambda moment, width: _zone(moment, 2, ""), lambda width: ZONE, "zone"),
    "z": Letter(lambda moment, width: moment.tzname() or "UTC", lambda width: ZONE, "zone"),
}
LETTERS["u"] = LETTERS["y"]


@functools.lru_cache(maxsize=64)
def _parts(pattern: str) -> list[str | tuple[Letter, int]]:
    """Literal texts, and letters with their width. ExpressionError for a letter that is not known."""
    parts: list[str | tuple[Letter, int]] = []
    for quoted, run, letter, other in PART.findall(pattern):
        if letter and letter not in LETTERS:
            raise ExpressionError(f"The date pattern {pattern} has the letter {letter}; known are {' '.join(sorted(LETTERS))}")
        parts.append((LETTERS[letter], len(run)) if letter else quoted.replace("''", "'") or other or "'")
    return parts


def written(moment: date | time, pattern: str) -> str:
    """The moment as the pattern says; what a date or a time lacks is zero."""
    full = _full(moment)
    return "".join(part if isinstance(part, str) else part[0].write(full, part[1]) for part in _parts(pattern))


def _full(moment: date | time) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time()) if isinstance(moment, date) else datetime.combine(date(1970, 1, 1), moment)


def fields(text: str, pattern: str, lenient_end: bool = False) -> dict[str, str]:
    """What the letters of the pattern stand for in the text. ExpressionError when the text does not fit."""
    expression, keys = _reader(pattern)
    found = expression.match(text) if lenient_end else expression.fullmatch(text)
    if not found:
        raise ExpressionError(f"'{text}' is not a date of the form {pattern}")
    return dict(zip(keys, found.groups(), strict=True))


@functools.lru_cache(maxsize=64)
def _reader(pattern: str) -> tuple[re.Pattern[str], list[str]]:
    parts = _parts(pattern)
    expression = "".join(re.escape(part) if isinstance(part, str) else f"({part[0].read(part[1])})" for part in parts)
    return re.compile(expression), [part[0].field for part in parts if not isinstance(part, str)]


def read(text: str, pattern: str, lenient_end: bool = False) -> datetime:
    """The moment that a text shows; without a zone in the pattern it is naive."""
    found = fields(text, pattern, lenient_end)
    try:
        return datetime(*_calendar(found), *_clock(found), tzinfo=offset(found["zone"]) if "zone" in found else None)
    except ValueError as wrong:
        raise ExpressionError(f"'{text}' is not a date: {wrong}") from wrong


def _calendar(found: dict[str, str]) -> tuple[int, int, int]:
    year, month = found.get("year", "1970"), found.get("month", "1")
    number = int(month) if month.isdigit() else next(i for i, name in enumerate([*MONTHS, month], 1) if name[:3] == month[:3].title())
    return int(year) + (2000 if len(year) == 2 else 0), number, int(found.get("day", "1"))


def _clock(found: dict[str, str]) -> tuple[int, int, int, int]:
    hour = int(found.get("hour", "0"))
    if "hour12" in found:
        hour = int(found["hour12"]) % 12 + (12 if found.get("half", "").upper() == "PM" else 0)
    return hour, int(found.get("minute", "0")), int(found.get("second", "0")), int(found.get("fraction", "0").ljust(6, "0")[:6])


def offset(text: str) -> timezone:
    """The distance from UTC that Z, UTC, +02:00 or -0330 says."""
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    return timezone(timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if text[0] == "-" else 1))


@dataclass(frozen=True)
class DateFormat(Exposed):
    """A SimpleDateFormat (`legacy`, gives moments in UTC) or a DateTimeFormatter; an empty pattern is ISO 8601."""

    pattern: str
    legacy: bool = False

    called: ClassVar[str] = "A date format"
    exposed: ClassVar[frozenset[str]] = names("format parse setTimeZone setLenient withZone withLocale")

    def format(self, moment: Any) -> str:
        if not isinstance(moment, date | time):
            raise ExpressionError("format() of a date format needs a date")
        return written(moment, self.pattern) if self.pattern else moment_text(moment)

    def parse(self, text: str) -> datetime:
        moment = read(text, self.pattern, self.legacy) if self.pattern else datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC) if self.legacy else moment

    def setTimeZone(self, zone: Any) -> None:
        """Moments are in UTC here; any zone is accepted and changes nothing."""

    setLenient = setTimeZone

    def withZone(self, zone: Any) -> DateFormat:
        return self

    withLocale = withZone
