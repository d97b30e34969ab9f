"""Instances as they are kept between verbs. The only user of `ratchet_instance`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Table, Text, bindparam, delete, func, literal_column, select, update

from engine.db import Json, Moment, metadata
from engine.errors import NotFound
from engine.prepared import Answer, Insertion, Prepared

ACTIVE, COMPLETED, INCIDENT, CANCELED, SUSPENDED = "active", "completed", "incident", "canceled", "suspended"
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
    Column("root_id", Text),
    Column("parent_id", Text),
    Column("parent_token", Text),
    Column("rerun_of", Text),
    Column("began_with", Json),
    Index("ratchet_instance_of_parent", "parent_id"),
    Index("ratchet_instance_of_definition", "definition_id", "state"),
    Index("ratchet_instance_by_key", "business_key"),
)


@dataclass(frozen=True)
class Instance:
    """One run of a process. `tokens` is its saved live state, `turn` counts the verbs that moved it.

    A called instance names the instance at the top of the calls (`root_id`; None: itself), its caller and the token that waits there.
    `rerun_of` is the instance that it repeats. `began_with` is written once and read by `began_with` alone: what it was started with.
    """

    id: str
    definition_id: str
    business_key: str | None
    state: str
    tokens: list[list[Any]] | None
    turn: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None
    root_id: str | None = None
    parent_id: str | None = None
    parent_token: str | None = None
    rerun_of: str | None = None
    began_with: dict[str, Any] | None = None


_ADD = Insertion(instance)
_ONE = Prepared(select(*[column for column in instance.c if column.name != "began_with"]).where(instance.c.id == bindparam("id")))
_ROOT = select(func.coalesce(instance.c.root_id, instance.c.id)).where(instance.c.id == bindparam("id")).scalar_subquery()
_LOCKED = Prepared(select(instance.c.id).where(instance.c.id == _ROOT).with_for_update())
_SAVE = Prepared(update(instance).where(instance.c.id == bindparam("of")).values(
    turn=instance.c.turn + literal_column("1"), state=bindparam("new_state"), tokens=bindparam("new_tokens"), ended_at=bindparam("at"),
))  # fmt: skip


def add(tx: Connection, new: Instance) -> None:
    _ADD.run(tx, vars(new))


def rekey(tx: Connection, found: Instance, business_key: str) -> Instance:
    """The instance under another business key, by which messages reach it from now on; one that is not stored yet will be under it."""
    tx.execute(update(instance).where(instance.c.id == found.id).values(business_key=business_key))
    return replace(found, business_key=business_key)


def lock(tx: Connection, id: str) -> None:
    """Hold an instance with all that it calls and is called by until the transaction ends: one verb at a time moves them."""
    if tx.dialect.name != "sqlite":  # SQLite has one writer anyway
        _LOCKED.ask(tx, id=id)


def get(tx: Connection, id: str) -> Instance:
    return read(ask(tx, id), id)


def ask(tx: Connection, id: str) -> Answer:
    return _ONE.ask(tx, id=id)


def read(asked: Answer, id: str) -> Instance:
    """The instance that was asked for."""
    row = asked.first()
    if row is None:
        raise NotFound(f"There is no instance {id}.")
    return Instance(**row)


def began_with(tx: Connection, id: str) -> dict[str, Any]:
    """What an instance was started with: `variables`, and `start`, `before`, `after` where it did not begin at its plain start event."""
    found: dict[str, Any] | None = tx.execute(select(instance.c.began_with).where(instance.c.id == id)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"It was not kept what the instance {id} began with. Rerun it with the variables that it has now.")
    return found


def move(tx: Connection, id: str, definition_id: str) -> None:
    """The instance goes on by another version."""
    tx.execute(update(instance).where(instance.c.id == id).values(definition_id=definition_id))


def save(tx: Connection, id: str, state: str, tokens: list[list[Any]] | None, ended_at: datetime | None) -> None:
    """Write the new state and count the turn."""
    _SAVE.run(tx, {"of": id, "new_state": state, "new_tokens": tokens, "at": ended_at})


def tree_of(tx: Connection, id: str) -> list[str]:
    """The ids of the open instances of a whole tree of calls, the one at its top first."""
    mine = (instance.c.id == id) | (instance.c.root_id == id)
    found = select(instance.c.id).where(mine, instance.c.state.in_((*OPEN, SUSPENDED)))
    return list(tx.execute(found.order_by(instance.c.root_id.is_not(None), instance.c.started_at, instance.c.id)).scalars())


def used_by(tx: Connection, definition_id: str) -> tuple[list[str], list[str]]:
    """The instances on a version: those under way, and those that have finished, with all that these called."""
    of = instance.c.definition_id == definition_id
    is_open = instance.c.state.in_((*OPEN, SUSPENDED))
    under_way = list(tx.execute(select(instance.c.id).where(of, is_open)).scalars())
    over = select(instance.c.id).where(of, ~is_open)
    return under_way, list(tx.execute(select(instance.c.id).where(instance.c.id.in_(over) | instance.c.root_id.in_(over))).scalars())


def finished_before(tx: Connection, definition_id: str, moment: datetime, limit: int) -> list[str]:
    """Instances that nobody called and that ended before a moment, the longest ended first, with all that they called."""
    mine = (instance.c.definition_id == definition_id, instance.c.root_id.is_(None), instance.c.ended_at < moment)
    found = select(instance.c.id).where(*mine).order_by(instance.c.ended_at, instance.c.id).limit(limit)
    return _with_called(tx, list(tx.execute(found).scalars()))


def _with_called(tx: Connection, ids: list[str]) -> list[str]:
    called = tx.execute(select(instance.c.id).where(instance.c.root_id.in_(ids))).scalars() if ids else ()
    return list(dict.fromkeys([*ids, *called]))


def remove(tx: Connection, ids: Sequence[str]) -> None:
    tx.execute(delete(instance).where(instance.c.id.in_(ids)))


def root_of(tx: Connection, id: str) -> str:
    """The id of the instance at the top of the calls; of itself where it is not known."""
    return tx.execute(select(func.coalesce(instance.c.root_id, instance.c.id)).where(instance.c.id == id)).scalar() or id


def goes_on(tx: Connection, process_key: str, business_key: str) -> bool:
    """Whether an instance of a process with this business key is open that nothing has called."""
    found = select(instance.c.definition_id).where(
        instance.c.business_key == business_key, instance.c.state.in_((*OPEN, SUSPENDED)), instance.c.parent_id.is_(None)
    )
    return any(row.definition_id.rpartition(":")[0] == process_key for row in tx.execute(found))
