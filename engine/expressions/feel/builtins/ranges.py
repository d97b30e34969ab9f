"""The only place for FEEL's range functions: the relations of points and intervals (DMN 1.5, 10.3.4.7, table 78)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions.feel.comparison import COMPARISONS, equal, less, within
from engine.expressions.feel.ranging import read_range
from engine.expressions.feel.signature import Row, row
from engine.expressions.feel.values import Range

Ordering = Callable[[Any, Any], bool | None]
Relation = Callable[[Any, Any], bool | None]


def _all(*truths: bool | None) -> bool | None:
    """Three-valued and."""
    if any(truth is False for truth in truths):
        return False
    return True if all(truth is True for truth in truths) else None


def _any(*truths: bool | None) -> bool | None:
    if any(truth is True for truth in truths):
        return True
    return False if all(truth is False for truth in truths) else None


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _before_ranges(a: Range, b: Range) -> bool | None:
    return _any(less(a.high, b.low), _all(_touching(a, b), not (a.high_included and b.low_included)))


def _touching(a: Range, b: Range) -> bool | None:
    return equal(a.high, b.low)


def _meets(a: Range, b: Range) -> bool | None:
    return _all(_touching(a, b), a.high_included and b.low_included)


def _overlaps(a: Range, b: Range) -> bool | None:
    return _all(_not(_before_ranges(a, b)), _not(_before_ranges(b, a)))


def _starts_no_later(a: Range, b: Range) -> bool | None:
    return _any(less(a.low, b.low), _all(equal(a.low, b.low), a.low_included or not b.low_included))


def _ends_no_later(a: Range, b: Range) -> bool | None:
    return _any(less(a.high, b.high), _all(equal(a.high, b.high), b.high_included or not a.high_included))


def _overlaps_before(a: Range, b: Range) -> bool | None:
    starts = _any(less(a.low, b.low), _all(equal(a.low, b.low), a.low_included and not b.low_included))
    return _all(starts, _overlaps(a, b), _ends_no_later(a, b))


def _same_end(a: Range, b: Range) -> bool | None:
    return _all(equal(a.high, b.high), a.high_included == b.high_included)


def _same_start(a: Range, b: Range) -> bool | None:
    return _all(equal(a.low, b.low), a.low_included == b.low_included)


def _includes(a: Range, b: Range) -> bool | None:
    return _all(_starts_no_later(a, b), _ends_no_later(b, a))


def _finishes(a: Range, b: Range) -> bool | None:
    return _all(_same_end(a, b), _starts_no_later(b, a))


def _starts(a: Range, b: Range) -> bool | None:
    return _all(_same_start(a, b), _ends_no_later(a, b))


def _is_end(point: Any, span: Range) -> bool | None:
    return _all(equal(point, span.high), span.high_included)


def _is_start(point: Any, span: Range) -> bool | None:
    return _all(equal(point, span.low), span.low_included)


def _point_before(point: Any, span: Range) -> bool | None:
    return COMPARISONS["<" if span.low_included else "<="](point, span.low)


def _point_after(point: Any, span: Range) -> bool | None:
    return COMPARISONS[">" if span.high_included else ">="](point, span.high)


def _swapped(relation: Relation) -> Relation:
    return lambda a, b: relation(b, a)


def _ranges(name: str, relation: Relation) -> Row:
    return row(name, "range1: range, range2: range", relation)


def _point_first(name: str, relation: Relation) -> Row:
    return row(name, "point: any, range: range", relation)


def _range_first(name: str, relation: Relation) -> Row:
    return row(name, "range: range, point: any", _swapped(relation))


ROWS = (
    row("range", "from: string", read_range),
    _ranges("before", _before_ranges),
    _point_first("before", _point_before),
    _range_first("before", _point_after),
    row("before", "point1: any, point2: any", less),
    _ranges("after", _swapped(_before_ranges)),
    _point_first("after", _point_after),
    _range_first("after", _point_before),
    row("after", "point1: any, point2: any", _swapped(less)),
    _ranges("meets", _meets),
    _ranges("met by", _swapped(_meets)),
    _ranges("overlaps", _overlaps),
    _ranges("overlaps before", _overlaps_before),
    _ranges("overlaps after", _swapped(_overlaps_before)),
    _ranges("finishes", _finishes),
    _point_first("finishes", _is_end),
    _ranges("finished by", _swapped(_finishes)),
    _range_first("finished by", _is_end),
    _ranges("includes", _includes),
    _range_first("includes", within),
    _ranges("during", _swapped(_includes)),
    _point_first("during", within),
    _ranges("starts", _starts),
    _point_first("starts", _is_start),
    _ranges("started by", _swapped(_starts)),
    _range_first("started by", _is_start),
    _ranges("coincides", lambda a, b: _all(_same_start(a, b), _same_end(a, b))),
    row("coincides", "point1: any, point2: any", equal),
)
