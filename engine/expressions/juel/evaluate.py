"""The only place that gives a JUEL tree its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import ExpressionError, UnknownName, members
from engine.expressions.exposed import invoke
from engine.expressions.juel import tree
from engine.expressions.juel.grammar import broken
from engine.expressions.juel.operators import BINARY, UNARY, to_boolean, to_text, to_whole
from engine.expressions.limits import MAX_TEXT, Budget, within
from engine.expressions.spin import S
from engine.expressions.typed import Typed
from engine.expressions.values import kind

TAKE_TEXTS = {"concat", "contains", "startsWith", "endsWith", "equalsIgnoreCase", "compareTo", "matches", "replace", "replaceAll"}
BUILT_IN: dict[str, Callable[..., Any]] = {"S": S, "JSON": S}


class Run:
    """One evaluation: the source, the scope that names are looked up in, and what may still be used."""

    def __init__(self, source: str, scope: Mapping[str, Any]):
        self._source = source
        self._scope = scope
        self._budget = Budget()

    def value(self, node: tree.Node) -> Any:
        """The node's value. ExpressionError with the place of what failed."""
        try:
            self._budget.step()
            return _EVALUATE[type(node)](self, node)
        except ExpressionError as error:
            if error.source:
                raise
            place = broken("", self._source, node.position)
            raise error.placed(self._source, place.line, place.column) from error

    def plain(self, node: tree.Node) -> Any:
        """The node's value to go on with: that of a transient variable is what it holds."""
        value = self.value(node)
        return value.value if isinstance(value, Typed) else value

    def name(self, node: tree.Name) -> Any:
        if node.name in self._scope:
            return self._scope[node.name]
        raise UnknownName(f"There is no variable '{node.name}'")

    def function(self, node: tree.Function) -> Any:
        function = self._scope.get(node.name, BUILT_IN.get(node.name))
        if not callable(function):
            raise ExpressionError(f"There is no function '{node.name}'")
        return invoke(node.name, function, self._values(node.args))

    def method(self, node: tree.Method) -> Any:
        base, name, args = self.plain(node.base), to_text(self.plain(node.key)), self._values(node.args)
        if isinstance(base, str) and name in TAKE_TEXTS:
            args = [to_text(arg) for arg in args]  # as EL makes arguments fit the method
        return members.call(base, name, args)

    def property(self, node: tree.Property) -> Any:
        base, key = self.value(node.base), self.plain(node.key)
        if isinstance(base, Typed):
            base = base if key == "value" else base.value
        return None if base is None else _property(base, key)

    def unary(self, node: tree.Unary) -> Any:
        return UNARY[node.sign](self.plain(node.operand))

    def binary(self, node: tree.Binary) -> Any:
        if node.sign in ("&&", "||"):
            left = to_boolean(self.plain(node.left))
            return to_boolean(self.plain(node.right)) if left is (node.sign == "&&") else left
        return BINARY[node.sign](self.plain(node.left), self.plain(node.right))

    def choice(self, node: tree.Choice) -> Any:
        return self.value(node.yes if to_boolean(self.plain(node.condition)) else node.no)

    def composite(self, node: tree.Composite) -> str:
        texts = [to_text(self.plain(part)) for part in node.parts]
        within(sum(map(len, texts)), MAX_TEXT, "A text would be too long: {} characters")
        return "".join(texts)

    def _values(self, nodes: tuple[tree.Node, ...]) -> list[Any]:
        return [self.plain(node) for node in nodes]


def _property(base: Any, key: Any) -> Any:
    """A key of a map, an index of a list (null outside), else a property by its name."""
    if isinstance(base, dict):
        try:
            return base.get(key)
        except TypeError as unfit:
            raise ExpressionError(f"A {kind(key)} cannot be the key of a map") from unfit
    if isinstance(base, list | tuple) and key != "empty":
        index = to_whole(key)
        return base[index] if 0 <= index < len(base) else None
    return members.read(base, to_text(key))


_EVALUATE: dict[type[tree.Node], Callable[[Run, Any], Any]] = {
    tree.Literal: lambda run, node: node.value,
    tree.Name: Run.name,
    tree.Function: Run.function,
    tree.Method: Run.method,
    tree.Property: Run.property,
    tree.Unary: Run.unary,
    tree.Binary: Run.binary,
    tree.Choice: Run.choice,
    tree.Composite: Run.composite,
}
