"""Process definitions and forms: immutable, versioned per key, parsed once. The only user of `ratchet_definition` and `ratchet_form`.

`ratchet_retired` remembers the highest version of each process that was deleted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    true,
    update,
)

from engine.bpmn.model import FormRef, Process
from engine.bpmn.reader import read
from engine.bpmn.specs import ProcessSpec
from engine.db import Json, Moment, metadata
from engine.errors import NotFound
from engine.prepared import Prepared, together
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
    Column("version_tag", Text),
    Column("history_days", Integer),
    UniqueConstraint("key", "version"),
)
retired = Table(
    "ratchet_retired",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
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
    deployed_at: datetime


@dataclass(frozen=True)
class Form:
    """A form's schema with its version and the hash of its text. An embedded form has version 0."""

    key: str
    version: int
    sha256: str
    schema: dict[str, Any]


_COLUMNS = [definition.c[name] for name in ("id", "key", "version", "name", "file", "deployed_at", "deployed_by")]


class Definitions:
    """The parsed definitions of one database, each read once per process of the operating system.

    own_types are the job types that are done in the step's own transaction.
    """

    def __init__(self, own_types: frozenset[str]) -> None:
        self._own_types = own_types
        self._parsed: dict[str, Definition] = {}
        self._lock = threading.Lock()

    def get(self, tx: Connection, id: str) -> Definition:
        """The definition with this id, parsed."""
        found = self._parsed.get(id)
        if found is None:
            row = tx.execute(select(definition).where(definition.c.id == id)).one_or_none()
            if row is None:
                raise NotFound(f"There is no process definition {id}.")
            found = _parse(row, self._own_types)
            with self._lock:
                self._parsed[id] = found
        return found

    def forget(self, id: str) -> None:
        """A deleted definition is not kept parsed."""
        with self._lock:
            self._parsed.pop(id, None)


def _parse(row: Row[Any], own_types: frozenset[str]) -> Definition:
    process = next(process for process in read(row.xml, row.file) if process.key == row.key)
    return Definition(row.id, row.key, row.version, process, ProcessSpec(process, own_types), row.deployed_at)


def add(tx: Connection, process: Process, file: str, xml: bytes, at: datetime, by: str) -> DefinitionInfo:
    """Store a process as the next version of its key, unless it is what the latest version is already."""
    digest = sha256(xml)
    newest = select(definition).where(definition.c.key == process.key).order_by(definition.c.version.desc()).limit(1)
    last = tx.execute(newest).one_or_none()
    if last is not None and last.sha256 == digest:
        return _info(last)
    version = max(last.version if last else 0, _last_retired(tx, process.key)) + 1
    info = DefinitionInfo(f"{process.key}:{version}", process.key, version, process.name, file, at, by, changed=True)
    tx.execute(insert(definition).values(
        id=info.id, key=info.key, version=version, name=info.name, file=file, sha256=digest, xml=xml, deployed_at=at, deployed_by=by,
        version_tag=process.version_tag, history_days=process.history_days,
    ))  # fmt: skip
    return info


def remove(tx: Connection, info: DefinitionInfo) -> None:
    """Delete a version that no instance is on. Its number is not given again: elsewhere it may still be in somebody's hands."""
    last = _last_retired(tx, info.key)
    if last == 0:
        tx.execute(insert(retired).values(key=info.key, version=info.version))
    else:
        tx.execute(update(retired).where(retired.c.key == info.key).values(version=max(last, info.version)))
    tx.execute(delete(definition).where(definition.c.id == info.id))


def _last_retired(tx: Connection, key: str) -> int:
    """The highest version of a process that was deleted; 0 where none was."""
    return tx.execute(select(retired.c.version).where(retired.c.key == key)).scalar_one_or_none() or 0


