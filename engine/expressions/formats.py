"""The only place for Java's String.format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.limits import whole, within
from engine.expressions.text import java_text
from engine.expressions.values import is_number

PLACE = re.compile(r"%(?:(\d+)\$)?([-+ 0,]*)(\d*)(?:\.(\d+))?([a-zA-Z%])")
WIDEST = 10_000
WIDE = Context(prec=3_000)


def formatted(pattern: str, args: Sequence[Any]) -> str:
    """The pattern with %s, %d, %.2f, %x, %e, %b, %c, %n and %% filled in. ExpressionError when an argument is missing or does not fit."""
    rest = iter(args)

    def fill(place: re.Match[str]) -> str:
        if place[5] in "n%":
            return "\n" if place[5] == "n" else "%"
        try:
            value = args[int(place[1]) - 1] if place[1] else next(rest)
        except (StopIteration, IndexError):
            raise ExpressionError(f"format: there is no argument for {place[0]}") from None
        return _padded(_written(value, place), place)

    return PLACE.sub(fill, pattern)


def _padded(text: str, place: re.Match[str]) -> str:
    width = within(int(place[3] or 0), WIDEST, "format: the width {} is too large")
    if "-" in place[2]:
        return text.ljust(width)
    return text.zfill(width) if "0" in place[2] and place[5] in "dfxX" else text.rjust(width)


def _written(value: Any, place: re.Match[str]) -> str:
    sort = place[5]
    if sort in "sScb":
        text = java_text(value if sort != "b" else value not in (None, False))
        text = text[: int(place[4])] if place[4] else text
        return text.upper() if sort == "S" else text
    if value is None:
        return "null"
    if sort not in "dfxXe" or not is_number(value) or (sort in "dxX" and not isinstance(value, int)):
        raise ExpressionError(f"format: {place[0]} cannot show {java_text(value)}")
    return _number(value, place)


def _number(value: float | Decimal, place: re.Match[str]) -> str:
    sign = "+" if "+" in place[2] else " " if " " in place[2] else ""
    grouping = "," if "," in place[2] else ""
    if place[5] in "dxX":
        return format(whole(value), f"{sign}{grouping}{place[5]}")
    digits = within(int(place[4] or 6), 1_000, "format: {} digits are too many")
    if place[5] == "e":
        return format(float(value), f"{sign}.{digits}e")
    exact = value if isinstance(value, Decimal) else Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return format(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, WIDE), f"{sign}{grouping}f")
