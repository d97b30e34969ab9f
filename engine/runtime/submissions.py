"""What people submitted, and what they were asked to sign. The only user of `ratchet_submission` and `ratchet_signing_request`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, Index, Table, Text, delete, insert, select, update

from engine.db import Json, Moment, metadata
from engine.errors import NotFound, Refused
from engine.prepared import Insertion
from engine.runtime.tasks import task

submission = Table(
    "ratchet_submission",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("instance_id", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("document_id", Text),
    Column("signatory", Json),
    Index("ratchet_submission_of_element", "instance_id", "element_id"),
)
signing_request = Table(
    "ratchet_signing_request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("task_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
)


@dataclass(frozen=True)
class Submission:
    """One submitted form. `document_id` names the signed document where one was asked for; `signatory` says who signed it."""

    task_id: str
    instance_id: str
    element_id: str
    person: str
    data: dict[str, Any]
    submitted_at: datetime
    document_id: str | None = None
    signatory: dict[str, Any] | None = None


@dataclass(frozen=True)
class SigningRequest:
    """The exact text that one person was asked to sign for one task; its id is the nonce, good for one use."""

    id: str
    task_id: str
    person: str
    data: dict[str, Any]
    document: str
    created_at: datetime
    used_at: datetime | None = None


_ADD = Insertion(submission)


def add(tx: Connection, new: Submission) -> None:
    _ADD.run(tx, vars(new))


def copy(tx: Connection, instance_id: str, new_id: str, only_start: bool) -> None:
    """A rerun reads what was submitted as the original does: at its start, or up to where the original is."""
    mine = submission.c.instance_id == instance_id
    rows = tx.execute(select(submission).where(mine, submission.c.task_id == instance_id) if only_start else select(submission).where(mine))
    for row in rows.all():
        task_id = new_id if row.task_id == instance_id else str(uuid4())
        add(tx, Submission(**{**row._mapping, "task_id": task_id, "instance_id": new_id}))


def of_task(tx: Connection, task_id: str) -> Submission | None:
    row = tx.execute(select(submission).where(submission.c.task_id == task_id)).one_or_none()
    return Submission(**row._mapping) if row else None


def latest(tx: Connection, instance_id: str, element_id: str) -> Submission | None:
    """The last submission of a user task in an instance."""
    mine = select(submission).where(submission.c.instance_id == instance_id, submission.c.element_id == element_id)
    row = tx.execute(mine.order_by(submission.c.submitted_at.desc()).limit(1)).one_or_none()
    return Submission(**row._mapping) if row else None


def document(facts: dict[str, Any]) -> str:
    """The text to sign: one JSON object, readable, in a fixed order."""
    return json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=False)


def request(tx: Connection, new: SigningRequest) -> None:
    tx.execute(insert(signing_request), vars(new))


def get_request(tx: Connection, id: str | None) -> SigningRequest:
    row = tx.execute(select(signing_request).where(signing_request.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("There is nothing to sign here. Open the task again and fill in the form.")
    return SigningRequest(**row._mapping)


def forget_requests(tx: Connection, instance_ids: Sequence[str]) -> None:
    """Delete what people were asked to sign in these instances; what they signed is a document and stays."""
    mine = select(task.c.id).where(task.c.instance_id.in_(instance_ids))
    tx.execute(delete(signing_request).where(signing_request.c.task_id.in_(mine)))


def use_request(tx: Connection, id: str, at: datetime) -> None:
    """A signing request is good for one submission only."""
    used = tx.execute(update(signing_request).where(signing_request.c.id == id, signing_request.c.used_at.is_(None)).values(used_at=at))
    if used.rowcount == 0:
        raise Refused("This signature was used already. Open the task again and sign anew.")


