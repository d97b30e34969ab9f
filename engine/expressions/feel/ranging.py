"""The only place that reads a range from text, as range() does (DMN 1.5, table 75): only literal ends, never names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.feel import arithmetic, durations, grammar, temporal, tree
from engine.expressions.feel.comparison import COMPARISONS, make_range
from engine.expressions.feel.tokens import Source, tokens
from engine.expressions.feel.values import Range

_LITERAL_CALLS: dict[str, Callable[[str], Any]] = {
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.parse_date_and_time,
    "duration": durations.parse,
}


def read_range(text: str) -> Range:
    """The range of a text such as "[1..3]"; raises ValueError when it is none."""
    source = Source(text)
    try:
        node = grammar.expression(source, tokens(source))
    except ExpressionError as error:
        raise ValueError(error.message) from None
    if not isinstance(node, tree.Interval):
        raise ValueError("the text is no range")
    low, high = _end(node.low), _end(node.high)
    found = make_range(low, high, node.low_included, node.high_included)
    if found is None or not COMPARISONS["<="](low, high):
        raise ValueError("the ends of the range are not in order")
    return found


def _end(node: tree.Node) -> Any:
    if isinstance(node, tree.Literal):
        return node.value
    if isinstance(node, tree.AtLiteral):
        return temporal.parse(node.text)
    if isinstance(node, tree.Negation):
        value = _end(node.operand)
        return arithmetic.NEGATE[type(value)](value)
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and isinstance(node.arguments[0], tree.Literal):
        return _LITERAL_CALLS[node.function.name](node.arguments[0].value)
    raise ValueError("the ends of the range must be literals")
