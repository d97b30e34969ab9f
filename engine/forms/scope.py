"""The only place where forms meet FEEL: what an expression in a form sees, and the settings that may be expressions.

As in form-js: an expression is text that starts with "=". It sees all data by name, and in the rows of a list also `this`, `parent`
and `i` (also written `_this_`, `_parent_`, `_i_`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from engine.expressions import feel
from engine.forms.schema import MISSING, Place, get


@dataclass(frozen=True)
class Option:
    """One thing to choose."""

    value: Any
    label: str


def is_expression(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith("=")


def evaluate(expression: str, place: Place, data: Mapping[str, Any]) -> Any:
    """The value of "=…" at a place. ExpressionError when it is broken, which `check` finds beforehand."""
    return feel.evaluate(expression[1:], _seen(place, data))


def setting(value: Any, place: Place, data: Mapping[str, Any]) -> Any:
    """A setting as it is, or what its expression gives."""
    return evaluate(value, place, data) if is_expression(value) else value


def hidden(place: Place, data: Mapping[str, Any]) -> bool:
    hide = (place.component.get("conditional") or {}).get("hide")
    return is_expression(hide) and _holds(hide, place, data)


def readonly(place: Place, data: Mapping[str, Any]) -> bool:
    locked = place.component.get("readonly")
    return _holds(locked, place, data) if is_expression(locked) else bool(locked)


def _holds(expression: str, place: Place, data: Mapping[str, Any]) -> bool:
    """form-js reads conditions as unary tests of null, so one that gives null holds: the browser hides that field, and so must we."""
    return feel.matches(expression[1:], None, _seen(place, data))


def _seen(place: Place, data: Mapping[str, Any]) -> dict[str, Any]:
    special = {"this": data if place.this is None else place.this, "parent": place.parent, "i": list(place.rows)}
    return {**special, **data, **{f"_{name}_": value for name, value in special.items()}}


def options(place: Place, data: Mapping[str, Any]) -> list[Option]:
    """What may be chosen: written in the form, found in the data under `valuesKey`, or worked out by `valuesExpression`."""
    component = place.component
    if component.get("valuesKey"):
        found = get(data, tuple(component["valuesKey"].split(".")))
    elif component.get("valuesExpression"):
        found = setting(component["valuesExpression"], place, data)
    else:
        found = component.get("values")
    return [Option(*_value_and_label(item)) for item in found if _value_and_label(item)[0] is not None] if isinstance(found, list) else []


def _value_and_label(item: Any) -> tuple[Any, str]:
    value = item.get("value") if isinstance(item, Mapping) else item
    label = item.get("label") if isinstance(item, Mapping) else None
    return (None if value is MISSING else value), str(label or value)
