"""The only place for the methods of maps."""

from __future__ import annotations

from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.members.items import Function, Table, give, items
from engine.expressions.members.walks import WALKS, sort_key
from engine.expressions.operators import minus, plus, shift_left
from engine.expressions.values import Distinct, same, truth

Map = dict[Any, Any]
MISSING = object()


def get(value: Map, key: Any, default: Any = MISSING) -> Any:
    """The value, or null. With a default Groovy puts it in when the key is missing."""
    return value.get(key) if default is MISSING else value.setdefault(key, default)


def put(value: Map, key: Any, item: Any) -> Any:
    before = value.get(key)
    value[key] = item
    return before


def put_if_absent(value: Map, key: Any, item: Any) -> Any:
    before = value.get(key)
    if before is None:
        value[key] = item
    return before


def compute_if_absent(value: Map, key: Any, closure: Function) -> Any:
    if value.get(key) is None:
        value[key] = closure(key)
    return value[key]


def compute_if_present(value: Map, key: Any, closure: Function) -> Any:
    if value.get(key) is None:
        return None
    return _keep(value, key, closure(key, value[key]))


def merge(value: Map, key: Any, item: Any, closure: Function) -> Any:
    return _keep(value, key, item if value.get(key) is None else closure(value[key], item))


def _keep(value: Map, key: Any, result: Any) -> Any:
    value[key] = result
    if result is None:
        del value[key]
    return result


def put_all(value: Map, more: Any) -> None:
    if not isinstance(more, dict):
        raise ExpressionError("putAll needs a map")
    value.update(more)


def contains_value(value: Map, wanted: Any) -> bool:
    return any(same(item, wanted) for item in value.values())


def for_each(value: Map, closure: Function) -> None:
    for entry in items(value):
        give(closure, entry)


def sort(value: Map, closure: Function | None = None) -> Map:
    """A sorted copy, by key or by what the closure says."""
    by = sort_key(closure or (lambda entry: entry.key))
    return {entry.key: entry.value for entry in sorted(items(value), key=by)}


def sub_map(value: Map, keys: Any) -> Map:
    return {key: value[key] for key in keys if key in value}


def remove_if(value: Map, closure: Function) -> bool:
    gone = [entry.key for entry in items(value) if truth(give(closure, entry))]
    for key in gone:
        del value[key]
    return bool(gone)


def clear(value: Map) -> None:
    value.clear()


MAPS: Table = {
    **{name: walk for name, walk in WALKS.items() if name not in ("flatten", "join", "toUnique", "toSet")},
    "size": len,
    "isEmpty": lambda value: not value,
    "get": get,
    "getAt": get,
    "getOrDefault": lambda value, key, default: value.get(key, default),
    "put": put,
    "putAt": put,
    "putIfAbsent": put_if_absent,
    "putAll": put_all,
    "computeIfAbsent": compute_if_absent,
    "computeIfPresent": compute_if_present,
    "merge": merge,
    "remove": lambda value, key: value.pop(key, None),
    "removeAll": remove_if,
    "removeIf": remove_if,
    "clear": clear,
    "containsKey": lambda value, key: key in value,
    "containsValue": contains_value,
    "keySet": Distinct,
    "values": lambda value: list(value.values()),
    "entrySet": items,
    "forEach": for_each,
    "sort": sort,
    "subMap": sub_map,
    "plus": plus,
    "minus": minus,
    "leftShift": shift_left,
    "asImmutable": dict,
}
