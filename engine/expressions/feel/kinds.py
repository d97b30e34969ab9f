"""The only place for `instance of`: which values belong to a type (DMN 1.5, 10.3.2.9.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions.feel import tree
from engine.expressions.feel.values import Comparison, Range, adopt, kind_of

Test = Callable[[Any], bool]

_SIMPLE = frozenset(("number", "string", "boolean", "date", "time", "date and time", "list", "context", "range", "function"))
_ALIASES = {
    "dateTime": "date and time",
    "date time": "date and time",
    "days and time duration": "days and time duration",
    "years and months duration": "years and months duration",
    "day-time-duration": "days and time duration",
    "year-month-duration": "years and months duration",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
} | {name: name for name in _SIMPLE}


def type_test(node: tree.TypeNode) -> Test | None:
    """A test for a type, None when FEEL has no such type."""
    if node.name in ("Any", "any"):
        return lambda value: value is not None
    if node.name in ("Null", "null"):
        return lambda value: value is None
    if node.name in _PARAMETRIC and node.parameters:
        return _PARAMETRIC[node.name](node)
    kind = _ALIASES.get(node.name)
    return (lambda value: kind_of(value) == kind or (kind == "function" and callable(value))) if kind else None


def _list(node: tree.TypeNode) -> Test | None:
    inner = type_test(node.parameters[0])
    if inner is None:
        return None
    anything = node.parameters[0].name in ("Any", "any")
    return lambda value: type(value) is list and (anything or all(inner(adopt(item)) for item in value))


def _range(node: tree.TypeNode) -> Test | None:
    inner = type_test(node.parameters[0])
    if inner is None:
        return None
    return lambda value: (type(value) is Range and inner(value.low)) or (type(value) is Comparison and inner(value.value))


def _context(node: tree.TypeNode) -> Test | None:
    tests = [type_test(parameter) for parameter in node.parameters]
    entries = [(name, test) for name, test in zip(node.entries, tests, strict=True) if test]
    if len(entries) < len(tests):
        return None
    return lambda value: type(value) is dict and all(name in value and _fits(value[name], test) for name, test in entries)


def _fits(value: Any, test: Test) -> bool:
    return value is None or test(adopt(value))


def _function(node: tree.TypeNode) -> Test | None:
    return callable


_PARAMETRIC: dict[str, Callable[[tree.TypeNode], Test | None]] = {
    "list": _list,
    "range": _range,
    "context": _context,
    "function": _function,
}
