"""Jobs: work that waits, for an external worker or for its next try. The only user of `ratchet_job`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, delete, insert, select, update

from engine.db import Json, Moment, metadata
from engine.errors import NotFound

EXTERNAL, RETRY = "external", "retry"

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
    Index("ratchet_job_due", "kind", "due_at"),
    Index("ratchet_job_of_instance", "instance_id"),
)


@dataclass(frozen=True)
class Job:
    """One piece of waiting work; its id is the id of the token that rests there. With no retries left it is an incident."""

    id: str
    kind: str
    type: str
    instance_id: str
    element_id: str
    retries: int
    due_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    locked_by: str | None = None
    locked_until: datetime | None = None
    last_error: str | None = None


def put(tx: Connection, new: Job) -> None:
    """Write the job, in place of an earlier one of the same token."""
    remove(tx, new.id)
    tx.execute(insert(job), vars(new))


def remove(tx: Connection, id: str) -> None:
    tx.execute(delete(job).where(job.c.id == id))


def get(tx: Connection, id: str) -> Job:
    row = tx.execute(select(job).where(job.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {id}; it may have been done already.")
    return Job(**row._mapping)


def of_instance(tx: Connection, instance_id: str) -> list[Job]:
    rows = tx.execute(select(job).where(job.c.instance_id == instance_id).order_by(job.c.due_at, job.c.id))
    return [Job(**row._mapping) for row in rows]


def waiting(tx: Connection, kind: str, now: datetime, type: str | None = None, limit: int = 100) -> list[Job]:
    """Jobs that are due, have retries left and are locked by nobody, the longest due first."""
    free = job.c.locked_until.is_(None) | (job.c.locked_until <= now)
    found = select(job).where(job.c.kind == kind, job.c.due_at <= now, job.c.retries > 0, free)
    if type is not None:
        found = found.where(job.c.type == type)
    rows = tx.execute(found.order_by(job.c.due_at, job.c.id).limit(limit).with_for_update(skip_locked=True))
    return [Job(**row._mapping) for row in rows]


def lock(tx: Connection, id: str, worker: str, until: datetime) -> None:
    tx.execute(update(job).where(job.c.id == id).values(locked_by=worker, locked_until=until))


def next_due(tx: Connection) -> datetime | None:
    """When the next retry is due."""
    found = select(job.c.due_at).where(job.c.kind == RETRY, job.c.retries > 0).order_by(job.c.due_at).limit(1)
    due: Any = tx.execute(found).scalar_one_or_none()
    return due if isinstance(due, datetime) else None


def incidents(tx: Connection, instance_id: str | None = None) -> list[Job]:
    """Jobs without retries left: somebody must look at them."""
    found = select(job).where(job.c.retries <= 0)
    if instance_id is not None:
        found = found.where(job.c.instance_id == instance_id)
    return [Job(**row._mapping) for row in tx.execute(found.order_by(job.c.due_at, job.c.id))]
