"""The only place for what goes through items with a closure: each, collect, find, any, inject, ... of lists, maps, ranges and texts."""

from __future__ import annotations

import functools
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.limits import weigh
from engine.expressions.members.items import Entry, Function, Table, give, items, joined, like
from engine.expressions.operators import minus, plus
from engine.expressions.values import Distinct, by_order, identity, same, truth

MISSING = object()


def each(value: Any, closure: Function) -> Any:
    for item in items(value):
        give(closure, item)
    return value


def for_each(value: Any, closure: Function) -> None:
    each(value, closure)


def each_with_index(value: Any, closure: Function) -> Any:
    for index, item in enumerate(items(value)):
        give(closure, item, index)
    return value


def reverse_each(value: Any, closure: Function) -> Any:
    each(list(reversed(items(value))), closure)
    return value


def collect(value: Any, closure: Function = lambda item: item) -> list[Any]:
    return [give(closure, item) for item in items(value)]


def collect_entries(value: Any, closure: Function = lambda item: item) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for item in items(value):
        made.update(_entries(give(closure, item)))
    return made


def _entries(pair: Any) -> dict[Any, Any]:
    if isinstance(pair, dict):
        return pair
    if isinstance(pair, Entry):
        return {pair.key: pair.value}
    if isinstance(pair, list) and len(pair) == 2:
        return {pair[0]: pair[1]}
    raise ExpressionError("collectEntries: the closure must give [key, value] or a map")


def collect_many(value: Any, closure: Function) -> list[Any]:
    return [part for item in items(value) for part in items(give(closure, item))]


def find(value: Any, closure: Function = truth) -> Any:
    return next((item for item in items(value) if truth(give(closure, item))), None)


def find_all(value: Any, closure: Function = truth) -> Any:
    return like(value, [item for item in items(value) if truth(give(closure, item))])


def find_result(value: Any, closure: Function) -> Any:
    return next((result for item in items(value) if (result := give(closure, item)) is not None), None)


def find_results(value: Any, closure: Function) -> list[Any]:
    return [result for item in items(value) if (result := give(closure, item)) is not None]


def find_index(value: Any, closure: Function) -> int:
    return next((index for index, item in enumerate(items(value)) if truth(give(closure, item))), -1)


def any_of(value: Any, closure: Function = truth) -> bool:
    return any(truth(give(closure, item)) for item in items(value))


def every(value: Any, closure: Function = truth) -> bool:
    return all(truth(give(closure, item)) for item in items(value))


def count(value: Any, wanted: Any) -> int:
    test = wanted if callable(wanted) else lambda item: same(item, wanted)
    return sum(truth(give(test, item)) for item in items(value))


def inject(value: Any, start: Any, closure: Any = MISSING) -> Any:
    """inject(start) {total, item -> ...}; without a start the first item is it."""
    todo = items(value)
    if closure is MISSING:
        start, closure = (todo.pop(0) if todo else None), start
    total = start
    for item in todo:
        three = getattr(closure, "arity", 2) == 3 and isinstance(item, Entry)
        total = closure(total, item.key, item.value) if three else closure(total, item)
    return total


def total(value: Any, start: Any = MISSING, closure: Any = None) -> Any:
    """sum(), sum(start), sum {closure}, sum(start) {closure}; null when there is nothing to add."""
    if callable(start):
        start, closure = MISSING, start
    parts = collect(value, closure) if closure else items(value)
    if start is not MISSING:
        parts.insert(0, start)
    return functools.reduce(plus, parts) if parts else None


def sort_key(closure: Function | None) -> Any:
    """The key function of a sort: by the items themselves, by what a closure gives, or by a comparator of two."""
    if closure is None:
        return by_order
    if getattr(closure, "arity", 1) == 2:
        return functools.cmp_to_key(lambda left, right: int(closure(left, right)))
    return lambda item: by_order(give(closure, item))


def ordered(value: Any, closure: Function | None = None) -> Any:
    """A sorted copy."""
    return like(value, sorted(items(value), key=sort_key(closure)))


