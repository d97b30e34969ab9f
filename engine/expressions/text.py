"""The only place for how a value looks as text: Java's toString for JUEL, and Groovy's own, which writes maps as [a:1]."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed
from engine.expressions.limits import weigh


@dataclass(frozen=True)
class Style:
    """How maps are written: opening, between key and value, closing, and what an empty map is."""

    opening: str
    between: str
    closing: str
    empty: str


JAVA = Style("{", "=", "}", "{}")
GROOVY = Style("[", ":", "]", "[:]")


def java_text(value: Any) -> str:
    """What `value.toString()` gives in Java; null is "null"."""
    return _written(value, JAVA)


def groovy_text(value: Any) -> str:
    """What "${value}" gives in Groovy."""
    return _written(value, GROOVY)


def _written(value: Any, style: Style) -> str:
    return _single(value) if not isinstance(value, dict | list | tuple | range) else _several(weigh(value), style)


def _several(value: Any, style: Style) -> str:
    if isinstance(value, dict):
        pairs = (f"{_several(key, style)}{style.between}{_several(item, style)}" for key, item in value.items())
        return f"{style.opening}{', '.join(pairs)}{style.closing}" if value else style.empty
    if isinstance(value, list | tuple | range):
        return f"[{', '.join(_several(item, style) for item in value)}]"
    return _single(value)


def _single(value: Any) -> str:
    for types, written in _SINGLES:
        if isinstance(value, types):
            return str(written(value))
    if isinstance(value, Exposed) and "toString" in value.exposed:
        return str(value.toString())  # type: ignore[attr-defined]
    if isinstance(value, Exposed) or callable(value):
        raise ExpressionError(f"{value.described() if isinstance(value, Exposed) else 'A function'} has no text of its own")
    return str(value)


def double_text(value: float) -> str:
    """Java's Double.toString: 2.0, 1.0E10, Infinity."""
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return format(Decimal(repr(value)), "f") if "e" in repr(value) else repr(value)
    sign, digits, _ = Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{Decimal(repr(value)).adjusted()}"


def moment_text(value: date | time) -> str:
    """ISO 8601; milliseconds only when there are any, Z for UTC: 2022-02-16T13:33:30.660Z."""
    fine = {"timespec": "milliseconds"} if isinstance(value, datetime | time) and value.microsecond and not value.microsecond % 1000 else {}
    text = value.isoformat(**fine)
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _java_moment(value: date | time) -> str:
    """As java.time: seconds that are zero are left out of a moment without a zone."""
    bare = isinstance(value, datetime | time) and value.tzinfo is None and not value.second and not value.microsecond
    return moment_text(value).removesuffix(":00") if bare else moment_text(value)


def duration_text(value: timedelta) -> str:
    """As java.time.Duration: PT1H30M, PT0S."""
    if value < timedelta(0):
        return "-" + duration_text(-value)
    seconds = value.days * 86_400 + value.seconds
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{rest}{fraction}S" if rest or fraction else ""]
    return "PT" + ("".join(parts) or "0S")


_SINGLES: tuple[tuple[type | tuple[type, ...], Any], ...] = (
    (type(None), lambda value: "null"),
    (bool, lambda value: "true" if value else "false"),
    (str, str),
    (float, double_text),
    ((date, time), _java_moment),
    (timedelta, duration_text),
)
