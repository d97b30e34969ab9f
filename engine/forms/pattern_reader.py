"""The only place that reads the regular expressions of forms: JavaScript's spelling in, a program for `patterns` out.

Follows ECMAScript's RegExp without flags, which is what form-js makes of `validate.pattern`. Back-references and look-behind are
refused: nothing else needs more than one look at each character.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from engine.forms import pattern_program as program
from engine.forms.pattern_program import MAX_PROGRAM, BrokenPattern, Char, Done, Edge, Emit, Fits, Program

MAX_SOURCE = 1_000
MAX_DEPTH = 40

SPACES = frozenset("\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B))))
WORD = frozenset(string.ascii_letters + string.digits + "_")
DIGITS = frozenset(string.digits)
LINE_ENDS = frozenset("\n\r\u2028\u2029")
CLASSES: dict[str, Fits] = {
    "d": lambda c: c in DIGITS,
    "D": lambda c: c not in DIGITS,
    "w": lambda c: c in WORD,
    "W": lambda c: c not in WORD,
    "s": lambda c: c in SPACES,
    "S": lambda c: c not in SPACES,
}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f", "0": "\0"}
COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def units(text: str) -> str:
    """The text as JavaScript sees it: one character for each 16-bit unit, so an emoji counts as two."""
    coded = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(coded[i] | coded[i + 1] << 8) for i in range(0, len(coded), 2))


def read(source: str) -> Program:
    """The program of a pattern. BrokenPattern says what is wrong and where."""
    if len(source) > MAX_SOURCE:
        raise BrokenPattern(f"It is longer than {MAX_SOURCE} characters.")
    reader = _Reader(units(source))
    emit = reader.choice(0)
    if reader.at < len(reader.text):
        raise BrokenPattern(f"There is a ) without its ( at character {reader.at + 1}.")
    written = Program()
    emit(written)
    written.add(Done())
    return written


@dataclass
class _Reader:
    text: str
    at: int = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str = "") -> bool:
        """Step over `wanted` if it stands here."""
        found = self.text.startswith(wanted, self.at)
        self.at += len(wanted) if found else 0
        return found

    def next(self, inside: str) -> str:
        if self.at >= len(self.text):
            raise BrokenPattern(f"It ends inside {inside}.")
        self.at += 1
        return self.text[self.at - 1]

    def choice(self, depth: int) -> Emit:
        if depth > MAX_DEPTH:
            raise BrokenPattern("Its brackets are nested too deep.")
        options = [self.sequence(depth)]
        while self.take("|"):
            options.append(self.sequence(depth))
        return program.choice(options)

    def sequence(self, depth: int) -> Emit:
        parts = []
        while self.peek() and self.peek() not in "|)":
            parts.append(self.repeated(depth))
        return program.sequence(parts)

    def repeated(self, depth: int) -> Emit:
        start = self.at
        part, repeatable = self.part(depth)
        counts = self.counts()
        if counts is None:
            return part
        if not repeatable:
            raise BrokenPattern(f"There is nothing to repeat at character {start + 1}.")
        return program.repeat(part, *counts)

    def counts(self) -> tuple[int, int | None] | None:
        """The quantifier that stands here, lazy or not: whether a text fits is the same."""
        counts = COUNTS[self.next("")] if self.peek() and self.peek() in COUNTS else self.braces()
        if counts is not None:
            self.take("?")
        return counts

    def braces(self) -> tuple[int, int | None] | None:
        end = self.text.find("}", self.at)
        least, comma, most = self.text[self.at + 1 : end].partition(",") if self.peek() == "{" and end > 0 else ("", "", "")
        if not _number(least) or not (most == "" or _number(most)):
            return None
        self.at = end + 1
        counts = int(least), (int(most) if most else None) if comma else int(least)
        if max(counts[0], counts[1] or 0) > MAX_PROGRAM or (counts[1] is not None and counts[1] < counts[0]):
            raise BrokenPattern(f"The numbers in {{{least}{comma}{most}}} are too large or in the wrong order.")
        return counts

    def part(self, depth: int) -> tuple[Emit, bool]:
        """What stands here, and whether it may be repeated."""
        if self.counts() is not None:
            raise BrokenPattern(f"There is nothing to repeat at character {self.at}.")
        c = self.next("")
        if c in "^$":
            return program.one(Edge(c)), False
        if c == "(":
            return self.group(depth)
        if c == "[":
            return program.one(Char(self.char_class())), True
        if c == "\\" and self.peek() in ("b", "B"):
            return program.one(Edge(self.next(""))), False
        return program.one(Char(self.escape() if c == "\\" else _not_a_line_end if c == "." else _only(c))), True

    def group(self, depth: int) -> tuple[Emit, bool]:
        if self.take("?<=") or self.take("?<!"):
            raise BrokenPattern("Look-behind, (?<= or (?<!, is not supported here: write the pattern without it.")
        look = next((mark for mark in ("?=", "?!") if self.take(mark)), None)
        if not look and not self.take("?:") and self.take("?<"):
            self.name()
        body = self.choice(depth + 1)
        if not self.take(")"):
            raise BrokenPattern("A ( has no ) after it.")
        return (program.look(body, look == "?="), True) if look else (body, True)

    def name(self) -> None:
        while self.next("a group's name") != ">":
            pass

    def escape(self) -> Fits:
        c = self.next("the \\")
        if c in CLASSES:
            return CLASSES[c]
        if c in "123456789":
            raise BrokenPattern(f"A back-reference, \\{c}, is not supported here: write the pattern without it.")
        return _only(self.character(c))

    def character(self, escaped: str) -> str:
        """The one character that an escape stands for."""
        if escaped in "xu":
            digits = self.text[self.at : self.at + (2 if escaped == "x" else 4)]
            if len(digits) == (2 if escaped == "x" else 4) and all(digit in string.hexdigits for digit in digits):
                self.at += len(digits)
                return chr(int(digits, 16))
        if escaped == "c" and self.peek().isascii() and self.peek().isalpha():
            return chr(ord(self.next("")) % 32)
        return CONTROLS.get(escaped, escaped)

    def char_class(self) -> Fits:
        negated = self.take("^")
        parts: list[Fits] = []
        while not self.take("]"):
            parts.append(self.class_part())
        return lambda c: any(part(c) for part in parts) != negated

    def class_part(self) -> Fits:
        first = self.class_character()
        if callable(first) or self.peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return first if callable(first) else _only(first)
        self.at += 1
        last = self.class_character()
        if callable(last):
            low = first
            return lambda c: c in (low, "-") or last(c)
        return _range(first, last)

    def class_character(self) -> str | Fits:
        c = self.next("the [ ]")
        if c != "\\":
            return c
        escaped = self.next("the [ ]")
        if escaped in CLASSES:
            return CLASSES[escaped]
        return "\b" if escaped == "b" else self.character(escaped)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


def _not_a_line_end(c: str) -> bool:
    return c not in LINE_ENDS


def _only(wanted: str) -> Fits:
    return lambda c: c == wanted


def _range(first: str, last: str) -> Fits:
    if first > last:
        raise BrokenPattern(f"The range {first}-{last} is in the wrong order.")
    return lambda c: first <= c <= last
