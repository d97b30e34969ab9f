"""User tasks: who may do them, what is prefilled, what was drafted. The only user of `ratchet_task`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, bindparam, func, null, select, update

from engine.db import Json, Moment, metadata
from engine.errors import Forbidden, NotFound, RatchetError, SomebodyWasFaster
from engine.identity import Person
from engine.prepared import Answer, Insertion, Prepared, together

OPEN, COMPLETED, CANCELED = "open", "completed", "canceled"


class NoSuchTask(NotFound):
    """There is no such task. Go back to your task list."""



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


class NotAMoment(RatchetError):
    """A due date must be a date or a date and time."""


class TaskInHand:
    """A user task while its listeners may change it; one that is stored is changed in its row at once."""

    def __init__(self, found: Task, stored_by: Connection | None = None):
        self.task, self._tx = found, stored_by

    def change(self, **values: Any) -> None:
        self.task = replace(self.task, **values)
        if self._tx is not None:
            self._tx.execute(update(task).where(task.c.id == self.task.id).values(**values))


_ADD = Insertion(task)
_CLOSE = Prepared(update(task).where(task.c.id == bindparam("of"), task.c.state == bindparam("in_state")).values(
    state=bindparam("new_state"), completed_at=bindparam("at"), completed_by=bindparam("person"), draft=null(),
    assignee=func.coalesce(bindparam("person"), task.c.assignee),
))  # fmt: skip
_ONE = Prepared(select(task).where(task.c.id == bindparam("id")))
_WHERE = Prepared(select(task.c.instance_id).where(task.c.id == bindparam("id")))
_OPEN_OF_INSTANCE = Prepared(
    select(task).where(task.c.instance_id == bindparam("of"), task.c.state == bindparam("in_state")).order_by(task.c.created_at)
)


def add_all(tx: Connection, new: list[Task]) -> None:
    _ADD.run(tx, *map(vars, new))


def get(tx: Connection, id: str) -> Task:
    with together(tx):  # with the transaction's own beginning
        asked = ask(tx, id)
    return read(asked)


def instance_of(tx: Connection, id: str) -> str:
    """The id of the instance that a task belongs to."""
    with together(tx):  # with the transaction's own beginning
        asked = _WHERE.ask(tx, id=id)
    row = asked.first()
    if row is None:
        raise NoSuchTask()
    return str(row["instance_id"])


def ask(tx: Connection, id: str) -> Answer:
    return _ONE.ask(tx, id=id)


def read(asked: Answer) -> Task:
    """The task that was asked for."""
    row = asked.first()
    if row is None:
        raise NoSuchTask()
    return Task(**row)


def open_of_instance(tx: Connection, instance_id: str) -> list[Task]:
    """The open tasks of an instance, the oldest first."""
    return [Task(**row) for row in _OPEN_OF_INSTANCE.rows(tx, of=instance_id, in_state=OPEN)]


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


def move(tx: Connection, id: str, element_id: str, name: str) -> None:
    """The task stands at another element now; who has it and what was drafted stays."""
    tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN).values(element_id=element_id, name=name))


def unclaim(tx: Connection, id: str) -> None:
    tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN).values(assignee=None))


def save_draft(tx: Connection, id: str, data: dict[str, Any]) -> None:
    tx.execute(update(task).where(task.c.id == id, task.c.state == OPEN).values(draft=data))


def close_all(tx: Connection, ids: list[str], state: str, at: datetime, person: str | None = None) -> None:
    """The tasks are over, done by a person or canceled by the process."""
    _CLOSE.run(tx, *({"of": id, "new_state": state, "at": at, "person": person, "in_state": OPEN} for id in ids))


def moment(found: Any) -> datetime | None:
    """A date, or a date and time, or the text of one, as a moment; without a zone it is UTC. NotAMoment for anything else."""
    if found in (None, ""):
        return None
    if isinstance(found, str):
        try:
            found = datetime.fromisoformat(found)
        except ValueError as wrong:
            raise NotAMoment(f"“{found}” is not a date; write it like 2026-05-31 or 2026-05-31T12:00:00Z.") from wrong
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time())
    if not isinstance(found, datetime):
        raise NotAMoment(f"{found!r} is not a date; write it like 2026-05-31 or 2026-05-31T12:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
