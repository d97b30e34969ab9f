"""The only place that knows how a value looks in JSON, and how in a column of each declared type.

A `Kind` takes a JSON value to what is bound into SQL (plain text wherever both databases read it alike) and shows what comes back. What
cannot be taken raises `ValueError` with a sentence for the person who typed it. Formats: dates `2022-02-16`, times `13:17:10`, moments
`2022-02-16T13:17:10.952Z`; a plain date stands for its midnight in UTC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

Size = tuple[int, ...]
Found = TypeVar("Found", date, time, datetime)


@dataclass(frozen=True)
class Kind:
    """One kind of value: `take(json value, size)` gives what is bound, `show(stored value, size)` gives the JSON value."""

    name: str
    take: Callable[[Any, Size], Any]
    show: Callable[[Any, Size], Any]


_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_EXACT = Context(prec=1000)
MOST_DIGITS = 300


def _matching(pattern: re.Pattern[str], value: Any, expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"must be {expected}")
    return value


def take_uuid(value: Any, _size: Size = ()) -> str:
    return str(UUID(_matching(_UUID, value, "an identifier such as 3fa85f64-5717-4562-b3fc-2c963f66afa6")))


def _take_text(value: Any, size: Size) -> str:
    text = value if isinstance(value, str) else _scalar_text(value)
    if "\x00" in text or not _encodable(text):
        raise ValueError("contains characters that cannot be stored")
    if size and len(text) > size[0]:
        raise ValueError(f"must be at most {size[0]} characters long")
    return text


def _scalar_text(value: Any) -> str:
    if not isinstance(value, bool | int | float | Decimal):
        raise ValueError("must be text")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decimal(value: Any, expected: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"must be {expected}")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError(f"must be {expected}")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"must be {expected}") from None
    if not number.is_finite():
        raise ValueError(f"must be {expected}")
    return number


def _take_number(value: Any, size: Size) -> str:
    number = _decimal(value, "a number")
    if abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError("is a number too large or too small to store")
    if size:
        number = number.quantize(Decimal(1).scaleb(-_scale(size)), ROUND_HALF_UP, _EXACT)
        if number and number.adjusted() >= size[0] - _scale(size):
            raise ValueError(f"must have at most {size[0] - _scale(size)} digits before the decimal point")
    return format(number, "f")


def _scale(size: Size) -> int:
    return size[1] if len(size) > 1 else 0


def _take_float(value: Any, _size: Size) -> float:
    number = float(_decimal(value, "a number"))
    if number in (float("inf"), float("-inf")):
        raise ValueError("is a number too large to store")
    return number


def _whole_number(bits: int) -> Callable[[Any, Size], int]:
    limit = 1 << (bits - 1)

    def take(value: Any, _size: Size) -> int:
        number = _decimal(value, "a whole number")
        if not -limit <= number < limit:
            raise ValueError(f"must be between {-limit} and {limit - 1}")
        if number != int(number):
            raise ValueError("must be a whole number")
        return int(number)

    return take


_BOOLEANS = {True: True, False: False, "true": True, "false": False}


def _take_boolean(value: Any, _size: Size) -> bool:
    if not isinstance(value, bool | str) or value not in _BOOLEANS:
        raise ValueError("must be true or false")
    return _BOOLEANS[value]


def _take_date(value: Any, _size: Size) -> str:
    return _calendar(date.fromisoformat, _matching(_DATE, value, "a date such as 2022-02-16")).isoformat()


def _take_time(value: Any, _size: Size) -> str:
    return _calendar(time.fromisoformat, _matching(_TIME, value, "a time such as 13:17:10")).isoformat("seconds")


def _take_moment(value: Any, _size: Size) -> str:
    return _moment(value).replace(tzinfo=None).isoformat(" ", "milliseconds")


def _take_zoned_moment(value: Any, _size: Size) -> str:
    return _moment(value).isoformat(" ", "milliseconds")


def _moment(value: Any) -> datetime:
    text = _matching(_MOMENT, value, "a date and time such as 2022-02-16T13:17:10.952Z")
    found = _calendar(datetime.fromisoformat, text)
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("is not in the calendar") from None


def _calendar(read: Callable[[str], Found], text: str) -> Found:
    try:
        return read(text)
    except ValueError:
        raise ValueError("is not in the calendar") from None


def _take_json(value: Any, _size: Size) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_json_number)
    return _take_text(text, ())


def _json_number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def _take_any(value: Any, _size: Size) -> Any:
    if isinstance(value, int | float):
        return value
    return _take_json(value, ()) if isinstance(value, list | dict) else _take_text(value, ())


def _show_text(value: Any, _size: Size) -> Any:
    return value if isinstance(value, str) else str(value)


def _show_padded(value: Any, size: Size) -> Any:
    return _show_text(value, size).rstrip(" ")


def _show_number(value: Any, size: Size) -> Any:
    number = Decimal(str(value))
    return number.quantize(Decimal(1).scaleb(-_scale(size)), context=_EXACT) if size else number


def _show_as_is(value: Any, _size: Size) -> Any:
    return value


def _show_boolean(value: Any, _size: Size) -> Any:
    return bool(value) if isinstance(value, int) else value


def _show_date(value: Any, _size: Size) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _show_time(value: Any, _size: Size) -> Any:
    return value.isoformat("seconds") if isinstance(value, time) else value


def _show_moment(value: Any, _size: Size) -> Any:
    """In the contract's format; a text that is no moment (written past the data factory) is shown as it is."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return value
    aware = found.astimezone(UTC) if found.tzinfo else found
    return aware.replace(tzinfo=None).isoformat("T", "milliseconds") + "Z"


