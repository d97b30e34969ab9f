"""The only place for the module `re` of Python scripts: checked by Python's own `re`, searched with the time limit of `patterns`."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import regex

from engine.expressions.limits import within
from engine.expressions.patterns import JAVA, Match, Pattern
from engine.expressions.patterns.spelling import MAX_PATTERN, Spelling
from engine.expressions.python.texts import joined
from engine.expressions.python.values import Builtin, Kind, Module, Own

MAX_REPEATED = 100_000

FLAGS = {
    "IGNORECASE": int(re.I), "I": int(re.I), "MULTILINE": int(re.M), "M": int(re.M), "DOTALL": int(re.S), "S": int(re.S),
    "VERBOSE": int(re.X), "X": int(re.X), "ASCII": int(re.A), "A": int(re.A), "UNICODE": int(re.U), "U": int(re.U),
}  # fmt: skip
KNOWN_FLAGS = functools.reduce(int.__or__, FLAGS.values())
_LIBRARY = ((re.I, regex.I), (re.M, regex.M), (re.S, regex.S), (re.X, regex.X), (re.A, regex.A))
_COUNT = re.compile(r"\{(\d{1,9})?,?(\d{1,9})?\}")
_PART = re.compile(r"\\(?:g<(\w+)>|([1-9][0-9]?)|(.))", re.DOTALL)
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


@dataclass(frozen=True, eq=False)
class Found(Own):
    """A match."""

    match: Match

    def group(self, *groups: Any) -> Any:
        return self.match.group(*groups)

    def __getitem__(self, group: Any) -> Any:
        return self.match[group]


@dataclass(frozen=True, eq=False)
class Regex(Own):
    """A pattern that is ready."""

    pattern: str
    ready: Pattern

    def search(self, text: str) -> Found | None:
        return _found(self.ready.search(_text(text)))

    def match(self, text: str) -> Found | None:
        """Where a pattern fits the beginning, the first place where it fits is that."""
        found = self.ready.search(_text(text))
        return _found(found if found and found.start() == 0 else None)

    def fullmatch(self, text: str) -> Found | None:
        return _found(self.ready.fullmatch(_text(text)))

    def findall(self, text: str) -> list[Any]:
        return [found.groups("") if self.ready.groups > 1 else found[self.ready.groups] or "" for found in self.ready.all(_text(text))]

    def finditer(self, text: str) -> Iterator[Found]:
        return iter([Found(found) for found in self.ready.all(_text(text))])

    def sub(self, replacement: Any, text: str, count: int = 0) -> str:
        return self.subn(replacement, text, count)[0]

    def subn(self, replacement: Any, text: str, count: int = 0) -> tuple[str, int]:
        """The text with replacements, and how many they are."""
        put = functools.partial(_called, replacement) if callable(replacement) else functools.partial(_filled, _text(replacement))
        number = 0

        def counted(found: Match) -> str:
            nonlocal number
            number += 1
            return put(found)

        return self.ready.replace(_text(text), counted, count), number

    def split(self, text: str, maxsplit: int = 0) -> list[str | None]:
        parts: list[str | None] = []
        at = 0
        for found in self.ready.all(_text(text), maxsplit):
            parts += (text[at : found.start()], *found.groups())
            at = found.end()
        return [*parts, text[at:]]


def compiled(pattern: Any, flags: int = 0) -> Regex:
    """A pattern, ready. re.error says what is wrong with it, LimitReached that it is too large."""
    return pattern if isinstance(pattern, Regex) else _compiled(_text(pattern), int(flags) & KNOWN_FLAGS)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str, flags: int) -> Regex:
    within(len(pattern), MAX_PATTERN, "A pattern would be too long: {} characters")
    within(math.prod(max(int(least or 1), 1) for least, _ in _COUNT.findall(pattern)), MAX_REPEATED, "A pattern repeats too much: {}")
    try:
        re.compile(pattern, flags)
        bits = int(regex.V0) | sum(int(theirs) for ours, theirs in _LIBRARY if flags & ours)
        ready = regex.compile(pattern, bits, cache_pattern=False)
    except (re.error, regex.error, OverflowError, RecursionError) as broken:
        raise re.error(f"the pattern '{pattern[:100]}' is broken: {broken}") from broken
    spelling = Spelling(pattern, pattern, bits, 1 + sum(map(pattern.count, "(*+?{")), ((0, 0),))
    return Regex(pattern, Pattern(spelling, JAVA, ready))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a pattern is searched for in texts only")
    return value


def _found(match: Match | None) -> Found | None:
    return Found(match) if match else None


def _called(function: Callable[[Found], Any], match: Match) -> str:
    return _text(function(Found(match)))


def _filled(template: str, match: Match) -> str:
    """The replacement with its groups: \\1, \\g<name>."""
    return joined(_parts(template, match))


def _parts(template: str, match: Match) -> Iterator[str]:
    at = 0
    for found in _PART.finditer(template):
        yield template[at : found.start()]
        name, number, sign = found.groups()
        yield _SIGNS.get(sign, found[0]) if sign else match[int(number or name) if (number or name).isdecimal() else name] or ""
        at = found.end()
    yield template[at:]


METHODS = {name: getattr(Regex, name) for name in ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split")}
FOUND: dict[str, Any] = {
    "group": Found.group,
    "groups": lambda found, default=None: found.match.groups(default),
    "groupdict": lambda found, default=None: found.match.groupdict(default),
    "start": lambda found, group=0: found.match.start(group),
    "end": lambda found, group=0: found.match.end(group),
    "span": lambda found, group=0: found.match.span(group),
}


def _plain(name: str) -> Builtin:
    """re.search(pattern, text) and the like."""
    method = METHODS[name]
    return Builtin(f"re.{name}", lambda pattern, string, flags=0: method(compiled(pattern, flags), string))


RE = Module("re", {
    **{name: _plain(name) for name in ("search", "match", "fullmatch", "findall", "finditer")},
    "sub": Builtin("re.sub", lambda pattern, repl, string, count=0, flags=0: compiled(pattern, flags).sub(repl, string, count)),
    "subn": Builtin("re.subn", lambda pattern, repl, string, count=0, flags=0: compiled(pattern, flags).subn(repl, string, count)),
    "split": Builtin("re.split", lambda pattern, string, maxsplit=0, flags=0: compiled(pattern, flags).split(string, maxsplit)),
    "compile": Builtin("re.compile", compiled),
    "escape": Builtin("re.escape", lambda text: re.escape(_text(text))),
    "error": Kind("re.error", (re.error,), re.error),
    **FLAGS,
})  # fmt: skip
