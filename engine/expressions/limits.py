"""The only place for how much a script may use: steps, seconds, memory and depth, so that none hangs or fills the machine."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any, TypeVar

from engine.expressions import ExpressionError

MAX_STEPS = 5_000_000
MAX_SECONDS = 10.0
MAX_MADE = 50_000_000
MAX_TEXT = 5_000_000
MAX_ITEMS = 500_000
MAX_BITS = 8_192
MAX_DEPTH = 100
CLOCK_EVERY = 256

T = TypeVar("T")


class LimitReached(ExpressionError):
    """The script wants more than it may use. A script cannot catch this."""


class Budget:
    """What one run may still use. Seconds are this thread's own, so a busy machine changes nothing."""

    def __init__(self, steps: int = MAX_STEPS, seconds: float = MAX_SECONDS):
        self._steps = steps
        self._made = MAX_MADE
        self._until = time.thread_time() + seconds

    def step(self) -> None:
        """One more evaluation step."""
        self._steps -= 1
        if self._steps % CLOCK_EVERY == 0:
            self.look_at_clock()
        if self._steps < 0:
            raise LimitReached("The script does not come to an end: it used all of its steps. Is there an endless loop?")

    def look_at_clock(self) -> None:
        if time.thread_time() > self._until:
            raise LimitReached("The script takes too long and was stopped. Is there an endless loop?")

    def made(self, value: T) -> T:
        """Charge a value that was just made, and give it back."""
        self._charge(bounded(value))
        return value

    def worked(self, value: Any, before: int = 0) -> None:
        """Something was done with a value whose size was `before`: charge what it grew by, and look at the clock when it is large."""
        size = bounded(value)
        self._charge(size - before if before else 0)
        if size > CLOCK_EVERY:
            self.look_at_clock()

    def _charge(self, size: int) -> None:
        if size > CLOCK_EVERY:
            self._made -= size
            self.look_at_clock()
        if self._made < 0:
            raise LimitReached("The script makes too much data")


def bounded(value: Any) -> int:
    """The size of a value without what is inside it: characters, items or bytes. LimitReached when it is too large."""
    if isinstance(value, str | bytes):
        return within(len(value), MAX_TEXT, "A text would be too long: {} characters")
    if isinstance(value, list | dict | set):
        return within(len(value), MAX_ITEMS, "A list or map would have too many items: {}")
    if isinstance(value, int):
        return within(value.bit_length(), MAX_BITS, "A number would be too large: {} bits")
    return 1


def within(size: int, most: int, message: str = "Too large: {}") -> int:
    """`size`, when it is at most `most`; else LimitReached with `message`, in which {} is the size."""
    if size > most:
        raise LimitReached(message.format(size) + f"; at most {most} are allowed")
    return size


def weigh(value: Any) -> Any:
    """Refuse a value that is too large, too deep or contains itself, before it leaves for the engine; give it back otherwise."""
    items = made = 0
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return value
        items = within(items + len(level), MAX_ITEMS, "A value has too many parts: {}")
        made += sum(map(bounded, level))
        within(made, 2 * MAX_TEXT, "A value is too large: {}")
        level = [part for whole in level for part in _parts(whole)]
    raise LimitReached(f"A value is nested more than {MAX_DEPTH} levels deep, or contains itself")


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return list(value) if isinstance(value, list | tuple | set) else []


def whole(number: float | Decimal) -> int:
    """The number without its fraction, as a Java cast to a whole number does."""
    if isinstance(number, Decimal) and number.is_finite():
        within(number.adjusted(), MAX_BITS // 4, "A number would be too large: {} digits")
    return int(number)
