"""What an expression could not make out while it ran: a name that is unknown, a call that gave null. The only user of `ratchet_warning`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, insert, select

from engine.db import Moment, metadata

MOST = 100  # of one instance: a loop must not fill the table

warning = Table(
    "ratchet_warning",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("instance_id", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ratchet_warning_of_instance", "instance_id"),
)


@dataclass(frozen=True)
class Warning:
    """Something that an analyst should look at; the process went on."""

    instance_id: str
    element_id: str
    message: str
    at: datetime


def keep(tx: Connection, instance_id: str, new: list[Warning]) -> None:
    """Write down what has not been written down yet of this instance."""
    known = {(one.element_id, one.message) for one in of_instance(tx, instance_id)}
    fresh = {(one.element_id, one.message): one for one in new if (one.element_id, one.message) not in known}
    rows = [vars(one) for one in list(fresh.values())[: max(MOST - len(known), 0)]]
    if rows:
        tx.execute(insert(warning), rows)


def of_instance(tx: Connection, instance_id: str) -> list[Warning]:
    rows = tx.execute(select(warning).where(warning.c.instance_id == instance_id).order_by(warning.c.seq))
    return [Warning(row.instance_id, row.element_id, row.message, row.at) for row in rows]
