"""The only place for what + - * / ** and negation do, by the kinds of both operands (DMN 1.5, 10.3.2.7).

Each table maps a pair of Python types to a function; a missing pair, None or one of `FAILURES` means null.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, time
from decimal import Decimal, DecimalException
from typing import Any

from engine.expressions.feel import far
from engine.expressions.feel.durations import DAY, DaysTime, YearsMonths
from engine.expressions.feel.far import CLOCKS, DAYS, MOMENTS, Day, Moment
from engine.expressions.feel.numbers import MATH, Number, plain, power, tidy

FAILURES = (DecimalException, ArithmeticError, ValueError, TypeError)
LONGEST_DURATION = 10**30
LONGEST_TEXT = 1_000_000

Operation = Callable[[Any, Any], Any]
Table = dict[tuple[type, type], Operation]


def _add_months(moment: Moment, months: int) -> Moment:
    return far.join(far.add_months(far.day_of(moment), months), far.clock_of(moment))


def _shift(moment: Moment, nanoseconds: int) -> Moment:
    """Exact time later; a moment with a zone keeps it."""
    return far.moment_at(far.place(moment) + nanoseconds, moment.tzinfo)


def _shift_day(day: Day, nanoseconds: int) -> Day:
    return far.day_numbered(far.number_of(day) + nanoseconds // DAY)


def _shift_clock(clock: time, nanoseconds: int) -> time:
    return far.make_clock((far.nanoseconds_of(clock) + nanoseconds) % DAY, clock.tzinfo)


def _midnight(day: Day) -> Moment:
    return far.join(day, time(tzinfo=UTC))


def _moments_apart(left: Moment, right: Moment) -> DaysTime:
    return DaysTime(far.apart(left, right))


def _clocks_apart(left: time, right: time) -> DaysTime:
    day = date(2000, 1, 1)
    return _moments_apart(far.join(day, left), far.join(day, right))


def _days_apart(left: Day, right: Day) -> DaysTime:
    return DaysTime((far.number_of(left) - far.number_of(right)) * DAY)


def _months(count: Any) -> YearsMonths:
    return YearsMonths(_bounded(count))


def _nanoseconds(count: Any) -> DaysTime:
    return DaysTime(_bounded(count))


def _bounded(count: Number) -> int:
    if not -LONGEST_DURATION < count < LONGEST_DURATION:
        raise ValueError("The duration is too long")
    return int(count)


def _join(left: str, right: str) -> str:
    if len(left) + len(right) > LONGEST_TEXT:
        raise ValueError(f"The text is longer than {LONGEST_TEXT} characters")
    return left + right


def _divide(left: Number, right: Number) -> Number:
    return tidy(MATH.divide(Decimal(left), Decimal(right)))


def _exactly(number: Number) -> Decimal:
    return Decimal(number)


def _both_ways(rows: dict[tuple[type, type], Operation]) -> Table:
    return rows | {(right, left): (lambda a, b, operation=operation: operation(b, a)) for (left, right), operation in rows.items()}


def _numbers(whole: Operation, exact: Callable[[Decimal, Decimal], Decimal]) -> Table:
    """The same operation for each pair of int and Decimal."""

    def mixed(left: Number, right: Number) -> Decimal:
        return exact(Decimal(left), Decimal(right))

    return {(int, int): whole, (int, Decimal): mixed, (Decimal, int): mixed, (Decimal, Decimal): exact}


def _scaled(operation: Callable[[Decimal, Decimal], Decimal]) -> dict[tuple[type, type], Operation]:
    """A duration by a number; years and months stay whole."""
    rows: dict[tuple[type, type], Operation] = {}
    for number in (int, Decimal):
        rows[YearsMonths, number] = lambda a, b: _months(operation(_exactly(a.months), _exactly(b)))
        rows[DaysTime, number] = lambda a, b: _nanoseconds(operation(_exactly(a.nanoseconds), _exactly(b)))
    return rows


def _each(lefts: tuple[type, ...], rights: tuple[type, ...], operation: Operation) -> Table:
    """The same operation for every pair of these types."""
    return {(left, right): operation for left in lefts for right in rights}


def _shifts(sign: int) -> Table:
    """What a duration later (1) or earlier (-1) gives."""
    return {
        **_each(DAYS, (YearsMonths,), lambda a, b: far.add_months(a, sign * b.months)),
        **_each(MOMENTS, (YearsMonths,), lambda a, b: _add_months(a, sign * b.months)),
        **_each(DAYS, (DaysTime,), lambda a, b: _shift_day(a, sign * b.nanoseconds)),
        **_each(MOMENTS, (DaysTime,), lambda a, b: _shift(a, sign * b.nanoseconds)),
        **_each(CLOCKS, (DaysTime,), lambda a, b: _shift_clock(a, sign * b.nanoseconds)),
    }


ADD: Table = {
    **_numbers(lambda a, b: plain(a + b), MATH.add),
    (str, str): _join,
    (YearsMonths, YearsMonths): lambda a, b: _months(a.months + b.months),
    (DaysTime, DaysTime): lambda a, b: _nanoseconds(a.nanoseconds + b.nanoseconds),
    **_both_ways(_shifts(1)),
}
SUBTRACT: Table = {
    **_numbers(lambda a, b: plain(a - b), MATH.subtract),
    (YearsMonths, YearsMonths): lambda a, b: _months(a.months - b.months),
    (DaysTime, DaysTime): lambda a, b: _nanoseconds(a.nanoseconds - b.nanoseconds),
    **_shifts(-1),
    **_each(DAYS, DAYS, _days_apart),
    **_each(MOMENTS, MOMENTS, _moments_apart),
    **_each(DAYS, MOMENTS, lambda a, b: _moments_apart(_midnight(a), b)),
    **_each(MOMENTS, DAYS, lambda a, b: _moments_apart(a, _midnight(b))),
    **_each(CLOCKS, CLOCKS, _clocks_apart),
}
MULTIPLY: Table = {
    **_numbers(lambda a, b: plain(a * b), MATH.multiply),
    **_both_ways(_scaled(MATH.multiply)),
}
DIVIDE: Table = {
    **dict.fromkeys(((int, int), (int, Decimal), (Decimal, int), (Decimal, Decimal)), _divide),
    **_scaled(MATH.divide),
    (YearsMonths, YearsMonths): lambda a, b: _divide(a.months, b.months),
    (DaysTime, DaysTime): lambda a, b: _divide(a.nanoseconds, b.nanoseconds),
}
POWER: Table = dict.fromkeys(((int, int), (int, Decimal), (Decimal, int), (Decimal, Decimal)), power)

OPERATIONS: dict[str, Table] = {"+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE, "**": POWER}

NEGATE: dict[type, Callable[[Any], Any]] = {
    int: lambda a: -a,
    Decimal: MATH.minus,
    YearsMonths: lambda a: YearsMonths(-a.months),
    DaysTime: lambda a: DaysTime(-a.nanoseconds),
}
