"""The only place that turns a FEEL tree into closures: each node once, by the table at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import DecimalException, Overflow
from typing import Any

from engine.expressions.feel import arithmetic, comparison, temporal, tree
from engine.expressions.feel.scope import MISSING, Code, Scope
from engine.expressions.feel.tokens import Source, Spot
from engine.expressions.feel.values import KINDS, Comparison, adopt, kind_of


@dataclass(frozen=True)
class Unit:
    """What is known while compiling: the source, and whether names may be bound inside the expression (and which, for sure)."""

    source: Source
    nested: bool = False
    bound: frozenset[str] = frozenset()

    def inner(self, *names: str) -> Unit:
        return replace(self, nested=True, bound=self.bound.union(names))

    def spot(self, node: tree.Node) -> Spot:
        return self.source.spot(node.at)


Compiler = Callable[[Any, Unit], Code]
_REASONS: dict[type[Exception], str] = {
    ZeroDivisionError: "division by zero",
    Overflow: "the number is too large",
    DecimalException: "there is no such number",
}
COMPILERS: dict[type[tree.Node], Compiler] = {}


def compile_node(node: tree.Node, unit: Unit) -> Code:
    """The closure that gives a node's value in a scope."""
    return COMPILERS[type(node)](node, unit)


def compile_all(nodes: tuple[tree.Node, ...], unit: Unit) -> tuple[Code, ...]:
    return tuple(compile_node(node, unit) for node in nodes)


def always(value: Any) -> Code:
    return lambda scope: value


def _literal(node: tree.Literal, unit: Unit) -> Code:
    return always(node.value)


def _at_literal(node: tree.AtLiteral, unit: Unit) -> Code:
    value, spot = temporal.parse(node.text), unit.spot(node)
    if value is None:
        return lambda scope: scope.run.complain(f'@"{node.text}" is no date, time or duration', spot)
    return always(value)


def _name(node: tree.Name, unit: Unit) -> Code:
    name, spot = node.name, unit.spot(node)

    def unknown(scope: Scope) -> Any:
        return scope.run.complain(f"Nothing is called '{name}'", spot)

    def found_anywhere(scope: Scope) -> Any:
        value = scope.find(name)
        if value is MISSING:
            return unknown(scope)
        return value if type(value) in KINDS else adopt(value)

    def found_outside(scope: Scope) -> Any:
        try:
            value = scope.names[name]
        except KeyError:
            return unknown(scope)
        return value if type(value) in KINDS else adopt(value)

    return found_anywhere if unit.nested else found_outside


def _chain(node: tree.Chain, unit: Unit) -> Code:
    code = compile_node(node.first, unit)
    steps = [(operator, compile_node(operand, unit), unit.source.spot(at)) for operator, operand, at in node.rest]
    if len(steps) == 1:
        return _arithmetic(code, *steps[0])
    folds = [(calculator(operator, spot), operand) for operator, operand, spot in steps]

    def run(scope: Scope) -> Any:
        value = code(scope)
        for calculate, operand in folds:
            value = calculate(value, operand(scope), scope)
        return value

    return run


def calculator(operator: str, spot: Spot) -> Callable[[Any, Any, Scope], Any]:
    table = arithmetic.OPERATIONS[operator]

    def calculate(left: Any, right: Any, scope: Scope) -> Any:
        operation = table.get((type(left), type(right)))
        if operation is None:
            return scope.run.complain(f"A {kind_of(left)} {operator} a {kind_of(right)} gives nothing", spot)
        try:
            return operation(left, right)
        except arithmetic.FAILURES as error:
            return scope.run.complain(f"{operator} failed: {reason(error)}", spot)

    return calculate


def reason(error: Exception) -> str:
    """Why a calculation failed, in words."""
    words = [text for kind, text in _REASONS.items() if isinstance(error, kind)]
    return words[0] if words else str(error)


def _arithmetic(left: Code, operator: str, right: Code, spot: Spot) -> Code:
    calculate = calculator(operator, spot)
    return lambda scope: calculate(left(scope), right(scope), scope)


def _negation(node: tree.Negation, unit: Unit) -> Code:
    if isinstance(node.operand, tree.Literal) and type(node.operand.value) in arithmetic.NEGATE:
        return always(arithmetic.NEGATE[type(node.operand.value)](node.operand.value))
    operand, spot = compile_node(node.operand, unit), unit.spot(node)

    def run(scope: Scope) -> Any:
        value = operand(scope)
        negate = arithmetic.NEGATE.get(type(value))
        return negate(value) if negate else scope.run.complain(f"A {kind_of(value)} has no negative", spot)

    return run


