"""The only place for FEEL's numeric functions (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any

from engine.expressions.feel.durations import DaysTime, Duration, YearsMonths
from engine.expressions.feel.numbers import MATH, Number, tidy
from engine.expressions.feel.signature import row

_WAYS = (ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN)
_MODES = {way.removeprefix("ROUND_"): way for way in _WAYS}
SMALLEST_SCALE, LARGEST_SCALE = -6111, 6176
_ROOMY = Context(prec=6200, Emin=-6143, Emax=6144)


def _rounding(mode: str) -> Callable[..., Number]:
    """Rounds to a number of decimals, 0 when none is given."""

    def rounded(number: Number, scale: Number = 0) -> Number:
        places = int(scale)
        if not SMALLEST_SCALE <= places <= LARGEST_SCALE:
            raise ValueError(f"the scale must be from {SMALLEST_SCALE} to {LARGEST_SCALE}")
        value = Decimal(number)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent <= places:
            return number
        return tidy(value.quantize(Decimal((0, (1,), -places)), rounding=mode, context=_ROOMY))

    return rounded


def _rounded_by(number: Number, scale: Number, mode: str) -> Number:
    """Rounds in a way called as Java calls it: half_up, CEILING, …"""
    way = _MODES.get(mode.upper())
    if way is None:
        raise ValueError(f"the mode must be one of {', '.join(_MODES)}")
    return _rounding(way)(number, scale)


def _modulo(dividend: Number, divisor: Number) -> Number:
    """The remainder with the divisor's sign; raises ZeroDivisionError."""
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    rest = MATH.remainder(Decimal(dividend), Decimal(divisor))
    return tidy(MATH.add(rest, Decimal(divisor)) if rest and (rest < 0) != (divisor < 0) else rest)


def _abs(number: Number) -> Number:
    return abs(number) if isinstance(number, int) else MATH.abs(number)


def _abs_duration(duration: Duration) -> Duration:
    return YearsMonths(abs(duration.months)) if isinstance(duration, YearsMonths) else DaysTime(abs(duration.nanoseconds))


def _of_decimal(function: Callable[[Any], Decimal]) -> Callable[[Number], Number | None]:
    def calculate(number: Number) -> Number | None:
        found = function(Decimal(number))
        return tidy(found) if found.is_finite() else None

    return calculate


def _parity(remainder: int) -> Callable[[Number], bool]:
    return lambda number: number % 2 == remainder


ROWS = (
    row("decimal", "n: number, scale: number", _rounding(ROUND_HALF_EVEN)),
    row("decimal", "n: number, scale: number, mode: string", _rounded_by),
    row("floor", "n: number, scale?: number", _rounding(ROUND_FLOOR)),
    row("ceiling", "n: number, scale?: number", _rounding(ROUND_CEILING)),
    row("round up", "n: number, scale?: number", _rounding(ROUND_UP)),
    row("round down", "n: number, scale?: number", _rounding(ROUND_DOWN)),
    row("round half up", "n: number, scale?: number", _rounding(ROUND_HALF_UP)),
    row("round half down", "n: number, scale?: number", _rounding(ROUND_HALF_DOWN)),
    row("abs", "n: number", _abs),
    row("abs", "n: duration", _abs_duration),
    row("modulo", "dividend: number, divisor: number", _modulo),
    row("sqrt", "number: number", _of_decimal(MATH.sqrt)),
    row("log", "number: number", _of_decimal(MATH.ln)),
    row("exp", "number: number", _of_decimal(MATH.exp)),
    row("odd", "number: number", _parity(1)),
    row("even", "number: number", _parity(0)),
    row("random number", "", lambda: Decimal(repr(random.random()))),
)
