"""The only place that carries values between processes and SQL: bound parameters one way, JSON values the other."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.types import NullType

from engine.expressions.spin import JsonNode

_SQLITE_INTEGERS = range(-(2**63), 2**63)


def bound(value: Any, dialect: str) -> BindParameter[Any]:
    """A bound parameter without a type: PostgreSQL reads a text as what the column is (the reference's `stringtype=unspecified`)."""
    return bindparam(None, adapted(value, dialect), type_=NullType(), unique=True)


def adapted(value: Any, dialect: str) -> Any:
    """A process value as the driver of `dialect` takes it: what is no scalar becomes its JSON text."""
    plain = _plain(value)
    return _adapted_to_sqlite(plain) if dialect == "sqlite" else plain


def _plain(value: Any) -> Any:
    if isinstance(value, JsonNode):
        value = value.data
    if value is None or isinstance(value, bool | int | float | Decimal | str | date | time | bytes):
        return value
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_jsonable)
    return str(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, JsonNode):
        return value.data
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _adapted_to_sqlite(value: Any) -> Any:
    if isinstance(value, Decimal):
        value = int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, int) and value not in _SQLITE_INTEGERS:
        return str(value)
    return value.isoformat() if isinstance(value, date | time) else value


def to_json(value: Any) -> Any:
    """A value of a result row as a JSON value: dates and times in ISO 8601, bytes in base64, all that JSON does not know as text."""
    for kinds, convert in _READERS:
        if isinstance(value, kinds):
            return convert(value)
    return str(value)


def _number(value: Any) -> Any:
    return value if math.isfinite(value) else str(value)


_READERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((type(None), bool, int, str), lambda value: value),
    ((float, Decimal), _number),
    ((date, datetime, time), lambda value: value.isoformat()),
    ((bytes, bytearray, memoryview), lambda value: base64.b64encode(value).decode("ascii")),
    (Mapping, lambda value: {str(key): to_json(item) for key, item in value.items()}),
    ((list, tuple), lambda value: [to_json(item) for item in value]),
    ((UUID, timedelta), str),
)
