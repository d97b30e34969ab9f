"""The only place that runs regular expressions written by people who make models: each search has a time limit, so none runs for ever.

A pattern is written by an analyst and the text by anybody; Python's own `re` can run for years on a bad pair. The library `regex` can be
given a limit. Texts are bounded too, for the memory of a search, and the time between two looks at the clock, grow with the text and
with the parts of the pattern.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import regex

from engine.expressions import ExpressionError
from engine.expressions.limits import MAX_TEXT as MAX_RESULT
from engine.expressions.limits import LimitReached, within
from engine.expressions.patterns.flavours import JAVA, JAVASCRIPT, XPATH, Flavour
from engine.expressions.patterns.spelling import BrokenPattern, Spelling, spelled

__all__ = ["JAVA", "JAVASCRIPT", "XPATH", "BrokenPattern", "Flavour", "Match", "Pattern", "TooSlow", "compiled"]

MAX_SECONDS = 0.5
MAX_TEXT = 1_000_000
MAX_WORK = 3_000_000
MAX_MATCHES = 100_000

_REFERENCE = re.compile(r"\\(.)|\$([0-9]{1,2})|\$\{(\w+)\}", re.DOTALL)

Match = regex.Match[str]
Found = TypeVar("Found")


class TooSlow(LimitReached):
    """The pattern takes too long on this text."""


@dataclass(frozen=True)
class Pattern:
    """A pattern that is ready. Every method raises TooSlow when the text is too long for it or the time is up."""

    spelling: Spelling
    flavour: Flavour
    ready: regex.Pattern[str]

    @property
    def groups(self) -> int:
        """How many groups it has, itself not counted."""
        return self.ready.groups

    def search(self, text: str) -> Match | None:
        """The first place where it fits."""
        return self._limited(self.ready.search, text)

    def fullmatch(self, text: str) -> Match | None:
        """The whole text, if it fits that."""
        return self._limited(self.ready.fullmatch, text)

    def all(self, text: str, count: int = 0) -> list[Match]:
        """Every place where it fits, or the first `count`, from left to right."""
        return self._limited(functools.partial(self._all, count or MAX_MATCHES + 1), text)

    def replace(self, text: str, replacement: str | Callable[[Match], str], count: int = 0) -> str:
        """The text with each match, or the first `count`, replaced. $1 and ${name} stand for groups, $0 for the match, \\$ for a dollar."""
        put = replacement if callable(replacement) else self._filled(replacement)
        parts: list[str] = []
        at = size = 0
        for found in self.all(text, count):
            parts += (text[at : found.start()], put(found))
            size = within(size + len(parts[-1]), MAX_RESULT, "A text would be too long: {} characters")
            at = found.end()
        return "".join((*parts, text[at:]))

    def split(self, text: str, limit: int = 0) -> list[str]:
        """The parts between the matches as Java's split: at most `limit` if it is positive; at 0 empty ones at the end are dropped."""
        parts: list[str] = []
        at = 0
        for found in self.all(text):
            if 0 < limit <= len(parts) + 1:
                break
            if found.end() > 0:
                parts.append(text[at : found.start()])
                at = found.end()
        parts.append(text[at:])
        while limit == 0 and len(parts) > 1 and not parts[-1]:
            parts.pop()
        return parts

    def _limited(self, look: Callable[..., Found], text: str) -> Found:
        most = min(MAX_TEXT, MAX_WORK // self.spelling.parts)
        if len(text) > most:
            raise TooSlow(f"The text has {len(text)} characters; the pattern {self.spelling.shown} takes at most {most}")
        try:
            return look(text, timeout=MAX_SECONDS)
        except (TimeoutError, MemoryError) as slow:
            raise TooSlow(f"The pattern {self.spelling.shown} takes too long on this text and was stopped") from slow

    def _all(self, count: int, text: str, timeout: float) -> list[Match]:
        found = list(islice(self.ready.finditer(text, timeout=timeout), count))
        if len(found) > MAX_MATCHES:
            raise TooSlow(f"The pattern {self.spelling.shown} fits the text at more than {MAX_MATCHES} places")
        return found

    def _filled(self, replacement: str) -> Callable[[Match], str]:
        """What puts the groups of a match into a replacement. ExpressionError when the pattern has no such group."""
        pieces: list[str | int] = []
        at = 0
        for mark in _REFERENCE.finditer(replacement):
            pieces += (replacement[at : mark.start()], *self._meant(*mark.groups()))
            at = mark.end()
        pieces.append(replacement[at:])
        return lambda found: "".join(piece if isinstance(piece, str) else found[piece] or "" for piece in pieces)

    def _meant(self, escaped: str | None, number: str | None, name: str | None) -> tuple[str | int, ...]:
        """A mark of a replacement as texts and numbers of groups. Of $12 the 2 stands for itself where there is no group 12."""
        if escaped:
            return (escaped,)
        rest = number[1:] if number and int(number) > self.groups else ""
        group = int(number.removesuffix(rest)) if number else self.ready.groupindex.get(name or "", -1)
        if 0 <= group <= self.groups:
            return group, rest
        if self.flavour.absent_groups:
            return (rest,)
        raise ExpressionError(f"The pattern {self.spelling.shown} has no group {number or name}")


@functools.lru_cache(maxsize=256)
def compiled(pattern: str, flavour: Flavour, flags: str = "") -> Pattern:
    """A pattern, ready to be searched for. `flags` are the language's letters. BrokenPattern says what is wrong with it, and where."""
    spelling = spelled(pattern, flavour, flags)
    try:
        return Pattern(spelling, flavour, regex.compile(spelling.text, spelling.flags, cache_pattern=False))
    except regex.error as error:
        raise spelling.broken(error.msg, error.pos or 0) from error  # type: ignore[attr-defined]  # the stubs leave them out
    except (OverflowError, RecursionError) as error:
        raise spelling.broken("it is nested too deep", 0) from error
