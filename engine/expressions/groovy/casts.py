"""The only place for Groovy's types at work: `as`, casts, declared types and instanceof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.limits import whole
from engine.expressions.members.items import items
from engine.expressions.members.numbers import decimal
from engine.expressions.members.texts import decimal as decimal_of_text
from engine.expressions.spin import JsonNode
from engine.expressions.text import groovy_text
from engine.expressions.values import Distinct, is_number, kind, truth

WHOLE = ("int", "Integer", "long", "Long", "short", "Short", "byte", "Byte", "BigInteger")
DOUBLE = ("double", "Double", "float", "Float")
DECIMAL = ("BigDecimal", "Number")
LISTS = ("List", "ArrayList", "Collection", "Iterable", "LinkedList")
SETS = ("Set", "HashSet", "LinkedHashSet", "TreeSet")
TEXTS = ("String", "GString", "CharSequence")


def _number(value: Any, made: Callable[[Any], Any]) -> Any:
    if is_number(value):
        return made(value)
    if isinstance(value, str):
        return made(decimal_of_text(value))
    raise ExpressionError(f"A {kind(value)} cannot become a number")


def _decimal(value: Any) -> Any:
    return _number(value, decimal)


def _texts(value: Any) -> list[str]:
    return [groovy_text(item) for item in items(value)]


CASTS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(WHOLE, lambda value: _number(value, whole)),
    **dict.fromkeys(DOUBLE, lambda value: _number(value, float)),
    "BigDecimal": _decimal,
    **dict.fromkeys(LISTS, items),
    **dict.fromkeys(SETS, lambda value: Distinct(items(value))),
    **dict.fromkeys(TEXTS, groovy_text),
    "boolean": truth,
    "Boolean": truth,
    "String[]": _texts,
}


def cast(value: Any, type_name: str) -> Any:
    """`value as Type` and `(Type) value`: null stays null, except that it is false as boolean; a type without a rule changes nothing."""
    if value is None:
        return False if type_name == "boolean" else None
    made = CASTS.get(type_name) or (items if type_name.endswith("[]") else None)
    return made(value) if made else value


def declared(value: Any, type_name: str) -> Any:
    """What a variable of a declared type holds: numbers become that kind, anything becomes a String. ExpressionError when it cannot."""
    if value is None or type_name in LISTS:
        return value
    if type_name in (*WHOLE, *DOUBLE, "BigDecimal") and not is_number(value):
        raise ExpressionError(f"A {kind(value)} cannot be given to a variable of the type {type_name}: convert it, as in x.toInteger()")
    return cast(value, type_name)


_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(TEXTS, str),
    **dict.fromkeys(WHOLE, int),
    **dict.fromkeys(DOUBLE, float),
    "BigDecimal": Decimal,
    "Number": (int, float, Decimal),
    "Boolean": bool,
    "boolean": bool,
    **dict.fromkeys((*LISTS, "AbstractList"), list),
    **dict.fromkeys(SETS, Distinct),
    **dict.fromkeys(("Map", "HashMap", "LinkedHashMap", "TreeMap"), dict),
    **dict.fromkeys(("Date", "LocalDateTime", "ZonedDateTime", "OffsetDateTime", "Instant"), datetime),
    "LocalDate": date,
    "LocalTime": time,
    **dict.fromkeys(("SpinJsonNode", "JsonNode", "JacksonJsonNode"), JsonNode),
    "Object": object,
}
_NOT = {int: bool, date: datetime}


def is_a(value: Any, type_name: str) -> bool:
    """`value instanceof Type`. ExpressionError for a type that is not known here."""
    if type_name == "Closure":
        return callable(value)
    if type_name not in _TYPES:
        raise ExpressionError(f"instanceof {type_name} is not supported: the type is not known")
    wanted = _TYPES[type_name]
    if value is None or (isinstance(value, bool) and bool not in (wanted if isinstance(wanted, tuple) else (wanted, object))):
        return value is not None and wanted in (bool, object)
    return isinstance(value, wanted) and not (wanted is date and isinstance(value, datetime))
