"""The only place for what a running Python script holds: its scope, its names, its functions and generators, and where it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.clock import Clock
from engine.expressions.limits import MAX_MADE, Budget, LimitReached
from engine.expressions.python.values import Own, is_data, size

MAX_STEPS = 1_000_000
MAX_CALLS = 50

T = TypeVar("T")


class Run:
    """One run of a script. `kept` are the names that stay with the script, `assigned` those that it set in `scope`."""

    def __init__(self, scope: MutableMapping[str, Any], clock: Clock, builtins: dict[str, Any]):
        self.scope = scope
        self.clock = clock
        self.builtins = builtins
        self.budget = Budget(MAX_STEPS)
        self.kept: dict[str, Any] = {}
        self.assigned: set[str] = set()
        self.node: ast.AST | None = None
        self.value: Any = None
        self.handled: list[Exception] = []
        self._may_make = MAX_MADE
        self._calls = 0

    def step(self, node: ast.AST) -> None:
        """One more step, at this node: when something fails, it is where the script is."""
        self.node = node
        self.budget.step()

    def made(self, value: T) -> T:
        """Charge a value that was just made, and give it back. LimitReached when it is too large, or all together are."""
        weight = size(value)
        self._may_make -= weight
        if self._may_make < 0:
            raise LimitReached("The script makes too much data")
        if weight > 256:
            self.budget.look_at_clock()
        return value

    def look_up(self, name: str) -> Any:
        """A name of the script's top level."""
        for names in (self.kept, self.scope, self.builtins):
            try:
                return names[name]
            except KeyError:
                continue
        raise NameError(f"the name '{name}' is not known")

    def keep(self, name: str, value: Any) -> None:
        """Set a name for the script alone."""
        self.kept[name] = value

    def assign(self, name: str, value: Any) -> None:
        """Set a variable of the scope; what is no data, or is named with a _, is the script's alone."""
        if name.startswith("_") or not is_data(value):
            return self.keep(name, value)
        self.kept.pop(name, None)
        self.scope[name] = value
        self.assigned.add(name)

    def delete(self, name: str) -> None:
        if name in self.kept:
            del self.kept[name]
        elif name in self.scope:
            del self.scope[name]
        else:
            raise NameError(f"the name '{name}' is not known")

    def enter(self) -> None:
        """One call deeper. LimitReached when calls are nested too deeply."""
        if self._calls >= MAX_CALLS:
            raise LimitReached(f"More than {MAX_CALLS} calls are nested: a function calls itself without end?")
        self._calls += 1

    def leave(self) -> None:
        self._calls -= 1


class Frame:
    """The names of one call of a function, or of one comprehension."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, run: Run, names: dict[str, Any], outer: Frame | None = None):
        self.run = run
        self.names = names
        self.outer = outer

    def above(self, hops: int) -> Frame:
        """The frame so many functions further out."""
        frame = self
        for _ in range(hops):
            assert frame.outer
            frame = frame.outer
        return frame


Closure = Callable[[Frame], Any]


@dataclass(frozen=True)
class Parameters:
    """What a function takes: `positional` of which the first `unnamed` have no name for callers, `named` only by name."""

    positional: tuple[str, ...] = ()
    unnamed: int = 0
    rest: str | None = None
    named: tuple[str, ...] = ()
    extra: str | None = None


@dataclass(frozen=True, eq=False)
class Function(Own):
    """A def or lambda of the script."""

    name: str
    parameters: Parameters
    body: Closure
    frame: Frame
    defaults: dict[str, Any] = field(default_factory=dict)

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        run = self.frame.run
        frame = Frame(run, self._bound(args, named), self.frame)
        run.enter()
        try:
            return self.body(frame)
        finally:
            run.leave()

    def _bound(self, args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """The parameters with the arguments or defaults. TypeError when they do not fit."""
        wanted = self.parameters
        if len(args) > len(wanted.positional) and not wanted.rest:
            raise TypeError(f"{self.name}() takes {len(wanted.positional)} arguments, and {len(args)} were given")
        names = dict(zip(wanted.positional, args, strict=False))
        extra = self._by_name(names, named)
        for name in (*wanted.positional, *wanted.named):
            if name not in names:
                if name not in self.defaults:
                    raise TypeError(f"{self.name}() needs the argument '{name}'")
                names[name] = self.defaults[name]
        if wanted.rest:
            names[wanted.rest] = args[len(wanted.positional) :]
        if wanted.extra:
            names[wanted.extra] = extra
        return names

    def _by_name(self, names: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
        """Put the arguments that were given by name into `names`; what is left over goes to the last parameter."""
        wanted, extra = self.parameters, dict[str, Any]()
        for name, value in named.items():
            known = name in wanted.positional[wanted.unnamed :] or name in wanted.named
            if known and name in names:
                raise TypeError(f"{self.name}() is given '{name}' twice")
            if not known and not wanted.extra:
                raise TypeError(f"{self.name}() has no argument '{name}'")
            (names if known else extra)[name] = value
        return extra
