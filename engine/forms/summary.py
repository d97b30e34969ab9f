"""The only place that writes a form's data for people: what the signing page shows and a printout says, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.forms.schema import LIST, MISSING, Component, Place, get, places
from engine.forms.scope import options, setting
from engine.forms.values import plain, subtype

NOTHING = "—"


def describe(schema: Component, data: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    """(label, shown value) of every field that has a value in `data`, as `accept` gives it, in the form's order.

    `context` helps labels and choices that are worked out from other variables. Lines of a list's rows carry the row's number.
    """
    known = {**plain(context or {}), **plain(data)}
    lines = [(place, get(plain(data), place.path)) for place in places(schema, plain(data)) if place.type != LIST]
    return [(_label(place, known), _shown(place, value, known)) for place, value in lines if value is not MISSING]


def _label(place: Place, known: Mapping[str, Any]) -> str:
    component = place.component
    names = ("timeLabel", "dateLabel") if subtype(component) == "time" else ("dateLabel", "timeLabel")
    written = component.get("label") or next((component[name] for name in names if component.get(name)), None)
    label = setting(written, place, known) or component.get("key")
    return f"{label} ({'.'.join(map(str, place.rows))})" if place.rows else str(label)


def _shown(place: Place, value: Any, known: Mapping[str, Any]) -> str:
    if value is None or value == "" or value == []:
        return NOTHING
    if place.type in ("radio", "select", "checklist", "taglist"):
        labels = [(option.value, option.label) for option in options(place, known)]
        return ", ".join(_chosen(one, labels) for one in (value if isinstance(value, list) else [value]))
    adorned = place.component.get("appearance") or {}
    return " ".join(part for part in (adorned.get("prefixAdorner"), _text(value, place), adorned.get("suffixAdorner")) if part)


def _chosen(value: Any, labels: list[tuple[Any, str]]) -> str:
    return next((label for offered, label in labels if type(offered) is type(value) and offered == value), str(value))


def _text(value: Any, place: Place) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float | Decimal):
        return f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"
    return value.replace("T", " ") if place.type == "datetime" and isinstance(value, str) else str(value)
