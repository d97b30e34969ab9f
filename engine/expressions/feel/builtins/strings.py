"""The only place for FEEL's string functions (DMN 1.5, 10.3.4.3)."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

from engine.expressions.feel import regexes
from engine.expressions.feel.numbers import Number
from engine.expressions.feel.signature import row, row_with_run


def _substring(text: str, start: Number, length: Number | None = None) -> str | None:
    first = int(start)
    if not first:
        return None
    begin = first - 1 if first > 0 else max(len(text) + first, 0)
    return text[begin:] if length is None else text[begin : begin + max(int(length), 0)]


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


def _join(parts: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None) -> str:
    joined = (delimiter or "").join(part for part in parts if part is not None)
    return f"{prefix or ''}{joined}{suffix or ''}"


ROWS = (
    row("substring", "string: string, start position: number, length?: number", _substring),
    row("string length", "string: string", len),
    row("upper case", "string: string", str.upper),
    row("lower case", "string: string", str.lower),
    row("substring before", "string: string, match: string", _before),
    row("substring after", "string: string, match: string", _after),
    row_with_run("replace", "input: string, pattern: string, replacement: string, flags?: string|null", regexes.replace),
    row("contains", "string: string, match: string", lambda text, match: match in text),
    row("starts with", "string: string, match: string", str.startswith),
    row("ends with", "string: string, match: string", str.endswith),
    row_with_run("matches", "input: string, pattern: string, flags?: string|null", regexes.matches),
    row_with_run("split", "string: string, delimiter: string", regexes.split),
    row("string join", "list: strings, delimiter?: string|null", _join),
    row("string join", "list: strings, delimiter: string|null, prefix: string|null, suffix: string|null", _join),
    row_with_run("extract", "string: string, pattern: string", regexes.extract),
    row("trim", "string: string", str.strip),
    row("uuid", "", lambda: str(uuid4())),
    row("to base64", "value: string", lambda text: base64.b64encode(text.encode()).decode()),
    row("is blank", "string: string", lambda text: not text.strip()),
)
