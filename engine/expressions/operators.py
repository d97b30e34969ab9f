"""The only place for Groovy's arithmetic: decimals are exact, whole numbers divide to decimals, + - * << also know texts and lists."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Any

from engine.expressions import ExpressionError, exposed
from engine.expressions.exposed import FAILURES, Exposed
from engine.expressions.limits import MAX_BITS, MAX_ITEMS, MAX_TEXT, within
from engine.expressions.text import groovy_text
from engine.expressions.values import Distinct, identity, is_number, kind

EXACT = Context(prec=3_000, Emax=100_000, Emin=-100_000, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
ROUNDED = Context(prec=60, traps=[InvalidOperation, DivisionByZero, Overflow])
EXTRA_DIGITS = 10
Number = int | float | Decimal


def plus(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _exact(operator.add, left, right)
    for types, joined in _PLUS:
        if isinstance(left, types):
            return joined(left, right)
    if isinstance(right, str):
        return groovy_text(left) + right
    raise unfit("+", left, right)


def _list_plus(left: list[Any], right: Any) -> list[Any]:
    more = list(right) if isinstance(right, list | tuple | range) else [right]
    return Distinct([*left, *more]) if isinstance(left, Distinct) else [*left, *more]


def _map_plus(left: dict[Any, Any], right: Any) -> dict[Any, Any]:
    if not isinstance(right, dict):
        raise unfit("+", left, right)
    return {**left, **right}


def _date_plus(left: date, right: Any) -> date:
    if isinstance(right, bool) or not isinstance(right, int | timedelta):
        raise unfit("+", left, right)
    return left + (right if isinstance(right, timedelta) else timedelta(days=right))


_PLUS: tuple[tuple[type | tuple[type, ...], Callable[[Any, Any], Any]], ...] = (
    (str, lambda left, right: left + groovy_text(right)),
    ((list, range), lambda left, right: _list_plus(left if isinstance(left, list) else list(left), right)),
    (dict, _map_plus),
    ((date, timedelta), _date_plus),
)


def minus(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _exact(operator.sub, left, right)
    for types, taken in _MINUS:
        if isinstance(left, types):
            return taken(left, right)
    raise unfit("-", left, right)


def _list_minus(left: list[Any], right: Any) -> list[Any]:
    gone = {identity(item) for item in (right if isinstance(right, list | range) else [right])}
    return type(left)(item for item in left if identity(item) not in gone)


def _map_minus(left: dict[Any, Any], right: Any) -> dict[Any, Any]:
    if not isinstance(right, dict):
        raise unfit("-", left, right)
    return {key: item for key, item in left.items() if identity([key, item]) not in {identity(list(pair)) for pair in right.items()}}


def _date_minus(left: Any, right: Any) -> Any:
    if isinstance(right, date):
        return (left - right).days
    return _date_plus(left, -right if isinstance(right, int | timedelta) else right)


_MINUS: tuple[tuple[type | tuple[type, ...], Callable[[Any, Any], Any]], ...] = (
    (str, lambda left, right: left.replace(groovy_text(right), "", 1)),
    (list, _list_minus),
    (range, lambda left, right: _list_minus(list(left), right)),
    (dict, _map_minus),
    ((date, timedelta), _date_minus),
)


def times(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _exact(operator.mul, left, right)
    if isinstance(left, str | list) and isinstance(right, int) and not isinstance(right, bool) and right >= 0:
        within(len(left) * right, MAX_TEXT if isinstance(left, str) else MAX_ITEMS, "A value would be too large: {}")
        return left * right
    raise unfit("*", left, right)


def divide(left: Any, right: Any) -> Any:
    """Decimal unless one side is a double. As Groovy: exact when it can be, else ten digits more than the longer side has."""
    _both("/", left, right)
    if isinstance(left, float) or isinstance(right, float):
        return _double_division(float(left), float(right))
    above, below = Decimal(left), Decimal(right)
    if not below:
        raise ExpressionError("Division by zero")
    try:
        return EXACT.divide(above, below)
    except Inexact:
        return _long_division(above, below)


def _long_division(above: Decimal, below: Decimal) -> Decimal:
    digits = max(len(above.as_tuple().digits), len(below.as_tuple().digits)) + EXTRA_DIGITS
    result = Context(prec=digits, rounding=ROUND_HALF_UP).divide(above, below)
    scale = max(_scale(above), _scale(below), EXTRA_DIGITS)
    return result if _scale(result) <= scale else result.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=digits + scale))


def _scale(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _double_division(left: float, right: float) -> float:
    if right:
        return left / right
    return float("nan") if not left or left != left else left * float("inf")


def remainder(left: Any, right: Any) -> Any:
    """As in Java the result has the sign of the left side."""
    _both("%", left, right)
    if not right:
        raise ExpressionError("Division by zero")
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return _exact(math.fmod, left, right)


def power(left: Any, right: Any) -> Any:
    _both("**", left, right)
    if isinstance(right, int) and right >= 0 and not isinstance(left, float):
        digits = left.bit_length() if isinstance(left, int) else 4 * len(left.as_tuple().digits) + abs(_scale(left))
        within(digits * right, MAX_BITS, "A number would be too large: {} bits")
        return left**right if isinstance(left, int) else EXACT.power(left, right)
    return _attempt("**", lambda: float(left) ** float(right), left, right)


def _exact(apply: Callable[[Any, Any], Any], left: Number, right: Number) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return _attempt(_SIGNS[apply], lambda: apply(float(left), float(right)), left, right)
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return _attempt(_SIGNS[apply], lambda: _DECIMAL[apply](Decimal(left), Decimal(right)), left, right)
    return apply(left, right)


_DECIMAL: dict[Any, Callable[[Decimal, Decimal], Decimal]] = {
    operator.add: EXACT.add,
    operator.sub: EXACT.subtract,
    operator.mul: EXACT.multiply,
    math.fmod: EXACT.remainder,
}


_SIGNS: dict[Any, str] = {operator.add: "+", operator.sub: "-", operator.mul: "*", math.fmod: "%"}


def _attempt(sign: str, apply: Callable[[], Any], left: Any, right: Any) -> Any:
    try:
        result = apply()
    except FAILURES as failure:
        sort = "too large" if isinstance(failure, OverflowError | DecimalException) else "not possible"
        raise ExpressionError(f"{groovy_text(left)} {sign} {groovy_text(right)} is {sort}") from failure
    if isinstance(result, complex):
        raise ExpressionError(f"{groovy_text(left)} {sign} {groovy_text(right)} is not a real number")
    return result


def negative(value: Any) -> Any:
    if isinstance(value, timedelta) or is_number(value):
        return -value if not isinstance(value, Decimal) else value.copy_negate()
    raise ExpressionError(f"- needs a number, and this is a {kind(value)}")


def positive(value: Any) -> Any:
    if is_number(value):
        return value
    raise ExpressionError(f"+ needs a number, and this is a {kind(value)}")


def inverted(value: Any) -> int:
    """~number: all bits the other way round."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"~ needs a whole number or a pattern, and this is a {kind(value)}")
    return ~value


