"""The only place for Spin JSON: JsonNode, what `S(...)` makes, with the methods that Camunda gives it and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from engine.expressions.exposed import Exposed, names
from engine.expressions.json_text import JsonError, parsed, select, written
from engine.expressions.limits import weigh
from engine.expressions.text import java_text, moment_text

FORMATS = ("application/json", "json")


@dataclass(eq=False, repr=False)
class JsonNode(Exposed):
    """One node of a JSON document. `data` is the raw value; nodes of one document share it, so a change through one shows in all."""

    data: Any

    called: ClassVar[str] = "A JSON node (its values are read with prop('name'))"
    exposed: ClassVar[frozenset[str]] = names(
        "prop hasProp value stringValue numberValue boolValue elements fieldNames append deleteProp remove removeAt removeLast insertAt "
        "indexOf contains isNull isArray isObject isString isNumber isBoolean isValue jsonPath unwrap toString equals"
    )

    @classmethod
    def of(cls, value: Any) -> JsonNode:
        """A node of a JSON text, or of a map, list, number, ... ; a node is given back as it is."""
        if isinstance(value, JsonNode):
            return value
        return cls(parsed(value) if isinstance(value, str) else plain(value))

    def prop(self, name: str, *value: Any) -> JsonNode:
        """prop(name): that property's node; prop(name, value): set it and give this node. JsonError when there is no such property."""
        if value:
            self._object(f"prop('{name}', ...)")[name] = plain(value[0])
            return self
        return JsonNode(self._property(name))

    def hasProp(self, name: str) -> bool:
        return name in self._object(f"hasProp('{name}')")

    def deleteProp(self, gone: str | list[str]) -> JsonNode:
        for name in [gone] if isinstance(gone, str) else gone:
            self._property(name)
            del self.data[name]
        return self

    def fieldNames(self) -> list[str]:
        return list(self._object("fieldNames()"))

    def value(self) -> Any:
        """The text, number, boolean or null that this node is. JsonError for an object or a list."""
        if isinstance(self.data, dict | list):
            raise JsonError(f"value() needs a text, number, boolean or null; this node is {self._sort()}: read its prop() or elements()")
        return self.data

    def stringValue(self) -> str:
        return str(self._only("stringValue()", self.isString(), "a text"))

    def numberValue(self) -> int | float | Decimal:
        number: int | float | Decimal = self._only("numberValue()", self.isNumber(), "a number")
        return number

    def boolValue(self) -> bool:
        return bool(self._only("boolValue()", self.isBoolean(), "a boolean"))

    def elements(self) -> list[JsonNode]:
        return [JsonNode(item) for item in self._list("elements()")]

    def append(self, *values: Any) -> JsonNode:
        self._list("append()").extend(map(plain, values))
        return self

    def insertAt(self, index: int, value: Any) -> JsonNode:
        self._list("insertAt()").insert(index, plain(value))
        return self

    def remove(self, value: Any) -> JsonNode:
        return self.removeAt(self.indexOf(value))

    def removeAt(self, index: int) -> JsonNode:
        if not -len(self._list("removeAt()")) <= index < len(self.data):
            raise JsonError(f"The list has no element {index}: it has {len(self.data)}")
        del self.data[index]
        return self

    def removeLast(self) -> JsonNode:
        return self.removeAt(-1)

    def indexOf(self, value: Any) -> int:
        wanted = plain(value)
        if wanted not in self._list("indexOf()"):
            raise JsonError("The list does not have that element")
        return int(self.data.index(wanted))

    def contains(self, value: Any) -> bool:
        return plain(value) in self._list("contains()")

    def isNull(self) -> bool:
        return self.data is None

    def isArray(self) -> bool:
        return isinstance(self.data, list)

    def isObject(self) -> bool:
        return isinstance(self.data, dict)

    def isString(self) -> bool:
        return isinstance(self.data, str)

    def isNumber(self) -> bool:
        return isinstance(self.data, int | float | Decimal) and not isinstance(self.data, bool)

    def isBoolean(self) -> bool:
        return isinstance(self.data, bool)

    def isValue(self) -> bool:
        return not isinstance(self.data, dict | list | None)

    def jsonPath(self, path: str) -> Query:
        """What a path like $.orders[0].number or $.orders[*].number finds; ask it for element(), elementList(), stringValue(), ..."""
        return Query(path, select(self.data, path))

    def unwrap(self) -> JsonNode:
        return self

    def equals(self, other: Any) -> bool:
        return bool(self == other)

    def toString(self) -> str:
        """Compact JSON, the keys in the order in which they were set."""
        return written(weigh(self.data))

    __str__ = toString

    def __repr__(self) -> str:
        return f"JsonNode({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsonNode) and bool(self.data == other.data)

    def _property(self, name: str) -> Any:
        owner = self._object(f"prop('{name}')")
        if name not in owner:
            raise JsonError(f"The JSON object has no property '{name}'; it has {', '.join(owner) or 'none'}. Ask hasProp('{name}') first")
        return owner[name]

    def _object(self, asked: str) -> dict[str, Any]:
        owner: dict[str, Any] = self._only(asked, self.isObject(), "an object")
        return owner

    def _list(self, asked: str) -> list[Any]:
        items: list[Any] = self._only(asked, self.isArray(), "a list")
        return items

    def _only(self, asked: str, fits: bool, wanted: str) -> Any:
        if not fits:
            raise JsonError(f"{asked} needs {wanted}, and this node is {self._sort()}")
        return self.data

    def _sort(self) -> str:
        tests = (self.isNull, "null"), (self.isObject, "an object"), (self.isArray, "a list"), (self.isString, "a text")
        return next((word for test, word in tests if test()), "a number" if self.isNumber() else "a boolean")


