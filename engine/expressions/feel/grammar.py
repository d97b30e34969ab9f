"""The only place that reads FEEL's grammar (DMN 1.5, 10.3.1.2): tokens become the shapes of `tree`, by precedence climbing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.expressions.feel import tree
from engine.expressions.feel.forms import DEEPEST, POWER, Forms
from engine.expressions.feel.tokens import Source, Token, is_word

OR, AND, COMPARISON, SUM, PRODUCT = range(1, POWER)
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


class Grammar(Forms):
    def expression(self, level: int = 0) -> tree.Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse_depth()
        token = self.take()
        if token.kind in _COMPARING and level < COMPARISON:
            left: tree.Node = self.one_sided(token)
        else:
            left = self.tail(_PREFIX.get(token.kind, Grammar.nothing)(self, token))
        while (found := _LEVELS.get(self.kind, 0)) > level:
            left = self.chain(left, found) if found in _CHAINED else self.logical(left, found)
        self.depth -= 1
        return left

    def one_sided(self, operator: Token) -> tree.Node:
        self.asked = True
        return tree.OneSided(operator.at, operator.kind, self.expression(COMPARISON))

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
            one = self.one_sided(self.take()) if self.kind in _COMPARING else self.expression(COMPARISON)
            return tree.In(operator.at, left, (one,), (False,))
        opening = self.back()
        found = [self.asking_test()]
        if self.accept(".."):
            return tree.In(operator.at, left, (self.interval(opening, found[0][0]),), (False,))
        while self.accept(","):
            found.append(self.asking_test())
        self.expect(")")
        tests, asking = zip(*found, strict=True)
        return tree.In(operator.at, left, tests, asking)

    def instance(self, left: tree.Node, operator: Token) -> tree.Node:
        self.expect_word("of")
        return tree.InstanceOf(operator.at, left, self.type())

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
        """A test, and whether it mentions the tested value: as `?`, or as what > 5 in `> 5 and < 10` compares with."""
        outer, self.asked = self.asked, False
        node = self.expression()
        asks = self.asked and not isinstance(node, tree.OneSided)
        self.asked = outer
        return node, asks


_PREFIX: dict[str, Callable[[Grammar, Token], tree.Node]] = {
    "number": Grammar.plain,
    "string": Grammar.plain,
    "name": Grammar.name,
    **dict.fromkeys(("instance", "between", "external"), Grammar.name),  # no expression begins with these words
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
    **dict.fromkeys(("true", "false", "null"), Grammar.constant),
}
_OPENINGS = _PREFIX.keys() - {"and", "or", "instance", "between"}
_RELATIONS: dict[str, Callable[[Grammar, tree.Node, Token], tree.Node]] = {
    "between": Grammar.between,
    "in": Grammar.within,
    "instance": Grammar.instance,
}
_FOLLOW: dict[str, Callable[[Grammar, tree.Node, Token], tree.Node]] = {".": Grammar.path, "[": Grammar.filter, "(": Grammar.call}
