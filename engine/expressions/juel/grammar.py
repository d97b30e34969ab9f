"""The only place that reads JUEL text (EL 2.2): `text ${expression} text` into a tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.expressions import ExpressionError
from engine.expressions.juel import tree

LONGEST = 100_000
DEEPEST = 60
OPENING = re.compile(r"\\[$#]\{|[$#]\{")
SPACE = re.compile(r"\s*")
TOKEN = re.compile(
    r"(?P<decimal>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(?P<whole>\d+)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<name>[^\W\d][\w$]*|\$[\w$]+)"
    r"|(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]}])",
    re.DOTALL,
)
WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "div": "/", "mod": "%",
    "empty": "empty", "instanceof": "instanceof",
}  # fmt: skip
VALUES = {"true": True, "false": False, "null": None}
LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))


@dataclass(frozen=True)
class Token:
    """`sort` is decimal, whole, text, name, sign or end; `text` is what stands there, keywords as their sign."""

    sort: str
    text: str
    position: int


def broken(message: str, source: str, position: int) -> ExpressionError:
    """The error for a place in the source."""
    line = source.count("\n", 0, position) + 1
    return ExpressionError(message, source, line, position - (source.rfind("\n", 0, position) + 1) + 1)


def parse(source: str) -> tree.Node:
    """The whole text as one node: a Literal, one expression, or a Composite. ExpressionError when it is broken."""
    if len(source) > LONGEST:
        raise ExpressionError(f"An expression may have at most {LONGEST} characters")
    parts: list[tree.Node] = []
    text, position = "", 0
    while opening := OPENING.search(source, position):
        text += source[position : opening.start()]
        position = opening.end()
        if opening[0].startswith("\\"):
            text += opening[0][1:]
            continue
        parts += [tree.Literal(opening.start(), text)] if text else []
        node, position = Reader(source, position).whole_expression()
        parts.append(node)
        text = ""
    text += source[position:]
    parts += [tree.Literal(position, text)] if text or not parts else []
    return parts[0] if len(parts) == 1 else tree.Composite(0, tuple(parts))


class Reader:
    """Reads one expression from a position in the source to its closing brace."""

    def __init__(self, source: str, position: int):
        self._source = source
        self._depth = 0
        self._next = self._scan(position)

    def whole_expression(self) -> tuple[tree.Node, int]:
        """The expression, and where the text goes on after its closing brace."""
        node = self._expression()
        if self._next.text != "}" or self._next.sort != "sign":
            raise self._unexpected("'}'")
        return node, self._next.position + 1

    def _scan(self, position: int) -> Token:
        start = SPACE.match(self._source, position).end()  # type: ignore[union-attr]
        if start == len(self._source):
            return Token("end", "the end", start)
        found = TOKEN.match(self._source, start)
        if not found:
            raise broken(f"'{self._source[start]}' cannot stand here", self._source, start)
        sort = str(found.lastgroup)
        if sort == "name" and found[0] in WORDS:
            return Token("sign", WORDS[found[0]], start)
        return Token(sort, found[0], start)

    def _take(self) -> Token:
        token = self._next
        shown = len(token.text) if token.sort != "sign" else len(TOKEN.match(self._source, token.position)[0])  # type: ignore[index]
        self._next = self._scan(token.position + shown)
        return token

    def _accept(self, *signs: str) -> Token | None:
        return self._take() if self._next.sort == "sign" and self._next.text in signs else None

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise self._unexpected(f"'{sign}'")

    def _unexpected(self, wanted: str) -> ExpressionError:
        found = "the end" if self._next.sort == "end" else f"'{self._next.text}'"
        return broken(f"{wanted} was expected here, and {found} was found", self._source, self._next.position)

    def _expression(self) -> tree.Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise broken("The expression is nested too deeply", self._source, self._next.position)
        condition = self._binary(0)
        if self._accept("?"):
            yes = self._expression()
            self._expect(":")
            condition = tree.Choice(condition.position, condition, yes, self._expression())
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> tree.Node:
        if level == len(LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while sign := self._accept(*LEVELS[level]):
            left = tree.Binary(sign.position, sign.text, left, self._binary(level + 1))
        return left

    def _unary(self) -> tree.Node:
        signs = []
        while sign := self._accept("-", "!", "empty"):
            signs.append(sign)
        node = self._value()
        for sign in reversed(signs):
            node = tree.Unary(sign.position, sign.text, node)
        return node

    def _value(self) -> tree.Node:
        node = self._primary()
        while sign := self._accept(".", "["):
            node = self._access(node, sign)
        return node

    def _access(self, base: tree.Node, sign: Token) -> tree.Node:
        if sign.text == "[":
            key = self._expression()
            self._expect("]")
        else:
            key = tree.Literal(self._next.position, self._property_name())
        if self._accept("("):
            return tree.Method(key.position, base, key, self._arguments())
        return tree.Property(key.position, base, key)

    def _property_name(self) -> str:
        """After a dot also a keyword is a name: `x.empty`."""
        found = TOKEN.match(self._source, self._next.position)
        if not found or found.lastgroup != "name":
            raise self._unexpected("a name")
        self._take()
        return found[0]

    def _arguments(self) -> tuple[tree.Node, ...]:
        args: list[tree.Node] = []
        while not self._accept(")"):
            if args:
                self._expect(",")
            args.append(self._expression())
        return tuple(args)

    def _primary(self) -> tree.Node:
        if self._accept("("):
            node = self._expression()
            self._expect(")")
            return node
        token = self._next
        reader = _LITERALS.get(token.sort)
        if not reader:
            raise self._unexpected("a value")
        self._take()
        return reader(token) if token.sort != "name" else self._name(token)

    def _name(self, token: Token) -> tree.Node:
        if token.text in VALUES:
            return tree.Literal(token.position, VALUES[token.text])
        name = token.text
        if self._next.text == ":" and (found := re.compile(r":(\w+)\(").match(self._source, self._next.position)):
            self._take()
            self._take()
            name = f"{name}:{found[1]}"
        if self._accept("("):
            return tree.Function(token.position, name, self._arguments())
        return tree.Name(token.position, name)


_LITERALS: dict[str, Callable[[Token], tree.Node]] = {
    "whole": lambda token: tree.Literal(token.position, int(token.text)),
    "decimal": lambda token: tree.Literal(token.position, float(token.text)),
    "text": lambda token: tree.Literal(token.position, re.sub(r"\\([\\'\"])", r"\1", token.text[1:-1])),
    "name": lambda token: tree.Name(token.position, token.text),
}
