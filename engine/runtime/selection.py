"""Which instances are meant, and what failed in them: the only place for the filters of lists and batches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, cast, exists, select

from engine.jobs.table import job
from engine.runtime.definitions import definition
from engine.runtime.store import instance


@dataclass(frozen=True)
class Selection:
    """Instances for which all that is named holds.

    ids       exactly these
    key       of the process, in this `version` where one is named
    state     active, incident, suspended, completed, canceled
    element   a token is there
    incident  the message of an open incident has this text in it
    started_after, started_before  moments; the first counts, the second does not
    """

    ids: tuple[str, ...] = ()
    key: str | None = None
    version: int | None = None
    state: str | None = None
    business_key: str | None = None
    element: str | None = None
    incident: str | None = None
    started_after: datetime | None = None
    started_before: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is named, so that every instance would be meant."""
        return all(getattr(self, field.name) in (None, ()) for field in fields(self))


@dataclass(frozen=True)
class IncidentInfo:
    """A step that nobody tries again by itself. `id` is its job's; what starts instances or is on its way to them has no instance."""

    id: str
    instance_id: str | None
    key: str | None
    version: int | None
    business_key: str | None
    element_id: str
    kind: str
    message: str
    due_at: datetime


def ids(tx: Connection, selection: Selection) -> list[str]:
    """The ids of the instances that are meant, the longest running first."""
    columns = [instance.c.id, instance.c.tokens] if selection.element is not None else [instance.c.id]
    found = select(*columns).join(definition, instance.c.definition_id == definition.c.id)
    rows = tx.execute(found.where(*conditions(selection)).order_by(instance.c.started_at, instance.c.id))
    return [row.id for row in rows if selection.element is None or _is_at(row.tokens, selection.element)]


def conditions(selection: Selection) -> list[ColumnElement[bool]]:
    """What must hold of `ratchet_instance` joined with `ratchet_definition`; whether a token is at an element is only narrowed down."""
    return [condition(value) for name, condition in _CONDITIONS.items() if (value := getattr(selection, name)) not in (None, ())]


def incidents(tx: Connection, selection: Selection) -> list[IncidentInfo]:
    """The open incidents of these instances, the longest open first; of everything where nothing is named."""
    about = replace(selection, element=None, incident=None)  # these are the incident's own
    named = (definition.c.key, definition.c.version, instance.c.business_key)
    joined = job.outerjoin(instance, job.c.instance_id == instance.c.id).outerjoin(definition, instance.c.definition_id == definition.c.id)
    found = select(job, *named).select_from(joined).where(job.c.retries <= 0, *conditions(about)).order_by(job.c.due_at, job.c.id)
    text = (selection.incident or "").lower()
    rows = (row for row in tx.execute(found) if selection.element in (None, row.element_id))
    return [_incident(row) for row in rows if text in (row.last_error or "").lower()]


def _incident(row: Row[Any]) -> IncidentInfo:
    where = (row.instance_id or None, row.key, row.version, row.business_key)
    return IncidentInfo(row.id, *where, row.element_id, row.kind, row.last_error or "", row.due_at)


def _is_at(saved: list[list[Any]] | None, element: str) -> bool:
    return element in _places(saved or [])


def _places(saved: list[list[Any]]) -> Iterator[str]:
    return (name for _, parent, name, _, notes in saved if parent is not None and "host" not in (notes or {}))


def _may_be_at(element: str) -> ColumnElement[bool]:
    if not element.isascii():
        return instance.c.tokens.is_not(None)
    return cast(instance.c.tokens, Text).contains(json.dumps(element), autoescape=True)


def _has_incident(text: str) -> ColumnElement[bool]:
    return exists().where(job.c.instance_id == instance.c.id, job.c.retries <= 0, job.c.last_error.icontains(text, autoescape=True))


_CONDITIONS: dict[str, Any] = {
    "ids": lambda ids: instance.c.id.in_(ids),
    "key": lambda key: definition.c.key == key,
    "version": lambda version: definition.c.version == version,
    "state": lambda state: instance.c.state == state,
    "business_key": lambda business_key: instance.c.business_key == business_key,
    "element": _may_be_at,
    "incident": _has_incident,
    "started_after": lambda moment: instance.c.started_at >= moment,
    "started_before": lambda moment: instance.c.started_at < moment,
}
