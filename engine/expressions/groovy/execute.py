"""The only place that carries out Groovy's statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import RatchetError
from engine.expressions import ExpressionError
from engine.expressions.groovy import tree
from engine.expressions.groovy.casts import declared
from engine.expressions.groovy.classes import import_problem
from engine.expressions.groovy.errors import JavaException, caught, fits, thrown
from engine.expressions.groovy.frames import Frame, Function, Jumped, Returned
from engine.expressions.groovy.matching import is_case
from engine.expressions.members.items import items
from engine.expressions.text import groovy_text
from engine.expressions.values import truth


def block(frame: Frame, node: tree.Block) -> Any:
    """The value of the last statement."""
    value = None
    for statement in node.statements:
        value = frame.value(statement)
    return value


def inside(frame: Frame, node: tree.Node) -> Any:
    """A body with names of its own."""
    return frame.inner().value(node)


def declare(frame: Frame, node: tree.Declare) -> Any:
    value = frame.value(node.value) if node.value else None
    if len(node.names) == 1:
        value = declared(value, node.type)
        frame.declare(node.names[0], value)
        return value
    for index, name in enumerate(node.names):
        frame.declare(name, value[index] if isinstance(value, list) and index < len(value) else None)
    return value


def several(frame: Frame, node: tree.Several) -> None:
    for declaration in node.declared:
        frame.value(declaration)


def function(frame: Frame, node: tree.Function) -> None:
    """Functions are known from the start of the script; there is nothing to do where they stand."""


def if_else(frame: Frame, node: tree.If) -> Any:
    if truth(frame.value(node.condition)):
        return inside(frame, node.yes)
    return inside(frame, node.no) if node.no else None


def _goes_on(frame: Frame, body: tree.Node) -> bool:
    """Run a loop's body once; whether the loop goes on."""
    try:
        frame.value(body)
    except Jumped as jumped:
        return jumped.word == "continue"
    return True


def while_loop(frame: Frame, node: tree.While) -> None:
    while truth(frame.value(node.condition)) and _goes_on(frame.inner(), node.body):
        pass


def for_in(frame: Frame, node: tree.ForIn) -> None:
    for item in items(frame.value(node.items)):
        inner = frame.inner()
        inner.declare(node.name, item)
        if not _goes_on(inner, node.body):
            return


def for_steps(frame: Frame, node: tree.ForSteps) -> None:
    outer = frame.inner()
    for statement in node.start:
        outer.value(statement)
    while (node.condition is None or truth(outer.value(node.condition))) and _goes_on(outer.inner(), node.body):
        outer.run.budget.step()
        for step in node.step:
            outer.value(step)


def return_value(frame: Frame, node: tree.Return) -> Any:
    raise Returned(frame.value(node.value) if node.value else None)


def jump(frame: Frame, node: tree.Jump) -> Any:
    raise Jumped(node.word)


def throw(frame: Frame, node: tree.Throw) -> Any:
    raise thrown(frame.value(node.value))


def try_catch(frame: Frame, node: tree.Try) -> Any:
    try:
        return inside(frame, node.body)
    except RatchetError as error:
        catch = next((catch for catch in node.catches if fits(error, catch.types)), None)
        if not catch:
            raise
        inner = frame.inner()
        inner.declare(catch.name, caught(error))
        return inner.value(catch.body)
    finally:
        if node.last:
            inside(frame, node.last)


def switch(frame: Frame, node: tree.Switch) -> Any:
    """From the first case that fits, on into the next ones until a break."""
    value, inner = frame.value(node.value), frame.inner()
    start = next((index for index, case in enumerate(node.cases) if case.value and is_case(frame.value(case.value), value)), None)
    if start is None:
        start = next((index for index, case in enumerate(node.cases) if not case.value), len(node.cases))
    return _until_break(inner, [statement for case in node.cases[start:] for statement in case.body.statements])


def _until_break(frame: Frame, statements: list[tree.Node]) -> Any:
    """The value of the last statement before a break."""
    last = None
    for statement in statements:
        if isinstance(statement, tree.Jump) and statement.word == "break":
            return last
        try:
            last = frame.value(statement)
        except Jumped as jumped:
            if jumped.word == "break":
                return last
            raise
    return last


def assert_true(frame: Frame, node: tree.Assert) -> None:
    if not truth(frame.value(node.condition)):
        message = groovy_text(frame.value(node.message)) if node.message else node.written
        raise thrown(JavaException("AssertionError", message))


def imported(frame: Frame, node: tree.Import) -> None:
    """The names of imports are looked up before the run; what scripts may not import is refused here."""
    if problem := import_problem(node.path, node.static):
        raise ExpressionError(problem)


def outside(word: str) -> ExpressionError:
    """A break or continue that no loop caught."""
    return ExpressionError(f"'{word}' stands outside a loop")


def functions(script: tree.Block) -> list[tree.Function]:
    """The functions that a script declares, wherever they stand at its top."""
    return [statement for statement in script.statements if isinstance(statement, tree.Function)]


def make_functions(frame: Frame, script: tree.Block) -> None:
    """Make the script's functions known before it starts."""
    for declared_function in functions(script):
        frame.run.functions[declared_function.name] = Function(frame.run, declared_function)


STATEMENTS: dict[type[tree.Node], Callable[..., Any]] = {
    tree.Block: block,
    tree.Declare: declare,
    tree.Several: several,
    tree.Function: function,
    tree.If: if_else,
    tree.While: while_loop,
    tree.ForIn: for_in,
    tree.ForSteps: for_steps,
    tree.Return: return_value,
    tree.Jump: jump,
    tree.Throw: throw,
    tree.Try: try_catch,
    tree.Switch: switch,
    tree.Assert: assert_true,
    tree.Import: imported,
}
