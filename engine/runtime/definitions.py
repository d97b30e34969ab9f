"""Process definitions and forms: immutable, versioned per key, parsed once. The only user of `ratchet_definition` and `ratchet_form`."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, Row, Table, Text, UniqueConstraint, func, insert, select

from engine.bpmn.model import FormRef, Process
from engine.bpmn.reader import read
from engine.bpmn.specs import ProcessSpec
from engine.db import Json, Moment, metadata
from engine.errors import NotFound
from engine.signing import sha256

definition = Table(
    "ratchet_definition",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("xml", LargeBinary, nullable=False),
    Column("deployed_at", Moment, nullable=False),
    Column("deployed_by", Text, nullable=False),
    UniqueConstraint("key", "version"),
)
form = Table(
    "ratchet_form",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("schema", Json, nullable=False),
    Column("deployed_at", Moment, nullable=False),
    Index("ratchet_form_by_hash", "key", "sha256"),
)


@dataclass(frozen=True)
class DefinitionInfo:
    """A version of a process as lists show it. `changed` tells, after a deployment, whether this version is new."""

    id: str
    key: str
    version: int
    name: str
    file: str
    deployed_at: datetime
    deployed_by: str
    changed: bool = False


@dataclass(frozen=True)
class Definition:
    """A version of a process, ready to run."""

    id: str
    key: str
    version: int
    process: Process
    spec: ProcessSpec


@dataclass(frozen=True)
class Form:
    """A form's schema with its version and the hash of its text. An embedded form has version 0."""

    key: str
    version: int
    sha256: str
    schema: dict[str, Any]


_COLUMNS = [definition.c[name] for name in ("id", "key", "version", "name", "file", "deployed_at", "deployed_by")]


class Definitions:
    """The parsed definitions of one database, each read once per process of the operating system."""

    def __init__(self) -> None:
        self._parsed: dict[str, Definition] = {}
        self._lock = threading.Lock()

    def get(self, tx: Connection, id: str) -> Definition:
        """The definition with this id, parsed."""
        found = self._parsed.get(id)
        if found is None:
            row = tx.execute(select(definition).where(definition.c.id == id)).one_or_none()
            if row is None:
                raise NotFound(f"There is no process definition {id}.")
            found = _parse(row)
            with self._lock:
                self._parsed[id] = found
        return found


def _parse(row: Row[Any]) -> Definition:
    process = next(process for process in read(row.xml, row.file) if process.key == row.key)
    return Definition(row.id, row.key, row.version, process, ProcessSpec(process))


def add(tx: Connection, process: Process, file: str, xml: bytes, at: datetime, by: str) -> DefinitionInfo:
    """Store a process as the next version of its key, unless it is what the latest version is already."""
    digest = sha256(xml)
    newest = select(definition).where(definition.c.key == process.key).order_by(definition.c.version.desc()).limit(1)
    last = tx.execute(newest).one_or_none()
    if last is not None and last.sha256 == digest:
        return _info(last)
    version = last.version + 1 if last else 1
    info = DefinitionInfo(f"{process.key}:{version}", process.key, version, process.name, file, at, by, changed=True)
    tx.execute(insert(definition).values(
        id=info.id, key=info.key, version=version, name=info.name, file=file, sha256=digest, xml=xml, deployed_at=at, deployed_by=by
    ))  # fmt: skip
    return info


def add_form(tx: Connection, key: str, schema: dict[str, Any], at: datetime) -> Form:
    """Store a form as the next version of its key, unless it is unchanged."""
    digest = sha256(json.dumps(schema, ensure_ascii=False).encode())
    last = latest_form(tx, key)
    if last is not None and last.sha256 == digest:
        return last
    new = Form(key, last.version + 1 if last else 1, digest, schema)
    tx.execute(insert(form).values(**new.__dict__, deployed_at=at))
    return new


def latest_form(tx: Connection, key: str) -> Form | None:
    row = tx.execute(select(form).where(form.c.key == key).order_by(form.c.version.desc()).limit(1)).one_or_none()
    return Form(row.key, row.version, row.sha256, row.schema) if row else None


def resolve_form(tx: Connection, reference: FormRef | None) -> Form | None:
    """The form of a task or start event: the one in the model, or the latest deployed one; None where there is none."""
    if reference is None:
        return None
    if reference.embedded is not None:
        return Form(reference.key, 0, sha256(reference.embedded.encode()), json.loads(reference.embedded))
    return latest_form(tx, reference.key)


def latest(tx: Connection) -> list[DefinitionInfo]:
    """The newest version of each process, by name."""
    newest = select(definition.c.key, func.max(definition.c.version).label("version")).group_by(definition.c.key).subquery()
    found = select(*_COLUMNS).join(newest, (definition.c.key == newest.c.key) & (definition.c.version == newest.c.version))
    return [_info(row) for row in tx.execute(found.order_by(definition.c.name, definition.c.key))]


def versions(tx: Connection, key: str) -> list[DefinitionInfo]:
    """All versions of a process, the newest first."""
    return [_info(row) for row in tx.execute(select(*_COLUMNS).where(definition.c.key == key).order_by(definition.c.version.desc()))]


def find_id(tx: Connection, key: str, version: int | None = None) -> str:
    """The id of a version of a process, the newest where none is named."""
    found = [info.id for info in versions(tx, key) if version in (None, info.version)]
    if not found:
        what = f"version {version} of a process “{key}”" if version else f"process “{key}”"
        raise NotFound(f"There is no {what}. `ratchet deploy` brings one in.")
    return found[0]


def xml(tx: Connection, id: str) -> bytes:
    """The file as it was deployed."""
    found = tx.execute(select(definition.c.xml).where(definition.c.id == id)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no process definition {id}.")
    return bytes(found)


def _info(row: Row[Any]) -> DefinitionInfo:
    return DefinitionInfo(row.id, row.key, row.version, row.name, row.file, row.deployed_at, row.deployed_by)
