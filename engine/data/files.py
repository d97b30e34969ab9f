"""The only place for files that processes and callers store: digital documents, and the CSV texts that are loaded into tables.

A file never changes: who names it by id and checksum gets exactly what was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, insert, select

from engine.data.errors import DataError
from engine.db import Moment, metadata
from engine.signing import sha256

LARGEST = 20 * 1024 * 1024

_files = Table(
    "ratchet_file",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(300), nullable=False),
    Column("type", String(150), nullable=False),
    Column("checksum", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("person", String(100)),
    Column("instance", String(100)),
    Column("created_at", Moment, nullable=False),
)
_FACTS = [column for column in _files.c if column.name != "content"]


@dataclass(frozen=True)
class File:
    """What is known of a file without its bytes. `checksum` is SHA-256 (hex); `instance` is the process instance that stored it."""

    id: str
    name: str
    type: str
    checksum: str
    size: int
    person: str | None
    instance: str | None
    created_at: datetime


def put(
    tx: Connection, name: str, content: bytes, at: datetime, type: str = "", person: str | None = None, instance: str | None = None
) -> File:  # fmt: skip
    """Store a file. `DataError` CLIENT_ERROR without a name, or when it is larger than 20 MB."""
    if not name.strip() or len(name) > 300:
        raise DataError("CLIENT_ERROR", "A file needs a name of at most 300 characters.")
    if len(content) > LARGEST:
        raise DataError("CLIENT_ERROR", f"The file {name} has {len(content)} bytes; at most {LARGEST} are stored.")
    made = File(str(uuid4()), name.strip(), type or "application/octet-stream", sha256(content), len(content), person, instance, at)
    tx.execute(insert(_files).values(**vars(made), content=content))
    return made


def facts(tx: Connection, id: str) -> File | None:
    row = tx.execute(select(*_FACTS).where(_files.c.id == id)).one_or_none()
    return File(**row._mapping) if row else None


def content(tx: Connection, id: str, checksum: str | None = None) -> bytes:
    """The bytes of a file; `DataError` FILE_NOT_FOUND, or FILE_WAS_CHANGED when they are not those of `checksum`."""
    row = tx.execute(select(_files.c.content, _files.c.checksum).where(_files.c.id == id)).one_or_none()
    if row is None:
        raise DataError("FILE_NOT_FOUND", f"There is no file {id!r}.")
    if checksum is not None and checksum.lower() != row.checksum:
        raise DataError("FILE_WAS_CHANGED", f"The file {id} does not have the checksum {checksum}: another one was meant.")
    return bytes(row.content)
