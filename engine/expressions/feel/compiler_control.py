"""The only place that compiles what binds names or calls: for, some, every, functions, calls, unary tests and instance of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import Refused
from engine.expressions.feel import comparison, far, tree
from engine.expressions.feel.builtins import BUILTINS
from engine.expressions.feel.compiler import COMPILERS, Unit, compile_all, compile_node, reason
from engine.expressions.feel.far import DAYS
from engine.expressions.feel.kinds import type_test
from engine.expressions.feel.scope import DEEPEST_CALLS, MISSING, Code, Scope
from engine.expressions.feel.signature import AssertionFailed, Builtin, Mismatch
from engine.expressions.feel.tokens import Spot
from engine.expressions.feel.values import NUMBERS, Function, Range, adopt, kind_of

CALL_STEPS = 5
QUIET = frozenset(("is defined", "get or else"))
FAILURES = (TypeError, ValueError, ArithmeticError, LookupError)


class NothingToGoThrough(Refused):
    """This is no list and no range of whole steps."""


Domain = Callable[[Scope], Iterator[Any] | None]
Domains = tuple[tuple[str, Domain], ...]


def _domains(iterators: tuple[tree.Each, ...], unit: Unit) -> tuple[Domains, Unit]:
    """What each iterator goes over; later ones see the earlier names."""
    domains = []
    for each in iterators:
        domains.append((each.name, _domain(each, unit)))
        unit = unit.inner(each.name)
    return tuple(domains), unit


def _domain(each: tree.Each, unit: Unit) -> Domain:
    start, spot = compile_node(each.start, unit), unit.spot(each)
    stop = compile_node(each.stop, unit) if each.stop is not None else None

    def items(scope: Scope) -> Iterator[Any] | None:
        first = start(scope)
        found = _over(first) if stop is None else _span(first, stop(scope))
        return found if found is not None else scope.run.complain("This cannot be gone through step by step", spot)

    return items


def _over(value: Any) -> Iterator[Any] | None:
    if type(value) is list:
        return map(adopt, value)
    if type(value) is Range:
        return _over_range(value)
    return None if value is None else iter((value,))


def _over_range(span: Range) -> Iterator[Any] | None:
    if comparison.less(span.high, span.low) is not False:
        return None
    steps = _span(span.low, span.high)
    return steps and (step for step in steps if comparison.within(step, span))


def _span(first: Any, last: Any) -> Iterator[Any] | None:
    """Whole steps from the first to the last, up or down; numbers and dates only."""
    if type(first) in DAYS and type(last) in DAYS:
        return map(far.day_numbered, _steps(far.number_of(first), far.number_of(last)))
    if type(first) is int and type(last) is int:
        return iter(_steps(first, last))
    if type(first) in NUMBERS and type(last) in NUMBERS:
        whole = int(last - first)
        return (first + step for step in _steps(0, whole))
    return None


def _steps(first: int, last: int) -> range:
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _bindings(domains: Domains, scope: Scope) -> Iterator[Scope]:
    """A scope for each combination; raises NothingToGoThrough when one of the domains is no list."""
    (name, domain), rest = domains[0], domains[1:]
    items = domain(scope)
    if items is None:
        raise NothingToGoThrough
    for item in items:
        scope.run.step()
        inner = Scope({name: item}, scope, scope.run)
        if rest:
            yield from _bindings(rest, inner)
        else:
            yield inner


def _for(node: tree.For, unit: Unit) -> Code:
    domains, inner = _domains(node.iterators, unit.inner("partial"))
    body = compile_node(node.body, inner)

    def run(scope: Scope) -> Any:
        results: list[Any] = []
        try:
            for bound in _bindings(domains, Scope({"partial": results}, scope, scope.run)):
                results.append(body(bound))
        except NothingToGoThrough:
            return None
        return results

    return run


def _quantified(node: tree.Quantified, unit: Unit) -> Code:
    domains, inner = _domains(node.iterators, unit)
    body, decisive = compile_node(node.body, inner), not node.every

    def run(scope: Scope) -> Any:
        outcome: bool | None = not decisive
        try:
            for bound in _bindings(domains, scope):
                value = body(bound)
                if value is decisive:
                    return decisive
                outcome = outcome if type(value) is bool else None
        except NothingToGoThrough:
            return None
        return outcome

    return run


def _lambda(node: tree.Lambda, unit: Unit) -> Code:
    names, spot = node.parameters, unit.spot(node)
    if node.body is None:
        return lambda scope: scope.run.complain("External functions are not called", spot)
    body = compile_node(node.body, unit.inner(*names))

    def make(scope: Scope) -> Any:
        def call(*arguments: Any) -> Any:
            return _deeper(scope, body, dict(zip(names, arguments, strict=True)), spot)

        return Function("function", names, call)

    return make


def _deeper(scope: Scope, body: Code, names: dict[str, Any], spot: Spot) -> Any:
    run = scope.run
    run.step(CALL_STEPS)
    if run.depth >= DEEPEST_CALLS:
        return run.complain(f"Functions call each other more than {DEEPEST_CALLS} deep", spot)
    run.depth += 1
    try:
        return body(Scope(names, scope, run))
    finally:
        run.depth -= 1


def _call(node: tree.Call, unit: Unit) -> Code:
    arguments, names, spot = compile_all(node.arguments, unit), node.names, unit.spot(node)
    if isinstance(node.function, tree.Name) and node.function.name not in unit.bound:
        return _named_call(node.function.name, arguments, names, spot)
    target = compile_node(node.function, unit)
    return lambda scope: invoke(target(scope), [argument(scope) for argument in arguments], names, scope, spot)


def _named_call(name: str, arguments: tuple[Code, ...], names: tuple[str, ...], spot: Spot) -> Code:
    builtin = BUILTINS.get(name)
    if builtin is None:
        return _outside_call(name, arguments, names, spot)
    if name in QUIET:
        return _quiet_call(builtin, arguments, names, spot)
    return lambda scope: invoke(builtin, [argument(scope) for argument in arguments], names, scope, spot)


def _outside_call(name: str, arguments: tuple[Code, ...], names: tuple[str, ...], spot: Spot) -> Code:
    def run(scope: Scope) -> Any:
        target = scope.find(name)
        if target is MISSING:
            return scope.run.complain(f"There is no function '{name}'", spot)
        return invoke(adopt(target), [argument(scope) for argument in arguments], names, scope, spot)

    return run


def _quiet_call(builtin: Builtin, arguments: tuple[Code, ...], names: tuple[str, ...], spot: Spot) -> Code:
    def run(scope: Scope) -> Any:
        scope.run.muted += 1
        try:
            values = [argument(scope) for argument in arguments]
        finally:
            scope.run.muted -= 1
        return invoke(builtin, values, names, scope, spot)

    return run


def invoke(target: Any, values: list[Any], names: tuple[str, ...], scope: Scope, spot: Spot) -> Any:
    """Calls a built-in, a FEEL function or a host's function; null with a warning when it does not fit."""
    try:
        if type(target) is Builtin:
            return target.invoke(values, names, scope.run)
        if type(target) is Function:
            return adopt(target.call(*_ordered(target, values, names)))
    except AssertionFailed as error:
        raise spot.error(error.message) from None
    except Mismatch as error:
        return scope.run.complain(str(error), spot)
    except FAILURES as error:
        return scope.run.complain(f"{target.name}: {reason(error)}", spot)
    return scope.run.complain(f"A {kind_of(target)} cannot be called", spot)


