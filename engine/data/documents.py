"""The only place for signed documents: what a person submitted or the server sealed, with the signature over exactly those bytes.

A signed document never changes: what history refers to by key and checksum stays what it was.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Literal

from sqlalchemy import Column, Connection, LargeBinary, String, Table, Text, delete, insert, select

from engine.db import Moment, metadata
from engine.signing import sha256

Sort = Literal["submission", "system", "content"]

_documents = Table(
    "ratchet_document",
    metadata,
    Column("id", String(400), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("data", Text, nullable=False),
    Column("signature", LargeBinary),
    Column("person", String(100)),
    Column("created_at", Moment, nullable=False),
)


@dataclass(frozen=True)
class Document:
    """One stored document.

    id         its storage key, what `signatureDocumentId` or a `…_ceph_key` variable holds
    kind       "submission": a person's form data; "system": sealed by the server; "content": what a process put there itself
    data       the text that was signed; its UTF-8 bytes are what the signature covers
    signature  detached CMS, DER; None for what nobody signed
    person     the id of whoever submitted it
    """

    id: str
    kind: Sort
    data: str
    signature: bytes | None
    person: str | None
    created_at: datetime

    @property
    def content(self) -> bytes:
        return self.data.encode()

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) of the document as the contract stores it: the JSON `{"data":…,"signature":…}`, the signature in Base64."""
        signature = b64encode(self.signature).decode() if self.signature else None
        return sha256(json.dumps({"data": self.data, "signature": signature}, ensure_ascii=False, separators=(",", ":")).encode())


def put(tx: Connection, document: Document) -> None:
    """Store a document under an id that is free (see `free_id`); a taken one is an integrity error of the database."""
    tx.execute(insert(_documents).values(vars(document)))


def get(tx: Connection, id: str) -> Document | None:
    row = tx.execute(select(_documents).where(_documents.c.id == id)).one_or_none()
    return Document(**row._mapping) if row else None


def free_id(tx: Connection, wanted: str) -> str:
    """`wanted`, or `wanted_1`, `wanted_2`, … when documents are stored under it already: nothing is ever overwritten."""
    candidates = (wanted if n == 0 else f"{wanted}_{n}" for n in count())
    return next(id for id in candidates if not _taken(tx, id))


def forget(tx: Connection, id: str) -> None:
    """Take away what a process put there itself; what is signed stays."""
    tx.execute(delete(_documents).where(_documents.c.id == id, _documents.c.signature.is_(None)))


def _taken(tx: Connection, id: str) -> bool:
    return tx.execute(select(_documents.c.id).where(_documents.c.id == id)).first() is not None
