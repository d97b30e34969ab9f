"""The only place for the methods of lists, sets and ranges that are not a walk with a closure."""

from __future__ import annotations

from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.limits import MAX_ITEMS, within
from engine.expressions.members.items import Function, Iterator, Table, items, like
from engine.expressions.members.streams import Stream
from engine.expressions.members.walks import WALKS, find_all, flatten, ordered, unique, without
from engine.expressions.operators import plus, shift_left, times
from engine.expressions.values import Distinct, same, truth


def get(value: Any, index: int) -> Any:
    """Java's get: an index outside the list is an error."""
    if not 0 <= index < len(value):
        raise ExpressionError(f"There is no item {index}: the list has {len(value)}")
    return value[index]


def get_at(value: Any, index: int) -> Any:
    """Groovy's list[index]: from the end when negative, null outside."""
    return value[index] if -len(value) <= index < len(value) else None


def put_at(value: list[Any], index: int, item: Any) -> None:
    """Groovy's list[index] = item: the list grows when it must."""
    within(index, MAX_ITEMS, "A list would have too many items: {}")
    if index < -len(value):
        raise ExpressionError(f"There is no item {index}: the list has {len(value)}")
    value.extend([None] * (index + 1 - len(value)))
    value[index] = item


def set_item(value: list[Any], index: int, item: Any) -> Any:
    before = get(value, index)
    value[index] = item
    return before


def add(value: list[Any], *args: Any) -> bool | None:
    """add(item) or add(index, item)."""
    if len(args) == 2:
        value.insert(args[0], args[1])
        return None
    return add_all(value, [args[0]])


def add_all(value: list[Any], more: Any) -> bool:
    if isinstance(value, Distinct):
        return value.take_in(items(more))
    value.extend(items(more))
    return bool(more)


def remove(value: list[Any], gone: Any) -> Any:
    """A whole number is an index, as in Java; anything else is the item itself. Sets know only items."""
    if isinstance(gone, int) and not isinstance(gone, bool) and not isinstance(value, Distinct):
        return remove_at(value, gone)
    index = index_of(value, gone)
    if index >= 0:
        del value[index]
    return index >= 0


def remove_at(value: list[Any], index: int) -> Any:
    item = get(value, index)
    del value[index]
    return item


def remove_all(value: list[Any], gone: Any) -> bool:
    """Of a list of items, or of what a closure is true for."""
    kept = find_all(value, lambda item: not truth(gone(item))) if callable(gone) else without(value, gone)
    changed = len(kept) < len(value)
    value[:] = kept
    return changed


def retain_all(value: list[Any], wanted: Any) -> bool:
    kept = find_all(value, wanted if callable(wanted) else lambda item: contains(wanted, item))
    changed = len(kept) < len(value)
    value[:] = kept
    return changed


def contains(value: Any, wanted: Any) -> bool:
    return index_of(value, wanted) >= 0


def index_of(value: Any, wanted: Any) -> int:
    return next((index for index, item in enumerate(value) if same(item, wanted)), -1)


def last_index_of(value: Any, wanted: Any) -> int:
    index = index_of(value[::-1], wanted)
    return len(value) - 1 - index if index >= 0 else -1


def first(value: Any) -> Any:
    return _end(value, 0)


def last(value: Any) -> Any:
    return _end(value, -1)


def _end(value: Any, index: int) -> Any:
    if not value:
        raise ExpressionError("The list is empty: it has no first or last item")
    return value[index]


def pop(value: list[Any]) -> Any:
    """As in Groovy 2.4: the last item."""
    item = last(value)
    del value[-1]
    return item


def sort(value: Any, *args: Any) -> Any:
    """Sorts the list itself and gives it; sort(false) gives a copy."""
    closure: Function | None = next((arg for arg in args if callable(arg)), None)
    done = ordered(list(value), closure)
    if False in args or not isinstance(value, list):
        return done
    value[:] = done
    return value


def unique_in_place(value: Any, *args: Any) -> Any:
    """Drops repeats from the list itself and gives it; unique(false) gives a copy."""
    done = unique(value, *(arg for arg in args if callable(arg)))
    if False in args or not isinstance(value, list):
        return done
    value[:] = done
    return value


def sub_list(value: Any, start: int, end: int) -> list[Any]:
    if not 0 <= start <= end <= len(value):
        raise ExpressionError(f"There are no items {start} to {end}: the list has {len(value)}")
    return list(value[start:end])


def collate(value: Any, size: int) -> list[list[Any]]:
    """Pieces of `size` items each."""
    if size < 1:
        raise ExpressionError("collate: the size must be at least 1")
    return [list(value[start : start + size]) for start in range(0, len(value), size)]


def transpose(value: list[Any]) -> list[list[Any]]:
    return [list(row) for row in zip(*value, strict=False)]


def clear(value: list[Any]) -> None:
    value.clear()


LISTS: Table = {
    **WALKS,
    "size": len,
    "length": len,
    "isEmpty": lambda value: not value,
    "get": get,
    "getAt": get_at,
    "set": set_item,
    "putAt": put_at,
    "add": add,
    "push": add,
    "leftShift": shift_left,
    "addAll": add_all,
    "remove": remove,
    "removeAt": remove_at,
    "removeElement": lambda value, gone: remove_all(value, [gone]),
    "removeAll": remove_all,
    "removeIf": remove_all,
    "retainAll": retain_all,
    "clear": clear,
    "contains": contains,
    "containsAll": lambda value, wanted: all(contains(value, item) for item in wanted),
    "indexOf": index_of,
    "lastIndexOf": last_index_of,
    "first": first,
    "head": first,
    "last": last,
    "pop": pop,
    "tail": lambda value: like(value, value[1:]),
    "init": lambda value: like(value, value[:-1]),
    "reverse": lambda value: like(value, value[::-1]),
    "sort": sort,
    "unique": unique_in_place,
    "flatten": flatten,
    "subList": sub_list,
    "collate": collate,
    "transpose": transpose,
    "plus": plus,
    "minus": without,
    "multiply": times,
    "intersect": lambda value, other: like(value, [item for item in value if contains(other, item)]),
    "disjoint": lambda value, other: not any(contains(other, item) for item in value),
    "asImmutable": lambda value: like(value, value),
    "asList": items,
    "toArray": lambda value, *kind: items(value),
    "stream": lambda value: Stream(tuple(value)),
    "iterator": lambda value: Iterator(items(value)),
    "step": lambda value, by: list(value[::by]),
    "getIndices": lambda value: range(len(value)),
}
