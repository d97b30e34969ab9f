"""The only place that makes closures of Python's expressions: each takes a frame and gives a value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from engine.expressions.python import calls, names
from engine.expressions.python.frames import Closure, Frame, Function, Parameters
from engine.expressions.python.members import attribute
from engine.expressions.python.names import Names, Setter
from engine.expressions.python.operators import BINARY, COMPARE, UNARY, get_item, set_attribute, set_item
from engine.expressions.python.texts import CONVERSIONS, formatted, joined
from engine.expressions.python.values import Walk, items, key, listed


def compiled(node: ast.AST, where: Names) -> Closure:
    """The closure of an expression. `where` are the names of the function in which it stands."""
    return _EXPRESSIONS[type(node)](node, where)


def constant(node: ast.Constant, where: Names) -> Closure:
    value = node.value
    return lambda frame: value


def name(node: ast.Name, where: Names) -> Closure:
    return names.reader(where, node.id, node)


def binary(node: ast.BinOp, where: Names) -> Closure:
    left, right, operation = compiled(node.left, where), compiled(node.right, where), BINARY[type(node.op)]

    def value(frame: Frame) -> Any:
        first, second = left(frame), right(frame)
        frame.run.step(node)
        return frame.run.made(operation(first, second))

    return value


def unary(node: ast.UnaryOp, where: Names) -> Closure:
    operand, operation = compiled(node.operand, where), UNARY[type(node.op)]

    def value(frame: Frame) -> Any:
        given = operand(frame)
        frame.run.step(node)
        return operation(given)

    return value


def logic(node: ast.BoolOp, where: Names) -> Closure:
    *parts, last = (compiled(value, where) for value in node.values)
    stops_at = isinstance(node.op, ast.Or)

    def value(frame: Frame) -> Any:
        for part in parts:
            found = part(frame)
            if bool(found) is stops_at:
                return found
        return last(frame)

    return value


def compare(node: ast.Compare, where: Names) -> Closure:
    first = compiled(node.left, where)
    rest = [(COMPARE[type(sign)], compiled(right, where)) for sign, right in zip(node.ops, node.comparators, strict=True)]

    def value(frame: Frame) -> Any:
        left, result = first(frame), True
        for operation, closure in rest:
            right = closure(frame)
            frame.run.step(node)
            result = operation(left, right)
            if not result:
                return result
            left = right
        return result

    return value


def choice(node: ast.IfExp, where: Names) -> Closure:
    test, yes, no = (compiled(part, where) for part in (node.test, node.body, node.orelse))
    return lambda frame: yes(frame) if test(frame) else no(frame)


def walrus(node: ast.NamedExpr, where: Names) -> Closure:
    value, assign = compiled(node.value, where), target(node.target, where)

    def assigned(frame: Frame) -> Any:
        found = value(frame)
        assign(frame, found)
        return found

    return assigned


def read_attribute(node: ast.Attribute, where: Names) -> Closure:
    owner, wanted = compiled(node.value, where), node.attr

    def value(frame: Frame) -> Any:
        whose = owner(frame)
        frame.run.step(node)
        return attribute(whose, wanted)

    return value


def subscript(node: ast.Subscript, where: Names) -> Closure:
    whole, index = compiled(node.value, where), compiled(node.slice, where)

    def value(frame: Frame) -> Any:
        whose, wanted = whole(frame), index(frame)
        frame.run.step(node)
        return frame.run.made(get_item(whose, wanted))

    return value


def slice_of(node: ast.Slice, where: Names) -> Closure:
    parts = [compiled(part, where) if part else lambda frame: None for part in (node.lower, node.upper, node.step)]
    return lambda frame: slice(*(part(frame) for part in parts))


def sequence(make: Callable[[list[Any]], Any]) -> Callable[[Any, Names], Closure]:
    """A list, tuple or set written out; *values puts their items in."""

    def compile_sequence(node: ast.List | ast.Tuple | ast.Set, where: Names) -> Closure:
        parts = [(compiled(_without_star(part), where), isinstance(part, ast.Starred)) for part in node.elts]

        def value(frame: Frame) -> Any:
            found: list[Any] = []
            for closure, many in parts:
                if many:
                    found.extend(listed(closure(frame)))
                else:
                    found.append(closure(frame))
            return frame.run.made(make(found))

        return value

    return compile_sequence


def _without_star(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def dict_of(node: ast.Dict, where: Names) -> Closure:
    pairs = [(compiled(name, where) if name else None, compiled(value, where)) for name, value in zip(node.keys, node.values, strict=True)]

    def value(frame: Frame) -> Any:
        made: dict[Any, Any] = {}
        for name, closure in pairs:
            if name:
                made[key(name(frame))] = closure(frame)
            else:
                made.update(_map(closure(frame)))
        return frame.run.made(made)

    return value


def _map(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise TypeError("** needs a map")
    return value


def text(node: ast.JoinedStr, where: Names) -> Closure:
    parts = [compiled(part, where) for part in node.values]

    def value(frame: Frame) -> str:
        pieces = [part(frame) for part in parts]
        frame.run.step(node)
        return frame.run.made(joined(iter(pieces)))

    return value


def text_part(node: ast.FormattedValue, where: Names) -> Closure:
    value, convert = compiled(node.value, where), CONVERSIONS[chr(node.conversion) if node.conversion > 0 else ""]
    form = compiled(node.format_spec, where) if node.format_spec else lambda frame: ""

    def shown(frame: Frame) -> str:
        found, how = convert(value(frame)), form(frame)
        frame.run.step(node)
        return formatted(found, how)

    return shown


def rounds(generators: list[ast.comprehension], where: Names, inner: Names) -> Callable[[Frame, Any], Iterator[None]]:
    """How a comprehension goes on: each time its names are set. The items of the first `for` are given."""
    (first, *others) = generators
    assign, tests = target(first.target, inner), [compiled(test, inner) for test in first.ifs]
    further = (compiled(others[0].iter, inner), rounds(others, inner, inner)) if others else None

    def go(frame: Frame, values: Any) -> Iterator[None]:
        for value in items(values):
            frame.run.step(first.target)
            assign(frame, value)
            if all(test(frame) for test in tests):
                if further:
                    yield from further[1](frame, further[0](frame))
                else:
                    yield

    return go


def comprehension(make: Callable[[Frame, Iterator[Any]], Any]) -> Callable[[Any, Names], Closure]:
    def compile_comprehension(node: Any, where: Names) -> Closure:
        inner = names.of_comprehension(node.generators, where)
        first, go = compiled(node.generators[0].iter, where), rounds(node.generators, where, inner)
        element = _pair(node, inner) if isinstance(node, ast.DictComp) else compiled(node.elt, inner)

        def value(outer: Frame) -> Any:
            frame = Frame(outer.run, {}, outer)
            values = first(outer)
            outer.run.step(node)
            return outer.run.made(make(frame, (element(frame) for _ in go(frame, values))))

        return value

    return compile_comprehension


def _pair(node: ast.DictComp, where: Names) -> Closure:
    first, second = compiled(node.key, where), compiled(node.value, where)
    return lambda frame: (key(first(frame)), second(frame))


def function(node: ast.FunctionDef | ast.Lambda, where: Names, called: str, body: Closure) -> Closure:
    """A def or lambda; its defaults get their values where it stands."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    parameters = Parameters(
        tuple(each.arg for each in positional),
        len(given.posonlyargs),
        given.vararg.arg if given.vararg else None,
        tuple(each.arg for each in given.kwonlyargs),
        given.kwarg.arg if given.kwarg else None,
    )
    late = positional[len(positional) - len(given.defaults) :]
    defaults = [(each.arg, compiled(value, where)) for each, value in zip(late, given.defaults, strict=True)]
    defaults += [(each.arg, compiled(value, where)) for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value]
    return lambda frame: Function(called, parameters, body, frame, {each: value(frame) for each, value in defaults})


