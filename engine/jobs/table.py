"""Jobs: work that waits, for an external worker, for its moment or for its next try. The only user of `ratchet_job`.

A job's id is the id of the token that rests there, but for what belongs to no token: starts by a timer, messages and signals on their way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, Integer, Table, Text, bindparam, delete, false, select, update
from sqlalchemy.sql.elements import TextClause

from engine.db import Json, Moment, metadata
from engine.errors import NotFound
from engine.jobs import wakeup
from engine.prepared import Insertion, Prepared

EXTERNAL = "external"  # an external worker's
RETRY = "retry"  # a failed step that is tried again
TIMER = "timer"  # a timer event of an instance
ASYNC = "async"  # an asynchronous continuation
START = "start"  # a timer start event: headers name the definition
MESSAGE, SIGNAL = "message", "signal"  # on its way to other instances: headers hold it
OURS = (RETRY, TIMER, ASYNC, START, MESSAGE, SIGNAL)

job = Table(
    "ratchet_job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("instance_id", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("locked_by", Text),
    Column("locked_until", Moment),
    Column("last_error", Text),
    Column("held", Boolean, nullable=False, server_default=false()),
    Index("ratchet_job_due", "kind", "due_at"),
    Index("ratchet_job_of_instance", "instance_id"),
)


@dataclass(frozen=True)
class Job:
    """One piece of waiting work. With no retries left it is an incident; while its instance is suspended it is held."""

    id: str
    kind: str
    type: str
    instance_id: str
    element_id: str
    retries: int
    due_at: datetime
    headers: dict[str, Any] = field(default_factory=dict)
    locked_by: str | None = None
    locked_until: datetime | None = None
    last_error: str | None = None
    held: bool = False

    def is_due(self, now: datetime) -> bool:
        return self.due_at <= now and self.retries > 0 and not self.held

    def backoff(self, left: int) -> timedelta:
        """How long to wait before the next try when so many are left; the last wait stays."""
        waits = self.headers.get("backoff")
        if not waits:
            return timedelta(0)
        return timedelta(seconds=waits[min(max(self.headers["tries"] - 1 - left, 0), len(waits) - 1)])


_ONE = select(job).where(job.c.id == bindparam("of"))
_ADD = Insertion(job)
_REMOVE = Prepared(delete(job).where(job.c.id == bindparam("of")))


def put(tx: Connection, new: Job) -> None:
    """Write the job, in place of an earlier one of the same token."""
    remove(tx, new.id)
    put_all(tx, [new])


def put_all(tx: Connection, new: list[Job]) -> None:
    _ADD.run(tx, *map(vars, new))
    wakeup.tell(tx, [one for one in new if _is_runnable(one)])


def _is_runnable(one: Job) -> bool:
    return one.kind in OURS and one.retries > 0 and not one.held


def remove(tx: Connection, id: str) -> None:
    _REMOVE.run(tx, {"of": id})


def remove_all(tx: Connection, ids: list[str]) -> None:
    _REMOVE.run(tx, *({"of": id} for id in ids))


def get(tx: Connection, id: str) -> Job:
    found = find(tx, id)
    if found is None:
        raise NotFound(f"There is no job {id}; it may have been done already.")
    return found


def find(tx: Connection, id: str) -> Job | None:
    row = tx.execute(_ONE, {"of": id}).one_or_none()
    return Job(**row._mapping) if row is not None else None


def lock_row(tx: Connection, id: str) -> Job | None:
    """The job, held until the transaction ends; None when it is gone."""
    row = tx.execute(_ONE.with_for_update(), {"of": id}).one_or_none()
    return Job(**row._mapping) if row is not None else None


def note_failure(tx: Connection, failed: Job, left: int, due: datetime, message: str) -> None:
    """A try has failed: so many are left, and the next is due then."""
    values = {"retries": left, "due_at": due, "last_error": message, "locked_by": None, "locked_until": None}
    tx.execute(update(job).where(job.c.id == failed.id).values(**values))
    wakeup.tell(tx, [one for one in (find(tx, failed.id),) if one is not None and _is_runnable(one)])


def of_instance(tx: Connection, instance_id: str) -> list[Job]:
    rows = tx.execute(select(job).where(job.c.instance_id == instance_id).order_by(job.c.due_at, job.c.id))
    return [Job(**row._mapping) for row in rows]


def waiting(tx: Connection, kinds: Iterable[str], now: datetime, type: str | None = None, limit: int = 100) -> list[Job]:
    """Jobs that are due, have retries left, are not held and are locked by nobody, the longest due first."""
    free = job.c.locked_until.is_(None) | (job.c.locked_until <= now)
    found = select(job).where(job.c.kind.in_(tuple(kinds)), job.c.due_at <= now, job.c.retries > 0, job.c.held.is_(False), free)
    if type is not None:
        found = found.where(job.c.type == type)
    rows = tx.execute(found.order_by(job.c.due_at, job.c.id).limit(limit).with_for_update(skip_locked=True))
    return [Job(**row._mapping) for row in rows]


def claim(tx: Connection, worker: str, now: datetime, until: datetime) -> Job | None:
    """The job of ours that is due longest and that nobody has, now this worker's until a moment; None where there is none."""
    for found in waiting(tx, OURS, now, limit=1):
        lock(tx, found.id, worker, until)
        return found
    return None