def _show_json(value: Any, _size: Size) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _show_other(value: Any, _size: Size) -> Any:
    return value if isinstance(value, bool | int | float | Decimal | str | list | dict) else str(value)


UUIDS = Kind("uuid", take_uuid, _show_text)
TEXT = Kind("text", _take_text, _show_text)
PADDED = Kind("text", _take_text, _show_padded)
NUMBER = Kind("number", _take_number, _show_number)
FLOAT = Kind("float", _take_float, _show_as_is)
SMALL = Kind("integer", _whole_number(16), _show_as_is)
WHOLE = Kind("integer", _whole_number(32), _show_as_is)
BIG = Kind("integer", _whole_number(64), _show_as_is)
BOOLEAN = Kind("boolean", _take_boolean, _show_boolean)
DATE = Kind("date", _take_date, _show_date)
TIME = Kind("time", _take_time, _show_time)
MOMENT = Kind("timestamp", _take_moment, _show_moment)
ZONED = Kind("timestamp", _take_zoned_moment, _show_moment)
JSON = Kind("json", _take_json, _show_json)
OTHER = Kind("other", _take_any, _show_other)

KINDS = {
    "uuid": UUIDS,
    "varchar": TEXT, "character varying": TEXT, "text": TEXT, "citext": TEXT, "nvarchar": TEXT, "clob": TEXT,
    "char": PADDED, "character": PADDED, "nchar": PADDED, "bpchar": PADDED,
    "numeric": NUMBER, "decimal": NUMBER, "dec": NUMBER,
    "real": FLOAT, "float": FLOAT, "float4": FLOAT, "float8": FLOAT, "double": FLOAT, "double precision": FLOAT,
    "smallint": SMALL, "int2": SMALL, "smallserial": SMALL,
    "int": WHOLE, "integer": WHOLE, "int4": WHOLE, "serial": WHOLE,
    "bigint": BIG, "int8": BIG, "bigserial": BIG,
    "boolean": BOOLEAN, "bool": BOOLEAN,
    "date": DATE,
    "time": TIME, "time without time zone": TIME,
    "timestamp": MOMENT, "timestamp without time zone": MOMENT, "datetime": MOMENT,
    "timestamptz": ZONED, "timestamp with time zone": ZONED,
    "json": JSON, "jsonb": JSON,
}  # fmt: skip

_SIZE = re.compile(r"\(\s*([\d\s,]+)\)")
_UUID_LENGTH = (36,)


def kind_of(declared: str) -> tuple[Kind, Size]:
    """The kind and size of a declared type: `"varchar(20)"` → text of 20, `"timestamp(3) without time zone"` → a moment.

    `char(36)` is how a uuid is declared where the database has no such type. An unknown type takes what the database takes.
    """
    size = tuple(int(n) for found in _SIZE.findall(declared) for n in found.split(","))
    name = " ".join(_SIZE.sub(" ", declared).lower().split())
    kind = KINDS.get(name, OTHER)
    if kind is PADDED:
        return (UUIDS, ()) if size == _UUID_LENGTH else (PADDED, size or (1,))
    return kind, size if kind in (TEXT, NUMBER) else ()
