"""The only place that runs patterns which Python's `re` could take for ever over: a backtracking machine that goes through each state once.

Remembering the states that failed makes the work proportional to pattern times text. That needs patterns without back-references.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

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
)

MOST_INSTRUCTIONS = 20_000
MOST_STEPS = 500_000

Spans = tuple[tuple[int, int], ...]


class Step(NamedTuple):
    """`kind`: leaf (of a Python pattern), fork (to one place or another), jump, save (a place in a slot), look, end."""

    kind: str
    what: Any = None
    other: int = 0


@dataclass(frozen=True)
class Machine:
    steps: tuple[Step, ...]
    slots: int

    def search(self, text: str, at: int) -> Spans | None:
        """Where the pattern and its groups first match from a place on; raises PatternError after too much work."""
        failed: set[int] = set()
        for start in range(at, len(text) + 1):
            if (slots := self._match(text, start, failed)) is not None:
                return tuple(zip(slots[::2], slots[1::2], strict=True))
        return None

    def _match(self, text: str, start: int, failed: set[int]) -> list[int] | None:
        slots = [-1] * self.slots
        waiting: list[tuple[int, int, int]] = [(0, start, -1)]
        width = len(text) + 1
        while waiting:
            place, at, slot = waiting.pop()
            if slot >= 0:  # going back: the slot gets its former value
                slots[slot] = at
                continue
            while (key := place * width + at) not in failed:
                failed.add(key)
                if len(failed) > MOST_STEPS:
                    raise PatternError("the pattern takes too long on this text")
                kind, what, other = self.steps[place]
                place += 1
                if kind == "leaf":
                    found = what.match(text, at)
                    if found is None:
                        break
                    at = found.end()
                elif kind == "fork":
                    waiting.append((other, at, -1))
                    place = what
                elif kind == "jump":
                    place = what
                elif kind == "save":
                    waiting.append((0, slots[what], what))
                    slots[what] = at
                elif kind == "look":
                    if (what._match(text, at, set()) is not None) is not bool(other):
                        break
                else:
                    return slots
        return None


class _Builder:
    def __init__(self, flags: re.RegexFlag):
        self.flags = flags
        self.steps: list[Step] = []

    def add(self, kind: str, what: Any = None, other: int = 0) -> int:
        if len(self.steps) >= MOST_INSTRUCTIONS:
            raise PatternError("the pattern repeats too much")
        self.steps.append(Step(kind, what, other))
        return len(self.steps) - 1

    def build(self, node: Node) -> None:
        _BUILD[type(node)](self, node)

    def leaf(self, node: Leaf) -> None:
        self.add("leaf", re.compile(node.text, self.flags))

    def sequence(self, node: Sequence) -> None:
        for part in node.parts:
            self.build(part)

    def group(self, node: Group) -> None:
        self.add("save", 2 * node.number)
        self.build(node.body)
        self.add("save", 2 * node.number + 1)

    def look(self, node: Look) -> None:
        self.add("look", machine(Pattern(node.body, self.flags, 0)), int(node.wanted))

    def back(self, node: Back) -> None:
        raise PatternError("the pattern is too ambiguous for a back-reference")

    def choice(self, node: Choice) -> None:
        ends = []
        for option in node.options[:-1]:
            fork = self.add("fork")
            self.build(option)
            ends.append(self.add("jump"))
            self.steps[fork] = Step("fork", fork + 1, len(self.steps))
        self.build(node.options[-1])
        for end in ends:
            self.steps[end] = Step("jump", len(self.steps))

    def repeat(self, node: Repeat) -> None:
        for _ in range(node.least):
            self.build(node.body)
        if node.most is None:
            self.loop(node)
            return
        forks = []
        for _ in range(node.most - node.least):
            forks.append(self.add("fork"))
            self.build(node.body)
        for fork in forks:
            self.steps[fork] = self.fork(fork + 1, len(self.steps), node.lazy)

    def loop(self, node: Repeat) -> None:
        fork = self.add("fork")
        self.build(node.body)
        self.add("jump", fork)
        self.steps[fork] = self.fork(fork + 1, len(self.steps), node.lazy)

    def fork(self, inside: int, outside: int, lazy: bool) -> Step:
        return Step("fork", outside, inside) if lazy else Step("fork", inside, outside)


_BUILD: dict[type[Node], Callable[[_Builder, Any], None]] = {
    Leaf: _Builder.leaf,
    Sequence: _Builder.sequence,
    Group: _Builder.group,
    Look: _Builder.look,
    Back: _Builder.back,
    Choice: _Builder.choice,
    Repeat: _Builder.repeat,
}


def machine(pattern: Pattern) -> Machine:
    """The machine of a pattern; raises PatternError when it would be too large."""
    builder = _Builder(pattern.flags)
    builder.add("save", 0)
    builder.build(pattern.root)
    builder.add("save", 1)
    builder.add("end")
    return Machine(tuple(builder.steps), 2 * pattern.groups + 2)
