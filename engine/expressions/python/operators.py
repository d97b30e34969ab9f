"""The only place for the operators of Python scripts: Python's own, asked first whether the result or the way to it would be too large."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import exposed
from engine.expressions.exposed import Exposed
from engine.expressions.limits import MAX_BITS, MAX_ITEMS, MAX_TEXT, bounded, within
from engine.expressions.python.regexes import Found
from engine.expressions.python.texts import printf
from engine.expressions.python.values import SIZED, comparable, described, items, key

Operation = Callable[[Any, Any], Any]


def times(left: Any, right: Any) -> Any:
    for value, number in ((left, right), (right, left)):
        if isinstance(value, SIZED) and isinstance(number, int):
            most = MAX_TEXT if isinstance(value, str | bytes) else MAX_ITEMS
            within(len(value) * max(number, 0), most, "A text or list would be too long: {}")
    return left * right


def power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        within(left.bit_length() * right, 2 * MAX_BITS, "A number would be too large: {} bits")
    return left**right


def shift_left(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        within(left.bit_length() + max(right, 0), 2 * MAX_BITS, "A number would be too large: {} bits")
    return left << right


def remainder(left: Any, right: Any) -> Any:
    return printf(left, right) if isinstance(left, str) else left % right


def contains(item: Any, whole: Any) -> bool:
    """item in whole."""
    if isinstance(whole, dict | set | Mapping):
        return key(item) in whole
    if isinstance(whole, str | bytes):
        return item in whole
    if isinstance(whole, list | tuple | range):
        comparable(item, whole)
        return item in whole
    for each in items(whole):
        comparable(item, each)
        if each == item:
            return True
    return False


def compared(operation: Operation) -> Operation:
    def compare(left: Any, right: Any) -> Any:
        comparable(left, right)
        return operation(left, right)

    return compare


BINARY: dict[type[ast.operator], Operation] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: times,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: remainder,
    ast.Pow: power,
    ast.LShift: shift_left,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}

UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}

COMPARE: dict[type[ast.cmpop], Operation] = {
    ast.Eq: compared(operator.eq),
    ast.NotEq: compared(operator.ne),
    ast.Lt: compared(operator.lt),
    ast.LtE: compared(operator.le),
    ast.Gt: compared(operator.gt),
    ast.GtE: compared(operator.ge),
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: contains,
    ast.NotIn: lambda item, whole: not contains(item, whole),
}

_IN_PLACE: dict[tuple[type, type[ast.operator]], Operation] = {
    (set, ast.BitOr): operator.ior,
    (set, ast.BitAnd): operator.iand,
    (set, ast.Sub): operator.isub,
    (set, ast.BitXor): operator.ixor,
}


def in_place(sign: type[ast.operator], left: Any, right: Any) -> Any:
    """left += right and the like: lists, sets and maps are changed, all else is made anew."""
    if isinstance(left, list) and sign is ast.Add:
        left.extend(items(right))
        return left
    if isinstance(left, dict) and isinstance(right, dict) and sign is ast.BitOr:
        left.update(right)
        return left
    if isinstance(right, set) and (type(left), sign) in _IN_PLACE:
        return _IN_PLACE[type(left), sign](left, right)
    return BINARY[sign](left, right)


def get_item(whole: Any, index: Any) -> Any:
    if isinstance(whole, dict | Mapping):
        return whole[key(index)]
    if isinstance(whole, list | tuple | str | range | bytes | Found):
        return whole[index]
    raise TypeError(f"{described(whole)} has no [ ]")


def set_item(whole: Any, index: Any, value: Any) -> None:
    if isinstance(whole, list):
        whole[index] = list(items(value)) if isinstance(index, slice) else value
    elif isinstance(whole, dict):
        whole[key(index)] = value
    else:
        raise TypeError(f"{described(whole)} cannot be changed by [ ]")
    bounded(whole)


def delete_item(whole: Any, index: Any) -> None:
    if not isinstance(whole, list | dict):
        raise TypeError(f"{described(whole)} cannot be changed by [ ]")
    del whole[key(index) if isinstance(whole, dict) else index]


def set_attribute(owner: Any, name: str, value: Any) -> None:
    if not isinstance(owner, Exposed):
        raise AttributeError(f"{described(owner)} has no attribute '{name}' that can be set")
    exposed.write(owner, name, value)
