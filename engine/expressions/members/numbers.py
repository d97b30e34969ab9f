"""The only place for the methods of numbers and booleans."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.limits import MAX_ITEMS, LimitReached, whole, within
from engine.expressions.members.items import Function, Table
from engine.expressions.operators import EXACT, divide, minus, negative, plus, power, remainder, times
from engine.expressions.values import order

ROUNDINGS = {
    "UP": ROUND_UP, "DOWN": ROUND_DOWN, "CEILING": ROUND_CEILING, "FLOOR": ROUND_FLOOR,
    "HALF_UP": ROUND_HALF_UP, "HALF_DOWN": ROUND_HALF_DOWN, "HALF_EVEN": ROUND_HALF_EVEN,
}  # fmt: skip
BY_NUMBER = ("UP", "DOWN", "CEILING", "FLOOR", "HALF_UP", "HALF_DOWN", "HALF_EVEN")
DIGITS = 1_000
Number = int | float | Decimal
QUIET = EXACT.copy()
QUIET.clear_traps()


def decimal(value: Number) -> Decimal:
    """The number as a decimal; a double by the digits that it shows."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def set_scale(value: Number, digits: int, mode: Any = None) -> Decimal:
    """Round to so many digits. Without a mode a digit that is not zero may not be lost."""
    within(abs(digits), DIGITS, "{} digits are too many")
    name = BY_NUMBER[mode] if isinstance(mode, int) else str(mode or "")
    done = decimal(value).quantize(Decimal(1).scaleb(-digits), ROUNDINGS.get(name, ROUND_DOWN), QUIET)
    if mode is None and done != value:
        raise ExpressionError(f"setScale({digits}) would lose digits of {value}: name a rounding mode, such as RoundingMode.HALF_UP")
    return done


def rounded(value: Number, digits: int | None = None) -> Any:
    """Half up, as Groovy's round(); whole without digits."""
    if digits is None:
        return whole((decimal(value) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
    done = set_scale(value, digits, "HALF_UP")
    return float(done) if isinstance(value, float) else done


def multiplied_out(value: Number) -> str:
    """toPlainString: without an exponent."""
    within(abs(decimal(value).adjusted()), DIGITS, "{} digits are too many")
    return format(decimal(value), "f")


def repeat(value: int, closure: Function) -> None:
    """3.times { ... } with 0, 1, 2."""
    for index in range(value):
        closure(index)


def up_to(value: int, end: int, closure: Function) -> None:
    for number in range(value, end + 1):
        closure(number)


def down_to(value: int, end: int, closure: Function) -> None:
    for number in range(value, end - 1, -1):
        closure(number)


def step(value: Any, end: Any, by: Any, closure: Function) -> None:
    if not by:
        raise LimitReached("step: a step of 0 does not come to an end")
    for _ in range(MAX_ITEMS * 10):
        if order(value, end) * (1 if by > 0 else -1) >= 0:
            return
        closure(value)
        value = plus(value, by)


def _decimal_division(value: Number, other: Number, digits: Any = None, mode: Any = None) -> Any:
    """divide(other), divide(other, mode), divide(other, digits, mode)."""
    exact = divide(value, other)
    if digits is None:
        return exact
    if mode is None:
        return set_scale(exact, max(0, -int(decimal(value).as_tuple().exponent)), digits)
    return set_scale(exact, digits, mode)


def _rounder(mode: str) -> Callable[[Number], Any]:
    return lambda value: value if isinstance(value, int) else float(set_scale(value, 0, mode))


NUMBERS: Table = {
    "intValue": whole,
    "longValue": whole,
    "toInteger": whole,
    "toLong": whole,
    "toBigInteger": whole,
    "intValueExact": whole,
    "doubleValue": float,
    "floatValue": float,
    "toDouble": float,
    "toFloat": float,
    "toBigDecimal": decimal,
    "abs": abs,
    "negate": negative,
    "plus": plus,
    "add": plus,
    "minus": minus,
    "subtract": minus,
    "multiply": times,
    "div": divide,
    "divide": _decimal_division,
    "intdiv": lambda value, other: whole(divide(value, other)),
    "mod": remainder,
    "remainder": remainder,
    "power": power,
    "pow": power,
    "max": lambda value, other: value if order(value, other) >= 0 else other,
    "min": lambda value, other: value if order(value, other) <= 0 else other,
    "setScale": set_scale,
    "round": rounded,
    "trunc": _rounder("DOWN"),
    "floor": _rounder("FLOOR"),
    "ceil": _rounder("CEILING"),
    "scale": lambda value: -int(decimal(value).as_tuple().exponent),
    "signum": lambda value: order(value, 0),
    "stripTrailingZeros": lambda value: decimal(value).normalize(EXACT),
    "toPlainString": multiplied_out,
    "isNaN": lambda value: value != value,
    "isInfinite": lambda value: abs(value) == float("inf"),
    "next": lambda value: plus(value, 1),
    "previous": lambda value: minus(value, 1),
    "times": repeat,
    "upto": up_to,
    "downto": down_to,
    "step": step,
}

BOOLEANS: Table = {
    "booleanValue": bool,
    "and": lambda value, other: value and bool(other),
    "or": lambda value, other: value or bool(other),
}
