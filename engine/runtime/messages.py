"""Messages and who waits for them. The only user of `ratchet_subscription` and `ratchet_message`.

A message that finds nobody waiting is kept for its time to live; it reaches at most one instance of each process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, delete, insert, select, update

from engine.db import Json, Moment, metadata
from engine.runtime.values import from_json, to_json

subscription = Table(
    "ratchet_subscription",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("token_id", Text, nullable=False, unique=True),
    Column("instance_id", Text, nullable=False),
    Column("process_key", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("key", Text),
    Column("created_at", Moment, nullable=False),
    Index("ratchet_subscription_by_key", "name", "key"),
    Index("ratchet_subscription_of_instance", "instance_id"),
)
message = Table(
    "ratchet_message",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("key", Text),
    Column("variables", Json, nullable=False),
    Column("reached", Json, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ratchet_message_by_key", "name", "key"),
)


@dataclass(frozen=True)
class Subscription:
    """A token that waits for the message `name` with the correlation `key`."""

    token_id: str
    instance_id: str
    process_key: str
    element_id: str
    name: str
    key: str | None
    created_at: datetime


@dataclass(frozen=True)
class Message:
    """A message; `reached` are the keys of the processes that it has reached."""

    name: str
    key: str | None
    variables: dict[str, Any]
    expires_at: datetime
    reached: list[str] = field(default_factory=list)


def subscribe(tx: Connection, new: Subscription) -> None:
    tx.execute(insert(subscription), vars(new))


def unsubscribe(tx: Connection, token_id: str) -> None:
    tx.execute(delete(subscription).where(subscription.c.token_id == token_id))


def waiting(tx: Connection, name: str, key: str | None, instance_id: str | None = None) -> list[Subscription]:
    """Who waits for this message, the longest waiting first."""
    found = select(subscription).where(subscription.c.name == name)
    if key is not None:
        found = found.where(subscription.c.key == key)
    if instance_id is not None:
        found = found.where(subscription.c.instance_id == instance_id)
    return [_subscription(row) for row in tx.execute(found.order_by(subscription.c.seq))]


def of_instance(tx: Connection, instance_id: str) -> list[Subscription]:
    rows = tx.execute(select(subscription).where(subscription.c.instance_id == instance_id).order_by(subscription.c.seq))
    return [_subscription(row) for row in rows]


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(**{name: row._mapping[name] for name in Subscription.__dataclass_fields__})


def keep(tx: Connection, new: Message) -> None:
    """Keep a message until it expires."""
    tx.execute(insert(message), {**vars(new), "variables": to_json(new.variables)})


def take(tx: Connection, name: str, key: str | None, process_key: str, now: datetime) -> dict[str, Any] | None:
    """The variables of the oldest kept message that has not reached this process yet, which it now has; None where there is none."""
    tx.execute(delete(message).where(message.c.expires_at <= now))
    kept = select(message).where(message.c.name == name, message.c.key == key).order_by(message.c.id).with_for_update()
    for row in tx.execute(kept):
        if process_key not in row.reached:
            tx.execute(update(message).where(message.c.id == row.id).values(reached=[*row.reached, process_key]))
            found: dict[str, Any] = from_json(row.variables)
            return found
    return None
