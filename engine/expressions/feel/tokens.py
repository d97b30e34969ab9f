"""The only place that cuts FEEL text into tokens and knows which characters a name may hold (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from engine.expressions import ExpressionError
from engine.expressions.feel.numbers import literal

_CONTROL = ("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "and", "or")
KEYWORDS = frozenset((*_CONTROL, "instance", "function", "external", "true", "false", "null"))
LONGEST_SOURCE = 100_000
WIDEST_NAME = 9

_WIDE = "?$\u2190-\u2bff\U00010000-\U000effff"
_TOKEN = re.compile(
    rf"""
    (?P<space>(?:\s|//[^\n]*|/\*.*?\*/)+)
  | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>(?:[^\W\d]|[{_WIDE}])(?:\w|[{_WIDE}\u00b7\u200c\u200d\ufe0f])*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<quoted>`[^`]*`)
  | (?P<op>\*\*|\.\.|->|<=|>=|!=|/(?!\*)|[-+*=<>()\[\]{{}},.:@'])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{5,6})|(.))", re.DOTALL
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_JOINTS = frozenset("+-*/'")


class Token(NamedTuple):
    """`kind` is "number", "string", "name", "quoted" (a back-ticked name), "end", or the operator or keyword itself."""

    kind: str
    text: str
    at: int
    value: Any = None


@dataclass(frozen=True)
class Source:
    """An expression's text, for messages with a position."""

    text: str

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        before = self.text[:at]
        return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1

    def spot(self, at: int) -> Spot:
        return Spot(self, at)

    def error(self, message: str, at: int) -> ExpressionError:
        line, column = self.place(at)
        return ExpressionError(message, self.text or " ", line, column)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a source that a message names; str() gives it in words."""

    source: Source
    at: int

    def error(self, message: str) -> ExpressionError:
        return self.source.error(message, self.at)

    def __str__(self) -> str:
        line, column = self.source.place(self.at)
        return f"line {line}, column {column}"


def tokens(source: Source) -> list[Token]:
    """The tokens of a source, closed by one of kind "end"; raises ExpressionError for a character that FEEL does not know."""
    text = source.text
    if len(text) > LONGEST_SOURCE:
        raise source.error(f"The expression is longer than {LONGEST_SOURCE} characters", 0)
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise source.error(_complaint(text, at), at)
        if match.lastgroup != "space":
            found.append(_token(source, str(match.lastgroup), match.group(), at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _complaint(text: str, at: int) -> str:
    unfinished = {'"': "This string has no closing quote", "`": "This name has no closing back-tick", "/": "This comment has no end"}
    return unfinished.get(text[at], f"'{text[at]}' means nothing in FEEL here")


def _token(source: Source, kind: str, text: str, at: int) -> Token:
    if kind == "number":
        return Token(kind, text, at, _number(source, text, at))
    if kind == "string":
        return Token(kind, text, at, unescape(text[1:-1]))
    if kind == "quoted":
        return Token(kind, text[1:-1], at)
    if kind == "name":
        return Token(text if text in KEYWORDS else "name", text, at)
    return Token(text, text, at)


def _number(source: Source, text: str, at: int) -> int | Decimal:
    number = literal(text)
    if number is None:
        raise source.error(f"{text} is too large a number", at)
    return number


def unescape(text: str) -> str:
    r"""The characters that a string literal's inside stands for; an unknown escape such as \d stays as it is."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    high, low, four, six, simple = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if four or six:
        code = int(four or six, 16)
        return chr(code) if code < 0x110000 else match.group()
    return _SIMPLE.get(simple, match.group())


def is_word(token: Token) -> bool:
    return token.kind == "name" or token.kind in KEYWORDS


def unusual_names(source: Source, found: list[Token]) -> dict[str, list[tuple[int, int]]]:
    """Every text that could be one name if the context has it: `a-b`, `Date and Place`, or words with several blanks between.

    Maps the name to the spans of tokens [first, after the last) where it stands.
    """
    names: dict[str, list[tuple[int, int]]] = {}
    for start, token in enumerate(found):
        if token.kind == "name":
            for stop in _ends(found, start):
                for name in _spellings(source, found, start, stop):
                    names.setdefault(name, []).append((start, stop))
    return names


def _ends(found: list[Token], start: int) -> list[int]:
    ends: list[int] = []
    jointed = False
    for index in range(start + 1, min(start + WIDEST_NAME, len(found))):
        token = found[index]
        joint = token.kind in _JOINTS or token.kind in KEYWORDS
        if not joint and token.kind not in ("name", "number"):
            break
        jointed = jointed or joint or _gap(found[index - 1], token) > 1
        if jointed and token.kind not in _JOINTS:
            ends.append(index + 1)
    return ends


def _gap(before: Token, token: Token) -> int:
    return token.at - before.at - len(before.text)


def _spellings(source: Source, found: list[Token], start: int, stop: int) -> set[str]:
    last = found[stop - 1]
    written = source.text[found[start].at : last.at + len(last.text)]
    return {written, " ".join(written.split()), spelled(found[start:stop])}


def spelled(parts: list[Token]) -> str:
    """A name in its normal form: one blank between words, none around other characters."""
    text = ""
    for token in parts:
        word = token.kind not in _JOINTS
        text += (" " if text and word and text[-1] not in _JOINTS else "") + token.text
    return text
