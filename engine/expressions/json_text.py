"""The only place that reads and writes JSON for scripts, and finds values in it by a simple JSON path."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.text import moment_text


class JsonError(ExpressionError):
    """A JSON value was asked for something that it is not or does not have, or the text is not JSON."""


def parsed(text: str, decimal: type[float | Decimal] = float) -> Any:
    """The raw value of a JSON text. JsonError says where it is broken."""
    try:
        return json.loads(text, parse_float=decimal, parse_constant=_not_json)
    except ValueError as broken:
        raise JsonError(f"This is not JSON: {broken}") from broken
    except RecursionError as deep:
        raise JsonError("This JSON is nested too deeply") from deep


def _not_json(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON value")


def written(data: Any) -> str:
    """Compact JSON of a raw value; decimals keep their digits."""
    for types, write in _WRITTEN:
        if isinstance(data, types):
            return write(data)
    raise JsonError(f"{type(data).__name__} cannot be written as JSON")


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise JsonError(f"{value} cannot be written as JSON")
    return str(value)


_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, encode_basestring),
    (type(None), lambda value: "null"),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    ((float, Decimal), _number),
    (dict, lambda value: "{" + ",".join(f"{encode_basestring(key)}:{written(item)}" for key, item in value.items()) + "}"),
    ((list, tuple), lambda value: "[" + ",".join(map(written, value)) + "]"),
    ((datetime, date, time), lambda value: encode_basestring(moment_text(value))),
)


STEP = re.compile(r"\.(?P<name>[^.\[\]*()@?]+)|\['(?P<quoted>[^']*)'\]|\[(?P<index>\d+)\]|(?P<all>\[\*\]|\.\*)")


def select(data: Any, path: str) -> list[Any]:
    """The raw values that a simple path finds: names, indexes and [*]. JsonError names what it does not know."""
    found, position = [data], 1
    if not path.startswith("$"):
        raise JsonError(f"A JSON path starts with $: {path}")
    while position < len(path):
        step = STEP.match(path, position)
        if not step:
            raise JsonError(f"The JSON path {path} is not understood from '{path[position:]}' on: only names, [number] and [*] are")
        found = [part for value in found for part in _step(value, step)]
        position = step.end()
    return found


def _step(value: Any, step: re.Match[str]) -> list[Any]:
    if step["all"]:
        return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []
    if step["index"]:
        return value[int(step["index"]) :][:1] if isinstance(value, list) else []
    name = step["name"] or step["quoted"]
    return [value[name]] if isinstance(value, dict) and name in value else []