@dataclass(frozen=True)
class Query(Exposed):
    """What a JSON path found."""

    path: str
    found: list[Any]

    called: ClassVar[str] = "A JSON path"
    exposed: ClassVar[frozenset[str]] = frozenset({"element", "elementList", "stringValue", "numberValue", "boolValue"})

    def element(self) -> JsonNode:
        if len(self.found) != 1:
            raise JsonError(f"The path {self.path} finds {len(self.found)} nodes, not one")
        return JsonNode(self.found[0])

    def elementList(self) -> list[JsonNode]:
        return [JsonNode(item) for item in self.found]

    def stringValue(self) -> str:
        return self.element().stringValue()

    def numberValue(self) -> int | float | Decimal:
        return self.element().numberValue()

    def boolValue(self) -> bool:
        return self.element().boolValue()


def S(value: Any, format: str = "application/json") -> JsonNode:
    """Camunda Spin's S(): a JSON node of a JSON text, a map, a list, a number or a boolean."""
    if format.lower() not in FORMATS:
        raise JsonError(f"S(..., '{format}') is not available: only application/json is")
    if value is None:
        raise JsonError("S(null) is not possible: there is no value")
    return JsonNode.of(value)


def plain(value: Any) -> Any:
    """A fresh raw JSON value: nodes become their data, dates ISO text, keys text. JsonError for what JSON cannot hold."""
    return _plain(weigh(value))


def _plain(value: Any) -> Any:
    for types, made in _PLAIN:
        if isinstance(value, types):
            return made(value)
    raise JsonError(f"{type(value).__name__} cannot be written as JSON")


def _key(value: Any) -> str:
    return value if isinstance(value, str) else java_text(value)


_PLAIN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((str, bool, int, float, Decimal, type(None)), lambda value: value),
    (dict, lambda value: {_key(key): _plain(item) for key, item in value.items()}),
    ((list, tuple, set, frozenset, range), lambda value: [_plain(item) for item in value]),
    (JsonNode, lambda value: _plain(weigh(value.data))),
    ((datetime, date, time), moment_text),
)
