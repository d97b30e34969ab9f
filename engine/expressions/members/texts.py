"""The only place for the methods of texts."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.formats import formatted
from engine.expressions.limits import MAX_TEXT, within
from engine.expressions.members.items import Function, Table, joined
from engine.expressions.members.walks import WALKS
from engine.expressions.operators import minus, plus, times
from engine.expressions.patterns import JAVA, compiled
from engine.expressions.text import groovy_text
from engine.expressions.values import truth


def substring(value: str, start: int, end: int | None = None) -> str:
    end = len(value) if end is None else end
    if not 0 <= start <= end <= len(value):
        raise ExpressionError(f"substring({start}, {end}) is outside the text: it has {len(value)} characters")
    return value[start:end]


def char_at(value: str, index: int) -> str:
    return substring(value, index, index + 1)


def split(value: str, pattern: str | None = None, limit: int = 0) -> list[str]:
    """split(pattern), or Groovy's split() at white space."""
    return value.split() if pattern is None else compiled(pattern, JAVA).split(value, limit)


def tokenize(value: str, marks: str = " \t\n\r\f") -> list[str]:
    """Split at any of the characters in `marks`; nothing empty is kept."""
    spaced = value
    for mark in marks:
        spaced = spaced.replace(mark, marks[0])
    return [part for part in spaced.split(marks[0]) if part]


def whole_number(value: str) -> int:
    """toInteger(), parseInt: digits with a sign, nothing else."""
    if not value.strip().lstrip("+-").isdecimal():
        raise ExpressionError(f"'{value}' is not a whole number")
    return int(value)


def decimal(value: str) -> Decimal:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        raise ExpressionError(f"'{value}' is not a number") from None
    if not number.is_finite():
        raise ExpressionError(f"'{value}' is not a number")
    return number


def double(value: str) -> float:
    return float(decimal(value))


def is_number(value: str) -> bool:
    try:
        decimal(value)
    except ExpressionError:
        return False
    return True


def is_whole(value: str) -> bool:
    return value.strip().lstrip("+-").isdecimal()


def padded(value: str, width: int, fill: str, left: bool) -> str:
    lack = within(width, MAX_TEXT, "A text would be too long: {} characters") - len(value)
    filling = (fill * lack)[: max(lack, 0)]
    return filling + value if left else value + filling


def repeat(value: str, number: int) -> str:
    return str(times(value, number))


def find(value: str, pattern: Any) -> Any:
    """With a pattern its first match or null; with a closure the first character that it is true for."""
    if callable(pattern):
        return WALKS["find"](value, pattern)
    found = compiled(pattern, JAVA).search(value)
    return found[0] if found else None


def find_all(value: str, pattern: Any) -> list[Any]:
    if callable(pattern):
        return [character for character in value if truth(pattern(character))]
    return [found[0] for found in compiled(pattern, JAVA).all(value)]


def replace_all(value: str, pattern: str, replacement: Any) -> str:
    """With a text in which $1 stands for a group, or with a closure that is given the match."""
    put = (lambda found: groovy_text(replacement(found[0]))) if callable(replacement) else replacement
    return compiled(pattern, JAVA).replace(value, put)


def decode_base64(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as broken:
        raise ExpressionError(f"This is not Base64: {broken}") from broken


def lines(value: str) -> list[str]:
    return value.splitlines()


def each_line(value: str, closure: Function) -> Any:
    result = None
    for line in lines(value):
        result = closure(line)
    return result


def compare_ignoring_case(value: str, other: str) -> int:
    return (value.lower() > other.lower()) - (value.lower() < other.lower())


def strip_indent(value: str) -> str:
    rows = value.split("\n")
    margin = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
    return "\n".join(row[margin:] for row in rows)


_KEPT = ("each", "eachWithIndex", "collect", "any", "every", "toList", "toSet", "inject", "findIndexOf", "collectMany")

TEXTS: Table = {
    **{name: WALKS[name] for name in _KEPT},
    "length": len,
    "size": len,
    "isEmpty": lambda value: not value,
    "isBlank": lambda value: not value.strip(),
    "isAllWhitespace": lambda value: not value.strip(),
    "contains": lambda value, other: other in value,
    "startsWith": lambda value, start, offset=0: value.startswith(start, offset),
    "endsWith": lambda value, end: value.endswith(end),
    "indexOf": lambda value, wanted, start=0: value.find(wanted, max(start, 0)),
    "lastIndexOf": lambda value, wanted: value.rfind(wanted),
    "charAt": char_at,
    "getAt": lambda value, index: value[index],
    "substring": substring,
    "subSequence": substring,
    "take": lambda value, number: value[: max(number, 0)],
    "drop": lambda value, number: value[max(number, 0) :],
    "toUpperCase": str.upper,
    "toLowerCase": str.lower,
    "capitalize": lambda value: value[:1].upper() + value[1:],
    "uncapitalize": lambda value: value[:1].lower() + value[1:],
    "trim": str.strip,
    "strip": str.strip,
    "stripLeading": str.lstrip,
    "stripTrailing": str.rstrip,
    "stripIndent": strip_indent,
    "reverse": lambda value: value[::-1],
    "concat": lambda value, other: value + other,
    "plus": plus,
    "minus": minus,
    "multiply": repeat,
    "repeat": repeat,
    "replace": lambda value, old, new: value.replace(old, new),
    "replaceAll": replace_all,
    "replaceFirst": lambda value, pattern, new: compiled(pattern, JAVA).replace(value, new, 1),
    "matches": lambda value, pattern: compiled(pattern, JAVA).fullmatch(value) is not None,
    "find": find,
    "findAll": find_all,
    "split": split,
    "tokenize": tokenize,
    "count": lambda value, part: value.count(part),
    "join": lambda value, between="": joined(value, between),
    "padLeft": lambda value, width, fill=" ": padded(value, width, fill, True),
    "padRight": lambda value, width, fill=" ": padded(value, width, fill, False),
    "center": lambda value, width, fill=" ": padded(padded(value, len(value) + (width - len(value)) // 2, fill, True), width, fill, False),
    "equalsIgnoreCase": lambda value, other: other is not None and value.lower() == other.lower(),
    "compareToIgnoreCase": compare_ignoring_case,
    "toInteger": whole_number,
    "toLong": whole_number,
    "toBigInteger": whole_number,
    "toBigDecimal": decimal,
    "toDouble": double,
    "toFloat": double,
    "toBoolean": lambda value: value.strip().lower() in ("true", "y", "1"),
    "isNumber": is_number,
    "isBigDecimal": is_number,
    "isDouble": is_number,
    "isInteger": is_whole,
    "isLong": is_whole,
    "format": lambda value, *args: formatted(value, args),
    "formatted": lambda value, *args: formatted(value, args),
    "readLines": lines,
    "lines": lines,
    "eachLine": each_line,
    "toCharArray": list,
    "chars": list,
    "getBytes": lambda value, charset="UTF-8": value.encode(str(charset)),
    "decodeBase64": decode_base64,
    "intern": str,
}

BYTES: Table = {
    "length": len,
    "size": len,
    "encodeBase64": lambda value: base64.b64encode(value).decode("ascii"),
}