def _logic(node: tree.Logic, unit: Unit) -> Code:
    """In Camunda's dialect a test such as > 5 may be an operand: it asks the tested value."""
    codes = compile_all(tuple(map(_asked, node.operands)), unit)
    decisive = node.operator == "or"
    if len(codes) == 2:
        return _pair(*codes, decisive)

    def run(scope: Scope) -> Any:
        outcome: bool | None = not decisive
        for code in codes:
            value = code(scope)
            if value is decisive:
                return decisive
            if value is None or type(value) is not bool:
                outcome = None
        return outcome

    return run


def _asked(node: tree.Node) -> tree.Node:
    if isinstance(node, tree.OneSided):
        return tree.Comparing(node.at, node.operator, tree.Name(node.at, "?"), node.operand)
    return node


def _pair(left: Code, right: Code, decisive: bool) -> Code:
    def run(scope: Scope) -> Any:
        first = left(scope)
        if first is decisive:
            return decisive
        second = right(scope)
        if second is decisive:
            return decisive
        return not decisive if type(first) is bool and type(second) is bool else None

    return run


def _comparing(node: tree.Comparing, unit: Unit) -> Code:
    left, right = compile_node(node.left, unit), compile_node(node.right, unit)
    compare, spot, operator = comparison.COMPARISONS[node.operator], unit.spot(node), node.operator

    def run(scope: Scope) -> Any:
        first, second = left(scope), right(scope)
        outcome = compare(first, second)
        if outcome is None and first is not None and second is not None:
            return scope.run.complain(f"A {kind_of(first)} {operator} a {kind_of(second)} has no answer", spot)
        return outcome

    return run


def _between(node: tree.Between, unit: Unit) -> Code:
    value, low, high = compile_all((node.value, node.low, node.high), unit)
    from_low, to_high = comparison.COMPARISONS[">="], comparison.COMPARISONS["<="]

    def run(scope: Scope) -> Any:
        middle = value(scope)
        return comparison.conjunction(from_low(middle, low(scope)), to_high(middle, high(scope)))

    return run


def _within(node: tree.In, unit: Unit) -> Code:
    value = compile_node(node.value, unit)
    tests = [_passing(test, asks, unit) for test, asks in zip(node.tests, node.asking, strict=True)]

    def run(scope: Scope) -> Any:
        tested = value(scope)
        outcome: bool | None = False
        for passes in tests:
            outcome = comparison.disjunction(outcome, passes(tested, scope))
        return outcome

    return run


def _passing(test: tree.Node, asks: bool, unit: Unit) -> Callable[[Any, Scope], bool | None]:
    """Whether a value passes a test in a scope."""
    if asks:
        return _asking(compile_node(test, unit.inner("?")))
    code, is_range = compile_node(test, unit), isinstance(test, tree.Interval)

    def passes(tested: Any, scope: Scope) -> bool | None:
        wanted = code(scope)
        return None if is_range and wanted is None else comparison.passes(tested, wanted)

    return passes


def _asking(code: Code) -> Callable[[Any, Scope], bool | None]:
    def passes(tested: Any, scope: Scope) -> bool | None:
        answer = code(scope.inside({"?": tested}))
        return answer if type(answer) is bool else comparison.passes(tested, answer)

    return passes


def _interval(node: tree.Interval, unit: Unit) -> Code:
    low, high, spot = compile_node(node.low, unit), compile_node(node.high, unit), unit.spot(node)

    def run(scope: Scope) -> Any:
        found = comparison.make_range(low(scope), high(scope), node.low_included, node.high_included)
        return found or scope.run.complain("A range needs two ends that can be compared", spot)

    return run


def _one_sided(node: tree.OneSided, unit: Unit) -> Code:
    operand = compile_node(node.operand, unit)
    return lambda scope: Comparison(node.operator, operand(scope))


def _if(node: tree.If, unit: Unit) -> Code:
    condition, yes, no = compile_all((node.condition, node.yes, node.no), unit)
    return lambda scope: yes(scope) if condition(scope) is True else no(scope)


COMPILERS |= {
    tree.Literal: _literal,
    tree.AtLiteral: _at_literal,
    tree.Name: _name,
    tree.Chain: _chain,
    tree.Negation: _negation,
    tree.Logic: _logic,
    tree.Comparing: _comparing,
    tree.Between: _between,
    tree.In: _within,
    tree.Interval: _interval,
    tree.OneSided: _one_sided,
    tree.If: _if,
}