def info(tx: Connection, id: str) -> DefinitionInfo:
    row = tx.execute(select(*_COLUMNS).where(definition.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no process definition {id}.")
    return _info(row)


def kept_for(tx: Connection) -> dict[str, int]:
    """For how many days finished instances are kept, by definition id; those that are kept for ever are left out."""
    found = select(definition.c.id, definition.c.history_days).where(definition.c.history_days.is_not(None))
    return {row.id: row.history_days for row in tx.execute(found)}


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
    return _form(row) if row else None


def resolve_form(tx: Connection, reference: FormRef | None, user: Definition) -> Form | None:
    """The form of a task or start event of a definition: the one in the model, or the deployed one that is meant; None for neither."""
    if reference is None:
        return None
    if reference.embedded is not None:
        return Form(reference.key, 0, sha256(reference.embedded.encode()), json.loads(reference.embedded))
    versions = select(form).where(form.c.key == reference.key).order_by(form.c.version.desc())
    return next((_form(row) for row in tx.execute(versions) if _MEANT[reference.binding](row, reference, user)), None)


_MEANT: dict[str, Callable[[Row[Any], FormRef, Definition], bool]] = {
    "latest": lambda row, reference, user: True,
    "deployment": lambda row, reference, user: bool(row.deployed_at <= user.deployed_at),
    "version": lambda row, reference, user: str(row.version) == reference.version,
    "versionTag": lambda row, reference, user: row.schema.get("versionTag") == reference.version,
}


def _form(row: Row[Any]) -> Form:
    return Form(row.key, row.version, row.sha256, row.schema)


def latest(tx: Connection) -> list[DefinitionInfo]:
    """The newest version of each process, by name."""
    newest = select(definition.c.key, func.max(definition.c.version).label("version")).group_by(definition.c.key).subquery()
    found = select(*_COLUMNS).join(newest, (definition.c.key == newest.c.key) & (definition.c.version == newest.c.version))
    return [_info(row) for row in tx.execute(found.order_by(definition.c.name, definition.c.key))]


def versions(tx: Connection, key: str) -> list[DefinitionInfo]:
    """All versions of a process, the newest first."""
    return [_info(row) for row in tx.execute(select(*_COLUMNS).where(definition.c.key == key).order_by(definition.c.version.desc()))]


_OF_KEY = select(definition.c.id).where(definition.c.key == bindparam("of"))
_LATEST = Prepared(_OF_KEY.order_by(definition.c.version.desc()).limit(literal_column("1")))
_VERSION = Prepared(_OF_KEY.where(definition.c.version == bindparam("number")))


def find_id(tx: Connection, key: str, version: int | None = None) -> str:
    """The id of a version of a process, the newest where none is named."""
    with together(tx):  # with the transaction's own beginning
        asked = _LATEST.ask(tx, of=key) if version is None else _VERSION.ask(tx, of=key, number=version)
    row = asked.first()
    if row is None:
        what = f"version {version} of a process “{key}”" if version else f"process “{key}”"
        raise NotFound(f"There is no {what}. `ratchet deploy` brings one in.")
    return str(row["id"])


def bound(tx: Connection, key: str, binding: str, value: str | None, caller: Definition) -> str:
    """The id of the version of a process that a caller is bound to.

    `latest`; `deployment`: the one that was the latest when the caller was deployed; `version`: this number; `versionTag`: the latest with
    this tag.
    """
    narrow: dict[str, Any] = {
        "latest": true(),
        "deployment": definition.c.deployed_at <= caller.deployed_at,
        "version": cast(definition.c.version, Text) == value,
        "versionTag": definition.c.version_tag == value,
    }
    found = select(definition.c.id).where(definition.c.key == key, narrow[binding]).order_by(definition.c.version.desc()).limit(1)
    id: str | None = tx.execute(found).scalar_one_or_none()
    if id is None:
        which = f" with the {binding} {value}" if value else ""
        raise NotFound(f"There is no process “{key}”{which} to be called. Deploy it, then retry.")
    return id


def xml(tx: Connection, id: str) -> bytes:
    """The file as it was deployed."""
    found = tx.execute(select(definition.c.xml).where(definition.c.id == id)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no process definition {id}.")
    return bytes(found)


def _info(row: Row[Any]) -> DefinitionInfo:
    return DefinitionInfo(row.id, row.key, row.version, row.name, row.file, row.deployed_at, row.deployed_by)
