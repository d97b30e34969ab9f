"""The only place for FEEL's numbers: 34 decimal digits (IEEE 754 decimal128), whole ones kept as int for speed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

Number = int | Decimal

MATH = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow])
LARGEST_INT = 10**34
_DIGITS = re.compile(r"\d+\Z")


def tidy(number: Decimal) -> Number:
    """The same number, as int when it is whole and was not written with decimals."""
    if number.as_tuple().exponent == 0:
        return int(number)
    if number == number.to_integral_value() and abs(number) < LARGEST_INT:
        return int(number)
    return number


def plain(number: int) -> Number:
    """An int, rounded to 34 digits when it has more of them."""
    return number if -LARGEST_INT < number < LARGEST_INT else MATH.create_decimal(number)


def literal(text: str) -> Number | None:
    """The number that a text spells in FEEL's or JSON's form, None when it is out of range or no number."""
    if len(text) < 35 and _DIGITS.match(text):
        return int(text)
    try:
        number = MATH.create_decimal(text)
    except DecimalException:
        return None
    return number if number.is_finite() else None


def power(number: Number, exponent: Number) -> Number:
    """Raises decimal's exceptions out of range."""
    return tidy(MATH.power(Decimal(number), Decimal(exponent)))


def written(number: Number) -> str:
    """The number in digits without an exponent, as string() gives it."""
    if isinstance(number, int):
        return str(number)
    return format(number, "f") if -6200 < number.adjusted() < 6200 else str(number)
