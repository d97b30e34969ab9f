"""The only place for the shapes that a Groovy script is read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """`position` is the index of the node's first character (for operators: of the sign) in the source."""

    position: int


@dataclass(frozen=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True)
class Text(Node):
    """A GString: texts and nodes in turn."""

    parts: tuple[str | Node, ...]


@dataclass(frozen=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class MapOf(Node):
    """Pairs of key and value; a Spread stands as the key of a pair without a value."""

    pairs: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Spread(Node):
    """*list in a list or a call, *:map in a map."""

    inside: Node


@dataclass(frozen=True)
class RangeOf(Node):
    first: Node
    last: Node
    without_last: bool


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Property(Node):
    """target.name; `safe` is ?. and `each` is *."""

    target: Node
    name: Node
    safe: bool = False
    each: bool = False


@dataclass(frozen=True)
class Index(Node):
    target: Node
    key: Node


@dataclass(frozen=True)
class Call(Node):
    """name(args), or for a target that is an expression itself, closure(args). Named arguments come first, as one map."""

    target: Node
    args: tuple[Node, ...]


@dataclass(frozen=True)
class MethodCall(Node):
    target: Node
    name: str
    args: tuple[Node, ...]
    safe: bool = False
    each: bool = False


@dataclass(frozen=True)
class MethodOf(Node):
    """target.&name and Type::name."""

    target: Node
    name: str


@dataclass(frozen=True)
class New(Node):
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
    """condition ? yes : no; without yes it is ?: and gives the condition's own value."""

    condition: Node
    yes: Node | None
    no: Node


@dataclass(frozen=True)
class Cast(Node):
    """value as Type, (Type) value."""

    value: Node
    type: str


@dataclass(frozen=True)
class IsType(Node):
    value: Node
    type: str
    negated: bool = False


@dataclass(frozen=True)
class Assign(Node):
    """target = value; for += and its like `sign` is the operator."""

    target: Node
    sign: str
    value: Node


@dataclass(frozen=True)
class Step(Node):
    """++x, x--: `by` is 1 or -1; `after` gives the value from before."""

    target: Node
    by: int
    after: bool


@dataclass(frozen=True)
class Parameter(Node):
    name: str
    type: str
    default: Node | None = None
    rest: bool = False


@dataclass(frozen=True)
class ClosureOf(Node):
    """{ parameters -> body }; without an arrow `parameters` is None and there is `it`."""

    parameters: tuple[Parameter, ...] | None
    body: Block


@dataclass(frozen=True)
class Block(Node):
    statements: tuple[Node, ...]


@dataclass(frozen=True)
class Declare(Node):
    """def a = value, Type a; several names take a list apart."""

    type: str
    names: tuple[str, ...]
    value: Node | None


@dataclass(frozen=True)
class Several(Node):
    """def a = 1, b = 2: declarations that share their block."""

    declared: tuple[Node, ...]


@dataclass(frozen=True)
class Function(Node):
    name: str
    type: str
    parameters: tuple[Parameter, ...]
    body: Block


@dataclass(frozen=True)
class If(Node):
    condition: Node
    yes: Node
    no: Node | None


@dataclass(frozen=True)
class While(Node):
    condition: Node
    body: Node


@dataclass(frozen=True)
class ForIn(Node):
    name: str
    items: Node
    body: Node


@dataclass(frozen=True)
class ForSteps(Node):
    """for (start; condition; step) body."""

    start: tuple[Node, ...]
    condition: Node | None
    step: tuple[Node, ...]
    body: Node


@dataclass(frozen=True)
class Return(Node):
    value: Node | None


@dataclass(frozen=True)
class Jump(Node):
    """break or continue."""

    word: str


@dataclass(frozen=True)
class Throw(Node):
    value: Node


@dataclass(frozen=True)
class Catch(Node):
    types: tuple[str, ...]
    name: str
    body: Block


@dataclass(frozen=True)
class Try(Node):
    body: Block
    catches: tuple[Catch, ...]
    last: Block | None


@dataclass(frozen=True)
class Case(Node):
    """`value` is None for default."""

    value: Node | None
    body: Block


@dataclass(frozen=True)
class Switch(Node):
    value: Node
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Assert(Node):
    condition: Node
    message: Node | None
    written: str


@dataclass(frozen=True)
class Import(Node):
    """import path, import static path, import path as name; a path may end in .*"""

    path: str
    static: bool
    alias: str
