"""The only place for what a Groovy assignment, ++ and -- change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions import ExpressionError, exposed, members
from engine.expressions.exposed import Exposed
from engine.expressions.groovy import tree
from engine.expressions.groovy.evaluate import BINARY, as_key
from engine.expressions.groovy.frames import Frame
from engine.expressions.operators import plus
from engine.expressions.spin import JsonNode
from engine.expressions.text import groovy_text
from engine.expressions.values import kind


def assign(frame: Frame, node: tree.Assign) -> Any:
    """target = value; target += value reads the target first. Gives the value."""
    if node.sign:
        value = frame.run.budget.made(BINARY[node.sign](frame.value(node.target), frame.value(node.value)))
    else:
        value = frame.value(node.value)
    store(frame, node.target, value)
    return value


def step(frame: Frame, node: tree.Step) -> Any:
    """++ and --."""
    before = frame.value(node.target)
    after = plus(before, node.by)
    store(frame, node.target, after)
    return before if node.after else after


def store(frame: Frame, target: tree.Node, value: Any) -> None:
    """Put a value where the target says. ExpressionError when it cannot be changed."""
    if isinstance(target, tree.Name):
        frame.assign(target.name, value)
    elif isinstance(target, tree.Property):
        owner = frame.value(target.target)
        _put(owner, groovy_text(frame.value(target.name)), value)
    elif isinstance(target, tree.Index):
        owner = frame.value(target.target)
        _put(owner, frame.value(target.key), value)
    else:
        raise ExpressionError("Only a variable, a property or an item can be assigned to")


def _put(owner: Any, key: Any, value: Any) -> None:
    if isinstance(owner, dict):
        owner[as_key(key)] = value
    elif isinstance(owner, list) and isinstance(key, int):
        members.call(owner, "putAt", [key, value])
    elif isinstance(owner, JsonNode):
        raise ExpressionError(f"A JSON node is changed with prop('{groovy_text(key)}', value)")
    elif isinstance(owner, Exposed) and isinstance(key, str):
        exposed.write(owner, key, value)
    else:
        raise ExpressionError(f"'{groovy_text(key)}' of a {kind(owner)} cannot be set")


TARGETS: dict[type[tree.Node], Callable[..., Any]] = {tree.Assign: assign, tree.Step: step}
