"""The only place that writes FEEL values as text, as string() does (DMN 1.5, table 75)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions.feel import temporal
from engine.expressions.feel.durations import DaysTime, YearsMonths
from engine.expressions.feel.far import CLOCKS, DAYS, MOMENTS
from engine.expressions.feel.numbers import written as number_text
from engine.expressions.feel.values import Comparison, Range, adopt

DEEPEST = 100


def text_of(value: Any) -> str:
    """The value as string() gives it: a string stays itself."""
    return value if type(value) is str else shown(value)


def shown(value: Any, depth: int = 0) -> str:
    """The value as FEEL would write it: a string in quotes. Raises ValueError when it is nested too deep."""
    if depth > DEEPEST:
        raise ValueError(f"The value is nested more than {DEEPEST} levels deep")
    value = adopt(value)
    write = _WRITERS.get(type(value))
    return write(value, depth + 1) if write else str(value)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(value: list[Any], depth: int) -> str:
    return "[" + ", ".join(shown(item, depth) for item in value) + "]"


def _context(value: dict[str, Any], depth: int) -> str:
    return "{" + ", ".join(f"{_key(str(key))}: {shown(item, depth)}" for key, item in value.items()) + "}"


def _key(key: str) -> str:
    return key if key and all(word.isidentifier() for word in key.split(" ")) else quoted(key)


def _range(value: Range, depth: int) -> str:
    opening, closing = "[" if value.low_included else "(", "]" if value.high_included else ")"
    return f"{opening}{shown(value.low, depth)}..{shown(value.high, depth)}{closing}"


_WRITERS: dict[type, Callable[[Any, int], str]] = {
    type(None): lambda value, depth: "null",
    bool: lambda value, depth: "true" if value else "false",
    int: lambda value, depth: number_text(value),
    Decimal: lambda value, depth: number_text(value),
    str: lambda value, depth: quoted(value),
    **dict.fromkeys((*DAYS, *MOMENTS, *CLOCKS), lambda value, depth: temporal.written(value)),
    YearsMonths: lambda value, depth: str(value),
    DaysTime: lambda value, depth: str(value),
    list: _list,
    dict: _context,
    Range: _range,
    Comparison: lambda value, depth: f"{value.operator} {shown(value.value, depth)}",
}
