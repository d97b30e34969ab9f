"""The only place that gives Groovy's expressions their values; calls are in `calls`, assignments in `targets`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions import ExpressionError, operators
from engine.expressions.groovy import tree
from engine.expressions.groovy.casts import cast, is_a
from engine.expressions.groovy.frames import Closure, Frame
from engine.expressions.groovy.matching import Matcher, Pattern, is_case
from engine.expressions.limits import MAX_ITEMS, MAX_TEXT, bounded, within
from engine.expressions.patterns import JAVA, compiled
from engine.expressions.text import groovy_text
from engine.expressions.values import kind, order, same, truth

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operators.plus,
    "-": operators.minus,
    "*": operators.times,
    "/": operators.divide,
    "%": operators.remainder,
    "**": operators.power,
    "<<": operators.shift_left,
    ">>": operators.bits(">>", lambda left, right: left >> right),
    "&": operators.bits("&", lambda left, right: left & right),
    "|": operators.bits("|", lambda left, right: left | right),
    "^": operators.bits("^", lambda left, right: left ^ right),
    "==": same,
    "!=": lambda left, right: not same(left, right),
    "<=>": order,
    "<": lambda left, right: order(left, right) < 0,
    "<=": lambda left, right: order(left, right) <= 0,
    ">": lambda left, right: order(left, right) > 0,
    ">=": lambda left, right: order(left, right) >= 0,
    "in": lambda left, right: is_case(right, left),
    "!in": lambda left, right: not is_case(right, left),
    "==~": lambda left, right: left is not None and compiled(groovy_text(right), JAVA).fullmatch(groovy_text(left)) is not None,
    "=~": lambda left, right: Matcher(groovy_text(left), groovy_text(right)),
}

UNARY: dict[str, Callable[[Any], Any]] = {
    "!": lambda value: not truth(value),
    "-": operators.negative,
    "+": operators.positive,
    "~": lambda value: Pattern(value) if isinstance(value, str) else operators.inverted(value),
}


def literal(frame: Frame, node: tree.Literal) -> Any:
    return node.value


def text(frame: Frame, node: tree.Text) -> str:
    parts = [part if isinstance(part, str) else groovy_text(frame.value(part)) for part in node.parts]
    within(sum(map(len, parts)), MAX_TEXT, "A text would be too long: {} characters")
    return frame.run.budget.made("".join(parts))


def list_of(frame: Frame, node: tree.ListOf) -> list[Any]:
    return frame.run.budget.made(frame.values(node.items))


def map_of(frame: Frame, node: tree.MapOf) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in node.pairs:
        if isinstance(key, tree.Spread):
            made.update(frame.value(key.inside) or {})
        elif value is not None:
            made[as_key(frame.value(key))] = frame.value(value)
    return frame.run.budget.made(made)


def as_key(key: Any) -> Any:
    """A key for a map. ExpressionError for a list or a map."""
    if isinstance(key, list | dict):
        raise ExpressionError(f"A {kind(key)} cannot be the key of a map")
    return key


def range_of(frame: Frame, node: tree.RangeOf) -> Any:
    first, last = frame.value(node.first), frame.value(node.last)
    if isinstance(first, str) and isinstance(last, str) and len(first) == len(last) == 1:
        return [chr(code) for code in _numbers(ord(first), ord(last), node.without_last)]
    if not isinstance(first, int) or not isinstance(last, int):
        raise ExpressionError(f"A range needs two whole numbers, and these are a {kind(first)} and a {kind(last)}")
    return _numbers(first, last, node.without_last)


def _numbers(first: int, last: int, without_last: bool) -> range:
    step = 1 if last >= first else -1
    within(abs(last - first), MAX_ITEMS, "A range would have too many items: {}")
    return range(first, last if without_last else last + step, step)


def unary(frame: Frame, node: tree.Unary) -> Any:
    return UNARY[node.sign](frame.value(node.operand))


def binary(frame: Frame, node: tree.Binary) -> Any:
    left = frame.value(node.left)
    if node.sign in ("&&", "||"):
        return truth(frame.value(node.right)) if truth(left) is (node.sign == "&&") else truth(left)
    right, before = frame.value(node.right), bounded(left)
    result = BINARY[node.sign](left, right)
    frame.run.budget.worked(left, before)
    return result if result is left else frame.run.budget.made(result)


def choice(frame: Frame, node: tree.Choice) -> Any:
    condition = frame.value(node.condition)
    if not truth(condition):
        return frame.value(node.no)
    return condition if node.yes is None else frame.value(node.yes)


def cast_to(frame: Frame, node: tree.Cast) -> Any:
    return frame.run.budget.made(cast(frame.value(node.value), node.type))


def is_type(frame: Frame, node: tree.IsType) -> bool:
    return is_a(frame.value(node.value), node.type) is not node.negated


def closure(frame: Frame, node: tree.ClosureOf) -> Closure:
    return Closure(frame, node)


EXPRESSIONS: dict[type[tree.Node], Callable[..., Any]] = {
    tree.Literal: literal,
    tree.Text: text,
    tree.ListOf: list_of,
    tree.MapOf: map_of,
    tree.RangeOf: range_of,
    tree.Unary: unary,
    tree.Binary: binary,
    tree.Choice: choice,
    tree.Cast: cast_to,
    tree.IsType: is_type,
    tree.ClosureOf: closure,
}
