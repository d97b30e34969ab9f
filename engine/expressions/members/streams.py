"""The only place for Java streams, Collectors and Optional, as far as scripts use them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.members import walks
from engine.expressions.members.items import Function, items, joined
from engine.expressions.operators import divide, plus
from engine.expressions.values import Distinct, order, truth


@dataclass(frozen=True)
class Optional(Exposed):
    """A value that may be missing (null)."""

    value: Any

    called: ClassVar[str] = "An Optional"
    exposed: ClassVar[frozenset[str]] = names(
        "isPresent isEmpty get orElse orElseGet orElseThrow ifPresent map filter getAsInt getAsDouble"
    )

    def isPresent(self) -> bool:
        return self.value is not None

    def isEmpty(self) -> bool:
        return self.value is None

    def get(self) -> Any:
        if self.value is None:
            raise ExpressionError("The Optional is empty: ask isPresent() first, or use orElse(...)")
        return self.value

    orElseThrow = getAsInt = getAsDouble = get

    def orElse(self, other: Any) -> Any:
        return other if self.value is None else self.value

    def orElseGet(self, closure: Function) -> Any:
        return closure() if self.value is None else self.value

    def ifPresent(self, closure: Function) -> None:
        if self.value is not None:
            closure(self.value)

    def map(self, closure: Function) -> Optional:
        return Optional(None if self.value is None else closure(self.value))

    def filter(self, closure: Function) -> Optional:
        return self if self.value is not None and truth(closure(self.value)) else Optional(None)


@dataclass(frozen=True)
class Collector(Exposed):
    """What Collectors.toList() and the like make."""

    gather: Callable[[list[Any]], Any]

    called: ClassVar[str] = "A Collector"


class Collectors(Exposed):
    """java.util.stream.Collectors."""

    exposed: ClassVar[frozenset[str]] = names("toList toSet joining toMap groupingBy counting")

    def toList(self) -> Collector:
        return Collector(list)

    def toSet(self) -> Collector:
        return Collector(Distinct)

    def joining(self, between: str = "", before: str = "", after: str = "") -> Collector:
        return Collector(lambda found: before + joined(found, between) + after)

    def toMap(self, key: Function, value: Function) -> Collector:
        return Collector(lambda found: {key(item): value(item) for item in found})

    def groupingBy(self, closure: Function, inner: Collector | None = None) -> Collector:
        gather = inner.gather if inner else list
        return Collector(lambda found: {key: gather(group) for key, group in walks.group_by(found, closure).items()})

    def counting(self) -> Collector:
        return Collector(len)


@dataclass(frozen=True)
class Stream(Exposed):
    """A stream: each step gives a new one, the last step gives a value."""

    found: tuple[Any, ...]

    called: ClassVar[str] = "A stream"
    exposed: ClassVar[frozenset[str]] = names(
        "filter map mapToInt mapToLong mapToDouble mapToObj boxed flatMap peek distinct sorted limit skip collect toList toArray forEach "
        "anyMatch allMatch noneMatch findFirst findAny count sum average min max reduce"
    )

    def filter(self, closure: Function) -> Stream:
        return Stream(tuple(walks.find_all(list(self.found), closure)))

    def map(self, closure: Function) -> Stream:
        return Stream(tuple(map(closure, self.found)))

    mapToInt = mapToLong = mapToDouble = mapToObj = map

    def boxed(self) -> Stream:
        return self

    def flatMap(self, closure: Function) -> Stream:
        return Stream(tuple(part for item in self.found for part in _inside(closure(item))))

    def peek(self, closure: Function) -> Stream:
        self.forEach(closure)
        return self

    def distinct(self) -> Stream:
        return Stream(tuple(Distinct(self.found)))

    def sorted(self, closure: Function | None = None) -> Stream:
        return Stream(tuple(walks.ordered(list(self.found), closure)))

    def limit(self, number: int) -> Stream:
        return Stream(self.found[: max(number, 0)])

    def skip(self, number: int) -> Stream:
        return Stream(self.found[max(number, 0) :])

    def collect(self, collector: Collector) -> Any:
        if not isinstance(collector, Collector):
            raise ExpressionError("collect() of a stream needs a Collector, such as Collectors.toList()")
        return collector.gather(list(self.found))

    def toList(self) -> list[Any]:
        return list(self.found)

    toArray = toList

    def forEach(self, closure: Function) -> None:
        for item in self.found:
            closure(item)

    def anyMatch(self, closure: Function) -> bool:
        return walks.any_of(list(self.found), closure)

    def allMatch(self, closure: Function) -> bool:
        return walks.every(list(self.found), closure)

    def noneMatch(self, closure: Function) -> bool:
        return not self.anyMatch(closure)

    def findFirst(self) -> Optional:
        return Optional(self.found[0] if self.found else None)

    findAny = findFirst

    def count(self) -> int:
        return len(self.found)

    def sum(self) -> Any:
        return functools.reduce(plus, self.found, 0)

    def average(self) -> Optional:
        return Optional(divide(self.sum(), len(self.found)) if self.found else None)

    def min(self, closure: Function | None = None) -> Optional:
        return Optional(walks.least(list(self.found), closure))

    def max(self, closure: Function | None = None) -> Optional:
        return Optional(walks.most(list(self.found), closure))

    def reduce(self, start: Any, closure: Function | None = None) -> Any:
        if closure is None:
            return Optional(functools.reduce(start, self.found) if self.found else None)
        return functools.reduce(closure, self.found, start)


def _inside(value: Any) -> Any:
    return value.found if isinstance(value, Stream) else items(value)


def comparing(closure: Function) -> Comparator:
    """Comparator.comparing: a comparator of two by what the closure gives for each."""
    return Comparator(lambda left, right: order(closure(left), closure(right)))


@dataclass(frozen=True)
class Comparator(Exposed):
    """A closure of two that says which comes first."""

    compare: Function
    arity: ClassVar[int] = 2

    called: ClassVar[str] = "A Comparator"
    exposed: ClassVar[frozenset[str]] = names("reversed compare")

    def __call__(self, left: Any, right: Any) -> int:
        return int(self.compare(left, right))

    def reversed(self) -> Comparator:
        return Comparator(lambda left, right: self.compare(right, left))