def lambda_of(node: ast.Lambda, where: Names) -> Closure:
    return function(node, where, "lambda", compiled(node.body, names.of_function(node, where)))


def target(node: ast.expr, where: Names, keep: bool = False) -> Setter:
    """How what stands left of an = is set. With `keep` names of the top level stay with the script."""
    if isinstance(node, ast.Name):
        return names.setter(where, node.id, keep)
    if isinstance(node, ast.Attribute):
        owner, wanted = compiled(node.value, where), node.attr
        return lambda frame, value: set_attribute(owner(frame), wanted, value)
    if isinstance(node, ast.Subscript):
        whole, index = compiled(node.value, where), compiled(node.slice, where)
        return lambda frame, value: set_item(whole(frame), index(frame), value)
    assert isinstance(node, ast.Tuple | ast.List)
    return _several(node, where, keep)


def _several(node: ast.Tuple | ast.List, where: Names, keep: bool) -> Setter:
    star = next((index for index, each in enumerate(node.elts) if isinstance(each, ast.Starred)), None)
    setters = [target(_without_star(each), where, keep) for each in node.elts]

    def assign(frame: Frame, value: Any) -> None:
        values = listed(value)
        if star is not None and len(values) >= len(setters) - 1:
            after = len(values) - (len(setters) - 1 - star)
            values[star:after] = [values[star:after]]
        if len(values) != len(setters):
            raise ValueError(f"{len(setters)} values are needed here, and there are {len(values)}")
        for setter, each in zip(setters, values, strict=True):
            setter(frame, each)

    return assign


def _walk(frame: Frame, values: Iterator[Any]) -> Walk:
    return Walk(values, frame.run.enter, frame.run.leave)


def _keys(values: list[Any]) -> set[Any]:
    return {key(value) for value in values}


_EXPRESSIONS: dict[type[ast.AST], Callable[[Any, Names], Closure]] = {
    ast.Constant: constant,
    ast.Name: name,
    ast.BinOp: binary,
    ast.UnaryOp: unary,
    ast.BoolOp: logic,
    ast.Compare: compare,
    ast.IfExp: choice,
    ast.NamedExpr: walrus,
    ast.Attribute: read_attribute,
    ast.Subscript: subscript,
    ast.Slice: slice_of,
    ast.List: sequence(list),
    ast.Tuple: sequence(tuple),
    ast.Set: sequence(_keys),
    ast.Dict: dict_of,
    ast.JoinedStr: text,
    ast.FormattedValue: text_part,
    ast.ListComp: comprehension(lambda frame, values: list(values)),
    ast.SetComp: comprehension(lambda frame, values: {key(value) for value in values}),
    ast.DictComp: comprehension(lambda frame, values: dict(values)),
    ast.GeneratorExp: comprehension(_walk),
    ast.Lambda: lambda_of,
    ast.Call: lambda node, where: calls.compiled(node, where, compiled),
}
