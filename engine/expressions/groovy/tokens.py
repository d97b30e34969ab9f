"""The only place that cuts Groovy text into tokens: names, numbers, texts (with the expressions inside "...${x}..."), signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import names

LONGEST = 200_000
SPACE = re.compile(r"(?:[ \t\f\r\ufeff\u00a0]|\\\r?\n|/\*.*?\*/|//[^\n]*)+", re.DOTALL)
TOKEN = re.compile(
    r"(?P<number>0[xX][0-9a-fA-F_]+[lLgGiI]?|(?:\d[\d_]*)(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[lLgGiIdDfF]?)"
    r"|(?P<name>[^\W\d][\w$]*|\$\w[\w$]*)"
    r"|(?P<quote>'''|\"\"\"|'|\")"
    r"|(?P<sign>\.\.<|<=>|==~|\*\*=|\?\.|\*\.|\.&|<<=|\?:|\.\.|->|==|!=|<=|&&|\|\||\+\+|--|\+=|-=|\*=|/=|%=|=~|<<|\*\*"
    r"|::|\.|[-+*/%=<>!~?:;,&|^(){}\[\]@])"
)
ESCAPE = re.compile(r"\\(?:u+([0-9a-fA-F]{4})|([0-7]{1,3})|(\r?\n)|(.))", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " "}
DOTTED = re.compile(r"\$([^\W\d]\w*(?:\.[^\W\d]\w*)*)")
VALUE_ENDS = frozenset({")", "]", "}"})
NOT_VALUES = names("return in case assert throw else as instanceof new")


@dataclass(frozen=True)
class Token:
    """`sort` is number, name, text, pattern, gstring, sign, line or end. `value`: the number, the text, or a GString's parts."""

    sort: str
    text: str
    position: int
    value: Any = None


def broken(message: str, source: str, position: int) -> ExpressionError:
    """The error for a place in the source."""
    line = source.count("\n", 0, position) + 1
    return ExpressionError(message, source, line, position - (source.rfind("\n", 0, position) + 1) + 1)


def tokens(source: str) -> list[Token]:
    """All tokens of a script, the last of sort `end`. ExpressionError when the text cannot be cut."""
    if len(source) > LONGEST:
        raise ExpressionError(f"A script may have at most {LONGEST} characters")
    cut = Cutter(source)
    cut.until_end(0, "")
    return cut.found


class Cutter:
    """Cuts a source; for a GString another one cuts the expression inside it, from the same source."""

    def __init__(self, source: str):
        self._source = source
        self.found: list[Token] = []

    def until_end(self, position: int, closing: str) -> int:
        """Cut from `position` on: to the end, or for closing "}" to the brace that was not opened here. Gives the place after it."""
        depth = 0
        while (position := self._skip(position)) < len(self._source):
            position = self._one(position)
            last = self.found[-1]
            depth += {"{": 1, "}": -1}.get(last.text, 0) if last.sort == "sign" else 0
            if closing and depth < 0:
                self.found[-1] = Token("end", "}", last.position)
                return position
        if closing:
            raise broken("The } of ${...} is missing", self._source, position)
        self.found.append(Token("end", "the end", position))
        return position

    def _skip(self, position: int) -> int:
        while found := SPACE.match(self._source, position):
            position = found.end()
        if self._source.startswith("/*", position):
            raise broken("The comment is not closed: */ is missing", self._source, position)
        return position

    def _one(self, position: int) -> int:
        if self._source[position] == "\n":
            self.found.append(Token("line", "the end of the line", position))
            return position + 1
        if self._source[position] == "/" and not self._after_value():
            return self._pattern(position)
        found = TOKEN.match(self._source, position)
        if not found:
            raise broken(f"'{self._source[position]}' cannot stand here", self._source, position)
        if found.lastgroup == "quote":
            return self._text(position, found[0])
        value = _number(found[0]) if found.lastgroup == "number" else None
        self.found.append(Token(str(found.lastgroup), found[0], position, value))
        return found.end()

    def _after_value(self) -> bool:
        """Whether a / here divides: it does after a value, else it opens a pattern."""
        last = self.found[-1] if self.found else None
        if last is None or last.sort == "line" or (last.sort == "name" and last.text in NOT_VALUES):
            return False
        return last.sort != "sign" or last.text in VALUE_ENDS

    def _pattern(self, position: int) -> int:
        found = re.compile(r"/((?:[^/\\\n]|\\.)+)/").match(self._source, position)
        if not found:
            raise broken("The pattern /.../ is not closed", self._source, position)
        self.found.append(Token("text", found[0], position, found[1].replace("\\/", "/")))
        return found.end()

    def _text(self, start: int, quote: str) -> int:
        parts: list[Any] = [""]
        position = start + len(quote)
        while not self._source.startswith(quote, position):
            position = self._piece(start, position, quote, parts)
        single = len(parts) == 1
        token = Token("text", quote, start, parts[0]) if single else Token("gstring", quote, start, tuple(parts))
        self.found.append(token)
        return position + len(quote)

    def _piece(self, start: int, position: int, quote: str, parts: list[Any]) -> int:
        """One character, escape or ${...} of a text; gives the place after it."""
        here = self._source[position : position + 1]
        if not here or (here == "\n" and len(quote) == 1):
            raise broken(f"The text that starts here is not closed: {quote} is missing", self._source, start)
        if here == "\\":
            return self._escape(position, parts)
        if here == "$" and quote[0] == '"':
            return self._inside(position, parts)
        parts[-1] += here
        return position + 1

    def _escape(self, position: int, parts: list[Any]) -> int:
        found = ESCAPE.match(self._source, position)
        if not found:
            raise broken("A \\ cannot stand at the end", self._source, position)
        code, octal, line, single = found.groups()
        if code or octal:
            parts[-1] += chr(int(code, 16) if code else int(octal, 8))
        elif not line:
            parts[-1] += ESCAPED.get(single, single)
        return found.end()

    def _inside(self, position: int, parts: list[Any]) -> int:
        """`${expression}` or `$name.property`: its tokens become a part of their own."""
        if self._source.startswith("${", position):
            inner = Cutter(self._source)
            end = inner.until_end(position + 2, "}")
            parts += [tuple(inner.found), ""]
            return end
        found = DOTTED.match(self._source, position)
        if not found:
            raise broken("A $ in a \"text\" needs a name or {...} after it; write \\$ for the sign itself", self._source, position)
        parts += [(*_path(found), Token("end", "the end", found.end())), ""]
        return found.end()


def _path(found: re.Match[str]) -> list[Token]:
    steps: list[Token] = []
    for step in re.finditer(r"\w+|\.", found[1]):
        steps.append(Token("sign" if step[0] == "." else "name", step[0], found.start(1) + step.start()))
    return steps


def _number(text: str) -> int | float | Decimal:
    """Whole numbers as int, 1.5 as Decimal, 1.5d and 1.5f as float."""
    digits = text.replace("_", "")
    if digits[:2].lower() == "0x":
        return int(digits.rstrip("lLgGiI"), 16)
    if digits[-1] in "dDfF":
        return float(digits[:-1])
    bare = digits.rstrip("lLgGiI")
    return int(bare) if bare.isdecimal() else Decimal(bare)
