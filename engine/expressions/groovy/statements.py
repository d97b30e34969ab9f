"""The only place that reads Groovy's statements into a tree."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions import ExpressionError
from engine.expressions.exposed import names
from engine.expressions.groovy import tree
from engine.expressions.groovy.expressions import Expressions
from engine.expressions.groovy.primaries import STARTS
from engine.expressions.groovy.tokens import Token, tokens
from engine.expressions.groovy.types import KEYWORDS

MODIFIERS = names("final static private public protected")
UNSUPPORTED = names("class interface enum trait do goto synchronized package abstract native")
AFTER_DECLARED = frozenset({"=", ";", ",", "}", "(", ":", "in"})


def parse(source: str) -> tree.Block:
    """A whole script as one block. ExpressionError at the first place that is broken or not supported."""
    try:
        return Statements(source, tokens(source)).script()
    except RecursionError as deep:
        raise ExpressionError("The script is nested too deeply", source) from deep


class Statements(Expressions):
    """Reads statements."""

    def script(self) -> tree.Block:
        found = self._statements()
        if self.next.sort != "end":
            raise self.unexpected("a statement")
        return tree.Block(0, found)

    def block_until_brace(self) -> tree.Block:
        start = self.next.position
        found = self._statements()
        self.expect("}")
        return tree.Block(start, found)

    def _block(self) -> tree.Block:
        self.skip_lines()
        self.expect("{")
        with self.deeper(), self.lines(True):
            return self.block_until_brace()

    def _statements(self) -> tuple[tree.Node, ...]:
        found: list[tree.Node] = []
        while True:
            self._pass_ends()
            if self.next.sort == "end" or self.is_sign("}") or self.is_word("case", "default"):
                return tuple(found)
            found.append(self.statement())
            if self.next.sort not in ("line", "end") and not self.is_sign(";", "}"):
                raise self.unexpected("the end of the statement")

    def _pass_ends(self) -> None:
        while self.next.sort == "line" or self.is_sign(";"):
            self.take()

    def statement(self) -> tree.Node:
        """One statement, without the sign or line that ends it."""
        token = self.next
        if token.sort == "sign" and token.text == "@":
            raise self.broken("Annotations (@...) are not supported")
        if token.sort == "name" and token.text in UNSUPPORTED and self.after().sort != "sign":
            raise self.broken(f"'{token.text}' is not supported in scripts")
        reader = _STATEMENTS.get(token.text) if token.sort == "name" else None
        with self.deeper():
            return reader(self, self.take()) if reader else self._declaration() or self._expression_statement()

    def _body(self) -> tree.Node:
        """A block in braces, or one statement."""
        self.skip_lines()
        return self._block() if self.is_sign("{") else self.statement()

    def _expression_statement(self) -> tree.Node:
        node = self.expression()
        if not isinstance(node, tree.Name | tree.Property) or not self._starts_argument():
            return node
        args = self.arguments()
        if isinstance(node, tree.Property) and isinstance(node.name, tree.Literal):
            return tree.MethodCall(node.position, node.target, str(node.name.value), args, node.safe, node.each)
        return tree.Call(node.position, node, args)

    def _starts_argument(self) -> bool:
        """Whether a call without brackets goes on here: println x."""
        if self.next.sort == "name":
            return self.next.text not in KEYWORDS or self.next.text in ("new", "true", "false", "null")
        return self.next.sort in STARTS

    def _declaration(self) -> tree.Node | None:
        """def a = ..., Type a = ..., def f(...) {...}; None and nothing taken when this is none."""
        place, start, marked = self.place(), self.next, False
        while self.is_word(*MODIFIERS) or self.is_word("def") or (self.is_word("var") and self.after().sort == "name"):
            self.take()
            marked = True
        kind = "" if marked and self._name_ends_here() else self.maybe_type()
        if (marked or kind) and (self._name_ends_here() or (marked and self.is_sign("("))):
            return self._declared(kind, start)
        if marked:
            raise self.unexpected("a name")
        self.back_to(place)
        return None

    def _name_ends_here(self) -> bool:
        """Whether a name stands here with what can follow a declared name after it."""
        if self.next.sort != "name" or self.next.text in KEYWORDS:
            return False
        place = self.place()
        self.take()
        after = self.next
        self.back_to(place)
        return after.sort in ("line", "end") or after.text in AFTER_DECLARED

    def _declared(self, kind: str, start: Token) -> tree.Node:
        if self.accept("("):
            declared = [parameter.name for parameter in self.parameters(")")]
            self.expect(")")
            return tree.Declare(start.position, "", tuple(declared), self._initial())
        token = self.name()
        if self.accept("("):
            return self._function(kind, token)
        found: list[tree.Node] = [tree.Declare(token.position, kind, (token.text,), self._initial())]
        while self.accept(","):
            self.skip_lines()
            more = self.name()
            found.append(tree.Declare(more.position, kind, (more.text,), self._initial()))
        return found[0] if len(found) == 1 else tree.Several(start.position, tuple(found))

    def _initial(self) -> tree.Node | None:
        if not self.accept("="):
            return None
        self.skip_lines()
        return self.expression()

    def _function(self, kind: str, token: Token) -> tree.Node:
        with self.lines(False):
            parameters = self.parameters(")")
            self.expect(")")
        if self.accept_word("throws"):
            self.types_between(",")
        return tree.Function(token.position, token.text, kind, parameters, self._block())

    def _condition(self) -> tree.Node:
        self.expect("(")
        with self.lines(False):
            node = self.expression()
            self.expect(")")
        return node

    def _if(self, token: Token) -> tree.Node:
        condition, yes = self._condition(), self._body()
        place = self.place()
        self._pass_ends()
        if self.accept_word("else"):
            return tree.If(token.position, condition, yes, self._body())
        self.back_to(place)
        return tree.If(token.position, condition, yes, None)

    def _while(self, token: Token) -> tree.Node:
        return tree.While(token.position, self._condition(), self._body())

    def _for(self, token: Token) -> tree.Node:
        self.expect("(")
        with self.lines(False):
            head = self._for_items(token) or self._for_steps(token)
        body = self._body()
        if isinstance(head, tree.ForIn):
            return tree.ForIn(head.position, head.name, head.items, body)
        return tree.ForSteps(head.position, head.start, head.condition, head.step, body)

    def _for_items(self, token: Token) -> tree.ForIn | None:
        place = self.place()
        self.accept_word("final")
        if not self.accept_word("def", "var") and self.after().text not in ("in", ":"):
            self.maybe_type()
        if self.next.sort == "name" and self.after().text in ("in", ":"):
            name = self.take().text
            self.take()
            items = self.expression()
            self.expect(")")
            return tree.ForIn(token.position, name, items, items)
        self.back_to(place)
        return None

    def _for_steps(self, token: Token) -> tree.ForSteps:
        start = () if self.is_sign(";") else (self.statement(),)
        self.expect(";")
        condition = None if self.is_sign(";") else self.expression()
        self.expect(";")
        step: list[tree.Node] = []
        while not self.accept(")"):
            step.append(self.expression())
            if not self.is_sign(")"):
                self.expect(",")
        return tree.ForSteps(token.position, start, condition, tuple(step), tree.Block(token.position, ()))

    def _return(self, token: Token) -> tree.Node:
        ends = self.next.sort in ("line", "end") or self.is_sign(";", "}")
        return tree.Return(token.position, None if ends else self.expression())

    def _jump(self, token: Token) -> tree.Node:
        return tree.Jump(token.position, token.text)

    def _throw(self, token: Token) -> tree.Node:
        return tree.Throw(token.position, self.expression())

    def _try(self, token: Token) -> tree.Node:
        body, catches = self._block(), []
        while catch := self.accept_word_after_lines("catch"):
            catches.append(self._catch(catch))
        last = self._block() if self.accept_word_after_lines("finally") else None
        if not catches and not last:
            raise self.broken("A try needs a catch or a finally", token)
        return tree.Try(token.position, body, tuple(catches), last)

    def _catch(self, token: Token) -> tree.Catch:
        self.expect("(")
        with self.lines(False):
            self.accept_word("final", "def")
            types = () if self.after().text == ")" else self.types_between("|")
            name = self.name().text
            self.expect(")")
        return tree.Catch(token.position, types, name, self._block())

    def _switch(self, token: Token) -> tree.Node:
        value = self._condition()
        self.skip_lines()
        self.expect("{")
        cases: list[tree.Case] = []
        with self.lines(True):
            self._pass_ends()
            while not self.accept("}"):
                cases.append(self._case())
        return tree.Switch(token.position, value, tuple(cases))

    def _case(self) -> tree.Case:
        token = self.name("'case' or 'default'")
        if token.text not in ("case", "default"):
            raise self.broken("'case' or 'default' was expected here", token)
        value = self.expression() if token.text == "case" else None
        self.expect(":")
        return tree.Case(token.position, value, tree.Block(self.next.position, self._statements()))

    def _assert(self, token: Token) -> tree.Node:
        condition = self.expression()
        written = self.source[token.position : self.next.position].strip()
        message = self.expression() if self.accept(":", ",") else None
        return tree.Assert(token.position, condition, message, written)

    def _import(self, token: Token) -> tree.Node:
        static = bool(self.accept_word("static"))
        path = self.name("a class").text
        while self.accept("."):
            path += "." + (self.take().text if self.is_sign("*") else self.name("a class").text)
        alias = self.name().text if self.accept_word("as") else ""
        return tree.Import(token.position, path, static, alias)


_STATEMENTS: dict[str, Callable[[Statements, Token], tree.Node]] = {
    "if": Statements._if,
    "while": Statements._while,
    "for": Statements._for,
    "return": Statements._return,
    "break": Statements._jump,
    "continue": Statements._jump,
    "throw": Statements._throw,
    "try": Statements._try,
    "switch": Statements._switch,
    "assert": Statements._assert,
    "import": Statements._import,
}