def _ordered(target: Function, values: list[Any], names: tuple[str, ...]) -> list[Any]:
    """The values in the order of the parameters; one that is not named is null."""
    expected = target.parameters
    if expected is None:
        return values
    fits = len(set(names)) == len(names) and set(names) <= set(expected) if names else len(values) == len(expected)
    if not fits:
        raise Mismatch(f"{target.name} takes ({', '.join(expected)})")
    given = dict(zip(names or expected, values, strict=True))
    return [given.get(name) for name in expected]


def _instance_of(node: tree.InstanceOf, unit: Unit) -> Code:
    value, fits, spot = compile_node(node.value, unit), type_test(node.kind), unit.spot(node)
    if fits is None:
        return lambda scope: scope.run.complain(f"There is no type '{node.kind.name}'", spot)
    return lambda scope: fits(value(scope))


def _tests(node: tree.Tests, unit: Unit) -> Code:
    literals = [isinstance(test, tree.Literal) for test in node.tests]
    tests = list(zip(compile_all(node.tests, unit), node.asking, literals, strict=True))

    def run(scope: Scope) -> Any:
        value = adopt(scope.find("?"))
        outcome: bool | None = not tests
        for test, asks, literal in tests:
            outcome = comparison.disjunction(outcome, _met(value, test(scope), asks, literal))
        return comparison.negated(outcome) if node.negated else outcome

    return run


def _met(value: Any, test: Any, asks: bool, literal: bool) -> bool | None:
    """A unary test is met by its value, or when it is a condition that is true: only what is written as true or false is a value then."""
    if type(test) is bool and (asks or type(value) is not bool or (test and not literal)):
        return test
    return comparison.passes(value, test)


COMPILERS |= {
    tree.For: _for,
    tree.Quantified: _quantified,
    tree.Lambda: _lambda,
    tree.Call: _call,
    tree.InstanceOf: _instance_of,
    tree.Tests: _tests,
}
