"""Instances taken out of the database with all that was kept of them. The only place that deletes what happened.

What they wrote to the registry stays, with its history and the signed documents that this refers to.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete

from engine import db
from engine.runtime import store, submissions

MOST = 500  # values in one statement


def forget(tx: Connection, instance_ids: Sequence[str]) -> None:
    """Delete instances that have ended: every row of theirs in every table of ours that names its instance."""
    for at in range(0, len(instance_ids), MOST):
        _forget(tx, instance_ids[at : at + MOST])


def _forget(tx: Connection, instance_ids: Sequence[str]) -> None:
    submissions.forget_requests(tx, instance_ids)
    for table in db.metadata.tables.values():
        if "instance_id" in table.c:
            tx.execute(delete(table).where(table.c.instance_id.in_(instance_ids)))
    store.remove(tx, instance_ids)
