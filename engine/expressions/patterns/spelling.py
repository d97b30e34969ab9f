"""The only place that rewrites a pattern of a language for the library `regex`. Only what the language knows gets through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import regex

from engine.expressions import ExpressionError
from engine.expressions.patterns.flavours import PROPERTIES, Flavour

MAX_PATTERN = 2_000
MAX_REPEATS = 100_000
MAX_SIZE = 5_000
MAX_DEPTH = 50

_CODE = re.compile(r"x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,5})\}|u([0-9a-fA-F]{4})")
_CONTROL = re.compile(r"c([A-Za-z])")
_BACK = re.compile(r"([1-9])|k<(\w+)>", re.ASCII)
_PROPERTY = re.compile(r"([pP])(?:\{([\w-]+)\}|([A-Z]))", re.ASCII)
_COUNT = re.compile(r"[*+?]|\{(\d+)(?:(,)(\d*))?\}", re.ASCII)
_INLINE = re.compile(r"(?:\(\?[a-zA-Z]+\))+")
_LATER = re.compile(r"\?-?i\)")
_BLANKS = re.compile(r"\\\s*(.)|(\[(?:\\.|[^\]\\])*\])|\s+", re.DOTALL)


class BrokenPattern(ExpressionError):
    """The pattern is broken. `position` is the character of the pattern where it is, counted from 1."""

    position = 0

    def placed(self, source: str, line: int, column: int) -> Self:
        found = super().placed(source, line, column)
        found.position = self.position
        return found


@dataclass(frozen=True)
class Spelling:
    """A pattern as the library reads it, its flags, and `parts`: how many brackets, repeats and members of [ ] it has."""

    written: str
    text: str
    flags: int
    parts: int
    starts: tuple[tuple[int, int], ...]

    @property
    def shown(self) -> str:
        return shortened(self.written)

    def broken(self, reason: str, at: int) -> BrokenPattern:
        """The library's complaint about a place of its text, told of the pattern as it was written."""
        return broken(self.written, reason, max((start for ours, start in self.starts if ours <= at), default=0))


def broken(pattern: str, reason: str, at: int) -> BrokenPattern:
    error = BrokenPattern(f"The pattern {shortened(pattern)} is broken at character {at + 1}: {reason}")
    error.position = at + 1
    return error


def shortened(pattern: str) -> str:
    return pattern if len(pattern) <= 100 else pattern[:100] + "…"


def spelled(pattern: str, flavour: Flavour, flags: str) -> Spelling:
    """The pattern for the library. BrokenPattern says what is wrong, and where."""
    if len(pattern) > MAX_PATTERN:
        raise broken(pattern, f"it is longer than {MAX_PATTERN} characters", MAX_PATTERN)
    inline = _INLINE.match(pattern) if flavour.flags and "q" not in flags else None
    flags += "".join(filter(str.isalpha, inline[0])) if inline else ""
    try:
        bits = flavour.bits(flags)
    except KeyError as unknown:
        raise broken(pattern, f"there is no flag {unknown}", 0) from None
    if "q" in flags:
        return Spelling(pattern, regex.escape(pattern), bits, 1, ((0, 0),))
    return _Writer(pattern, flavour, bits, inline.end() if inline else 0, "x" in flags).spelling()


