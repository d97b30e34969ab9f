"""User tasks: who may do them, what is prefilled, what was drafted. The only user of `ratchet_task`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, bindparam, insert, select, update

from engine.db import Json, Moment, metadata
from engine.errors import Forbidden, NotFound, SomebodyWasFaster
from engine.identity import Person

OPEN, COMPLETED, CANCELED = "open", "completed", "canceled"

task = Table(
    "ratchet_task",
    metadata,
    Column("id", Text, primary_key=True),
    Column("instance_id", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("assignee", Text),
    Column("candidate_users", Json, nullable=False),
    Column("candidate_groups", Json, nullable=False),
    Column("prefill", Json, nullable=False),
    Column("draft", Json),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("follow_up_at", Moment),
    Column("priority", Integer),
    Column("completed_at", Moment),
    Column("completed_by", Text),
    Index("ratchet_task_of_instance", "instance_id"),
    Index("ratchet_task_by_state", "state", "assignee"),
)


@dataclass(frozen=True)
class Task:
    """A user task; its id is the id of the token that rests there."""

    id: str
    instance_id: str
    element_id: str
    name: str
    state: str
    created_at: datetime
    assignee: str | None = None
    candidate_users: list[str] = field(default_factory=list)
    candidate_groups: list[str] = field(default_factory=list)
    prefill: dict[str, Any] = field(default_factory=dict)
    draft: dict[str, Any] | None = None
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    priority: int | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None

    def is_offered_to(self, person: Person) -> bool:
        """Whether the person is a candidate. A task without candidates is offered to every officer, each task to administrators."""
        if person.has_role("admin"):
            return True
        if not self.candidate_users and not self.candidate_groups:
            return person.has_role("officer")
        return person.id in self.candidate_users or bool(person.groups & set(self.candidate_groups))


_ONE = select(task).where(task.c.id == bindparam("id"))


def add(tx: Connection, new: Task) -> None:
    tx.execute(insert(task), vars(new))


def get(tx: Connection, id: str) -> Task:
    row = tx.execute(_ONE, {"id": id}).one_or_none()
    if row is None:
        raise NotFound("There is no such task. Go back to your task list.")
    return from_row(row)


def from_row(row: Row[Any]) -> Task:
    return Task(**{name: row._mapping[name] for name in Task.__dataclass_fields__})


def require_open(found: Task) -> Task:
    """The task, if it can still be done."""
    if found.state == CANCELED:
        raise SomebodyWasFaster("This task is no longer needed: the process has moved on. Go back to your task list.")
    if found.state != OPEN:
        raise SomebodyWasFaster()
    return found


def require_may_work(found: Task, person: Person) -> None:
    """Refuse whoever is neither the assignee nor, while there is none, a candidate."""
    if found.assignee == person.id or (found.assignee is None and found.is_offered_to(person)):
        return
    if found.assignee is None:
        raise Forbidden("This task is not offered to you. Ask the person who runs the process to add you to the group.")
    raise Forbidden(f"This task belongs to {found.assignee}. Ask them to give it back if you should do it.")


def claim(tx: Connection, id: str, person: Person) -> None:
    """Make the task the person's own; whoever comes second reads that somebody was faster."""
    won = tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN, task.c.assignee.is_(None)).values(assignee=person.id))
    if won.rowcount == 0:
        raise SomebodyWasFaster("Somebody was faster: this task has been taken already. Go back to your task list.")


def unclaim(tx: Connection, id: str) -> None:
    tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN).values(assignee=None))


def save_draft(tx: Connection, id: str, data: dict[str, Any]) -> None:
    tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN).values(draft=data))


def close(tx: Connection, id: str, state: str, at: datetime, person: str | None) -> None:
    """The task is over, done by a person or canceled by the process."""
    values: dict[str, Any] = {"state": state, "completed_at": at, "completed_by": person, "draft": None}
    if person:
        values["assignee"] = person
    tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN).values(**values))
