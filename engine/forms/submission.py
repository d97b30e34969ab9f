"""The only place that takes a form's data apart: what a page starts with, and what of a submission is accepted.

A field that a submission leaves out keeps what the page started with, as in a browser. What nobody may set there — unknown names,
hidden and disabled fields — is dropped; read-only fields and expressions get the server's own value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from engine.forms.rules import Asked, judged
from engine.forms.schema import LIST, MISSING, Component, Place, get, places, put
from engine.forms.scope import evaluate, hidden, is_expression, readonly
from engine.forms.values import plain, start

MAX_ROWS = 1_000
MAX_CHAIN = 5  # expressions that build on expressions
Data = dict[str, Any]
Errors = dict[str, list[str]]


def prefill(schema: Component, context: Mapping[str, Any]) -> Data:
    """What the page starts with: every field's value, and of the rest of `context` only what the form's expressions name."""
    known = plain(context)
    return {name: value for name, value in known.items() if name in _named(schema)} | _started(schema, known)


def accept(schema: Component, submitted: Any, context: Mapping[str, Any], today: date | None = None) -> tuple[Data, Errors]:
    """What of a submission is accepted, and by path (owners[0].name) what is wrong with the rest.

    `context` is what the server knows (the task's variables); `today` lets fields refuse days gone by. Rules: form-js.
    """
    if not isinstance(submitted, Mapping):
        return {}, {"": ["The data of a form must be an object of names and values."]}
    try:
        said = plain(submitted)
    except RecursionError:
        return {}, {"": ["The data is nested too deep."]}
    known = plain(context)
    started = _started(schema, known)
    claimed, errors = _claimed(schema, said, started)
    settled, owned = _settled(schema, claimed, started, known)
    accepted, wrong = _judged(schema, settled, owned, _scope(schema, settled, known), today)
    return accepted, errors | wrong


def _started(schema: Component, known: Data) -> Data:
    started: Data = {}
    for place in places(schema, started):
        value = get(known, place.path)
        put(started, place.path, _first_rows(place, value) if place.type == LIST else start(place.component, value))
    return started


def _first_rows(place: Place, known: Any) -> list[Data]:
    repetitions = place.component.get("defaultRepetitions", 1)
    return _bare(known if isinstance(known, list) else [None] * (repetitions if isinstance(repetitions, int) else 1))


def _claimed(schema: Component, submitted: Data, started: Data) -> tuple[Data, Errors]:
    """What the client says, laid over what the page started with. Rows that are none are an error, and the first ones stay."""
    claimed: Data = {}
    errors: Errors = {}
    for place in places(schema, claimed):
        first, said = get(started, place.path), get(submitted, place.path)
        if place.type == LIST:
            messages = _wrong_rows(place, said, first)
            if messages:
                errors[place.written] = messages
            put(claimed, place.path, _bare(first if messages or said is MISSING else said))
        else:
            put(claimed, place.path, start(place.component, first) if said is MISSING or _server_sets(place) else said)
    return claimed, errors


def _bare(rows: Any) -> list[Data]:
    """As many rows, with nothing in them yet."""
    return [{} for _ in rows] if isinstance(rows, list) else []


def _wrong_rows(place: Place, said: Any, first: Any) -> list[str]:
    if said is MISSING:
        return []
    if not isinstance(said, list) or not all(isinstance(row, Mapping) for row in said):
        return ["Must be a list of rows."]
    if len(said) > MAX_ROWS:
        return [f"Must have at most {MAX_ROWS} rows."]
    fixed = place.component.get("allowAddRemove") is False and isinstance(first, list)
    return ["Rows cannot be added or removed here."] if fixed and len(said) != len(first) else []


def _server_sets(place: Place) -> bool:
    return bool(place.component.get("disabled")) or place.component.get("readonly") is True or place.type == "expression"


def _settled(schema: Component, claimed: Data, started: Data, known: Data) -> tuple[Data, set[str]]:
    """The values once the server has set its own, and the paths of those."""
    scope = _scope(schema, claimed, known)
    owned = {place.written for place in _fields(schema, claimed) if _server_sets(place) or readonly(place, scope)}
    settled = _changed(schema, claimed, lambda place, value: _known_at(place, started) if place.written in owned else value)
    for _ in range(MAX_CHAIN if _has_expressions(schema) else 0):
        scope = _scope(schema, settled, known)
        before, settled = settled, _changed(schema, settled, lambda place, value: _worked_out(place, value, scope))  # noqa: B023 - called at once
        if settled == before:
            break
    return settled, owned


def _scope(schema: Component, values: Data, known: Data) -> Data:
    """What expressions see: what is known, and over it the fields that are shown. A value of a hidden field decides nothing."""
    scope = {**known, **values}
    return {**known, **_changed(schema, values, lambda place, value: MISSING if hidden(place, scope) else value)}


def _changed(schema: Component, values: Data, change: Callable[[Place, Any], Any]) -> Data:
    """The same fields and rows with other values; MISSING leaves a field out."""
    changed: Data = {}
    for place in places(schema, changed):
        value = change(place, get(values, place.path))
        if value is not MISSING:
            put(changed, place.path, _bare(value) if place.type == LIST else value)
    return changed


def _fields(schema: Component, values: Data) -> Iterator[Place]:
    return (place for place in places(schema, values) if place.type != LIST)


def _has_expressions(schema: Component) -> bool:
    return schema.get("type") == "expression" or any(map(_has_expressions, schema.get("components") or ()))


def _known_at(place: Place, started: Data) -> Any:
    return start(place.component, get(started, place.path))


def _worked_out(place: Place, value: Any, scope: Data) -> Any:
    expression = place.component.get("expression") if place.type == "expression" else None
    return plain(evaluate(expression, place, scope)) if is_expression(expression) else value


def _judged(schema: Component, settled: Data, owned: set[str], scope: Data, today: date | None) -> tuple[Data, Errors]:
    accepted: Data = {}
    errors: Errors = {}
    for place in places(schema, settled, lambda place: not hidden(place, scope)):
        value: Any = get(settled, place.path)
        messages: list[str] = []
        if place.component.get("disabled"):
            continue
        if place.type == LIST:
            value = _bare(value)
        elif place.written not in owned:
            value, messages = judged(Asked(place, scope, today), value)
        put(accepted, place.path, value)
        errors |= {place.written: messages} if messages else {}
    return accepted, errors


def _named(schema: Any) -> set[str]:
    """Every word in the schema's expressions, templates and names of values: the data that the page needs beyond its fields."""
    if isinstance(schema, Mapping):
        own = set(str(schema.get("valuesKey") or "").split(".")[:1])
        return own.union(*map(_named, schema.values()))
    if isinstance(schema, list):
        return set().union(*map(_named, schema))
    return set(re.findall(r"\w+", schema)) if isinstance(schema, str) and (schema.startswith("=") or "{{" in schema) else set()
