"""The only place that reads what stands by itself in FEEL: literals, lists, ranges, contexts, if, for, some, every and functions."""

from __future__ import annotations

from abc import ABC, abstractmethod

from engine.expressions.feel import tree
from engine.expressions.feel.reader import Reader
from engine.expressions.feel.tokens import Token, spelled

DEEPEST = 150
POWER = 6
_CONSTANTS = {"true": True, "false": False, "null": None}


class Forms(Reader, ABC):
    """Each rule is given the token that it begins with, which is taken already."""

    @abstractmethod
    def expression(self, level: int = 0) -> tree.Node:
        """An expression of operators that bind more tightly than `level`."""

    def refuse_depth(self) -> Exception:
        return self.source.error(f"The expression is nested more than {DEEPEST} levels deep", self.token.at)

    # values

    def constant(self, token: Token) -> tree.Node:
        return tree.Literal(token.at, _CONSTANTS[token.kind])

    def plain(self, token: Token) -> tree.Node:
        return tree.Literal(token.at, token.value)

    def at_literal(self, token: Token) -> tree.Node:
        return tree.AtLiteral(token.at, str(self.expect("string").value))

    def name(self, token: Token) -> tree.Node:
        self.asked = self.asked or token.text == "?"
        return tree.Name(token.at, token.text if token.kind == "quoted" else self.rest_of_name(token))

    def operator_function(self, token: Token) -> tree.Node:
        """and(…) and or(…) as functions of a list."""
        if self.kind != "(":
            raise self.surprise(token, "a value")
        return tree.Name(token.at, token.text)

    def negation(self, token: Token) -> tree.Node:
        return tree.Negation(token.at, self.expression(POWER))

    def group(self, token: Token) -> tree.Node:
        inner = self.expression()
        if self.accept(".."):
            return self.interval(token, inner)
        self.expect(")")
        return inner

    def bracket(self, token: Token) -> tree.Node:
        if self.accept("]"):
            return tree.ListOf(token.at, ())
        first = self.expression()
        if self.accept(".."):
            return self.interval(token, first)
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return tree.ListOf(token.at, tuple(items))

    def open_range(self, token: Token) -> tree.Node:
        low = self.expression()
        self.expect("..")
        return self.interval(token, low)

    def interval(self, opening: Token, low: tree.Node) -> tree.Node:
        self.ranges += 1
        high = self.expression()
        self.ranges -= 1
        closing = self.take()
        if closing.kind not in ("]", ")", "["):
            raise self.surprise(closing, "the end of the range, ] or )")
        return tree.Interval(opening.at, low, high, opening.kind == "[", closing.kind == "]")

    def context(self, token: Token) -> tree.Node:
        entries: list[tuple[str, tree.Node]] = []
        while not self.accept("}"):
            if entries:
                self.expect(",")
            key = self.key()
            entries.append((key, self.expression()))
        return tree.ContextOf(token.at, tuple(entries))

    def key(self) -> str:
        token = self.token
        if token.kind == "string":
            self.take()
            self.expect(":")
            return str(token.value)
        parts = []
        while self.kind not in (":", "end", "string", ",", "{", "}", "(", ")"):
            parts.append(self.take())
        if not parts:
            raise self.surprise(token, "a key")
        self.expect(":")
        key = parts[0].text if len(parts) == 1 else spelled(parts)
        self.remember(key)
        return key

    # control

    def condition(self, token: Token) -> tree.Node:
        condition = self.expression()
        self.expect("then")
        yes = self.expression()
        self.expect("else")
        return tree.If(token.at, condition, yes, self.expression())

    def loop(self, token: Token) -> tree.Node:
        iterators = self.iterators()
        self.expect("return")
        return tree.For(token.at, iterators, self.expression())

    def quantified(self, token: Token) -> tree.Node:
        iterators = self.iterators()
        self.expect("satisfies")
        return tree.Quantified(token.at, token.kind == "every", iterators, self.expression())

    def iterators(self) -> tuple[tree.Each, ...]:
        found = [self.iterator()]
        while self.accept(","):
            found.append(self.iterator())
        if len(found) > DEEPEST // 5:
            raise self.refuse_depth()
        return tuple(found)

    def iterator(self) -> tree.Each:
        token = self.take()
        name = self.whole_name(token)
        self.expect("in")
        start = self.expression()
        return tree.Each(token.at, name, start, self.expression() if self.accept("..") else None)

    def function(self, token: Token) -> tree.Node:
        self.expect("(")
        parameters: list[str] = []
        while not self.accept(")"):
            if parameters:
                self.expect(",")
            parameters.append(self.whole_name(self.take()))
            if self.accept(":"):
                self.type()
        outside = self.accept("external")
        body = self.expression()
        return tree.Lambda(token.at, tuple(parameters), None if outside else body)
