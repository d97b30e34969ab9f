"""The only place for FEEL's conversion and boolean functions (DMN 1.5, 10.3.4.1 and 10.3.4.2)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from engine.expressions.feel import comparison, durations, far, temporal
from engine.expressions.feel.durations import SECOND, DaysTime, Duration, YearsMonths
from engine.expressions.feel.far import Day, FarDate, FarMoment, Moment
from engine.expressions.feel.numbers import Number, literal
from engine.expressions.feel.signature import AssertionFailed, row
from engine.expressions.feel.text import text_of
from engine.expressions.feel.values import adopt

_SEPARATORS = {"grouping": (" ", ",", ".", None), "decimal": (".", ",", None)}


def _time_of(moment: Day | Moment | time) -> time:
    """The clock, midnight in UTC for a date."""
    return far.clock_of(moment) if isinstance(moment, time | datetime | FarMoment) else time(tzinfo=UTC)


def _time(hour: Number, minute: Number, second: Number, offset: DaysTime | None = None) -> time | None:
    zone = None if offset is None else temporal.offset_zone(offset.timedelta)
    if offset is not None and zone is None:
        return None
    return temporal.make_time(int(hour), int(minute), int(second * SECOND), zone)


def _joined(day: Day | Moment, clock: time) -> Moment:
    return far.join(far.day_of(day), clock)


def _in_zone(moment: Moment, name: str) -> Moment | None:
    """The same moment on the clocks of a zone; one without a zone is taken to be there already."""
    zone = temporal.zone_called(name)
    if zone is None:
        return None
    if moment.tzinfo is not None:
        return far.moment_at(far.place(moment), zone)
    return far.join(far.day_of(moment), far.make_clock(far.nanoseconds_of(moment), zone))


def _number(text: str, grouping: str | None = None, decimal: str | None = None) -> Number | None:
    if grouping not in _SEPARATORS["grouping"] or decimal not in _SEPARATORS["decimal"]:
        return None
    if grouping is not None and grouping == decimal:
        return None
    if grouping:
        text = text.replace(grouping, "")
    return read_number(text.replace(decimal, ".") if decimal and decimal != "." else text)


def read_number(text: str) -> Number | None:
    """The number of a text in FEEL's form, with a sign; None when it is none."""
    text = text.strip()
    return literal(text) if text and "_" not in text and text.lstrip("+-")[:1] in tuple("0123456789.") else None


def _string(value: Any) -> str | None:
    return None if value is None else text_of(value)


def months_between(start: Day, end: Day) -> YearsMonths:
    """Whole months from one day to another."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


def _duration(text: str) -> Duration | None:
    return durations.parse(text)


def _get_or_else(value: Any, default: Any) -> Any:
    return default if value is None else value


def _assert(value: Any, condition: Any, cause: str | None = None) -> Any:
    if condition is not True:
        raise AssertionFailed(cause)
    return value


def _from_json(text: str) -> Any:
    try:
        return adopt(json.loads(text, parse_float=Decimal))
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None


def _to_json(value: Any) -> str:
    return json.dumps(value, default=_json_scalar, ensure_ascii=False, separators=(",", ":"))


def _json_scalar(value: Any) -> Any:
    value = adopt(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict | list):
        return value
    return temporal.iso_text(value) if isinstance(value, date | time | FarDate | FarMoment) else text_of(value)


ROWS = (
    row("date", "from: string", temporal.parse_date),
    row("date", "from: day", far.day_of),
    row("date", "year: number, month: number, day: number", lambda year, month, day: temporal.make_date(int(year), int(month), int(day))),
    row("date and time", "from: string", temporal.parse_date_and_time),
    row("date and time", "from: date and time", lambda moment: moment),
    row("date and time", "date: day, time: time", _joined),
    row("date and time", "date: date and time, timezone: string", _in_zone),
    row("time", "from: string", temporal.parse_time),
    row("time", "from: moment", _time_of),
    row("time", "hour: number, minute: number, second: number, offset?: days duration|null", _time),
    row("number", "from: string, grouping separator?: string|null, decimal separator?: string|null", _number),
    row("string", "from: any", _string),
    row("duration", "from: string", _duration),
    row("duration", "from: duration", lambda duration: duration),
    row("years and months duration", "from: day, to: day", lambda start, end: months_between(far.day_of(start), far.day_of(end))),
    row("from json", "value: string", _from_json),
    row("to json", "value: any", _to_json),
    row("not", "negand: any", comparison.negated),
    row("is defined", "value: any", lambda value: value is not None),
    row("get or else", "value: any, default: any", _get_or_else),
    row("assert", "value: any, condition: any, cause?: string|null", _assert),
)
