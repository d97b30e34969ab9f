"""The only place that reads what Groovy's expressions start from: literals, lists, maps, closures, new, and the arguments of calls."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.groovy import tree
from engine.expressions.groovy.tokens import Token
from engine.expressions.groovy.types import KEYWORDS, PRIMITIVES, Types

CONSTANTS = {"true": True, "false": False, "null": None}
STARTS = ("name", "number", "text", "gstring")


class Primaries(Types):
    """Reads values; an expression inside them is read by `expression` of the class above, a body by `block_until_brace`."""

    def expression(self) -> tree.Node:
        """Any expression, an assignment too."""
        raise NotImplementedError

    def block_until_brace(self) -> tree.Block:
        """The statements up to and with the closing brace."""
        raise NotImplementedError

    def _call_arguments(self) -> tuple[tree.Node, ...]:
        """(args), and the closures in braces that follow."""
        args: tuple[tree.Node, ...] = ()
        if self.accept("("):
            with self.lines(False):
                args = self.arguments(")")
                self.expect(")")
        return args + self._closures()

    def _closures(self) -> tuple[tree.Node, ...]:
        found = []
        while sign := self.accept("{"):
            found.append(self._closure(sign))
        return tuple(found)

    def arguments(self, closing: str = "") -> tuple[tree.Node, ...]:
        """Values with commas between them; `name: value` pairs become one map, which comes first."""
        args: list[tree.Node] = []
        pairs: list[tuple[tree.Node, tree.Node | None]] = []
        start = self.next.position
        while not (closing and self.is_sign(closing)):
            if self._is_key():
                pairs.append(self._pair())
            else:
                args.append(self._argument())
            if not self.accept(","):
                break
            self.skip_lines()
        return ((tree.MapOf(start, tuple(pairs)),) if pairs else ()) + tuple(args)

    def _argument(self) -> tree.Node:
        if sign := self.accept("*"):
            return tree.Spread(sign.position, self.expression())
        return self.expression()

    def _is_key(self) -> bool:
        return self.next.sort in STARTS and self.after().text == ":" and self.after().sort == "sign"

    def _pair(self) -> tuple[tree.Node, tree.Node | None]:
        """key: value of a map; a bare name is a text."""
        token = self.take()
        if token.sort == "sign":
            key: tree.Node = self.expression()
            self.expect(")")
        elif token.sort == "gstring":
            key = self._text(token)
        else:
            key = tree.Literal(token.position, token.text if token.sort == "name" else token.value)
        self.expect(":")
        self.skip_lines()
        return key, self.expression()

    def _primary(self) -> tree.Node:
        token = self.next
        if token.sort == "name":
            return self._word(token)
        if token.sort in ("number", "text"):
            return tree.Literal(token.position, self.take().value)
        if token.sort == "gstring":
            return self._text(self.take())
        if token.sort == "sign" and token.text in _BRACKETS:
            return _BRACKETS[token.text](self, self.take())
        raise self.unexpected("a value")

    def _word(self, token: Token) -> tree.Node:
        after = self.after()
        if after.text == "->" and after.sort == "sign":
            return self._lambda(token)
        self.take()
        if token.text in CONSTANTS:
            return tree.Literal(token.position, CONSTANTS[token.text])
        if token.text == "new":
            return self._new(token)
        if token.text in KEYWORDS - PRIMITIVES:
            raise self.broken(f"'{token.text}' cannot stand here, or is not supported", token)
        return tree.Name(token.position, token.text)

    def _new(self, token: Token) -> tree.Node:
        name = self.type()
        if not self.accept("("):
            raise self.unexpected(f"'(' after new {name}")
        with self.lines(False):
            args = self.arguments(")")
            self.expect(")")
        if self.is_sign("{"):
            raise self.broken("A class made on the spot (new ... { }) is not supported")
        return tree.New(token.position, name, args)

    def _text(self, token: Token) -> tree.Node:
        """A GString; what stands in ${ } is read from its own tokens."""
        return tree.Text(token.position, tuple(part if isinstance(part, str) else self._inside(part) for part in token.value))

    def _inside(self, tokens: tuple[Token, ...]) -> tree.Node:
        inner = type(self)(self.source, tokens)
        with inner.lines(False):
            node = inner.expression()
            if inner.next.sort != "end":
                raise inner.unexpected("'}'")
        return node

    def _in_brackets(self, opening: Token) -> tree.Node:
        if self._is_lambda():
            return self._lambda(opening)
        with self.lines(False):
            node = self.expression()
            self.expect(")")
        return node

    def _is_lambda(self) -> bool:
        """Whether an arrow follows the bracket that closes the one just opened."""
        place, depth = self.place(), 1
        while depth and self.next.sort != "end":
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.sort == "sign" else 0
        found = self.is_sign("->")
        self.back_to(place)
        return found

    def _lambda(self, opening: Token) -> tree.Node:
        if opening.text == "(":
            parameters = self.parameters(")")
            self.expect(")")
        else:
            parameters = (tree.Parameter(opening.position, self.take().text, ""),)
        self.expect("->")
        if sign := self.accept("{"):
            with self.lines(True):
                return tree.ClosureOf(sign.position, parameters, self.block_until_brace())
        body = tree.Block(self.next.position, (self.expression(),))
        return tree.ClosureOf(opening.position, parameters, body)

    def parameters(self, closing: str) -> tuple[tree.Parameter, ...]:
        """[Type] name [= value], ... up to the closing sign, which is left."""
        found: list[tree.Parameter] = []
        while not self.is_sign(closing):
            found.append(self._parameter())
            if not self.accept(","):
                break
        return tuple(found)

    def _parameter(self) -> tree.Parameter:
        while self.accept_word("final", "def"):
            pass
        kind = "" if self.after().text in (",", ")", "->", "=") else self.maybe_type()
        rest = bool(self.accept("..") and self.accept("."))
        token = self.name("a parameter")
        default = self.expression() if self.accept("=") else None
        return tree.Parameter(token.position, token.text, kind, default, rest)

    def _closure(self, opening: Token) -> tree.Node:
        with self.deeper(), self.lines(True):
            self.skip_lines()
            parameters = self._closure_parameters()
            return tree.ClosureOf(opening.position, parameters, self.block_until_brace())

    def _closure_parameters(self) -> tuple[tree.Parameter, ...] | None:
        """The parameters before an arrow; None, and nothing taken, when there is no arrow."""
        place = self.place()
        if not self._arrow_follows():
            return None
        self.back_to(place)
        with self.lines(False):
            found = self.parameters("->")
            self.expect("->")
        return found

    def _arrow_follows(self) -> bool:
        """Whether -> stands before anything that cannot be a parameter; nothing is taken for good."""
        place, depth = self.place(), 0
        found = False
        while self.next.sort in (*STARTS, "line") or self.is_sign(",", "=", "<", ">", ".", "..", "[", "]", "?", "-", "->", "(", ")"):
            token = self.take()
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0) if token.sort == "sign" else 0
            if token.text == "->" and token.sort == "sign":
                found = not depth
                break
        self.back_to(place)
        return found

    def _list_or_map(self, opening: Token) -> tree.Node:
        with self.deeper(), self.lines(False):
            if self.accept(":"):
                self.expect("]")
                return tree.MapOf(opening.position, ())
            items: list[tree.Node] = []
            pairs: list[tuple[tree.Node, tree.Node | None]] = []
            while not self.is_sign("]"):
                self._item(items, pairs)
                if not self.accept(","):
                    break
            self.expect("]")
        if pairs and items:
            raise self.broken("A list and a map are mixed in these [ ]", opening)
        return tree.MapOf(opening.position, tuple(pairs)) if pairs else tree.ListOf(opening.position, tuple(items))

    def _item(self, items: list[tree.Node], pairs: list[tuple[tree.Node, tree.Node | None]]) -> None:
        if self._is_key():
            pairs.append(self._pair())
        elif sign := self.accept("*"):
            spread_map = self.accept(":")
            spread = tree.Spread(sign.position, self.expression())
            pairs.append((spread, None)) if spread_map else items.append(spread)
        else:
            node = self.expression()
            if self.accept(":"):
                pairs.append((node, self.expression()))
            else:
                items.append(node)

_BRACKETS: dict[str, Callable[[Primaries, Token], tree.Node]] = {
    "(": Primaries._in_brackets,
    "[": Primaries._list_or_map,
    "{": Primaries._closure,
}
