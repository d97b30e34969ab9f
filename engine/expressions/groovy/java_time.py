"""The only place for the date classes of Java that a script may name: what `new` makes of them and their static members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.clock import Clock
from engine.expressions import ExpressionError
from engine.expressions.date_patterns import DateFormat
from engine.expressions.members.dates import EPOCH, aware, zone

UNITS = {
    "MILLIS": timedelta(milliseconds=1), "SECONDS": timedelta(seconds=1), "MINUTES": timedelta(minutes=1), "HOURS": timedelta(hours=1),
    "DAYS": timedelta(days=1), "WEEKS": timedelta(weeks=1),
}  # fmt: skip
MONTH_UNITS = {"MONTHS": 1, "YEARS": 12}
ISO = DateFormat("")
Timely = Callable[..., Any]


class Unit(str):
    """A ChronoUnit by its name, as in ChronoUnit.DAYS.between(a, b)."""


def between(unit: str, first: Any, last: Any) -> int:
    """How many whole units lie between two dates or moments."""
    if unit in MONTH_UNITS:
        return int(_months(first, last) / MONTH_UNITS[unit])
    apart = (last - first) if type(last) is type(first) else aware(last) - aware(first)
    return int(apart / UNITS[unit])


def _months(first: Any, last: Any) -> int:
    if last < first:
        return -_months(last, first)
    unfinished = (last.day, *_clock(last)) < (first.day, *_clock(first))
    return int((last.year - first.year) * 12 + last.month - first.month - unfinished)


def _clock(value: Any) -> tuple[int, ...]:
    return (value.hour, value.minute, value.second, value.microsecond) if isinstance(value, datetime) else ()


def _parsed(text: str, form: DateFormat | None) -> datetime:
    try:
        return (form or ISO).parse(text)
    except ValueError as wrong:
        raise ExpressionError(f"'{text}' is not a date: {wrong}") from wrong


def _date_of(text: str, form: DateFormat | None = None) -> date:
    if form is None and len(text) != 10:
        raise ExpressionError(f"'{text}' is not a date of the form yyyy-MM-dd")
    return _parsed(text, form).date()


def _aware_moment(text: str, form: DateFormat | None = None) -> datetime:
    moment = _parsed(text, form)
    if moment.tzinfo is None:
        raise ExpressionError(f"'{text}' has no time zone")
    return moment


def _time_of(text: str, form: DateFormat | None = None) -> time:
    return _parsed(text, form).time() if form else time.fromisoformat(text)


def _naive(text: str, form: DateFormat | None = None) -> datetime:
    moment = _parsed(text, form)
    if moment.tzinfo is not None:
        raise ExpressionError(f"'{text}' has a time zone, and a LocalDateTime has none")
    return moment


def _new_date(clock: Clock, *args: Any) -> datetime:
    """new Date(), new Date(milliseconds)."""
    return EPOCH + timedelta(milliseconds=args[0]) if args else clock.now()


def _in_zone(clock: Clock, *place: Any) -> datetime:
    return clock.now().astimezone(zone(place[0])) if place else clock.now()


def _local(clock: Clock, *place: Any) -> datetime:
    return _in_zone(clock, *place).replace(tzinfo=None)


def _period(first: date, last: date) -> timedelta:
    return last - first


def _at(instant: Any, place: Any) -> datetime:
    return aware(instant).astimezone(zone(place))


def _local_date_time(*parts: Any) -> datetime:
    return datetime.combine(*parts) if isinstance(parts[0], date) else datetime(*parts)


def _simple(pattern: str, *locale: Any) -> DateFormat:
    return DateFormat(pattern, legacy=True)


def _legacy_parse(pattern: str, text: str) -> datetime:
    return DateFormat(pattern, legacy=True).parse(text)


def _durations() -> dict[str, Any]:
    made = {f"of{name.title()}": (lambda number, unit=unit: unit * number) for name, unit in UNITS.items() if name != "WEEKS"}
    return {**made, "between": lambda first, last: aware(last) - aware(first), "ZERO": timedelta(0)}


def _zones() -> dict[str, Any]:
    return {"of": zone, "systemDefault": lambda: UTC, "getTimeZone": zone, "UTC": UTC, "getDefault": lambda: UTC}


_SHARED_ZONED: dict[str, Any] = {"parse": _aware_moment, "ofInstant": _at, "from": lambda value: value}

CLASSES: dict[str, tuple[Callable[..., Any] | None, dict[str, Any], dict[str, Timely]]] = {
    "Date": (None, {"from": aware, "parse": _legacy_parse}, {"new": _new_date}),
    "LocalDate": (
        None,
        {"of": date, "parse": _date_of, "ofEpochDay": lambda days: date(1970, 1, 1) + timedelta(days=days)},
        {"now": lambda clock, *place: _in_zone(clock, *place).date()},
    ),
    "LocalTime": (None, {"of": time, "parse": _time_of, "MIDNIGHT": time(), "MIN": time(), "MAX": time.max}, {
        "now": lambda clock, *place: _in_zone(clock, *place).time(),
    }),
    "LocalDateTime": (
        None,
        {"of": _local_date_time, "parse": _naive, "ofInstant": lambda instant, place: _at(instant, place).replace(tzinfo=None)},
        {"now": _local},
    ),
    "ZonedDateTime": (None, _SHARED_ZONED, {"now": _in_zone}),
    "OffsetDateTime": (None, _SHARED_ZONED, {"now": _in_zone}),
    "Instant": (None, {
        "parse": _aware_moment, "ofEpochMilli": lambda number: EPOCH + timedelta(milliseconds=number),
        "ofEpochSecond": lambda number: EPOCH + timedelta(seconds=number),
    }, {"now": _in_zone}),
    "Duration": (None, _durations(), {}),
    "Period": (None, {"between": _period, "ofDays": lambda number: timedelta(days=number)}, {}),
    "ChronoUnit": (None, {name: Unit(name) for name in (*UNITS, *MONTH_UNITS)}, {}),
    "ZoneId": (None, _zones(), {}),
    "ZoneOffset": (None, _zones(), {}),
    "TimeZone": (None, _zones(), {}),
    "SimpleDateFormat": (_simple, {}, {}),
    "DateTimeFormatter": (None, {
        "ofPattern": lambda pattern, *locale: DateFormat(pattern),
        "ISO_LOCAL_DATE": DateFormat("yyyy-MM-dd"), "ISO_DATE": DateFormat("yyyy-MM-dd"), "ISO_LOCAL_TIME": DateFormat("HH:mm:ss"),
        "ISO_LOCAL_DATE_TIME": DateFormat("yyyy-MM-dd'T'HH:mm:ss"), "ISO_DATE_TIME": ISO, "ISO_OFFSET_DATE_TIME": ISO, "ISO_INSTANT": ISO,
    }, {}),
}  # fmt: skip
