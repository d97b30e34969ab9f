"""The only place for the shapes that a JUEL expression is read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """`position` is the index of the node's first character in the source."""

    position: int


@dataclass(frozen=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Property(Node):
    """base.name and base[key]; `key` is a Literal for the first."""

    base: Node
    key: Node


@dataclass(frozen=True)
class Method(Node):
    """base.name(args) and base['name'](args)."""

    base: Node
    key: Node
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Function(Node):
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Unary(Node):
    sign: str
    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Choice(Node):
    """condition ? yes : no."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True)
class Composite(Node):
    """Text with expressions in it: `Hello ${name}!`."""

    parts: tuple[Node, ...]
