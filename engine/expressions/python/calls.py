"""The only place that calls something for a Python script: its own functions, built-ins, methods, and functions of the engine."""

from __future__ import annotations

import ast
import functools
from typing import Any

from engine.errors import RatchetError
from engine.expressions import exposed
from engine.expressions.exposed import Exposed
from engine.expressions.python.frames import Closure, Frame, Run
from engine.expressions.python.members import attribute, method
from engine.expressions.python.names import Names
from engine.expressions.python.values import SIZED, Builtin, Own, described, handed_over, is_data, listed


def call(run: Run, function: Any, args: list[Any], named: dict[str, Any]) -> Any:
    """What function(*args, **named) gives. TypeError when it cannot be called."""
    if isinstance(function, Own) and callable(function):
        _look_at_clock(run, args)
        return run.made(_timely(run, function)(*args, **named))
    if not callable(function) or isinstance(function, Exposed):
        raise TypeError(f"{described(function)} cannot be called")
    if isinstance(function, type) and issubclass(function, RatchetError):
        return function(*args, **named)
    return _by_host(getattr(function, "__name__", "function"), function, args, named)


def call_method(run: Run, owner: Any, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """What owner.name(*args, **named) gives."""
    function = method(owner, name)
    if function is not None:
        _look_at_clock(run, (owner, *args))
        return run.made(function(owner, *args, **named))
    if not isinstance(owner, Exposed):
        return call(run, attribute(owner, name), args, named)
    if named:
        raise TypeError(f"{name}() takes no arguments by name")
    return exposed.call(owner, name, list(map(_given, args)))


def _by_host(name: str, function: Any, args: list[Any], named: dict[str, Any]) -> Any:
    given = {key: _given(value) for key, value in named.items()}
    return exposed.invoke(name, functools.partial(function, **given), list(map(_given, args)))


def _given(value: Any) -> Any:
    """An argument for the engine: data as it would leave the script."""
    return handed_over(value) if is_data(value) else value


def _timely(run: Run, function: Any) -> Any:
    return functools.partial(function.function, run.clock) if isinstance(function, Builtin) and function.clocked else function


def _look_at_clock(run: Run, args: list[Any] | tuple[Any, ...]) -> None:
    """What is done with a large value takes long, so that a few thousand steps would be too many."""
    if any(isinstance(arg, SIZED) and len(arg) > 256 for arg in args):
        run.budget.look_at_clock()


def compiled(node: ast.Call, names: Names, compile_: Any) -> Closure:
    """A call as it stands in a script."""
    args = _arguments(node, names, compile_)
    named = _named(node, names, compile_)
    if isinstance(node.func, ast.Attribute):
        owner, name = compile_(node.func.value, names), node.func.attr

        def call_it(frame: Frame) -> Any:
            whose, given, by_name = owner(frame), args(frame), named(frame)
            frame.run.step(node)
            return call_method(frame.run, whose, name, given, by_name)

        return call_it
    function = compile_(node.func, names)

    def call_function(frame: Frame) -> Any:
        what, given, by_name = function(frame), args(frame), named(frame)
        frame.run.step(node)
        return call(frame.run, what, given, by_name)

    return call_function


def _arguments(node: ast.Call, names: Names, compile_: Any) -> Closure:
    if not any(isinstance(arg, ast.Starred) for arg in node.args):
        closures = [compile_(arg, names) for arg in node.args]
        return lambda frame: [closure(frame) for closure in closures]
    parts = [(compile_(arg.value if isinstance(arg, ast.Starred) else arg, names), isinstance(arg, ast.Starred)) for arg in node.args]
    return lambda frame: [item for closure, many in parts for item in (listed(closure(frame)) if many else (closure(frame),))]


def _named(node: ast.Call, names: Names, compile_: Any) -> Closure:
    closures = [(keyword.arg, compile_(keyword.value, names)) for keyword in node.keywords]
    if not closures:
        return lambda frame: {}

    def named(frame: Frame) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, closure in closures:
            value = closure(frame)
            if name is None and (not isinstance(value, dict) or not all(isinstance(key, str) for key in value)):
                raise TypeError("** needs a map whose keys are texts")
            for key, each in value.items() if name is None else ((name, value),):
                if key in made:
                    raise TypeError(f"the argument '{key}' is given twice")
                made[key] = each
        return made

    return named