def least(value: Any, closure: Function | None = None) -> Any:
    return min(_present(value), key=sort_key(closure), default=None)


def most(value: Any, closure: Function | None = None) -> Any:
    return max(_present(value), key=sort_key(closure), default=None)


def _present(value: Any) -> list[Any]:
    return [item for item in items(value) if item is not None]


def unique(value: Any, closure: Function = lambda item: item) -> list[Any]:
    """A copy in which no two items, or what the closure gives for them, are the same."""
    if getattr(closure, "arity", 1) == 2:
        return _unique_by_comparator(items(value), closure)
    seen: dict[Any, Any] = {}
    for item in items(value):
        seen.setdefault(identity(give(closure, item)), item)
    return list(seen.values())


def _unique_by_comparator(todo: list[Any], closure: Function) -> list[Any]:
    kept: list[Any] = []
    for item in todo:
        if all(closure(known, item) != 0 for known in kept):
            kept.append(item)
    return kept


def group_by(value: Any, closure: Function) -> dict[Any, Any]:
    groups: dict[Any, list[Any]] = {}
    for item in items(value):
        groups.setdefault(give(closure, item), []).append(item)
    return {key: like(value, group) for key, group in groups.items()}


def count_by(value: Any, closure: Function) -> dict[Any, int]:
    return {key: len(group) for key, group in group_by(value, closure).items()}


def split(value: Any, closure: Function) -> list[Any]:
    """Two lists: what the closure is true for, and the rest."""
    marks = [(item, truth(give(closure, item))) for item in items(value)]
    return [like(value, [item for item, chosen in marks if chosen is wanted]) for wanted in (True, False)]


def grep(value: Any, wanted: Any = truth) -> list[Any]:
    return [item for item in items(value) if (truth(give(wanted, item)) if callable(wanted) else same(item, wanted))]


def take_while(value: Any, closure: Function) -> Any:
    index = find_index(value, lambda item: not truth(give(closure, item)))
    return like(value, items(value)[: index if index >= 0 else None])


def drop_while(value: Any, closure: Function) -> Any:
    index = find_index(value, lambda item: not truth(give(closure, item)))
    return like(value, items(value)[index:] if index >= 0 else [])


def take(value: Any, number: int) -> Any:
    return like(value, items(value)[: max(number, 0)])


def drop(value: Any, number: int) -> Any:
    return like(value, items(value)[max(number, 0) :])


def flatten(value: Any) -> list[Any]:
    flat: list[Any] = []
    stack = list(reversed(items(weigh(value))))
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple | range):
            stack.extend(reversed(item))
        else:
            flat.append(item)
    return flat


def without(value: Any, gone: Any) -> list[Any]:
    """What `list - other` gives."""
    return list(minus(items(value), gone))


WALKS: Table = {
    "each": each,
    "forEach": for_each,
    "eachWithIndex": each_with_index,
    "reverseEach": reverse_each,
    "collect": collect,
    "collectEntries": collect_entries,
    "collectMany": collect_many,
    "find": find,
    "findAll": find_all,
    "findResult": find_result,
    "findResults": find_results,
    "findIndexOf": find_index,
    "any": any_of,
    "every": every,
    "count": count,
    "inject": inject,
    "sum": total,
    "min": least,
    "max": most,
    "toSorted": ordered,
    "toUnique": unique,
    "groupBy": group_by,
    "countBy": count_by,
    "split": split,
    "grep": grep,
    "takeWhile": take_while,
    "dropWhile": drop_while,
    "take": take,
    "drop": drop,
    "toList": items,
    "toSet": lambda value: Distinct(items(value)),
    "join": lambda value, between="": joined(items(value), between),
    "flatten": flatten,
    "withIndex": lambda value, start=0: [[item, index] for index, item in enumerate(items(value), start)],
    "indexed": lambda value, start=0: dict(enumerate(items(value), start)),
}
