"""The only place that lists FEEL's built-in functions: DMN 1.5, 10.3.4, in the standard's order, Camunda's after each group's."""

from __future__ import annotations

from engine.expressions.feel.builtins import contexts, conversion, errors, lists, numeric, ranges, strings, temporal
from engine.expressions.feel.signature import Builtin, table

BUILTINS: dict[str, Builtin] = table(
    conversion.ROWS,
    strings.ROWS,
    lists.ROWS,
    numeric.ROWS,
    temporal.ROWS,
    ranges.ROWS,
    contexts.ROWS,
    errors.ROWS,
)