def due_before(tx: Connection, moment: datetime, and_also: TextClause, limit: int = 1000) -> list[Job]:
    """Jobs of ours that are due before a moment and not held, for which a condition on `ratchet_job` holds, too.

    They are locked until the transaction ends; what somebody else is writing is left out.
    """
    found = select(job).where(job.c.kind.in_(OURS), job.c.due_at <= moment, job.c.retries > 0, job.c.held.is_(False), and_also)
    rows = tx.execute(found.order_by(job.c.due_at).limit(limit).with_for_update(skip_locked=True))
    return [Job(**row._mapping) for row in rows]


def give_back(tx: Connection, id: str, worker: str) -> None:
    """The worker does not have the job any more, and it was not done."""
    tx.execute(update(job).where(job.c.id == id, job.c.locked_by == worker).values(locked_by=None, locked_until=None))


def lock(tx: Connection, id: str, worker: str, until: datetime) -> None:
    tx.execute(update(job).where(job.c.id == id).values(locked_by=worker, locked_until=until))


def next_due(tx: Connection) -> datetime | None:
    """When the next job of ours is due."""
    found = select(job.c.due_at).where(job.c.kind.in_(OURS), job.c.retries > 0, job.c.held.is_(False)).order_by(job.c.due_at).limit(1)
    due: Any = tx.execute(found).scalar_one_or_none()
    return due if isinstance(due, datetime) else None


def incidents(tx: Connection, instance_id: str | None = None) -> list[Job]:
    """Jobs without retries left: somebody must look at them."""
    found = select(job).where(job.c.retries <= 0)
    if instance_id is not None:
        found = found.where(job.c.instance_id == instance_id)
    return [Job(**row._mapping) for row in tx.execute(found.order_by(job.c.due_at, job.c.id))]


def hold(tx: Connection, instance_id: str, held: bool) -> None:
    """Keep the jobs of an instance from being run, or let them go."""
    tx.execute(update(job).where(job.c.instance_id == instance_id).values(held=held))
    wakeup.tell(tx, [one for one in of_instance(tx, instance_id) if _is_runnable(one)])


def move(tx: Connection, id: str, element_id: str) -> None:
    """What waits at a token waits at another element."""
    tx.execute(update(job).where(job.c.id == id).values(element_id=element_id))


def remove_starts(tx: Connection, process_key: str) -> None:
    """No timer starts this process any more."""
    tx.execute(delete(job).where(job.c.kind == START, job.c.type == process_key))
