"""The only place for what + - * / ** and negation do, by the kinds of both operands (DMN 1.5, 10.3.2.7).

Each table maps a pair of Python types to a function; a missing pair, None or one of `FAILURES` means null.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from engine.expressions.feel.durations import DAY, DaysTime, YearsMonths
from engine.expressions.feel.numbers import MATH, Number, plain, power, tidy

FAILURES = (DecimalException, ArithmeticError, ValueError, TypeError)
LONGEST_DURATION = 10**30
LONGEST_TEXT = 1_000_000

Operation = Callable[[Any, Any], Any]
Table = dict[tuple[type, type], Operation]


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month; raises ValueError outside the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"The year {year} is out of range")
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def _shift(moment: datetime, nanoseconds: int) -> datetime:
    """Exact time later; a moment with a zone keeps it."""
    step = timedelta(microseconds=nanoseconds // 1000)
    if moment.tzinfo is None:
        return moment + step
    return (moment.astimezone(UTC) + step).astimezone(moment.tzinfo)


def _shift_day(day: date, nanoseconds: int) -> date:
    return day + timedelta(days=nanoseconds // DAY)


def _shift_clock(clock: time, nanoseconds: int) -> time:
    moment = datetime.combine(date(2000, 1, 1), clock.replace(tzinfo=None)) + timedelta(microseconds=nanoseconds % DAY // 1000)
    return moment.time().replace(tzinfo=clock.tzinfo)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _moments_apart(left: datetime, right: datetime) -> DaysTime:
    if (left.tzinfo is None) is not (right.tzinfo is None):
        raise ValueError("one of the two has a time zone, the other has none")
    return DaysTime.of(left - right if left.tzinfo is None else left.astimezone(UTC) - right.astimezone(UTC))


def _clocks_apart(left: time, right: time) -> DaysTime:
    day = date(2000, 1, 1)
    return DaysTime.of(datetime.combine(day, left) - datetime.combine(day, right))


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


ADD: Table = {
    **_numbers(lambda a, b: plain(a + b), MATH.add),
    (str, str): _join,
    (YearsMonths, YearsMonths): lambda a, b: _months(a.months + b.months),
    (DaysTime, DaysTime): lambda a, b: _nanoseconds(a.nanoseconds + b.nanoseconds),
    **_both_ways(
        {
            (date, YearsMonths): lambda a, b: add_months(a, b.months),
            (datetime, YearsMonths): lambda a, b: add_months(a, b.months),
            (date, DaysTime): lambda a, b: _shift_day(a, b.nanoseconds),
            (datetime, DaysTime): lambda a, b: _shift(a, b.nanoseconds),
            (time, DaysTime): lambda a, b: _shift_clock(a, b.nanoseconds),
        }
    ),
}
SUBTRACT: Table = {
    **_numbers(lambda a, b: plain(a - b), MATH.subtract),
    (YearsMonths, YearsMonths): lambda a, b: _months(a.months - b.months),
    (DaysTime, DaysTime): lambda a, b: _nanoseconds(a.nanoseconds - b.nanoseconds),
    (date, YearsMonths): lambda a, b: add_months(a, -b.months),
    (datetime, YearsMonths): lambda a, b: add_months(a, -b.months),
    (date, DaysTime): lambda a, b: _shift_day(a, -b.nanoseconds),
    (datetime, DaysTime): lambda a, b: _shift(a, -b.nanoseconds),
    (time, DaysTime): lambda a, b: _shift_clock(a, -b.nanoseconds),
    (date, date): lambda a, b: DaysTime.of(a - b),
    (datetime, datetime): _moments_apart,
    (date, datetime): lambda a, b: _moments_apart(midnight(a), b),
    (datetime, date): lambda a, b: _moments_apart(a, midnight(b)),
    (time, time): _clocks_apart,
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
