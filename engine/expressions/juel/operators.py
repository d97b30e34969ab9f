"""The only place for the operators of JUEL and for how EL 2.2 turns values into numbers, texts and booleans for them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, DecimalException, InvalidOperation
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import FAILURES
from engine.expressions.limits import whole
from engine.expressions.operators import EXACT
from engine.expressions.text import java_text
from engine.expressions.values import is_number, kind, order, same

Number = int | float | Decimal


def to_text(value: Any) -> str:
    """null is "", all else what toString() gives."""
    return "" if value is None else java_text(value)


def to_boolean(value: Any) -> bool:
    """null and "" are false, texts are true when they say "true"; a number is an error."""
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, str):
        return (value or "").lower() == "true"
    raise _unfit(value, "a boolean")


def to_whole(value: Any) -> int:
    return whole(_number(value, int))


def to_double(value: Any) -> float:
    return float(_number(value, float))


def to_decimal(value: Any) -> Decimal:
    number = _number(value, Decimal)
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _number(value: Any, sort: Callable[[str], Number]) -> Number:
    """null and "" are 0; texts must show a number of that sort."""
    if is_number(value):
        number: Number = value
        return number
    if value is None or value == "":
        return 0
    if isinstance(value, str):
        try:
            return sort(value)
        except (ValueError, InvalidOperation):
            raise ExpressionError(f"'{value}' is not a number") from None
    raise _unfit(value, "a number")


def _unfit(value: Any, wanted: str) -> ExpressionError:
    return ExpressionError(f"A {kind(value)} is not {wanted}")


def _shows_fraction(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, str) and any(mark in value for mark in ".eE"))


def _sort(left: Any, right: Any) -> Callable[[Any], Any]:
    """Which kind of number both sides become."""
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return to_decimal
    return to_double if _shows_fraction(left) or _shows_fraction(right) else to_whole


def _arithmetic(sign: str, apply: Callable[[Any, Any], Any], exact: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def applied(left: Any, right: Any) -> Any:
        if left is None and right is None:
            return 0
        into = _sort(left, right)
        above, below = into(left), into(right)
        return _attempt(sign, exact if into is to_decimal else apply, above, below)

    return applied


def _attempt(sign: str, apply: Callable[[Any, Any], Any], left: Number, right: Number) -> Any:
    try:
        return apply(left, right)
    except FAILURES as failure:
        sort = "too large" if isinstance(failure, OverflowError | DecimalException) else "not possible"
        raise ExpressionError(f"{java_text(left)} {sign} {java_text(right)} is {sort}") from failure


def divide(left: Any, right: Any) -> Any:
    """A double; 5/0 is Infinity. Decimals keep the digits of the left side, rounded half up."""
    if left is None and right is None:
        return 0
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return _attempt("/", _decimal_division, to_decimal(left), to_decimal(right))
    above, below = to_double(left), to_double(right)
    if below:
        return above / below
    return math.nan if not above or math.isnan(above) else math.copysign(math.inf, above) * math.copysign(1, below)


def _decimal_division(left: Decimal, right: Decimal) -> Decimal:
    places = Decimal(1).scaleb(min(int(left.as_tuple().exponent), 0))
    longer = EXACT.copy()
    longer.clear_traps()
    if not right:
        raise ZeroDivisionError("division by zero")
    return longer.divide(left, right).quantize(places, ROUND_HALF_UP, longer)


def remainder(left: Any, right: Any) -> Any:
    if left is None and right is None:
        return 0
    if any(isinstance(side, Decimal) or _shows_fraction(side) for side in (left, right)):
        above, below = to_double(left), to_double(right)
        return math.fmod(above, below) if below and not math.isinf(above) else math.nan
    return _attempt("%", lambda above, below: int(math.copysign(1, above)) * (abs(above) % abs(below)), to_whole(left), to_whole(right))


def negative(value: Any) -> Any:
    if value is None:
        return 0
    return -_sort(value, value)(value)


def equal(left: Any, right: Any) -> bool:
    """== with the coercions of EL: numbers, then booleans, then texts, else by value."""
    if left is None or right is None:
        return left is None and right is None
    if is_number(left) or is_number(right):
        into = _sort(left, right)
        return bool(into(left) == into(right))
    for types, coerced in ((bool, to_boolean), (str, to_text)):
        if isinstance(left, types) or isinstance(right, types):
            return bool(coerced(left) == coerced(right))
    return same(left, right)


def _compare(test: Callable[[int], bool], when_same: bool) -> Callable[[Any, Any], bool]:
    def compared(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return left is None and right is None and when_same
        return test(_order(left, right))

    return compared


def _order(left: Any, right: Any) -> int:
    if is_number(left) or is_number(right):
        into = _sort(left, right)
        return order(into(left), into(right))
    if isinstance(left, str) or isinstance(right, str):
        return order(to_text(left), to_text(right))
    return order(left, right)


def empty(value: Any) -> bool:
    """null, "" and an empty list or map."""
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


UNARY: dict[str, Callable[[Any], Any]] = {"-": negative, "!": lambda value: not to_boolean(value), "empty": empty}

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": _arithmetic("+", operator.add, EXACT.add),
    "-": _arithmetic("-", operator.sub, EXACT.subtract),
    "*": _arithmetic("*", operator.mul, EXACT.multiply),
    "/": divide,
    "%": remainder,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _compare(lambda result: result < 0, False),
    ">": _compare(lambda result: result > 0, False),
    "<=": _compare(lambda result: result <= 0, True),
    ">=": _compare(lambda result: result >= 0, True),
}
