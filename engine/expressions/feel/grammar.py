"""The only place that reads FEEL's grammar (DMN 1.5, 10.3.1.2): tokens become the shapes of `tree`, by precedence climbing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.expressions.feel import tree
from engine.expressions.feel.reader import Reader
from engine.expressions.feel.tokens import Source, Token, is_word, spelled

DEEPEST = 150

OR, AND, COMPARISON, SUM, PRODUCT, POWER = range(1, 7)
_LEVELS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "between", "in", "instance"), COMPARISON),
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
}
_COMPARING = frozenset(("=", "!=", "<", "<=", ">", ">="))
_CHAINED = frozenset((SUM, PRODUCT, POWER))
_CONSTANTS = {"true": True, "false": False, "null": None}


def expression(source: Source, found: list[Token], known: Iterable[tuple[int, int, str]] = ()) -> tree.Node:
    """The tree of an expression; `known` are spans of tokens that are one name. Raises ExpressionError with the position."""
    return _whole(Grammar(source, found, known), Grammar.expression)


def unary_tests(source: Source, found: list[Token], known: Iterable[tuple[int, int, str]] = ()) -> tree.Node:
    """The tree of unary tests: `-`, `not(…)`, or tests with commas between."""
    return _whole(Grammar(source, found, known), Grammar.tests)


def _whole(grammar: Grammar, rule: Callable[[Grammar], tree.Node]) -> tree.Node:
    try:
        node = rule(grammar)
    except RecursionError:
        raise grammar.refuse_depth() from None
    grammar.expect("end")
    return node


class Grammar(Reader):
    def expression(self, level: int = 0) -> tree.Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse_depth()
        token = self.take()
        left = _PREFIX.get(token.kind, Grammar.nothing)(self, token)
        left = self.tail(left)
        while (found := _LEVELS.get(self.kind, 0)) > level:
            left = self.chain(left, found) if found in _CHAINED else self.logical(left, found)
        self.depth -= 1
        return left

    def refuse_depth(self) -> Exception:
        return self.source.error(f"The expression is nested more than {DEEPEST} levels deep", self.token.at)

    def nothing(self, token: Token) -> tree.Node:
        raise self.surprise(token, "a value")

    # operators

    def chain(self, left: tree.Node, level: int) -> tree.Node:
        rest = []
        while _LEVELS.get(self.kind) == level:
            operator = self.take()
            rest.append((operator.kind, self.expression(level), operator.at))
        return tree.Chain(left.at, left, tuple(rest))

    def logical(self, left: tree.Node, level: int) -> tree.Node:
        if level == COMPARISON:
            operator = self.take()
            return _RELATIONS.get(operator.kind, Grammar.comparison)(self, left, operator)
        operands = [left]
        kind = self.kind
        while self.accept(kind):
            operands.append(self.expression(level))
        return tree.Logic(left.at, kind, tuple(operands))

    def comparison(self, left: tree.Node, operator: Token) -> tree.Node:
        return tree.Comparing(operator.at, operator.kind, left, self.expression(COMPARISON))

    def between(self, left: tree.Node, operator: Token) -> tree.Node:
        low = self.expression(COMPARISON)
        self.expect("and")
        return tree.Between(operator.at, left, low, self.expression(COMPARISON))

    def within(self, left: tree.Node, operator: Token) -> tree.Node:
        if not self.accept("("):
            return tree.In(operator.at, left, (self.test(COMPARISON),))
        opening = self.back()
        tests = [self.test()]
        if self.accept(".."):
            return tree.In(operator.at, left, (self.interval(opening, tests[0]),))
        while self.accept(","):
            tests.append(self.test())
        self.expect(")")
        return tree.In(operator.at, left, tuple(tests))

    def instance(self, left: tree.Node, operator: Token) -> tree.Node:
        self.expect_word("of")
        return tree.InstanceOf(operator.at, left, self.type())

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
        inner = self.test()
        if self.accept(".."):
            return self.interval(token, inner)
        self.expect(")")
        return inner

    def bracket(self, token: Token) -> tree.Node:
        if self.accept("]"):
            return tree.ListOf(token.at, ())
        first = self.test()
        if self.accept(".."):
            return self.interval(token, first)
        items = [first]
        while self.accept(","):
            items.append(self.test())
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

    # what may follow a value

    def tail(self, node: tree.Node) -> tree.Node:
        links = 0
        while (follow := _FOLLOW.get(self.kind)) is not None and not self.closes_range():
            links += 1
            if links > DEEPEST:
                raise self.refuse_depth()
            node = follow(self, node, self.take())
        return node

    def closes_range(self) -> bool:
        """Whether a [ ends a range, as in [1..10[ : nothing that could be a filter's condition follows."""
        return self.kind == "[" and self.ranges > 0 and self.following(1).kind not in _OPENINGS

    def path(self, node: tree.Node, token: Token) -> tree.Node:
        word = self.take()
        if not is_word(word) and word.kind != "quoted":
            raise self.surprise(word, "a name after the dot")
        return tree.Path(word.at, node, word.text if word.kind == "quoted" else self.further_words(word.text))

    def filter(self, node: tree.Node, token: Token) -> tree.Node:
        condition = self.expression()
        self.expect("]")
        return tree.Filter(token.at, node, condition)

    def call(self, node: tree.Node, token: Token) -> tree.Node:
        arguments: list[tree.Node] = []
        names: list[str] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            if (name := self.argument_name()) is not None:
                names.append(name)
            arguments.append(self.expression())
        if names and len(names) != len(arguments):
            raise self.source.error("Name all of the arguments or none of them", token.at)
        return tree.Call(node.at, node, tuple(arguments), tuple(names))

    # unary tests

    def tests(self) -> tree.Node:
        at = self.token.at
        if self.kind == "-" and self.following(1).kind == "end":
            self.take()
            return tree.Tests(at, (), (), False)
        negated = self.token.text == "not" and self.following(1).kind == "("
        if negated:
            self.skip(2)
        found = [self.asking_test()]
        while self.accept(","):
            found.append(self.asking_test())
        if negated:
            self.expect(")")
        tests, asking = zip(*found, strict=True)
        return tree.Tests(at, tests, asking, negated)

    def asking_test(self) -> tuple[tree.Node, bool]:
        """A test, and whether it mentions `?`."""
        self.asked = False
        return self.test(), self.asked

    def test(self, level: int = 0) -> tree.Node:
        token = self.token
        if token.kind not in _COMPARING:
            return self.expression(level)
        self.take()
        return tree.OneSided(token.at, token.kind, self.expression(COMPARISON))


_PREFIX: dict[str, Callable[[Grammar, Token], tree.Node]] = {
    "number": Grammar.plain,
    "string": Grammar.plain,
    "name": Grammar.name,
    "quoted": Grammar.name,
    "@": Grammar.at_literal,
    "-": Grammar.negation,
    "(": Grammar.group,
    "[": Grammar.bracket,
    "]": Grammar.open_range,
    "{": Grammar.context,
    "if": Grammar.condition,
    "for": Grammar.loop,
    "some": Grammar.quantified,
    "every": Grammar.quantified,
    "function": Grammar.function,
    "and": Grammar.operator_function,
    "or": Grammar.operator_function,
    **dict.fromkeys(_CONSTANTS, Grammar.constant),
}
_OPENINGS = _PREFIX.keys() - {"and", "or"}
_RELATIONS: dict[str, Callable[[Grammar, tree.Node, Token], tree.Node]] = {
    "between": Grammar.between,
    "in": Grammar.within,
    "instance": Grammar.instance,
}
_FOLLOW: dict[str, Callable[[Grammar, tree.Node, Token], tree.Node]] = {".": Grammar.path, "[": Grammar.filter, "(": Grammar.call}
