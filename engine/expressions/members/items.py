"""The only place for how the members of lists, maps, ranges and texts go through items and call closures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.limits import MAX_TEXT, within
from engine.expressions.text import groovy_text, java_text
from engine.expressions.values import kind

Function = Callable[..., Any]
Table = dict[str, Function]


@dataclass
class Entry(Exposed):
    """One key of a map with its value; a new value is put into the map too."""

    key: Any
    value: Any
    owner: dict[Any, Any]

    called: ClassVar[str] = "A map entry"
    exposed: ClassVar[frozenset[str]] = names("key value setValue toString")

    def setValue(self, value: Any) -> None:
        self.value = self.owner[self.key] = value

    def toString(self) -> str:
        return f"{java_text(self.key)}={java_text(self.value)}"


class Iterator(Exposed):
    """What iterator() gives."""

    called: ClassVar[str] = "An iterator"
    exposed: ClassVar[frozenset[str]] = names("hasNext next")

    def __init__(self, found: list[Any]):
        self._rest = list(reversed(found))

    def hasNext(self) -> bool:
        return bool(self._rest)

    def next(self) -> Any:
        if not self._rest:
            raise ExpressionError("The iterator has no next item: ask hasNext() first")
        return self._rest.pop()


def items(value: Any) -> list[Any]:
    """A copy of what is in a list, set or range, the entries of a map, or the characters of a text."""
    if isinstance(value, dict):
        return [Entry(key, item, value) for key, item in value.items()]
    if value is None:
        return []
    if isinstance(value, list | tuple | range | str):
        return list(value)
    raise ExpressionError(f"A {kind(value)} has no items to go through")


def give(closure: Function, item: Any, *more: Any) -> Any:
    """Call a closure with an item; an entry or a list is taken apart when the closure has more parameters."""
    spare = getattr(closure, "arity", 1) - len(more)
    if spare > 1 and isinstance(item, Entry):
        return closure(item.key, item.value, *more)
    if spare > 1 and isinstance(item, list) and len(item) == spare:
        return closure(*item, *more)
    return closure(item, *more)


def like(value: Any, chosen: Iterable[Any]) -> Any:
    """The chosen items as the kind that they were taken from: entries become a map again."""
    if isinstance(value, dict):
        return {entry.key: entry.value for entry in chosen}
    return type(value)(chosen) if isinstance(value, list) else list(chosen)


def joined(parts: Iterable[Any], between: str = "") -> str:
    """The texts of the parts with `between` between them."""
    texts = [groovy_text(part) for part in parts]
    size = sum(map(len, texts)) + len(between) * len(texts)
    within(size, MAX_TEXT, "A text would be too long: {} characters")
    return between.join(texts)
