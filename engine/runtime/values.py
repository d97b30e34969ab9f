"""How variables are kept as JSON: the only place that knows the tagged form of values that JSON lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.errors import RatchetError
from engine.expressions.spin import JsonNode

TAG = "$ratchet"


class NotKept(RatchetError):
    """This value cannot be kept in a process variable."""


def to_json(value: Any) -> Any:
    """A JSON value for any process variable; `NotKept` for what no variable may hold."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        plain = {str(key): to_json(item) for key, item in value.items()}
        return {TAG: "map", "value": plain} if TAG in plain else plain
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    for name, (kind, write, _) in _TAGGED.items():
        if isinstance(value, kind):
            return {TAG: name, "value": write(value)}
    if hasattr(value, "to_text") or type(value).__module__.startswith("engine.expressions"):
        return str(value)
    raise NotKept(f"A {type(value).__name__} cannot be kept in a process variable.")


def can_be_kept(value: Any) -> bool:
    """Whether a variable may hold this for longer than one verb."""
    try:
        to_json(value)
    except NotKept:
        return False
    return True


def from_json(value: Any) -> Any:
    """The variable that `to_json` kept."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if TAG not in value:
        return {key: from_json(item) for key, item in value.items()}
    if value[TAG] == "map":
        return {key: from_json(item) for key, item in value["value"].items()}
    return _TAGGED[value[TAG]][2](value["value"])


def plain(value: Any) -> Any:
    """The value as pages and REST show it: JSON without tags, numbers as numbers, dates as ISO text."""
    if isinstance(value, JsonNode):
        return plain(value.data)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


# datetime before date: a datetime is a date
_TAGGED: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "json": (JsonNode, lambda node: to_json(node.data), lambda data: JsonNode.of(from_json(data))),
}
