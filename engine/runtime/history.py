"""What happened: one row per activity and per flow taken, written once per verb. The only user of `ratchet_history`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, bindparam, select, update

from engine.db import Moment, metadata
from engine.prepared import Insertion, Prepared

FLOW = "sequenceFlow"
history = Table(
    "ratchet_history",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("instance_id", Text, nullable=False),
    Column("token_id", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entered_at", Moment, nullable=False),
    Column("left_at", Moment),
    Column("person", Text),
    Index("ratchet_history_of_instance", "instance_id"),
    Index("ratchet_history_of_token", "token_id"),
)


@dataclass(frozen=True)
class Activity:
    """One turn of one element. `state` is active, completed or canceled; `person` is who completed a user task."""

    instance_id: str
    token_id: str
    element_id: str
    name: str
    kind: str
    state: str
    entered_at: datetime
    left_at: datetime | None = None
    person: str | None = None


_ADD = Insertion(history)
_END = Prepared(update(history).where(history.c.token_id == bindparam("of"), history.c.left_at.is_(None)).values(
    state=bindparam("how"), left_at=bindparam("at"), person=bindparam("by"),
))  # fmt: skip


class History:
    """What happens to one instance during one verb; `save` writes it in one go."""

    def __init__(self) -> None:
        self._new: dict[str, dict[str, Any]] = {}
        self._ended: dict[str, tuple[str, datetime, str | None]] = {}

    def enter(self, activity: Activity) -> None:
        self._new.setdefault(activity.token_id, dict(vars(activity)))

    def end(self, token_id: str, state: str, at: datetime, person: str | None = None) -> None:
        """An activity of this verb or of an earlier one is over; what is over stays as it was."""
        begun = self._new.get(token_id)
        if begun is None:
            self._ended.setdefault(token_id, (state, at, person))
        elif begun["left_at"] is None:
            begun.update(state=state, left_at=at, person=person)

    def save(self, tx: Connection) -> None:
        if self._ended:
            over = [{"of": id, "how": state, "at": at, "by": person} for id, (state, at, person) in self._ended.items()]
            _END.run(tx, *over)
        if self._new:
            _ADD.run(tx, *self._new.values())
        self._new, self._ended = {}, {}


def move(tx: Connection, token_id: str, element_id: str, name: str) -> None:
    """What is under way at an element goes on at another."""
    tx.execute(update(history).where(history.c.token_id == token_id, history.c.left_at.is_(None)).values(element_id=element_id, name=name))


def of_instance(tx: Connection, instance_id: str) -> list[Row[tuple[object, ...]]]:
    """All rows of an instance, in the order in which they happened."""
    return list(tx.execute(select(history).where(history.c.instance_id == instance_id).order_by(history.c.seq)))
