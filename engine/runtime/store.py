"""Instances as they are kept between verbs. The only user of `ratchet_instance`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Row, Table, Text, bindparam, insert, select, update

from engine.db import Json, Moment, metadata
from engine.errors import NotFound

ACTIVE, COMPLETED, INCIDENT, CANCELED = "active", "completed", "incident", "canceled"
OPEN = (ACTIVE, INCIDENT)

instance = Table(
    "ratchet_instance",
    metadata,
    Column("id", Text, primary_key=True),
    Column("definition_id", Text, ForeignKey("ratchet_definition.id"), nullable=False),
    Column("business_key", Text),
    Column("state", Text, nullable=False),
    Column("tokens", Json),
    Column("turn", Integer, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ratchet_instance_of_definition", "definition_id", "state"),
    Index("ratchet_instance_by_key", "business_key"),
)


@dataclass(frozen=True)
class Instance:
    """One run of a process. `tokens` is its saved live state, `turn` counts the verbs that moved it."""

    id: str
    definition_id: str
    business_key: str | None
    state: str
    tokens: list[list[Any]] | None
    turn: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None


_ONE = select(instance).where(instance.c.id == bindparam("id"))
_LOCKED = _ONE.with_for_update()


def add(tx: Connection, new: Instance) -> None:
    tx.execute(insert(instance), vars(new))


def lock(tx: Connection, id: str) -> Instance:
    """The instance, held until the transaction ends: one verb at a time moves it."""
    return _instance(tx.execute(_LOCKED, {"id": id}).one_or_none(), id)


def get(tx: Connection, id: str) -> Instance:
    return _instance(tx.execute(_ONE, {"id": id}).one_or_none(), id)


def save(tx: Connection, id: str, **values: Any) -> None:
    """Write the new state and count the turn."""
    tx.execute(update(instance).where(instance.c.id == id).values(turn=instance.c.turn + 1, **values))


def _instance(row: Row[Any] | None, id: str) -> Instance:
    if row is None:
        raise NotFound(f"There is no instance {id}.")
    return Instance(**row._mapping)
