"""Failed attempts at a task: kept in a transaction of their own, so that the analyst finds what the officer's step undid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Column, Connection, Index, Table, Text, insert, select

from engine.db import Moment, metadata

failure = Table(
    "ratchet_failure",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("instance_id", Text, nullable=False),
    Column("task_id", Text),
    Column("element_id", Text),
    Column("message", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ratchet_failure_of_instance", "instance_id"),
)


@dataclass(frozen=True)
class Failure:
    """One attempt that failed and left nothing behind but this."""

    reference: str
    instance_id: str
    task_id: str | None
    element_id: str | None
    message: str
    person: str
    at: datetime


def new_reference() -> str:
    """A short word that the officer can read out to the analyst."""
    return uuid4().hex[:8].upper()


def add(tx: Connection, new: Failure) -> None:
    tx.execute(insert(failure), vars(new))


def of_instance(tx: Connection, instance_id: str) -> list[Failure]:
    rows = tx.execute(select(failure).where(failure.c.instance_id == instance_id).order_by(failure.c.at.desc()))
    return [Failure(**row._mapping) for row in rows]


def latest(tx: Connection, limit: int) -> list[Failure]:
    rows = tx.execute(select(failure).order_by(failure.c.at.desc()).limit(limit))
    return [Failure(**row._mapping) for row in rows]
