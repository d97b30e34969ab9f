"""What lists and pages show: reading only, never moving anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime import failures, history, messages, store, warnings
from engine.runtime.definitions import definition
from engine.runtime.failures import Failure
from engine.runtime.messages import Subscription
from engine.runtime.scopes import variable
from engine.runtime.store import instance
from engine.runtime.tasks import COMPLETED, OPEN, Task, from_row, task
from engine.runtime.values import from_json, plain
from engine.runtime.warnings import Warning


@dataclass(frozen=True)
class TaskInfo:
    """A user task as a list shows it. `signed` says that it asks for a signature."""

    id: str
    name: str
    element_id: str
    instance_id: str
    process_key: str
    process_name: str
    business_key: str | None
    state: str
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    created_at: datetime
    due_at: datetime | None
    priority: int | None
    completed_at: datetime | None
    completed_by: str | None


@dataclass(frozen=True)
class InstanceInfo:
    """An instance as a list shows it. `state` is active, incident, suspended, completed or canceled.

    `parent_id` is the instance that called it, `rerun_of` the one that it repeats.
    """

    id: str
    definition_id: str
    key: str
    process_name: str
    version: int
    business_key: str | None
    state: str
    started_at: datetime
    ended_at: datetime | None
    started_by: str
    parent_id: str | None = None
    rerun_of: str | None = None


@dataclass(frozen=True)
class Incident:
    """A step that failed and has no tries left. `retries` above 0: it is still going to be tried again."""

    element_id: str
    message: str
    retries: int
    due_at: datetime


@dataclass(frozen=True)
class ActivityInfo:
    """One turn of one element in an instance."""

    element_id: str
    name: str
    type: str
    started_at: datetime
    ended_at: datetime | None
    state: str
    person: str | None


@dataclass(frozen=True)
class InstanceDetail:
    """Everything the instance page shows. `tokens` and `counts` are by element id, `taken` are flow ids."""

    info: InstanceInfo
    tokens: dict[str, int]
    incidents: list[Incident]
    taken: list[str]
    counts: dict[str, int]
    activities: list[ActivityInfo]
    variables: list[tuple[str, str, Any]]
    tasks: list[TaskInfo]
    subscriptions: list[Subscription]
    jobs: list[jobs.Job]
    failures: list[Failure]
    warnings: list[Warning]
    called: list[InstanceInfo]


_TASKS: Select[Any] = (
    select(task, definition.c.key.label("process_key"), definition.c.name.label("process_name"), instance.c.business_key)
    .join(instance, task.c.instance_id == instance.c.id)
    .join(definition, instance.c.definition_id == definition.c.id)
)
MOST = 500  # values in one statement
_SHOWN = [column for column in instance.c if column.name != "began_with"]
_INSTANCES: Select[Any] = select(
    *_SHOWN, definition.c.key, definition.c.name.label("process_name"), definition.c.version
).join(definition, instance.c.definition_id == definition.c.id)  # fmt: skip


def tasks_of(tx: Connection, person: Person, which: str, limit: int = 500) -> list[TaskInfo]:
    """The tasks that are `mine`, `claimable`, `done` by the person, or `all` open ones."""
    condition, offered = _WHICH[which](person)
    found = _TASKS.where(condition).order_by(task.c.created_at, task.c.id).limit(limit)
    return [_task_info(row) for row in tx.execute(found) if not offered or from_row(row).is_offered_to(person)]


_WHICH: dict[str, Any] = {
    "mine": lambda person: ((task.c.state == OPEN) & (task.c.assignee == person.id), False),
    "claimable": lambda person: ((task.c.state == OPEN) & task.c.assignee.is_(None), True),
    "done": lambda person: ((task.c.state == COMPLETED) & (task.c.completed_by == person.id), False),
    "all": lambda person: (task.c.state == OPEN, False),
}


def task_info(tx: Connection, found: Task) -> TaskInfo:
    return _task_info(tx.execute(_TASKS.where(task.c.id == found.id)).one())


def instances(
    tx: Connection, key: str | None = None, state: str | None = None, started_by: str | None = None, limit: int = 500
) -> list[InstanceInfo]:  # fmt: skip
    """Instances, the newest first, of one process and in one state where these are named."""
    conditions: list[ColumnElement[bool]] = []
    if key:
        conditions.append(definition.c.key == key)
    if state:
        conditions.append(instance.c.state == state)
    if started_by:
        conditions.append(instance.c.started_by == started_by)
    found = _INSTANCES.where(*conditions).order_by(instance.c.started_at.desc(), instance.c.id).limit(limit)
    return [_instance_info(row) for row in tx.execute(found)]


def instances_of(tx: Connection, ids: Sequence[str]) -> list[InstanceInfo]:
    """These instances, in this order."""
    found = {}
    for at in range(0, len(ids), MOST):
        rows = tx.execute(_INSTANCES.where(instance.c.id.in_(ids[at : at + MOST])))
        found.update({row.id: _instance_info(row) for row in rows})
    return [found[id] for id in ids if id in found]


def instance_detail(tx: Connection, id: str) -> InstanceDetail:
    """All about one instance."""
    store.get(tx, id)
    row = tx.execute(_INSTANCES.where(instance.c.id == id)).one()
    happened: list[Any] = history.of_instance(tx, id)
    waiting = jobs.of_instance(tx, id)
    return InstanceDetail(
        info=_instance_info(row),
        tokens=tokens(row.tokens),
        incidents=[Incident(job.element_id, job.last_error or "", job.retries, job.due_at) for job in waiting if job.last_error],
        taken=list(dict.fromkeys(one.element_id for one in happened if one.kind == history.FLOW)),
        counts=dict(Counter(one.element_id for one in happened if one.kind != history.FLOW)),
        activities=[_activity(one) for one in happened if one.kind != history.FLOW],
        variables=variables(tx, id, row.tokens),
        tasks=[_task_info(one) for one in tx.execute(_TASKS.where(task.c.instance_id == id).order_by(task.c.created_at))],
        subscriptions=messages.of_instance(tx, id),
        jobs=waiting,
        failures=failures.of_instance(tx, id),
        warnings=warnings.of_instance(tx, id),
        called=[_instance_info(one) for one in tx.execute(_INSTANCES.where(instance.c.parent_id == id).order_by(instance.c.started_at))],
    )


def tokens(saved: list[list[Any]] | None) -> dict[str, int]:
    """How many tokens are at each element, as people count them."""
    return dict(Counter(name for _, _, name, _, _ in seen_tokens(saved)))


def seen_tokens(saved: list[list[Any]] | None) -> list[list[Any]]:
    """The saved tokens that people see: neither the process itself, nor what only waits for an event on behalf of another, nor the body
    around the turns of an activity that is done several times."""
    bodies = {parent for _, parent, _, _, notes in saved or [] if notes and "turn" in notes}
    return [
        token for token in saved or []
        if token[1] is not None and token[0] not in bodies and "host" not in (token[4] or {})
    ]  # fmt: skip


def variables(tx: Connection, instance_id: str, saved: list[list[Any]] | None) -> list[tuple[str, str, Any]]:
    """(scope, name, value as JSON): the scope is the element whose token holds the variable, empty for the instance itself.

    Names that no model can use, as the items of a loop have, are left out.
    """
    elements = {id: name for id, _, name, _, _ in saved or []}
    rows = tx.execute(select(variable).where(variable.c.instance_id == instance_id).order_by(variable.c.scope, variable.c.name))
    return [
        ("" if row.scope == instance_id else elements.get(row.scope, ""), row.name, plain(from_json(row.value)))
        for row in rows if not row.name.startswith("(")
    ]  # fmt: skip


def _task_info(row: Row[Any]) -> TaskInfo:
    return TaskInfo(**{name: row._mapping[name] for name in TaskInfo.__dataclass_fields__})


def _instance_info(row: Row[Any]) -> InstanceInfo:
    return InstanceInfo(**{name: row._mapping[name] for name in InstanceInfo.__dataclass_fields__})


def _activity(row: Any) -> ActivityInfo:
    return ActivityInfo(row.element_id, row.name, row.kind, row.entered_at, row.left_at, row.state, row.person)
