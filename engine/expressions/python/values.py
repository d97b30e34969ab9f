"""The only place that knows the kinds of values of Python scripts: which are data, how large they are, and how they leave the script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed
from engine.expressions.limits import MAX_ITEMS, Budget, bounded, weigh, within
from engine.expressions.spin import JsonNode
from engine.expressions.text import duration_text

MAX_EXPONENT = 5_000

SCALARS = frozenset({NoneType, bool, int, float, str, Decimal, date, datetime, time, timedelta, timezone, bytes, UUID})
UNCHANGED = SCALARS - {timedelta, UUID}
SIZED = (str, bytes, list, tuple, dict, set, range)


class Own:
    """What a script can hold and use, but not take out of the script."""

    __slots__ = ()


class Walk(Own):
    """A generator expression. It has no members: a script can only go through it. Each look at it counts as a call."""

    __slots__ = ("_enter", "_items", "_leave")

    def __init__(self, generator: Iterator[Any], enter: Callable[[], None], leave: Callable[[], None]):
        self._items = generator
        self._enter = enter
        self._leave = leave

    def __iter__(self) -> Walk:
        return self

    def __next__(self) -> Any:
        self._enter()
        try:
            return next(self._items)
        finally:
            self._leave()


@dataclass(frozen=True, eq=False)
class Builtin(Own):
    """A function that scripts may call. `clocked` ones are given the clock first."""

    name: str
    function: Callable[..., Any]
    clocked: bool = False

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        return self.function(*args, **named)


@dataclass(frozen=True, eq=False)
class Kind(Own):
    """A class as scripts see it: they can call it, ask isinstance, catch it, and read what is listed in `static`."""

    name: str
    types: tuple[type, ...]
    make: Callable[..., Any]
    static: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        return self.make(*args, **named)


@dataclass(frozen=True, eq=False)
class Module(Own):
    """A module as scripts see it: what is listed in `members`."""

    name: str
    members: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Bound(Own):
    """A method taken from a value without being called yet."""

    name: str
    value: Any
    function: Callable[..., Any]

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        return self.function(self.value, *args, **named)


WALKED: tuple[type, ...] = (Walk, type(iter(list[Any]())))


def is_walked(value: Any) -> bool:
    """Whether it can be gone through once, as a generator or an iterator."""
    return isinstance(value, WALKED)


def is_data(value: Any) -> bool:
    """Whether the value can be a process variable; all else stays with the script."""
    if type(value) in SCALARS or isinstance(value, JsonNode | list | dict | tuple | set | range):
        return not isinstance(value, timezone)
    return not isinstance(value, (Own, Exposed, BaseException, *WALKED)) and not callable(value)


def size(value: Any) -> int:
    """How many items or characters a value has, without what is inside it; a number has none. LimitReached when it is too large."""
    if isinstance(value, tuple):
        return within(len(value), MAX_ITEMS, "A tuple would have too many items: {}")
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, complex):
        raise ValueError("the result is no real number")
    return bounded(value) if isinstance(value, SIZED) else bounded(value) * 0


def _of_decimal(value: Decimal) -> int:
    if value.is_finite() and value:
        within(abs(value.adjusted()), MAX_EXPONENT, "A number would be too large or too small: {} digits")
    return 0


def items(value: Any) -> Iterable[Any]:
    """What a loop goes through. TypeError when the value has no items."""
    if isinstance(value, SIZED) or is_walked(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, JsonNode):
        raise TypeError("a JSON node has no items: go through its elements()")
    if isinstance(value, Mapping):
        return list(value)
    raise TypeError(f"{described(value)} has no items to go through")


def listed(value: Any) -> list[Any]:
    """The items in a new list. LimitReached when there are too many."""
    if isinstance(value, SIZED):
        within(len(value), MAX_ITEMS, "A list would have too many items: {}")
        return list(value)
    found: list[Any] = []
    for item in items(value):
        found.append(item)
        if len(found) > MAX_ITEMS:
            bounded(found)
    return found


def hashed(value: Any) -> set[Any]:
    """The items in a new set. LimitReached when that takes too long: numbers can be chosen so that a set is slow."""
    found: set[Any] = set()
    budget = Budget(seconds=3)
    for index, item in enumerate(listed(value)):
        found.add(key(item))
        if index % 256 == 0:
            budget.look_at_clock()
    return found


def key(value: Any) -> Any:
    """A value that is about to be looked up in a map or set: a tuple must not be too deep, for nothing else would stop that."""
    return weigh(value) if isinstance(value, tuple) else value


def comparable(left: Any, right: Any) -> None:
    """LimitReached when comparing the two could take for ever."""
    if type(left) not in SCALARS and type(right) not in SCALARS:
        weigh(left)
        weigh(right)


def sortable(values: list[Any]) -> list[Any]:
    """The same list; LimitReached when comparing its items with each other could take for ever."""
    if any(type(value) not in SCALARS for value in values):
        weigh(values)
    return values


def described(value: Any) -> str:
    """How messages call a value."""
    if value is None:
        return "None"
    if isinstance(value, Exposed):
        return value.described()
    if isinstance(value, Kind | Module):
        return f"the {type(value).__name__.lower()} '{value.name}'"
    return f"a value of type {type(value).__name__}"


def handed_over(value: Any) -> Any:
    """A value as it leaves the script: tuples, sets and ranges as lists, durations and UUIDs as text, nothing too large or in a circle."""
    return value if type(value) in UNCHANGED else _converted(weigh(value))


def _converted(value: Any) -> Any:
    if type(value) in UNCHANGED:
        size(value)
        return value
    for types, convert in _CONVERTED:
        if isinstance(value, types):
            return convert(value)
    if not is_data(value):
        raise ExpressionError(f"{described(value)} cannot leave the script")
    return value


def _dict(value: dict[Any, Any]) -> dict[Any, Any]:
    made = {name: _converted(item) for name, item in value.items()}
    return value if all(made[name] is item for name, item in value.items()) else made


def _list(value: list[Any]) -> list[Any]:
    made = list(map(_converted, value))
    return value if all(new is old for new, old in zip(made, value, strict=True)) else made


def _set(value: set[Any]) -> list[Any]:
    """In an order that is always the same."""
    try:
        return list(map(_converted, sorted(value)))
    except TypeError:
        return list(map(_converted, sorted(value, key=repr)))


_CONVERTED: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (dict, _dict),
    (list, _list),
    ((tuple, range), lambda value: list(map(_converted, value))),
    (set, _set),
    (UUID, str),
    (timedelta, duration_text),
)
