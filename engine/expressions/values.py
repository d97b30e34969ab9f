"""The only place for what any two values of JUEL and Groovy have in common: their kind, equality by value, order and truth."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed
from engine.expressions.limits import MAX_ITEMS, LimitReached, weigh
from engine.expressions.spin import JsonNode


def kind(value: Any) -> str:
    """The word for what kind of value this is: the key of the tables of members, and what messages say."""
    for types, name in KINDS:
        if isinstance(value, types):
            return name
    if isinstance(value, Exposed):
        return value.described()
    return "closure" if callable(value) else type(value).__name__


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    """Equality by value: 1 equals 1.0, true does not equal 1, lists and maps are compared inside."""
    pending = [(left, right)]
    for _ in range(2 * MAX_ITEMS):
        if not pending:
            return True
        if not _alike(*pending.pop(), pending):
            return False
    raise LimitReached("Two values are too large to be compared")


def _alike(left: Any, right: Any, pending: list[tuple[Any, Any]]) -> bool:
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    for types, inside in _INSIDE:
        if isinstance(left, types) and isinstance(right, types):
            pairs = inside(left, right)
            pending.extend(pairs or ())
            return pairs is not None
    return bool(left == right)


def _list_pairs(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    return list(zip(left, right, strict=True)) if len(left) == len(right) else None


def _map_pairs(left: dict[Any, Any], right: dict[Any, Any]) -> list[tuple[Any, Any]] | None:
    return [(left[key], right[key]) for key in left] if left.keys() == right.keys() else None


def _node_pairs(left: JsonNode, right: JsonNode) -> list[tuple[Any, Any]] | None:
    return [(left.data, right.data)]


_INSIDE: tuple[tuple[type | tuple[type, ...], Callable[[Any, Any], list[tuple[Any, Any]] | None]], ...] = (
    ((list, tuple, range), _list_pairs),
    (dict, _map_pairs),
    (JsonNode, _node_pairs),
)


def order(left: Any, right: Any) -> int:
    """-1, 0 or 1 as compareTo would say; null comes first. ExpressionError when the two cannot be put in an order."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if _comparable(left, right):
        return int(left > right) - int(left < right)
    raise ExpressionError(f"A {kind(left)} and a {kind(right)} cannot be compared")


def _comparable(left: Any, right: Any) -> bool:
    return (is_number(left) and is_number(right)) or (kind(left) == kind(right) and kind(left) in _ORDERED)


_ORDERED = frozenset({"text", "boolean", "date-time", "date", "time", "duration"})


def truth(value: Any) -> bool:
    """Groovy's truth: null, false, zero, what is empty and a pattern that was not found are false, all else is true."""
    return bool(value) or isinstance(value, time | timedelta)


def identity(value: Any) -> Any:
    """Something that can be looked up in a set, equal for two values that are the same."""
    return _identity(weigh(value))


def _identity(value: Any) -> Any:
    if isinstance(value, dict):
        return "map", frozenset((_identity(key), _identity(item)) for key, item in value.items())
    if isinstance(value, list | tuple | range):
        return "list", tuple(map(_identity, value))
    if isinstance(value, JsonNode):
        return "node", _identity(value.data)
    return kind(value), value


class Distinct(list[Any]):
    """A Java set: every value once, in the order in which they came."""

    def __init__(self, items: Iterable[Any] = ()):
        super().__init__()
        self.take_in(items)

    def take_in(self, items: Iterable[Any]) -> bool:
        """Add what is not there yet; whether there was any."""
        known = {identity(item) for item in self}
        before = len(self)
        for item in items:
            if (mark := identity(item)) not in known:
                known.add(mark)
                self.append(item)
        return len(self) > before


by_order = functools.cmp_to_key(order)


KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "null"),
    (bool, "boolean"),
    ((int, float, Decimal), "number"),
    (str, "text"),
    (Distinct, "set"),
    ((list, tuple), "list"),
    (range, "range"),
    (dict, "map"),
    (datetime, "date-time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "duration"),
    (bytes, "bytes"),
    (JsonNode, "JSON node"),
)
