"""The only place for matches, replace, split and extract: regular expressions that cannot hang, whatever the pattern and the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import thread_time

from engine.expressions.feel.regex_machine import Machine, Spans, machine
from engine.expressions.feel.regex_tree import (
    Back,
    Choice,
    Group,
    Leaf,
    Look,
    Node,
    Pattern,
    PatternError,
    Repeat,
    Sequence,
    parse,
)

MOST_WORK = 10_000_000
MOST_MATCHES = 100_000
MOST_SECONDS = 5.0
LONGEST_RESULT = 10_000_000
_REFERENCE = re.compile(r"\\(.)|\$(\d)", re.DOTALL)


@dataclass(frozen=True)
class Regex:
    """A pattern with its two ways to run: Python's when its worst case on a text is small, the machine otherwise."""

    pattern: Pattern
    freedom: int | None

    @cached_property
    def fast(self) -> re.Pattern[str]:
        return re.compile(_python(self.pattern.root), self.pattern.flags)

    @cached_property
    def safe(self) -> Machine:
        return machine(self.pattern)

    def search(self, text: str, at: int = 0) -> Spans | None:
        """The spans of the first match from a place on and of its groups."""
        if self.freedom is None or (len(text) + 1) ** (self.freedom + 1) > MOST_WORK:
            return self.safe.search(text, at)
        found = self.fast.search(text, at)
        return found and found.regs

    def all(self, text: str) -> Iterator[Spans]:
        at = count = 0
        until = thread_time() + MOST_SECONDS
        while at <= len(text) and (found := self.search(text, at)) is not None:
            yield found
            start, stop = found[0]
            at = stop if stop > start else stop + 1
            count += 1
            if count > MOST_MATCHES or thread_time() > until:
                raise PatternError(f"the pattern matches more than {count} times")


@lru_cache(512)
def regex(pattern: str, flags: str) -> Regex:
    """A compiled pattern; raises PatternError, which is a ValueError."""
    parsed = parse(pattern, flags)
    return Regex(parsed, _freedom(parsed.root))


def _freedom(node: Node) -> int | None:
    """How many places choose how much they take: the exponent of the worst case. None when choices repeat: that has no bound."""
    if isinstance(node, Leaf | Back):
        return 0
    if isinstance(node, Group | Look):
        return _freedom(node.body)
    if isinstance(node, Repeat):
        inner = _freedom(node.body)
        many = node.most is None or node.most > 1
        return None if inner is None or (inner and many) else inner + (not node.fixed)
    parts = node.parts if isinstance(node, Sequence) else node.options if isinstance(node, Choice) else ()
    found = [_freedom(part) for part in parts]
    return None if None in found else sum(part or 0 for part in found) + isinstance(node, Choice)


_PYTHON: dict[type[Node], Callable[..., str]] = {
    Leaf: lambda node: node.text,
    Back: lambda node: rf"(?:\{node.group})",
    Group: lambda node: f"({_python(node.body)})",
    Look: lambda node: f"(?{'=' if node.wanted else '!'}{_python(node.body)})",
    Sequence: lambda node: "".join(map(_python, node.parts)),
    Choice: lambda node: f"(?:{'|'.join(map(_python, node.options))})",
    Repeat: lambda node: f"(?:{_python(node.body)}){{{node.least},{'' if node.most is None else node.most}}}{'?' if node.lazy else ''}",
}


def _python(node: Node) -> str:
    return _PYTHON[type(node)](node)


def matches(text: str, pattern: str, flags: str | None = None) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return regex(pattern, flags or "").search(text) is not None


def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """The text with each match replaced; $1 in the replacement is the first group, $0 the match, \\$ a dollar."""
    parts: list[str] = []
    at = size = 0
    for spans in regex(pattern, flags or "").all(text):
        start, stop = spans[0]
        parts += (text[at:start], _filled(replacement, spans, text))
        size += len(parts[-1])
        if size > LONGEST_RESULT:
            raise ValueError(f"the result is longer than {LONGEST_RESULT} characters")
        at = stop
    return "".join(parts) + text[at:]


def _filled(replacement: str, spans: Spans, text: str) -> str:
    return _REFERENCE.sub(lambda found: _put(found, spans, text), replacement) if "$" in replacement or "\\" in replacement else replacement


def _put(found: re.Match[str], spans: Spans, text: str) -> str:
    if found[1]:
        return found[1]
    group = int(found[2])
    start, stop = spans[group] if group < len(spans) else (-1, -1)
    return text[start:stop] if start >= 0 <= stop else ""


def split(text: str, pattern: str) -> list[str]:
    """The parts of the text between the matches."""
    parts: list[str] = []
    at = 0
    for (start, stop), *_ in regex(pattern, "").all(text):
        if stop > start:
            parts.append(text[at:start])
            at = stop
    return [*parts, text[at:]]


def extract(text: str, pattern: str) -> list[str]:
    """The matches themselves."""
    return [text[start:stop] for (start, stop), *_ in regex(pattern, "").all(text)]
