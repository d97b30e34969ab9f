"""What keeps a process from working though its file is sound: delegates, forms, called processes and decisions that are not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from engine import forms
from engine.bpmn.model import CallWork, DecisionWork, DelegateWork, Element, FormRef, Listener, Process, UserWork
from engine.bpmn.values import Expression, Value
from engine.delegates import DELEGATES
from engine.errors import Problem
from engine.runtime import decisions, definitions


def problems(process: Process, file: str) -> list[Problem]:
    """What stands in the way of a deployment."""
    found = [Problem(file, line, id, text) for line, id, text in _delegates(process)]
    for element in process.elements.values():
        if isinstance(element.work, UserWork):
            found += [Problem(file, element.line, element.id, text) for text in _of_form(element.work.form)]
    start = process.elements.get(process.start)
    return [*found, *(Problem(file, start.line if start else None, process.start, text) for text in _of_form(process.start_form))]


def warnings(tx: Connection, process: Process, file: str) -> list[Problem]:
    """What is not deployed yet, though an element will ask for it."""
    return [
        Problem(file, element.line, element.id, text)
        for element in process.elements.values() for text in (_missing(tx, element),) if text is not None
    ]  # fmt: skip


def form_problems(text: str) -> tuple[dict[str, Any], list[str]]:
    """A form's schema, and what is wrong with it."""
    try:
        schema = json.loads(text)
    except ValueError as broken:
        return {}, [f"The form is not JSON: {broken}."]
    return schema, forms.check(schema)


def _of_form(reference: FormRef | None) -> list[str]:
    return form_problems(reference.embedded)[1] if reference is not None and reference.embedded is not None else []


def _delegates(process: Process) -> Iterator[tuple[int | None, str, str]]:
    known = ", ".join(sorted(DELEGATES))
    for line, id, work in _all_work(process):
        if isinstance(work, DelegateWork) and work.name not in DELEGATES:
            yield line, id, f"Ratchet has no delegate “{work.name}”. It has {known}."


def _all_work(process: Process) -> Iterator[tuple[int | None, str, Any]]:
    """All that is done: at elements, and by the listeners of elements, flows and the process."""
    owners: list[tuple[int | None, str, tuple[Listener, ...]]] = [(None, process.key, process.listeners)]
    owners += [(element.line, element.id, element.listeners) for element in process.elements.values()]
    owners += [(flow.line, flow.id, flow.listeners) for flow in process.flows.values()]
    yield from ((element.line, element.id, element.work) for element in process.elements.values())
    yield from ((line, id, listener.work) for line, id, listeners in owners for listener in listeners)


def _missing(tx: Connection, element: Element) -> str | None:
    work = element.work
    if isinstance(work, CallWork):
        key = _plain(work.key)
        if key is not None and not definitions.versions(tx, key):
            return f"There is no process “{key}” yet. Deploy it before this is reached."
    if isinstance(work, DecisionWork):
        key = _plain(work.key)
        if key is not None and not decisions.versions(tx, key):
            return f"There is no decision “{key}” yet. Deploy it before this is reached."
    return None


def _plain(value: Value) -> str | None:
    """The text of a value that is the same for all instances."""
    return value.source if isinstance(value, Expression) and value.language == "text" else None
