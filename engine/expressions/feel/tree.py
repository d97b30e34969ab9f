"""The only place for the shapes of a parsed FEEL expression; `at` is the offset in the source that a message points to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands of one precedence, from left to right: a + b - c is Chain(a, (("+", b), ("-", c)))."""

    first: Node
    rest: tuple[tuple[str, Node, int], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Comparing(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """Whether a value passes one of some tests; `asking` says which of them mention it as `?`."""

    value: Node
    tests: tuple[Node, ...]
    asking: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    kind: TypeNode


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type: its name, its parameters, and the names of these for a context's entries."""

    name: str
    parameters: tuple[TypeNode, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval(Node):
    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class OneSided(Node):
    """A unary test with an operator: < 10."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Each(Node):
    """One iterator: name, and what it goes over; `stop` when it is a span such as 1..10."""

    name: str
    start: Node
    stop: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Each, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    iterators: tuple[Each, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    parameters: tuple[str, ...]
    body: Node | None


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Path(Node):
    target: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    target: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests; the value that they test is the variable `?`, and `asking` says which tests mention it."""

    tests: tuple[Node, ...]
    asking: tuple[bool, ...]
    negated: bool
