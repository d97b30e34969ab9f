"""The only place that lists the modules of Python scripts and what each of them has; nothing else of them can be reached."""

from __future__ import annotations

import decimal
import json
import math
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

from engine.clock import Clock
from engine.expressions.exposed import names
from engine.expressions.limits import LimitReached, weigh, within
from engine.expressions.python.operators import times
from engine.expressions.python.regexes import RE
from engine.expressions.python.texts import joined
from engine.expressions.python.values import Builtin, Kind, Module, items, listed, size
from engine.expressions.spin import JsonNode
from engine.expressions.text import moment_text

MAX_COUNTED = 1_000
MAX_WRITTEN = 1_000


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers that is asked nothing too large."""

    def call(*args: Any) -> Any:
        for arg in args:
            size(arg)
        return function(*args)

    return call


def _counting(function: Callable[..., int]) -> Callable[..., int]:
    """A function whose result grows with its arguments beyond all measure."""
    return lambda *args: function(*(within(arg, MAX_COUNTED, "Too large a number for this: {}") for arg in args))


def _product(values: Any, *, start: Any = 1) -> Any:
    for value in items(values):
        start = times(start, value)
        size(start)
    return start


_PLAIN = names(
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees dist erf erfc exp exp2 expm1 fabs floor fmod gamma gcd "
    "hypot isclose isfinite isinf isnan isqrt ldexp lgamma log log10 log1p log2 modf nextafter pow radians remainder sin sinh sqrt tan "
    "tanh trunc"
)
MATH = Module("math", {
    **{name: Builtin(f"math.{name}", _checked(getattr(math, name))) for name in _PLAIN},
    **{name: Builtin(f"math.{name}", _counting(getattr(math, name))) for name in ("comb", "factorial", "perm")},
    "fsum": Builtin("math.fsum", lambda values: math.fsum(listed(values))),
    "isclose": Builtin("math.isclose", math.isclose),
    "prod": Builtin("math.prod", _product),
    **{name: getattr(math, name) for name in ("e", "inf", "nan", "pi", "tau")},
})  # fmt: skip


def _here(clock: Clock, zone: tzinfo | None = None) -> datetime:
    """datetime.now(): without a zone it is this machine's time, as in Python."""
    return clock.now().astimezone(zone) if zone else clock.now().astimezone().replace(tzinfo=None)


def _read(text: str, form: str) -> datetime:
    within(len(text) + len(form), MAX_WRITTEN, "A date would be too long: {} characters")
    return datetime.strptime(text, form)


def _clocked(name: str, function: Callable[..., Any]) -> Builtin:
    return Builtin(name, function, clocked=True)


_DATE = Kind("date", (date,), date, {
    "today": _clocked("date.today", lambda clock: _here(clock).date()),
    "fromisoformat": Builtin("date.fromisoformat", date.fromisoformat),
    "fromordinal": Builtin("date.fromordinal", date.fromordinal),
    "min": date.min,
    "max": date.max,
})  # fmt: skip
_DATETIME = Kind("datetime", (datetime,), datetime, {
    "now": _clocked("datetime.now", lambda clock, tz=None: _here(clock, tz)),
    "today": _clocked("datetime.today", _here),
    "utcnow": _clocked("datetime.utcnow", lambda clock: clock.now().astimezone(UTC).replace(tzinfo=None)),
    "combine": Builtin("datetime.combine", datetime.combine),
    "fromisoformat": Builtin("datetime.fromisoformat", datetime.fromisoformat),
    "fromtimestamp": Builtin("datetime.fromtimestamp", datetime.fromtimestamp),
    "strptime": Builtin("datetime.strptime", _read),
    "min": datetime.min,
    "max": datetime.max,
})  # fmt: skip
_TIME = Kind("time", (time,), time, {
    "fromisoformat": Builtin("time.fromisoformat", time.fromisoformat),
    "min": time.min,
    "max": time.max,
})  # fmt: skip
DATETIME = Module("datetime", {
    "date": _DATE,
    "datetime": _DATETIME,
    "time": _TIME,
    "timedelta": Kind("timedelta", (timedelta,), timedelta),
    "timezone": Kind("timezone", (timezone,), timezone, {"utc": UTC}),
    "UTC": UTC,
})  # fmt: skip


def _decimal(value: Any = "0") -> Decimal:
    within(len(value) if isinstance(value, str | tuple) else 0, MAX_WRITTEN, "A number would have too many digits: {}")
    return Decimal(value)


_ROUNDINGS = ("ROUND_CEILING", "ROUND_DOWN", "ROUND_FLOOR", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_UP")
_FAILURES = ("DecimalException", "DivisionByZero", "InvalidOperation")
DECIMAL = Module("decimal", {
    "Decimal": Kind("Decimal", (Decimal,), _decimal),
    **{name: getattr(decimal, name) for name in _ROUNDINGS},
    **{name: Kind(name, (getattr(decimal, name),), getattr(decimal, name)) for name in _FAILURES},
})  # fmt: skip


def read_json(text: str | bytes) -> Any:
    """json.loads. LimitReached for a value that is too large or too deep."""
    try:
        return weigh(json.loads(text, parse_constant=_no_number))
    except RecursionError as deep:
        raise LimitReached("This JSON is nested too deeply") from deep


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON value")


def write_json(value: Any, *, indent: int | None = None, separators: Any = None, default: Any = None, **options: bool) -> str:
    """json.dumps; without a `default`, JSON nodes are what they hold, dates are ISO text and decimals numbers."""
    within(indent or 0, 16, "An indent would be too wide: {}")
    if unknown := options.keys() - {"sort_keys", "ensure_ascii"}:
        raise TypeError(f"json.dumps() of scripts has no argument '{unknown.pop()}'")
    encoder = json.JSONEncoder(indent=indent, separators=separators, default=default or _raw, allow_nan=False, **options)
    return joined(encoder.iterencode(weigh(value)))


def _raw(value: Any) -> Any:
    if isinstance(value, JsonNode):
        return weigh(value.data)
    if isinstance(value, datetime | date | time):
        return moment_text(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


JSON = Module("json", {
    "loads": Builtin("json.loads", read_json),
    "dumps": Builtin("json.dumps", write_json),
    "JSONDecodeError": Kind("JSONDecodeError", (json.JSONDecodeError,), ValueError),
})  # fmt: skip

UUIDS = Module("uuid", {
    "UUID": Kind("UUID", (uuid.UUID,), lambda hex: uuid.UUID(hex)),
    "uuid4": Builtin("uuid.uuid4", uuid.uuid4),
    "uuid3": Builtin("uuid.uuid3", uuid.uuid3),
    "uuid5": Builtin("uuid.uuid5", uuid.uuid5),
    **{name: getattr(uuid, name) for name in ("NAMESPACE_DNS", "NAMESPACE_OID", "NAMESPACE_URL", "NAMESPACE_X500")},
})  # fmt: skip

MODULES = {module.name: module for module in (MATH, DATETIME, DECIMAL, JSON, RE, UUIDS)}
