"""The only place for what a running Groovy script holds: its scope, its functions, the names of each block, closures, and jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar

from engine.clock import Clock
from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.groovy import tree
from engine.expressions.groovy.casts import declared
from engine.expressions.groovy.tokens import broken
from engine.expressions.limits import Budget, LimitReached, weigh

MAX_CALLS = 50


class Jumped(Exception):
    """A break or a continue on its way to its loop."""

    def __init__(self, word: str):
        super().__init__(f"'{word}' stands outside a loop")
        self.word = word


class Returned(Exception):
    """A return on its way to its closure, function or script."""

    def __init__(self, value: Any):
        super().__init__("return")
        self.value = value


class Run:
    """One run of a script. `assigned` are the names in `scope` that the script set; `kept` are closures set without def."""

    def __init__(self, source: str, scope: MutableMapping[str, Any], clock: Clock, table: Mapping[type[tree.Node], Callable[..., Any]]):
        self.source = source
        self.scope = scope
        self.clock = clock
        self.table = table
        self.budget = Budget()
        self.functions: dict[str, Function] = {}
        self.aliases: dict[str, str] = {}
        self.imported: dict[str, Any] = {}
        self.assigned: set[str] = set()
        self.kept: dict[str, Any] = {}
        self.calls = 0

    def assign(self, name: str, value: Any) -> None:
        """Set a variable of the scope; a closure is kept for the script alone."""
        if callable(value):
            self.kept[name] = value
        else:
            self.kept.pop(name, None)
            self.scope[name] = handed_over(value)
            self.assigned.add(name)


def handed_over(value: Any) -> Any:
    """A value as it leaves the script: ranges as lists, nothing too large or in a circle."""
    return weigh(list(value) if isinstance(value, range) else value)


class Frame:
    """The names of one block; what is not among them is looked for in the block around it."""

    def __init__(self, run: Run, outer: Frame | None = None):
        self.run = run
        self.outer = outer
        self.names: dict[str, Any] = {}

    def inner(self) -> Frame:
        return Frame(self.run, self)

    def holder(self, name: str) -> Frame | None:
        """The nearest block that has this name."""
        frame: Frame | None = self
        while frame is not None and name not in frame.names:
            frame = frame.outer
        return frame

    def declare(self, name: str, value: Any) -> None:
        if name in self.names:
            raise ExpressionError(f"The variable '{name}' is declared twice")
        self.names[name] = value

    def assign(self, name: str, value: Any) -> None:
        """Set the nearest local name; without one it is a variable of the scope."""
        if holder := self.holder(name):
            holder.names[name] = value
        else:
            self.run.assign(name, value)

    def value(self, node: tree.Node) -> Any:
        """The value of an expression or a statement. An ExpressionError gets the place of the innermost node that failed."""
        try:
            self.run.budget.step()
            return self.run.table[type(node)](self, node)
        except ExpressionError as error:
            if error.source:
                raise
            place = broken("", self.run.source, node.position)
            raise error.placed(self.run.source, place.line, place.column) from error

    def values(self, nodes: tuple[tree.Node, ...]) -> list[Any]:
        """The values of arguments or items; *list puts its items in."""
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, tree.Spread):
                found.extend(self.value(node.inside) or ())
            else:
                found.append(self.value(node))
        return found


class Closure(Exposed):
    """{ a, b -> ... }: sees the names around it. Called with fewer arguments the rest are null; a list is taken apart for several."""

    called: ClassVar[str] = "A closure"
    exposed: ClassVar[frozenset[str]] = names("call doCall accept apply test getMaximumNumberOfParameters curry")

    def __init__(self, frame: Frame, node: tree.ClosureOf, bound: tuple[Any, ...] = ()):
        self._frame = frame
        self._node = node
        self._bound = bound
        self.arity = (1 if node.parameters is None else len(node.parameters)) - len(bound)

    def __call__(self, *args: Any) -> Any:
        inner = self._frame.inner()
        given = self._bound + args
        if self._node.parameters is None:
            inner.declare("it", given[0] if given else None)
        else:
            bind(inner, "A closure", self._node.parameters, _apart(given, len(self._node.parameters)))
        return body(inner, self._node.body)

    call = doCall = accept = apply = test = __call__

    def getMaximumNumberOfParameters(self) -> int:
        return self.arity

    def curry(self, *args: Any) -> Closure:
        return Closure(self._frame, self._node, self._bound + args)


def _apart(args: tuple[Any, ...], wanted: int) -> tuple[Any, ...]:
    return tuple(args[0]) if len(args) == 1 and wanted > 1 and isinstance(args[0], list) else args


class Function:
    """def name(a, b = 1) { ... }: sees the scope and other functions, not the script's own def variables."""

    def __init__(self, run: Run, node: tree.Function):
        self._run = run
        self._node = node
        self.arity = len(node.parameters)

    def __call__(self, *args: Any) -> Any:
        frame = Frame(self._run)
        bind(frame, f"{self._node.name}()", self._node.parameters, args)
        result = body(frame, self._node.body)
        return None if self._node.type == "void" else declared(result, self._node.type)


def bind(frame: Frame, owner: str, parameters: tuple[tree.Parameter, ...], args: tuple[Any, ...]) -> None:
    """Declare the parameters with the arguments, defaults or rest. ExpressionError when the number does not fit."""
    needed = sum(parameter.default is None and not parameter.rest for parameter in parameters)
    rest = bool(parameters) and parameters[-1].rest
    if len(args) < needed or (len(args) > len(parameters) and not rest):
        raise ExpressionError(f"{owner} takes {len(parameters)} arguments, and {len(args)} were given")
    for index, parameter in enumerate(parameters):
        if parameter.rest:
            frame.declare(parameter.name, list(args[index:]))
        elif index < len(args):
            frame.declare(parameter.name, args[index])
        else:
            frame.declare(parameter.name, frame.value(parameter.default) if parameter.default else None)


def body(frame: Frame, block: tree.Block) -> Any:
    """Run a body to its return or its last statement. LimitReached when calls are nested too deeply."""
    run = frame.run
    run.calls += 1
    if run.calls > MAX_CALLS:
        raise LimitReached(f"More than {MAX_CALLS} calls are nested: a function calls itself without end?")
    try:
        return frame.value(block)
    except Returned as returned:
        return returned.value
    finally:
        run.calls -= 1
