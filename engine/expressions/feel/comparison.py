"""The only place that says when two FEEL values are equal, which is less, and what a range holds (DMN 1.5, 10.3.2.13 and 10.3.2.14)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from engine.expressions.feel.values import KINDS, Comparison, Range, adopt

ORDERED = frozenset(("number", "string", "date", "date and time", "time", "years and months duration", "days and time duration"))
_RANKS = {kind: name for kind, name in KINDS.items() if name in ORDERED}


def equal(left: Any, right: Any) -> bool | None:
    """Null equals null only; None (null) for values of different kinds."""
    left, right = adopt(left), adopt(right)
    if left is None or right is None:
        return left is right
    kind = KINDS.get(type(left))
    if kind is None or kind != KINDS.get(type(right)):
        return None
    compare = _EQUAL.get(kind)
    return compare(left, right) if compare else bool(left == right)


def _equal_lists(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))


def _equal_contexts(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all(equal(value, right[key]) is True for key, value in left.items())


def _equal_functions(left: Any, right: Any) -> bool:
    return left is right


_EQUAL: dict[str, Callable[[Any, Any], bool]] = {"list": _equal_lists, "context": _equal_contexts, "function": _equal_functions}


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool | None]:
    def ordered(left: Any, right: Any) -> bool | None:
        rank = _RANKS.get(type(left))
        if rank is None or rank is not _RANKS.get(type(right)):
            return None
        try:
            return compare(left, right)
        except TypeError:  # one has a time zone, the other none
            return None

    return ordered


less = _ordered(operator.lt)
COMPARISONS: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": equal,
    "!=": lambda left, right: negated(equal(left, right)),
    "<": less,
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
}


def negated(truth: Any) -> bool | None:
    return not truth if truth is True or truth is False else None


def conjunction(left: Any, right: Any) -> bool | None:
    """Three-valued and."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def disjunction(left: Any, right: Any) -> bool | None:
    """Three-valued or."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def within(value: Any, span: Range) -> bool | None:
    """Whether a range holds a value; null when they cannot be compared."""
    low = COMPARISONS[">=" if span.low_included else ">"](value, adopt(span.low))
    high = COMPARISONS["<=" if span.high_included else "<"](value, adopt(span.high))
    return conjunction(low, high)


def passes(value: Any, test: Any) -> bool | None:
    """Whether a value passes one test: a range holds it, a list has it or a range that does, or it equals the test."""
    if type(test) is Range:
        return within(value, test)
    if type(test) is Comparison:
        return COMPARISONS[test.operator](value, test.value)
    if type(test) is list and type(value) is not list:
        return any(passes(value, adopt(one)) is True for one in test)
    if type(test) is list:
        return equal(value, test) is True or any(passes(value, adopt(one)) is True for one in test)
    return equal(value, test)


def make_range(low: Any, high: Any, low_included: bool, high_included: bool) -> Range | None:
    """A range of two comparable ends, None when they are not."""
    return Range(low, high, low_included, high_included) if less(low, high) is not None else None
