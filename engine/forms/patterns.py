"""The only place that runs the regular expressions of forms: never longer than pattern times text, whatever the pattern is.

A form's pattern is written by an analyst and its text by anybody, so Python's own `re`, which can run for years on a bad pair, is out.
"""

from __future__ import annotations

import functools

from engine.errors import Refused
from engine.forms.pattern_program import BrokenPattern, Char, Done, Edge, Fork, Look, Program
from engine.forms.pattern_reader import WORD, read, units

MAX_STEPS = 500_000

__all__ = ["BrokenPattern", "TextTooLong", "compiled", "found"]


class TextTooLong(Refused):
    """The text is too long for its pattern."""


@functools.lru_cache(maxsize=512)
def compiled(source: str) -> Program:
    """The program of a pattern. BrokenPattern says what is wrong with it."""
    return read(source)


def found(source: str, text: str) -> bool:
    """Whether the pattern fits somewhere in the text, as `new RegExp(source).test(text)` says. TextTooLong past the limit of steps."""
    return _Run(compiled(source), units(text)).anywhere()


class _Run:
    """One search. `seen` holds every (instruction, place) that was tried: none is tried twice."""

    def __init__(self, program: Program, text: str):
        self._steps = program.steps
        self._text = text
        self._left = MAX_STEPS

    def anywhere(self) -> bool:
        seen: set[tuple[int, int]] = set()
        return any(self._from(0, start, seen) for start in range(len(self._text) + 1))

    def _from(self, instruction: int, place: int, seen: set[tuple[int, int]]) -> bool:
        waiting = [(instruction, place)]
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            self._left -= 1
            if self._left < 0:
                raise TextTooLong()
            step = self._steps[state[0]]
            if isinstance(step, Done):
                return True
            waiting += self._after(step, *state)
        return False

    def _after(self, step: Char | Fork | Edge | Look, instruction: int, place: int) -> list[tuple[int, int]]:
        if isinstance(step, Char):
            fits = place < len(self._text) and step.fits(self._text[place])
            return [(instruction + 1, place + 1)] if fits else []
        if isinstance(step, Fork):
            return [(step.other, place), (step.one, place)]
        if isinstance(step, Edge):
            return [(instruction + 1, place)] if self._edge(step.kind, place) else []
        ahead = self._from(instruction + 1, place, set())
        return [(step.after, place)] if ahead == step.wanted else []

    def _edge(self, kind: str, place: int) -> bool:
        if kind == "^":
            return place == 0
        if kind == "$":
            return place == len(self._text)
        around = self._text[max(place - 1, 0) : place], self._text[place : place + 1]
        between = (around[0] in WORD) != (around[1] in WORD)
        return between == (kind == "b")
