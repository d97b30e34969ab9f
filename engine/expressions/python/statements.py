"""The only place that makes closures of Python's statements: each takes a frame and says how the script goes on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from engine.expressions.python import names
from engine.expressions.python.errors import catchable, fits, raised
from engine.expressions.python.expressions import compiled, function, target
from engine.expressions.python.frames import Closure, Frame
from engine.expressions.python.members import attribute
from engine.expressions.python.modules import MODULES
from engine.expressions.python.names import Names
from engine.expressions.python.operators import delete_item, get_item, in_place, set_item
from engine.expressions.python.texts import shown
from engine.expressions.python.values import items

RESULT = "return"  # the key of a frame's names under which a function's result waits; no name of a script can be that


class Jump(Enum):
    """How the script goes on when not with the next statement."""

    BREAK = "break"
    CONTINUE = "continue"
    RETURN = "return"


def block(statements: Sequence[ast.stmt], where: Names) -> Closure:
    closures = [_STATEMENTS[type(statement)](statement, where) for statement in statements]
    nodes = list(zip(closures, statements, strict=True))

    def carry_out(frame: Frame) -> Jump | None:
        for closure, node in nodes:
            frame.run.step(node)
            jump: Jump | None = closure(frame)
            if jump is not None:
                return jump
        return None

    return carry_out


def expression(node: ast.Expr, where: Names) -> Closure:
    """An expression on a line of its own: at the top level its value is the script's, until another comes."""
    value, at_top = compiled(node.value, where), where.outer is None

    def carry_out(frame: Frame) -> None:
        found = value(frame)
        if at_top:
            frame.run.value = found

    return carry_out


def assign(node: ast.Assign, where: Names) -> Closure:
    value, targets = compiled(node.value, where), [target(each, where) for each in node.targets]

    def carry_out(frame: Frame) -> None:
        found = value(frame)
        for setter in targets:
            setter(frame, found)

    return carry_out


def assign_annotated(node: ast.AnnAssign, where: Names) -> Closure:
    if node.value is None:
        return nothing(node, where)
    value, setter = compiled(node.value, where), target(node.target, where)
    return lambda frame: setter(frame, value(frame))


def assign_in_place(node: ast.AugAssign, where: Names) -> Closure:
    sign, right = type(node.op), compiled(node.value, where)
    if isinstance(node.target, ast.Subscript):
        return _item_in_place(node.target, sign, right, where)
    read, setter = compiled(node.target, where), target(node.target, where)

    def carry_out(frame: Frame) -> None:
        left, value = read(frame), right(frame)
        frame.run.step(node)
        setter(frame, frame.run.made(in_place(sign, left, value)))

    return carry_out


def _item_in_place(node: ast.Subscript, sign: type[ast.operator], right: Closure, where: Names) -> Closure:
    owner, index = compiled(node.value, where), compiled(node.slice, where)

    def carry_out(frame: Frame) -> None:
        whole, wanted = owner(frame), index(frame)
        left, value = get_item(whole, wanted), right(frame)
        frame.run.step(node)
        set_item(whole, wanted, frame.run.made(in_place(sign, left, value)))

    return carry_out


def delete(node: ast.Delete, where: Names) -> Closure:
    deleters = [_deleter(each, where) for each in node.targets]

    def carry_out(frame: Frame) -> None:
        for deleter in deleters:
            deleter(frame)

    return carry_out


def _deleter(node: ast.expr, where: Names) -> Closure:
    if isinstance(node, ast.Name):
        return names.deleter(where, node.id)
    assert isinstance(node, ast.Subscript)
    whole, index = compiled(node.value, where), compiled(node.slice, where)
    return lambda frame: delete_item(whole(frame), index(frame))


def nothing(node: ast.stmt, where: Names) -> Closure:
    return lambda frame: None


def jump(way: Jump) -> Callable[[ast.stmt, Names], Closure]:
    return lambda node, where: lambda frame: way


def if_else(node: ast.If, where: Names) -> Closure:
    test, yes, no = compiled(node.test, where), block(node.body, where), block(node.orelse, where)
    return lambda frame: yes(frame) if test(frame) else no(frame)


def while_loop(node: ast.While, where: Names) -> Closure:
    test, body, otherwise = compiled(node.test, where), block(node.body, where), block(node.orelse, where)

    def carry_out(frame: Frame) -> Jump | None:
        while test(frame):
            way: Jump | None = body(frame)
            if way is Jump.BREAK:
                return None
            if way is Jump.RETURN:
                return way
        return otherwise(frame)  # type: ignore[no-any-return]

    return carry_out


def for_loop(node: ast.For, where: Names) -> Closure:
    values, setter = compiled(node.iter, where), target(node.target, where, keep=True)
    body, otherwise = block(node.body, where), block(node.orelse, where)

    def carry_out(frame: Frame) -> Jump | None:
        for value in items(values(frame)):
            frame.run.step(node)
            setter(frame, value)
            way: Jump | None = body(frame)
            if way is Jump.BREAK:
                return None
            if way is Jump.RETURN:
                return way
        return otherwise(frame)  # type: ignore[no-any-return]

    return carry_out


