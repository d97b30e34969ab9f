"""Messages and signals, and who waits for them. The only user of `ratchet_subscription` and `ratchet_message`.

A message that finds nobody waiting is kept for its time to live; it reaches at most one instance of each process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, Integer, Row, Table, Text, bindparam, delete, false, insert, select, update

from engine.db import Json, Moment, metadata
from engine.prepared import Insertion, Prepared
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
    Column("kind", Text, nullable=False, server_default="message"),
    Column("held", Boolean, nullable=False, server_default=false()),
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
    Column("message_id", Text),
    Index("ratchet_message_by_key", "name", "key"),
)


MESSAGE, SIGNAL, CONDITION = "message", "signal", "condition"
DEFAULT_TTL = 3600.0


@dataclass(frozen=True)
class Subscription:
    """A token that waits for the message `name` with the correlation `key`, or for the signal `name`.

    The start events of the latest version of a process wait, too, some for a condition: their `instance_id` is empty, their `token_id` is
    the definition's id and the element's. What is `held` belongs to a suspended instance and is not reached.
    """

    token_id: str
    instance_id: str
    process_key: str
    element_id: str
    name: str
    key: str | None
    created_at: datetime
    kind: str = MESSAGE
    held: bool = False


@dataclass(frozen=True)
class Sent:
    """A message on its way: kept `ttl` seconds for those who wait later; with an `id` it is taken once. `element` narrows who is meant."""

    name: str
    key: str | None
    variables: dict[str, Any]
    ttl: float = DEFAULT_TTL
    id: str | None = None
    element: str | None = None


@dataclass(frozen=True)
class Message:
    """A message; `reached` are the keys of the processes that it has reached."""

    name: str
    key: str | None
    variables: dict[str, Any]
    expires_at: datetime
    reached: list[str] = field(default_factory=list)
    message_id: str | None = None


_SUBSCRIBE = Insertion(subscription)
_UNSUBSCRIBE = Prepared(delete(subscription).where(subscription.c.token_id == bindparam("of")))


def subscribe_all(tx: Connection, new: list[Subscription]) -> None:
    _SUBSCRIBE.run(tx, *map(vars, new))


def unsubscribe_all(tx: Connection, token_ids: list[str]) -> None:
    _UNSUBSCRIBE.run(tx, *({"of": id} for id in token_ids))


def end_starts(tx: Connection, process_key: str) -> None:
    """No start event of this process waits any more."""
    tx.execute(delete(subscription).where(subscription.c.process_key == process_key, subscription.c.instance_id == ""))


def waiting(tx: Connection, name: str, key: str | None = None, instance_id: str | None = None, kind: str = MESSAGE) -> list[Subscription]:
    """Who waits for this message or signal, the longest waiting first, after them the start events of processes, whatever the key."""
    found = select(subscription).where(subscription.c.name == name, subscription.c.kind == kind, subscription.c.held.is_(False))
    if key is not None:
        found = found.where((subscription.c.key == key) | (subscription.c.instance_id == ""))
    if instance_id is not None:
        found = found.where(subscription.c.instance_id == instance_id)
    return [_subscription(row) for row in tx.execute(found.order_by(subscription.c.instance_id == "", subscription.c.seq))]


def starts_of(tx: Connection, process_key: str) -> list[Subscription]:
    """The message start events of a process."""
    mine = (subscription.c.process_key == process_key, subscription.c.instance_id == "", subscription.c.kind == MESSAGE)
    return [_subscription(row) for row in tx.execute(select(subscription).where(*mine).order_by(subscription.c.seq))]


def lock(tx: Connection, token_id: str) -> None:
    """Hold what waits until the transaction ends, so that two do not begin at once."""
    tx.execute(select(subscription.c.seq).where(subscription.c.token_id == token_id).with_for_update())


def of_instance(tx: Connection, instance_id: str) -> list[Subscription]:
    rows = tx.execute(select(subscription).where(subscription.c.instance_id == instance_id).order_by(subscription.c.seq))
    return [_subscription(row) for row in rows]


def hold(tx: Connection, instance_id: str, held: bool) -> None:
    """Let nothing reach an instance, or let it be reached again."""
    tx.execute(update(subscription).where(subscription.c.instance_id == instance_id).values(held=held))


def move(tx: Connection, token_id: str, element_id: str) -> None:
    """What a token waits for, it waits for at another element."""
    tx.execute(update(subscription).where(subscription.c.token_id == token_id).values(element_id=element_id))


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


def is_kept(tx: Connection, name: str, key: str | None, message_id: str, now: datetime) -> bool:
    """Whether a message with this id is still kept: it is not taken twice."""
    same = (message.c.name == name, message.c.key == key, message.c.message_id == message_id, message.c.expires_at > now)
    return tx.execute(select(message.c.id).where(*same)).first() is not None