def shift_left(left: Any, right: Any) -> Any:
    """list << item adds to the list itself; text << other joins; numbers shift their bits."""
    if isinstance(left, Distinct):
        left.take_in([right])
        return left
    if isinstance(left, list):
        left.append(right)
        return left
    if isinstance(left, dict):
        left.update(right if isinstance(right, dict) else {right.key: right.value})
        return left
    if isinstance(left, str):
        return left + groovy_text(right)
    if isinstance(left, Exposed) and "leftShift" in left.exposed:
        return exposed.call(left, "leftShift", [right])
    _whole_numbers("<<", left, right)
    within(left.bit_length() + right, MAX_BITS, "A number would be too large: {} bits")
    return left << right


def bits(sign: str, apply: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    """The operator `sign` on whole numbers or booleans."""

    def applied(left: Any, right: Any) -> Any:
        _whole_numbers(sign, left, right)
        return apply(left, right)

    return applied


def _whole_numbers(sign: str, left: Any, right: Any) -> None:
    if not isinstance(left, int) or not isinstance(right, int) or (sign in ("<<", ">>") and right < 0):
        raise unfit(sign, left, right)


def _both(sign: str, left: Any, right: Any) -> None:
    if not is_number(left) or not is_number(right):
        raise unfit(sign, left, right)


def unfit(sign: str, left: Any, right: Any) -> ExpressionError:
    """The error for an operator between kinds that it does not know."""
    return ExpressionError(f"'{sign}' is not possible between a {kind(left)} and a {kind(right)}")
