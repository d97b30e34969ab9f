"""The only place for what a running FEEL expression sees: its names, where warnings go, the clock, and how much work it may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import thread_time
from typing import Any

from engine.clock import Clock, SystemClock
from engine.errors import Refused
from engine.expressions.feel.tokens import Spot

MOST_STEPS = 1_000_000
MOST_SECONDS = 10.0
LOOK_EVERY = 500
MOST_WARNINGS = 100
DEEPEST_CALLS = 60
MISSING = object()

Warn = Callable[[str], None]
Code = Callable[["Scope"], Any]


class TooMuchWork(Refused):
    """The expression takes more steps than one evaluation may take."""


class Run:
    """One evaluation."""

    __slots__ = ("clock", "depth", "look", "muted", "steps", "until", "warn", "warnings")

    def __init__(self, warn: Warn | None = None, clock: Clock | None = None):
        self.warn = warn
        self.clock = clock or _SYSTEM
        self.steps = 0
        self.look = LOOK_EVERY
        self.until = 0.0
        self.muted = 0
        self.depth = 0
        self.warnings = 0

    def step(self, count: int = 1) -> None:
        """Counts work; raises TooMuchWork past the limit."""
        self.steps += count
        if self.steps > self.look:
            self._look()

    def _look(self) -> None:
        """Now and then: are the steps or the seconds used up? Seconds are this thread's own, so a busy machine changes nothing."""
        now = thread_time()
        self.until = self.until or now + MOST_SECONDS
        self.look = self.steps + LOOK_EVERY
        if self.steps > MOST_STEPS or now > self.until:
            raise TooMuchWork(f"The expression was stopped after {self.steps} steps: does it need to go through so much?")

    def complain(self, text: str, spot: Spot | str) -> Any:
        """Reports why a value became null. Always gives None, so that `return run.complain(…)` is null with a warning."""
        if self.warn is not None and not self.muted and self.warnings < MOST_WARNINGS:
            self.warnings += 1
            self.warn(f"{text} ({spot})")
        return None


_SYSTEM = SystemClock()


class Scope:
    """Names and their values; what is not here is looked up in `outer`."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, names: Mapping[str, Any], outer: Scope | None, run: Run):
        self.names = names
        self.outer = outer
        self.run = run

    def inside(self, names: Mapping[str, Any]) -> Scope:
        return Scope(names, self, self.run)

    def find(self, name: str) -> Any:
        """The value of a name, MISSING when nothing has it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return MISSING