class _Writer:
    """One pass over a pattern. `sizes` grows with each open bracket; `last` is the size of the part that a repeat would repeat."""

    def __init__(self, pattern: str, flavour: Flavour, bits: int, at: int, without_blanks: bool):
        self.pattern = _BLANKS.sub(_kept, pattern) if without_blanks else pattern
        self.flavour = flavour
        self.bits = bits
        self.at = at
        self.sizes = [0]
        self.last = 0
        self.parts = 1

    def spelling(self) -> Spelling:
        text, starts = "(?-f)", []
        while self.at < len(self.pattern):
            starts.append((len(text), self.at))
            text += self.part()
        if len(self.sizes) > 1:
            raise self.broken("a ( has no ) after it", len(self.pattern) - 1)
        return Spelling(self.pattern, text, self.bits, self.parts, tuple(starts))

    def broken(self, reason: str, at: int | None = None) -> BrokenPattern:
        return broken(self.pattern, reason, max(self.at - 1, 0) if at is None else at)

    def take(self, inside: str = "it") -> str:
        if self.at >= len(self.pattern):
            raise self.broken(f"{inside} ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def taken(self, form: re.Pattern[str]) -> re.Match[str] | None:
        """What has this form here, stepped over; None when nothing has."""
        found = form.match(self.pattern, self.at)
        self.at = found.end() if found else self.at
        return found

    def part(self) -> str:
        """The next sign with all that belongs to it."""
        text, size = _PARTS.get(self.pattern[self.at], _Writer.literal)(self)
        self.last = size
        self.sizes[-1] += size
        if sum(self.sizes) > MAX_SIZE:
            raise self.broken("it repeats too much: use smaller numbers in { }")
        return text

    def literal(self) -> tuple[str, int]:
        return regex.escape(self.take()), 1

    def edge(self) -> tuple[str, int]:
        at_end = self.take() == "$"
        return self.flavour.end if at_end and not self.bits & regex.MULTILINE else "$" if at_end else "^", 0

    def dot(self) -> tuple[str, int]:
        self.at += 1
        return "." if self.bits & regex.DOTALL else self.flavour.dot, 1

    def either(self) -> tuple[str, int]:
        return self.take(), 0

    def group(self) -> tuple[str, int]:
        self.at += 1
        if self.flavour.flags and (switch := self.taken(_LATER)):
            return f"({switch[0]}", 0
        kind = self.taken(self.flavour.opening)
        if not kind and self.pattern.startswith("?", self.at):
            raise self.broken("this kind of group is not known here")
        self.sizes.append(0)
        self.parts += 1
        if len(self.sizes) > MAX_DEPTH:
            raise self.broken("its brackets are nested too deep")
        return f"({kind[0] if kind else ''}", 0

    def closing(self) -> tuple[str, int]:
        self.at += 1
        if len(self.sizes) == 1:
            raise self.broken("a ) has no ( before it")
        return ")", max(self.sizes.pop(), 1)

    def repeat(self) -> tuple[str, int]:
        count = self.taken(_COUNT)
        if not count:
            if self.flavour.forgiving:
                return self.literal()
            raise self.broken("a { has no number after it: write \\{ for the sign itself", self.at)
        if not self.last:
            raise self.broken("there is nothing to repeat", count.start())
        least = int(count[1] or 0)
        if max(least, int(count[3] or 0)) > MAX_REPEATS or (count[3] and int(count[3]) < least):
            raise self.broken(f"the numbers in {count[0]} are too large or in the wrong order")
        self.parts += 1
        self.sizes[-1] += self.last * max(least - 1, 0)
        greed = self.pattern[self.at : self.at + 1]
        return count[0] + (self.take() if greed and greed in self.flavour.greed else ""), 0

    def escape(self) -> tuple[str, int]:
        start = self.at
        self.at += 1
        if not self.flavour.forgiving and self.pattern.startswith("Q", self.at):
            return self.quoted(), 1
        if back := self.taken(_BACK):
            return self.flavour.back.format(back[1] or back[2]), 1
        if place := self.flavour.places.get(self.pattern[self.at : self.at + 1]):
            self.at += 1
            return place, 1
        self.at = start
        return self.member()[0], 1

    def quoted(self) -> str:
        text, _, _ = self.pattern[self.at + 1 :].partition("\\E")
        self.at = min(self.at + 1 + len(text) + len("\\E"), len(self.pattern))
        return regex.escape(text)

    def member(self, inside: str = "it") -> tuple[str, str]:
        """A character or a kind of characters, outside or inside of [ ]: how it is written, and the character if it is one."""
        char = self.take(inside)
        if char == "\\":
            if kind := self.kind():
                return kind, ""
            char = self.character()
        return regex.escape(char), char

    def kind(self) -> str:
        """What an escape such as \\d or \\p{L} stands for; "" when it is none."""
        if kind := self.flavour.kinds.get(self.pattern[self.at : self.at + 1]):
            self.at += 1
            return kind
        found = None if self.flavour.forgiving else self.taken(_PROPERTY)
        if not found:
            return ""
        text = property_set(found[2] or found[3])
        if not text:
            raise self.broken(f"\\{found[0]} names no kind of characters")
        return f"[^{text}]" if found[1] == "P" else text

    def character(self) -> str:
        """The one character that an escape stands for."""
        if code := self.taken(_CODE):
            return chr(int(code[1] or code[2] or code[3], 16))
        if "c" not in self.flavour.kinds and (control := self.taken(_CONTROL)):
            return chr(ord(control[1]) % 32)
        char = self.take("the \\")
        if char in self.flavour.controls:
            return self.flavour.controls[char]
        if char.isascii() and char.isalnum() and not self.flavour.forgiving:
            raise self.broken(f"\\{char} means nothing here")
        return char

    def char_class(self) -> tuple[str, int]:
        text = self.char_set(len(self.sizes))
        if text in ("[]", "[^]"):  # JavaScript's nothing, and anything
            return "(?!)" if text == "[]" else "(?s:.)", 1
        return text, 1

    def char_set(self, depth: int) -> str:
        """A [ ] with those inside it."""
        if depth > MAX_DEPTH:
            raise self.broken("its brackets are nested too deep")
        self.at += 1
        text = f"[{self.take()}" if self.pattern.startswith("^", self.at) else "["
        first = self.at
        while not self.pattern.startswith("]", self.at) or (self.at == first and not self.flavour.forgiving):
            operator = self.taken(self.flavour.operators)
            if operator:
                text = f"[{text}]--" if operator[0] == "-" else f"{text}&&"
            else:
                text += self.range(depth)
        self.at += 1
        return text + "]"

    def range(self, depth: int) -> str:
        """One member of a [ ]: a character, a range, a kind, or another [ ]."""
        self.parts += 1
        nests = not self.flavour.forgiving
        if nests and self.pattern.startswith("[", self.at):
            return self.char_set(depth + 1)
        low, first = self.member("the [ ]")
        if not self.pattern.startswith("-", self.at) or self.pattern[self.at + 1 : self.at + 2] in ("]", "[" if nests else "]"):
            return low
        self.at += 1
        high, last = self.member("the [ ]")
        if first and last and first > last:
            raise self.broken(f"the range {first}-{last} is in the wrong order")
        return f"{low}-{high}" if first and last else rf"{low}\-{high}"


_PARTS: dict[str, Callable[[_Writer], tuple[str, int]]] = {
    "^": _Writer.edge,
    "$": _Writer.edge,
    ".": _Writer.dot,
    "|": _Writer.either,
    "(": _Writer.group,
    ")": _Writer.closing,
    "[": _Writer.char_class,
    "\\": _Writer.escape,
    **dict.fromkeys("*+?{", _Writer.repeat),
}


def _kept(found: re.Match[str]) -> str:
    """What is left of blanks, of an escape with blanks, and of a [ ], under XPath's flag x."""
    if found[2]:
        return found[2]
    return "\\" + found[1] if found[1] else ""


@lru_cache(maxsize=256)
def property_set(name: str) -> str:
    """What \\p{name} is for the library, also where Java and XPath write Is or nothing before it; "" when there is no such property."""
    bare = name.removeprefix("Is")
    known = next((each for each in (name, bare, f"In{bare}") if _is_known(each)), "")
    return PROPERTIES.get(name) or (known and rf"\p{{{known}}}")


def _is_known(name: str) -> bool:
    try:
        regex.compile(rf"\p{{{name}}}")
    except regex.error:
        return False
    return True