def define(node: ast.FunctionDef, where: Names) -> Closure:
    inner = names.of_function(node, where)
    body, setter = block(node.body, inner), names.setter(where, node.name, keep=True)

    def result(frame: Frame) -> Any:
        return frame.names.pop(RESULT) if body(frame) is Jump.RETURN else None

    make = function(node, where, node.name, result)
    return lambda frame: setter(frame, make(frame))


def give_back(node: ast.Return, where: Names) -> Closure:
    value = compiled(node.value, where) if node.value else lambda frame: None

    def carry_out(frame: Frame) -> Jump:
        frame.names[RESULT] = value(frame)
        return Jump.RETURN

    return carry_out


def throw(node: ast.Raise, where: Names) -> Closure:
    value = compiled(node.exc, where) if node.exc else None

    def carry_out(frame: Frame) -> None:
        found = value(frame) if value else None
        frame.run.node = node
        if value:
            raise raised(found).with_traceback(None)  # which would grow each time that it is raised
        if not frame.run.handled:
            raise RuntimeError("there is no exception that could be raised again")
        raise frame.run.handled[-1].with_traceback(None)

    return carry_out


def require(node: ast.Assert, where: Names) -> Closure:
    test, message = compiled(node.test, where), compiled(node.msg, where) if node.msg else None

    def carry_out(frame: Frame) -> None:
        if not test(frame):
            text = shown(message(frame)) if message else ""
            frame.run.node = node
            raise AssertionError(*filter(None, [text]))

    return carry_out


def try_except(node: ast.Try, where: Names) -> Closure:
    body, otherwise = block(node.body, where), block(node.orelse, where)
    caught = [_handler(handler, where) for handler in node.handlers]

    def guarded(frame: Frame) -> Jump | None:
        try:
            way: Jump | None = body(frame)
        except Exception as error:
            failed_at = frame.run.node
            handler = _fitting(frame, error, caught)
            if handler is None:
                frame.run.node = failed_at
                raise
            return handler(frame, error)
        return way if way is not None else otherwise(frame)

    return _finally(guarded, block(node.finalbody, where)) if node.finalbody else guarded


Handler = Callable[[Frame, Exception], Jump | None]


def _fitting(frame: Frame, error: Exception, caught: list[tuple[Closure | None, Handler]]) -> Handler | None:
    if not catchable(error):
        return None
    return next((handler for wanted, handler in caught if wanted is None or fits(error, wanted(frame))), None)


def _handler(node: ast.ExceptHandler, where: Names) -> tuple[Closure | None, Handler]:
    body, wanted = block(node.body, where), compiled(node.type, where) if node.type else None
    setter = names.setter(where, node.name, keep=True) if node.name else None

    def handle(frame: Frame, error: Exception) -> Jump | None:
        if setter:
            setter(frame, error)
        frame.run.handled.append(error)
        try:
            return body(frame)  # type: ignore[no-any-return]
        finally:
            frame.run.handled.pop()

    return wanted, handle


def _finally(guarded: Closure, last: Closure) -> Closure:
    def carry_out(frame: Frame) -> Jump | None:
        try:
            way: Jump | None = guarded(frame)
        except Exception as error:
            failed_at = frame.run.node
            result = last(frame) if catchable(error) else None
            if result is None:
                frame.run.node = failed_at
                raise
            return result  # type: ignore[no-any-return]
        result = last(frame)
        return way if result is None else result

    return carry_out


def load(node: ast.Import, where: Names) -> Closure:
    setters = [(names.setter(where, alias.asname or alias.name, keep=True), MODULES[alias.name]) for alias in node.names]

    def carry_out(frame: Frame) -> None:
        for setter, module in setters:
            setter(frame, module)

    return carry_out


def load_from(node: ast.ImportFrom, where: Names) -> Closure:
    module = MODULES[node.module or ""]
    setters = [(names.setter(where, alias.asname or alias.name, keep=True), alias.name) for alias in node.names]

    def carry_out(frame: Frame) -> None:
        for setter, wanted in setters:
            setter(frame, attribute(module, wanted))

    return carry_out


_STATEMENTS: dict[type[ast.stmt], Callable[[Any, Names], Closure]] = {
    ast.Expr: expression,
    ast.Assign: assign,
    ast.AnnAssign: assign_annotated,
    ast.AugAssign: assign_in_place,
    ast.Delete: delete,
    ast.Pass: nothing,
    ast.Global: nothing,
    ast.Nonlocal: nothing,
    ast.Break: jump(Jump.BREAK),
    ast.Continue: jump(Jump.CONTINUE),
    ast.Return: give_back,
    ast.If: if_else,
    ast.While: while_loop,
    ast.For: for_loop,
    ast.FunctionDef: define,
    ast.Raise: throw,
    ast.Assert: require,
    ast.Try: try_except,
    ast.Import: load,
    ast.ImportFrom: load_from,
}
