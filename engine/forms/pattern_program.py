"""The only place that writes programs for `patterns`: the instructions, and how a sequence, a choice and a repeat are made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.errors import Refused

MAX_PROGRAM = 20_000

Fits = Callable[[str], bool]
Emit = Callable[["Program"], object]


class BrokenPattern(Refused):
    """The pattern is broken."""


@dataclass(frozen=True)
class Char:
    """One character that `fits`; then the next instruction."""

    fits: Fits


@dataclass(frozen=True)
class Fork:
    """Go on at either instruction (the same one twice is a jump)."""

    one: int
    other: int


@dataclass(frozen=True)
class Edge:
    """No character: the place must be the text's start ("^"), its end ("$"), a word's edge ("b") or none ("B")."""

    kind: str


@dataclass(frozen=True)
class Look:
    """No character: the program from the next instruction to its Done must fit here, or must not; then on at `after`."""

    wanted: bool
    after: int


@dataclass(frozen=True)
class Done:
    """Found."""


@dataclass
class Program:
    """The instructions, while they are written."""

    steps: list[Char | Fork | Edge | Look | Done] = field(default_factory=list)

    def add(self, step: Char | Fork | Edge | Look | Done) -> int:
        if len(self.steps) >= MAX_PROGRAM:
            raise BrokenPattern("It repeats too much: use smaller numbers in { }.")
        self.steps.append(step)
        return len(self.steps) - 1


def one(step: Char | Edge) -> Emit:
    """A single instruction."""
    return lambda program: program.add(step)


def sequence(parts: list[Emit]) -> Emit:
    """One after the other."""
    return lambda program: [part(program) for part in parts]


def choice(options: list[Emit]) -> Emit:
    """Any one of them."""
    if len(options) == 1:
        return options[0]
    first, rest = options[0], choice(options[1:])

    def emit(program: Program) -> None:
        fork = program.add(Fork(0, 0))
        first(program)
        jump = program.add(Fork(0, 0))
        program.steps[fork] = Fork(fork + 1, jump + 1)
        rest(program)
        program.steps[jump] = Fork(len(program.steps), len(program.steps))

    return emit


def repeat(part: Emit, least: int, most: int | None) -> Emit:
    """`least` to `most` times; None: without end."""

    def emit(program: Program) -> None:
        for _ in range(least):
            part(program)
        if most is None:
            _for_ever(part, program)
        for _ in range((most or least) - least):
            _maybe(part, program)

    return emit


def _for_ever(part: Emit, program: Program) -> None:
    fork = program.add(Fork(0, 0))
    part(program)
    program.add(Fork(fork, fork))
    program.steps[fork] = Fork(fork + 1, len(program.steps))


def _maybe(part: Emit, program: Program) -> None:
    fork = program.add(Fork(0, 0))
    part(program)
    program.steps[fork] = Fork(fork + 1, len(program.steps))


def look(body: Emit, wanted: bool) -> Emit:
    """Look ahead: the body must fit here, or must not, and no character is used up."""

    def emit(program: Program) -> None:
        look = program.add(Look(wanted, 0))
        body(program)
        program.add(Done())
        program.steps[look] = Look(wanted, len(program.steps))

    return emit
