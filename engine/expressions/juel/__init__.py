"""The only place for JUEL, the expressions of Camunda 7: `Hello ${name}!`, `#{list.size() > 2}`.

EL 2.2 as the reference implementation answers: division gives doubles, an unknown variable is an error even in `x == null`,
a property of null is null and a method of null is an error. Values and methods are those of `engine.expressions.members`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.juel import grammar, tree
from engine.expressions.juel.evaluate import Run

_parsed = functools.lru_cache(maxsize=2_048)(grammar.parse)


def evaluate(source: str, scope: Mapping[str, Any]) -> Any:
    """What the text gives: plain text itself, `${x}` alone the value itself (a Typed too), a composite a text.

    `scope` holds the variables; callables in it are the functions. ExpressionError when the text is broken or fails.
    """
    try:
        return Run(source, scope).value(_parsed(source))
    except RecursionError as deep:
        raise ExpressionError("The expression is nested too deeply", source) from deep


def check(source: str) -> list[str]:
    """What is wrong with the text, one sentence each; empty when it can be evaluated."""
    try:
        _parsed(source)
    except ExpressionError as broken:
        return [broken.message]
    except RecursionError:
        return ["The expression is nested too deeply"]
    return []


def names(source: str) -> frozenset[str]:
    """The variables and functions that the text reads."""
    return frozenset(_names(_parsed(source)))


def _names(node: Any) -> list[str]:
    if isinstance(node, tuple):
        return [name for part in node for name in _names(part)]
    if not isinstance(node, tree.Node):
        return []
    own = [node.name] if isinstance(node, tree.Name | tree.Function) else []
    return own + [name for part in vars(node).values() for name in _names(part)]
