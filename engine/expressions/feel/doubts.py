"""The only place that doubts an expression which can be read: calls of functions that nothing defines, words that stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from engine.expressions.feel import tree
from engine.expressions.feel.builtins import BUILTINS

Doubt = tuple[int, str]


def doubts_of(root: tree.Node) -> list[Doubt]:
    """What is probably a mistake in an expression, each with the offset that it is about, in the order of the text."""
    nodes = list(_nodes(root))
    known = BUILTINS.keys() | {name for node in nodes for name in _BINDS.get(type(node), _nothing)(node)}
    called = {id(node.function) for node in nodes if isinstance(node, tree.Call)}
    names = [node for node in nodes if isinstance(node, tree.Name) and node.name not in known]
    return sorted((node.at, _about(node.name, id(node) in called)) for node in names if id(node) in called or " " in node.name)


def _about(name: str, called: bool) -> str:
    if called:
        return f"There is no function '{name}', unless a variable holds one"
    return f"'{name}' is read as one name: is an operator or a comma missing?"


def _nodes(root: tree.Node) -> Iterator[tree.Node]:
    waiting: list[Any] = [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tree.Node):
            yield part
            waiting.extend(getattr(part, field.name) for field in fields(part))
        elif isinstance(part, tuple):
            waiting.extend(part)


def _nothing(node: tree.Node) -> tuple[str, ...]:
    return ()


_BINDS: dict[type[tree.Node], Callable[[Any], tuple[str, ...]]] = {
    tree.Each: lambda node: (node.name,),
    tree.Lambda: lambda node: node.parameters,
    tree.ContextOf: lambda node: tuple(key for key, _ in node.entries),
}
