"""The only place that reads XPath's regular expressions (XQuery and XPath Functions 3.1, 5.6), with Java's look-aheads and (?:…).

The leaves are kept in Python's spelling and stand for one character, or for a place such as ^.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.expressions.feel.regex_classes import CLASSES, escaped, property_text

FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.NOFLAG}
MOST_REPEATS = 1000
DEEPEST = 50
LONGEST = 2000

_BLANKS = re.compile(r"\\\s*(.)|(\[(?:\\.|[^\]\\])*\])|\s+", re.DOTALL)
_COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{0,4}))?\}")
_PROPERTY = re.compile(r"([pP])\{\^?([\w-]+)\}")
_INLINE = re.compile(r"\(\?([smix]+)\)")


class PatternError(ValueError):
    """This is no regular expression."""


@dataclass(frozen=True)
class Node:
    pass


@dataclass(frozen=True)
class Leaf(Node):
    text: str


@dataclass(frozen=True)
class Back(Node):
    group: int


@dataclass(frozen=True)
class Sequence(Node):
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice(Node):
    options: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat(Node):
    body: Node
    least: int
    most: int | None
    lazy: bool

    @property
    def fixed(self) -> bool:
        return self.least == self.most


@dataclass(frozen=True)
class Group(Node):
    body: Node
    number: int


@dataclass(frozen=True)
class Look(Node):
    body: Node
    wanted: bool


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern, Python's flags for its leaves, and how many groups it has."""

    root: Node
    flags: re.RegexFlag
    groups: int


def parse(pattern: str, flags: str) -> Pattern:
    """The tree of a pattern; raises PatternError."""
    if len(pattern) > LONGEST:
        raise PatternError(f"the pattern is longer than {LONGEST} characters")
    while inline := _INLINE.match(pattern):
        flags, pattern = flags + inline[1], pattern[inline.end() :]
    bits = re.NOFLAG
    for flag in flags:
        if flag not in FLAGS:
            raise PatternError(f"there is no flag '{flag}'")
        bits |= FLAGS[flag]
    if "x" in flags:
        pattern = _BLANKS.sub(_without_blanks, pattern)
    reader = _Reader(pattern, bits)
    root = reader.choice()
    if reader.rest:
        raise PatternError(f"'{reader.rest[0]}' has no partner")
    return Pattern(root, bits, reader.groups)


def _without_blanks(found: re.Match[str]) -> str:
    if found[2]:
        return found[2]
    return "\\" + found[1] if found[1] else ""


class _Reader:
    def __init__(self, pattern: str, flags: re.RegexFlag):
        self.pattern = pattern
        self.flags = flags
        self.at = 0
        self.depth = 0
        self.groups = 0
        self.closed: set[int] = set()

    @property
    def rest(self) -> str:
        return self.pattern[self.at :]

    @property
    def next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def accept(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def take(self) -> str:
        if self.at >= len(self.pattern):
            raise PatternError("the pattern ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise PatternError("the pattern is nested too deep")
        options = [self.sequence()]
        while self.accept("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.next and self.next not in "|)":
            parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, node: Node) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return node
        lazy = self.accept("?")
        if self.next in ("*", "+", "{"):
            raise PatternError(f"'{self.next}' follows a repeat")
        return Repeat(node, *bounds, lazy)

    def bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self.next in simple:
            return simple[self.take()]
        if self.next != "{":
            return None
        found = _COUNT.match(self.pattern, self.at)
        if found is None:
            raise PatternError("'{' starts no count")
        self.at = found.end()
        least = int(found[1])
        most = least if not found[2] else int(found[3]) if found[3] else None
        if least > MOST_REPEATS or (most is not None and not least <= most <= MOST_REPEATS):
            raise PatternError(f"{found[0]} is no count from 0 to {MOST_REPEATS}")
        return least, most

    def atom(self) -> Node:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return Leaf(self.char_class())
        if char == "\\":
            return self.escape()
        if char in "*+?{}]":
            raise PatternError(f"'{char}' has nothing to stand for")
        places = {"^": "^" if self.flags & re.MULTILINE else r"\A", "$": "$" if self.flags & re.MULTILINE else r"\Z"}
        if char == ".":
            return Leaf("." if self.flags & re.DOTALL else r"[^\n\r]")
        return Leaf(places.get(char) or escaped(char))

    def group(self) -> Node:
        for opening, wanted in (("?=", True), ("?!", False)):
            if self.accept(opening):
                return Look(self.closing(), wanted)
        if self.accept("?:"):
            return self.closing()
        if self.next == "?":
            raise PatternError("this kind of group is not known")
        self.groups += 1
        number = self.groups
        body = self.closing()
        self.closed.add(number)
        return Group(body, number)

    def closing(self) -> Node:
        body = self.choice()
        if not self.accept(")"):
            raise PatternError("a '(' is not closed")
        return body

    def escape(self) -> Node:
        char = self.take()
        if char in "123456789":
            if int(char) not in self.closed:
                raise PatternError(f"there is no group {char} before \\{char}")
            return Back(int(char))
        if char in "bB":
            return Leaf("\\" + char)
        if char in "DWSIC":
            return Leaf(f"[^{CLASSES[char.lower()]}]")
        return Leaf(f"[{self.escape_in_class(char)}]")

    def escape_in_class(self, char: str) -> str:
        """What an escape means inside [ ]."""
        if char in CLASSES:
            return CLASSES[char]
        if char in "pP":
            found = _PROPERTY.match(self.pattern, self.at - 1)
            text = found and property_text(found[2], char == "P")
            if not found or not text:
                raise PatternError(f"\\{char} names no kind of characters")
            self.at = found.end()
            return text
        if char.isalnum():
            raise PatternError(f"\\{char} means nothing")
        return escaped(char)

    def char_class(self) -> str:
        self.depth += 1
        negated = self.accept("^")
        text, without = "", ""
        first = True
        while first or self.next != "]":
            if self.accept("-["):
                without = f"(?!{self.char_class()})"
                break
            text += self.range()
            first = False
        if not self.accept("]") or not text or self.depth > DEEPEST:
            raise PatternError("a '[' is not closed or empty")
        self.depth -= 1
        return f"{without}[{'^' if negated else ''}{text}]"

    def range(self) -> str:
        low = self.member()
        if self.next != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", "["):
            return low
        self.take()
        high = self.member()
        if len(_plain(low)) != 1 or len(_plain(high)) != 1 or _plain(low) > _plain(high):
            raise PatternError("a range of characters runs backwards")
        return f"{low}-{high}"

    def member(self) -> str:
        char = self.take()
        return self.escape_in_class(self.take()) if char == "\\" else escaped(char)


def _plain(text: str) -> str:
    return text[1:] if text.startswith("\\") else text
