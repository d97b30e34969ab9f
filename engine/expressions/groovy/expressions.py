"""The only place that reads Groovy's operators, and what can follow a value: .name, [key], (args), {closure}."""

from __future__ import annotations

from engine.expressions.groovy import tree
from engine.expressions.groovy.primaries import STARTS, Primaries
from engine.expressions.groovy.tokens import Token
from engine.expressions.groovy.types import PRIMITIVES, looks_like_type

_LOOSE_TO_TIGHT = (
    "||", "&&", "|", "^", "&", "== != <=> =~ ==~", "< <= > >= in !in instanceof !instanceof as", "<< >> .. ..<", "+ -", "* / %",
)  # fmt: skip
LEVELS = {sign: level for level, signs in enumerate(_LOOSE_TO_TIGHT) for sign in signs.split()}
FIRST_ON_LINE = ("||", "&&")
ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=")
INFIX_WORDS = ("in", "instanceof", "as")


class Expressions(Primaries):
    """Reads expressions."""

    def expression(self) -> tree.Node:
        """Any expression, an assignment too."""
        with self.deeper():
            left = self._choice()
            sign = self.accept(*ASSIGNMENTS)
            if not sign:
                return left
            if not isinstance(left, tree.Name | tree.Property | tree.Index):
                raise self.broken("Only a variable, a property or an item can be assigned to", sign)
            self.skip_lines()
            return tree.Assign(left.position, left, sign.text[:-1], self.expression())

    def _choice(self) -> tree.Node:
        condition = self._binary()
        if sign := self.accept_after_lines("?:"):
            self.skip_lines()
            return tree.Choice(sign.position, condition, None, self._choice_or_assignment())
        sign = self.accept_after_lines("?")
        if not sign:
            return condition
        self.skip_lines()
        yes = self._choice_or_assignment()
        if not self.accept_after_lines(":"):
            raise self.unexpected("':'")
        self.skip_lines()
        return tree.Choice(sign.position, condition, yes, self._choice_or_assignment())

    def _choice_or_assignment(self) -> tree.Node:
        with self.deeper():
            return self.expression()

    def _binary(self, least: int = 0) -> tree.Node:
        """Operators that bind at least as tightly as the level `least`."""
        left = self._unary()
        while sign := self._infix(least):
            self.skip_lines()
            left = self._right_side(left, sign)
        return left

    def _infix(self, least: int) -> Token | None:
        """The operator that stands here, when it binds tightly enough."""
        place = self.place()
        found = self.accept_after_lines(*FIRST_ON_LINE) or self._negated_word() or self._shift_right() or self._plain_infix()
        if found and LEVELS[found.text] >= least:
            return found
        self.back_to(place)
        return None

    def _plain_infix(self) -> Token | None:
        return self.take() if self.next.sort in ("sign", "name") and self.next.text in LEVELS else None

    def _negated_word(self) -> Token | None:
        """!in and !instanceof."""
        after = self.after()
        if self.is_sign("!") and after.text in ("in", "instanceof") and after.position == self.next.position + 1:
            self.take()
            return Token("name", "!" + self.take().text, after.position)
        return None

    def _shift_right(self) -> Token | None:
        """>> comes as two tokens, for the sake of List<List<String>>."""
        after = self.after()
        if not self.is_sign(">") or after.text != ">" or after.position != self.next.position + 1:
            return None
        self.take()
        return Token("sign", ">>", self.take().position - 1)

    def _right_side(self, left: tree.Node, sign: Token) -> tree.Node:
        if sign.text == "as":
            return tree.Cast(sign.position, left, self.type())
        if sign.text.endswith("instanceof"):
            return tree.IsType(sign.position, left, self.type(), sign.text.startswith("!"))
        right = self._binary(LEVELS[sign.text] + 1)
        if sign.text in ("..", "..<"):
            return tree.RangeOf(sign.position, left, right, sign.text == "..<")
        return tree.Binary(sign.position, sign.text, left, right)

    def _unary(self) -> tree.Node:
        if sign := self.accept("!", "-", "+", "~"):
            with self.deeper():
                return tree.Unary(sign.position, sign.text, self._unary())
        if sign := self.accept("++", "--"):
            with self.deeper():
                return tree.Step(sign.position, self._unary(), 1 if sign.text == "++" else -1, False)
        if cast := self._cast():
            return cast
        base = self._postfix()
        if sign := self.accept("**"):
            self.skip_lines()
            with self.deeper():
                return tree.Binary(sign.position, "**", base, self._unary())
        return base

    def _cast(self) -> tree.Node | None:
        """(Type) value; a name in brackets before a value is a type when it looks like one."""
        if not self.is_sign("(") or not looks_like_type(self.after()):
            return None
        place, opening = self.place(), self.take()
        found = self.maybe_type()
        if found and self.accept(")") and (self._starts_value() or (found in PRIMITIVES and self.is_sign("-", "+"))):
            with self.deeper():
                return tree.Cast(opening.position, self._unary(), found)
        self.back_to(place)
        return None

    def _starts_value(self) -> bool:
        if self.next.sort == "name":
            return self.next.text not in INFIX_WORDS
        return self.next.sort in STARTS or self.is_sign("(", "[", "{")

    def _postfix(self) -> tree.Node:
        node = self._primary()
        while found := self._suffix(node):
            node = found
        return node

    def _suffix(self, node: tree.Node) -> tree.Node | None:
        """The node with one more .name, [key], (args), {closure}, ++ or -- after it; None when there is none."""
        if sign := self.accept_after_lines(".", "?.", "*.", ".&", "::"):
            return self._member(node, sign)
        if sign := self.accept("["):
            return self._index(node, sign)
        if self.is_sign("("):
            return tree.Call(node.position, node, self._call_arguments())
        if self.is_sign("{") and isinstance(node, tree.Name):
            return tree.Call(node.position, node, self._closures())
        if sign := self.accept("++", "--"):
            return tree.Step(sign.position, node, 1 if sign.text == "++" else -1, True)
        return None

    def _index(self, node: tree.Node, sign: Token) -> tree.Node:
        with self.lines(False):
            keys = [self.expression()]
            while self.accept(","):
                keys.append(self.expression())
            self.expect("]")
        return tree.Index(sign.position, node, keys[0] if len(keys) == 1 else tree.ListOf(sign.position, tuple(keys)))

    def _member(self, node: tree.Node, sign: Token) -> tree.Node:
        self.skip_lines()
        token = self.next
        if sign.text in (".&", "::"):
            return tree.MethodOf(token.position, node, self.name("a method's name").text)
        if token.sort not in ("name", "text", "gstring"):
            raise self.unexpected("a name")
        self.take()
        plain = token.text if token.sort == "name" else token.value
        name = self._text(token) if token.sort == "gstring" else tree.Literal(token.position, plain)
        safe, each = sign.text == "?.", sign.text == "*."
        if isinstance(name, tree.Literal) and self.is_sign("(", "{"):
            return tree.MethodCall(token.position, node, name.value, self._call_arguments(), safe, each)
        return tree.Property(token.position, node, name, safe, each)
