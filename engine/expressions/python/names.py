"""The only place that knows which names belong to which function of a Python script, and how they are read, set and deleted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from engine.expressions.python.frames import Closure, Frame

Setter = Callable[[Frame, Any], None]
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Names:
    """The names of one function or comprehension. The script's top level is the one without `outer`."""

    local: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    outer: Names | None = None

    def hops(self, name: str) -> int | None:
        """How many functions further out the name belongs; None for the top level."""
        at, hops = self, 0
        while at.outer is not None and name not in at.shared:
            if name in at.local:
                return hops
            at, hops = at.outer, hops + 1
        return None


def of_function(node: ast.FunctionDef | ast.Lambda, outer: Names) -> Names:
    body = node.body if isinstance(node, ast.FunctionDef) else [node.body]
    given = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    shared = _listed(body, ast.Global)
    return Names(frozenset(given | bound(body)) - shared - _listed(body, ast.Nonlocal), shared, outer)


def of_comprehension(generators: list[ast.comprehension], outer: Names) -> Names:
    targets = (node.id for each in generators for node in ast.walk(each.target) if isinstance(node, ast.Name))
    return Names(frozenset(targets), frozenset(), outer)


def bound(body: Iterable[ast.AST]) -> set[str]:
    """Every name that these nodes set themselves, functions inside them left out."""
    found: set[str] = set()
    pending = list(body)
    while pending:
        node = pending.pop()
        found.update(_sets(node))
        pending.extend(_within(node))
    return found


def _sets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store | ast.Del) else []
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler):
        return [node.name] if node.name else []
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, COMPREHENSIONS):
        return [each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr)]
    return []


def _within(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, FUNCTIONS):
        return [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]
    return [] if isinstance(node, COMPREHENSIONS) else list(ast.iter_child_nodes(node))


def _listed(body: Iterable[ast.AST], sort: type[ast.Global | ast.Nonlocal]) -> frozenset[str]:
    return frozenset(name for part in body for node in ast.walk(part) if isinstance(node, sort) for name in node.names)


def reader(names: Names, name: str, node: ast.AST) -> Closure:
    """How the value of a name is read. NameError when it has none yet."""
    hops = names.hops(name)

    def read_top(frame: Frame) -> Any:
        try:
            return frame.run.look_up(name)
        except NameError:
            frame.run.node = node
            raise

    def read(frame: Frame) -> Any:
        try:
            return frame.above(hops or 0).names[name]
        except KeyError:
            frame.run.node = node
            raise NameError(f"the name '{name}' has no value yet") from None

    def read_here(frame: Frame) -> Any:
        try:
            return frame.names[name]
        except KeyError:
            return read(frame)

    return read_top if hops is None else read if hops else read_here


def setter(names: Names, name: str, keep: bool = False) -> Setter:
    """How a name is set. With `keep` one of the top level stays with the script: loop variables and imports are no process variables."""
    hops = names.hops(name)

    def set_top(frame: Frame, value: Any) -> None:
        frame.run.assign(name, value)

    def keep_top(frame: Frame, value: Any) -> None:
        frame.run.keep(name, value)

    def set_local(frame: Frame, value: Any) -> None:
        frame.above(hops or 0).names[name] = value

    return set_local if hops is not None else keep_top if keep else set_top


def deleter(names: Names, name: str) -> Closure:
    hops = names.hops(name)

    def delete(frame: Frame) -> None:
        if hops is None:
            frame.run.delete(name)
        elif frame.above(hops).names.pop(name, frame) is frame:
            raise NameError(f"the name '{name}' has no value")

    return delete
