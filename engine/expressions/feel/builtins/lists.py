"""The only place for FEEL's list functions (DMN 1.5, 10.3.4.4 and 10.3.4.10)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key, reduce
from itertools import pairwise
from typing import Any

from engine.expressions.feel import arithmetic, comparison
from engine.expressions.feel.durations import DaysTime, YearsMonths
from engine.expressions.feel.numbers import MATH, Number, tidy
from engine.expressions.feel.scope import Run
from engine.expressions.feel.signature import row, row_with_run
from engine.expressions.feel.values import adopt, adopt_all

_ZEROES: dict[type, Any] = {YearsMonths: YearsMonths(0), DaysTime: DaysTime(0)}


def holds(items: list[Any], element: Any) -> bool:
    return any(comparison.equal(item, element) for item in items)


def _extreme(first: Callable[[Any, Any], bool | None]) -> Callable[[list[Any]], Any]:
    """The item that comes before all others; null when two cannot be compared."""

    def extreme(items: list[Any]) -> Any:
        values = adopt_all(items)
        best = values[0] if values else None
        for value in values[1:]:
            order = first(value, best)
            if order is None:
                raise ValueError("the items cannot be compared with each other")
            best = value if order else best
        return best

    return extreme


def _add(left: Any, right: Any) -> Any:
    return arithmetic.ADD[type(left), type(right)](left, right)


def _sum(items: list[Any]) -> Any:
    values = adopt_all(items)
    if not values:
        return None
    return reduce(_add, values) if type(values[0]) is not str else None


def _mean(values: list[Number]) -> Number | None:
    return tidy(MATH.divide(Decimal(reduce(_add, values)), Decimal(len(values)))) if values else None


def _product(values: list[Number]) -> Number | None:
    return reduce(lambda a, b: arithmetic.MULTIPLY[type(a), type(b)](a, b), values) if values else None


def _median(values: list[Number]) -> Number | None:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return _mean(ordered[middle : middle + 1] if len(ordered) % 2 else ordered[middle - 1 : middle + 1]) if ordered else None


def _stddev(values: list[Number]) -> Number | None:
    if len(values) < 2:
        return None
    mean = Decimal(_mean(values) or 0)
    squares = [MATH.power(MATH.subtract(Decimal(value), mean), 2) for value in values]
    return tidy(MATH.sqrt(MATH.divide(Decimal(reduce(_add, squares)), Decimal(len(values) - 1))))


def _mode(values: list[Number]) -> list[Number]:
    counts: dict[Number, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)


def _truth(decisive: bool) -> Callable[[list[Any]], bool | None]:
    def truth(items: list[Any]) -> bool | None:
        if any(item is decisive for item in items):
            return decisive
        return not decisive if all(type(item) is bool for item in items) else None

    return truth


def place_of(position: Number, count: int) -> int:
    """The index in Python of a position from 1 or from -1; raises IndexError outside."""
    index = _index(position, count)
    if not 0 <= index < count:
        raise IndexError(f"the list has no position {position}: it has {count} items")
    return index


def _index(position: Number, count: int) -> int:
    """The same, but it may lie outside of the list; raises IndexError for 0."""
    place = int(position)
    if not place:
        raise IndexError("there is no position 0: the first is 1, the last -1")
    return place - 1 if place > 0 else count + place


def _sublist(items: list[Any], start: Number, length: Number | None = None) -> list[Any]:
    first = max(_index(start, len(items)), 0)
    return items[first:] if length is None else items[first : first + max(int(length), 0)]


def _append(items: list[Any], *more: Any) -> list[Any]:
    return [*items, *more]


def _insert(items: list[Any], position: Number, item: Any) -> list[Any]:
    first = max(_index(position, len(items)), 0)
    return [*items[:first], item, *items[first:]]


def _remove(items: list[Any], position: Number) -> list[Any]:
    first = _index(position, len(items))
    return [item for place, item in enumerate(items) if place != first]


def _replace_at(items: list[Any], position: Number, item: Any) -> list[Any]:
    first = place_of(position, len(items))
    return [*items[:first], item, *items[first + 1 :]]


def _replace_where(run: Run, items: list[Any], match: Callable[..., Any], item: Any) -> list[Any] | None:
    run.step(len(items))
    verdicts = [match(adopt(one), item) for one in items]
    if any(type(verdict) is not bool for verdict in verdicts):
        raise ValueError("the function must answer true or false")
    return [item if verdict else one for one, verdict in zip(items, verdicts, strict=True)]


def _index_of(items: list[Any], match: Any) -> list[int]:
    return [place for place, item in enumerate(items, 1) if comparison.equal(item, match)]


def _hashable(item: Any) -> Any:
    return (type(item) is bool, item) if isinstance(item, bool | int | str | Decimal) else None


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    return [item for item, again in _first_seen(run, items) if not again]


def _duplicates(run: Run, items: list[Any]) -> list[Any]:
    return _distinct(run, [item for item, again in _first_seen(run, items) if again])


def _first_seen(run: Run, items: list[Any]) -> list[tuple[Any, bool]]:
    """Each item, and whether an equal one stands before it."""
    known: set[Any] = set()
    others: list[Any] = []
    seen: list[tuple[Any, bool]] = []
    for item in adopt_all(items):
        key = _hashable(item)
        run.step(1 if key else 1 + len(others))
        again = key in known if key else holds(others, item)
        seen.append((item, again))
        if key:
            known.add(key)
        elif not again:
            others.append(item)
    return seen


def _concatenate(lists: list[list[Any]]) -> list[Any]:
    return [item for items in lists for item in items]


def _flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    waiting = items[::-1]
    while waiting:
        run.step()
        item = adopt(waiting.pop())
        if type(item) is list:
            waiting.extend(reversed(item))
        else:
            flat.append(item)
    return flat


def _sort(run: Run, items: list[Any], precedes: Callable[..., Any] | None = None) -> list[Any]:
    values = adopt_all(items)
    run.step(len(values))
    if precedes is None:
        return sorted(values, key=cmp_to_key(_natural_order))

    def order(left: Any, right: Any) -> int:
        if precedes(left, right) is True:
            return -1
        return 1 if precedes(right, left) is True else 0

    return sorted(values, key=cmp_to_key(order))


def _natural_order(left: Any, right: Any) -> int:
    before, after = comparison.less(left, right), comparison.less(right, left)
    if before is None:
        raise ValueError("the items cannot be compared with each other")
    return -1 if before else int(bool(after))


def _partition(items: list[Any], size: Number) -> list[list[Any]]:
    step = int(size)
    if step < 1:
        raise ValueError("the size must be at least 1")
    cuts = [*range(0, len(items), step), len(items)]
    return [items[start:stop] for start, stop in pairwise(cuts)]


ROWS = (
    row("list contains", "list: list, element: any", holds),
    row("list replace", "list: list, position: number, newItem: any", _replace_at),
    row_with_run("list replace", "list: list, match: function, newItem: any", _replace_where),
    row("count", "list: list", len),
    row("min", "*list: list", _extreme(comparison.less)),
    row("max", "*list: list", _extreme(comparison.COMPARISONS[">"])),
    row("sum", "*list: list", _sum),
    row("mean", "*list: numbers", _mean),
    row("all", "*list: list", _truth(False)),
    row("and", "*list: list", _truth(False)),
    row("any", "*list: list", _truth(True)),
    row("or", "*list: list", _truth(True)),
    row("sublist", "list: list, start position: number, length?: number", _sublist),
    row("append", "list: list", _append),
    row("append", "list: list, *item: any", _append),
    row("concatenate", "*lists: lists", _concatenate),
    row("insert before", "list: list, position: number, newItem: any", _insert),
    row("remove", "list: list, position: number", _remove),
    row("reverse", "list: list", lambda items: items[::-1]),
    row("index of", "list: list, match: any", _index_of),
    row_with_run("union", "*lists: lists", lambda run, lists: _distinct(run, _concatenate(lists))),
    row_with_run("distinct values", "list: list", _distinct),
    row_with_run("duplicate values", "list: list", _duplicates),
    row_with_run("flatten", "list: list", _flatten),
    row("product", "*list: numbers", _product),
    row("median", "*list: numbers", _median),
    row("stddev", "*list: numbers", _stddev),
    row("mode", "*list: numbers", _mode),
    row_with_run("sort", "list: list, precedes?: function", _sort),
    row("is empty", "list: true list", lambda items: not items),
    row("partition", "list: list, size: number", _partition),
)
