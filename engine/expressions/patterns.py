"""The only place for regular expressions in scripts: Java's spelling in, refused when they could run without end."""

from __future__ import annotations

import functools
import re
import unicodedata

from engine.expressions import ExpressionError
from engine.expressions.limits import LimitReached
from engine.expressions.pattern_cost import cost

WORK = 300_000_000
NAMED = {
    "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z", "Space": r"\s", "Blank": r" \t",
    "Punct": r"!-/:-@\[-`{-~", "XDigit": "0-9a-fA-F",
}  # fmt: skip
CATEGORIES = {"IsAlphabetic": "L", "IsLetter": "L", "IsDigit": "Nd", "IsUppercase": "Lu", "IsLowercase": "Ll", "IsPunctuation": "P"}
CLASS = re.compile(r"\\([pP])(?:\{(\w+)\}|([A-Z]))")
SET_OR_CLASS = re.compile(r"\[(?:\\.|[^\]\\])+\]|\\[pP](?:\{\w+\}|[A-Z])|\\.", re.DOTALL)
NOT = "\\P"
GROUP = re.compile(r"\\(.)|\$(\d)|\$\{(\w+)\}")


def compiled(pattern: str, subject: str) -> re.Pattern[str]:
    """The pattern, ready for a search in `subject`. ExpressionError when it is broken or could take too long on it."""
    ready, loops, ways = _compiled(pattern)
    if ways * len(subject) ** loops > WORK:
        raise LimitReached(f"A text of {len(subject)} characters is too long for the pattern {pattern}")
    return ready


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], int, int]:
    try:
        written = SET_OR_CLASS.sub(_in_python, pattern)
        return re.compile(written, re.ASCII), *cost(written)
    except (re.error, OverflowError, RecursionError) as broken:
        raise ExpressionError(f"The pattern {pattern} is broken: {broken}") from broken


def _in_python(found: re.Match[str]) -> str:
    """Java's \\p{L} as a set, or as a part of the set that it stands in."""
    if found[0].startswith("["):
        if NOT in found[0]:
            raise re.error("\\P inside [ ] is not supported")
        return CLASS.sub(_characters, found[0])
    return f"[{'^' * found[0].startswith(NOT)}{CLASS.sub(_characters, found[0])}]" if CLASS.match(found[0]) else found[0]


def _characters(found: re.Match[str]) -> str:
    name = found[2] or found[3]
    return NAMED.get(name) or _ranges(CATEGORIES.get(name, name))


@functools.lru_cache(maxsize=16)
def _ranges(category: str) -> str:
    """The characters of a Unicode category, such as L or Lu, written as they stand inside [ ]."""
    codes = [code for code in range(0xFFFF) if unicodedata.category(chr(code)).startswith(category)]
    if not codes:
        raise re.error(f"there are no characters of the kind {category}")
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in _spans(codes))


def _spans(codes: list[int]) -> list[tuple[int, int]]:
    spans = [(codes[0], codes[0])]
    for code in codes[1:]:
        first, last = spans[-1]
        if code == last + 1:
            spans[-1] = (first, code)
        else:
            spans.append((code, code))
    return spans


def matches(subject: str, pattern: str) -> bool:
    """Whether the pattern fits the whole text."""
    return compiled(pattern, subject).fullmatch(subject) is not None


def replace(subject: str, pattern: str, replacement: str, count: int = 0) -> str:
    """Java's replaceAll (count 0) or replaceFirst (count 1): $1 and ${name} stand for groups."""
    return compiled(pattern, subject).sub(lambda found: GROUP.sub(lambda mark: _put(found, mark), replacement), subject, count=count)


def _put(found: re.Match[str], mark: re.Match[str]) -> str:
    if mark[1]:
        return mark[1]
    return found[int(mark[2]) if mark[2] else mark[3]] or ""


def split(subject: str, pattern: str, limit: int = 0) -> list[str]:
    """Java's split: at limit 0 the empty texts at the end are dropped."""
    parts: list[str] = []
    start = 0
    for found in compiled(pattern, subject).finditer(subject):
        if 0 < limit <= len(parts) + 1:
            break
        if found.end() > 0 and found.start() < len(subject) + (found.end() > found.start()):
            parts.append(subject[start : found.start()])
            start = found.end()
    parts.append(subject[start:])
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def find_all(subject: str, pattern: str) -> list[re.Match[str]]:
    """Every place where the pattern fits, from left to right."""
    return list(compiled(pattern, subject).finditer(subject))
