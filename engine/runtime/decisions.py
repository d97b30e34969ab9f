"""Deployed decisions: immutable, versioned per key, parsed once. The only user of `ratchet_decision` and `ratchet_decision_deployment`."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, LargeBinary, Row, Select, Table, Text, UniqueConstraint, delete, func, insert, select

from engine import dmn
from engine.clock import Clock
from engine.db import Moment, metadata
from engine.dmn import Decision, Result
from engine.errors import NotFound, Refused
from engine.signing import sha256

decision = Table(
    "ratchet_decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("drg", Text, nullable=False),
    Column("version_tag", Text),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("deployment", Text),
    Column("deployed_at", Moment, nullable=False),
    Column("deployed_by", Text, nullable=False),
    UniqueConstraint("key", "version"),
)
# a deployment that brings an unchanged file in makes no new version, but has one nevertheless
decision_deployment = Table(
    "ratchet_decision_deployment",
    metadata,
    Column("deployment", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("decision_id", Text, nullable=False),
)
MOST_PARSED = 500


@dataclass(frozen=True)
class DecisionInfo:
    """A version of a decision as lists show it. `drg` is its requirements graph; `changed` tells after a deployment whether it is new."""

    id: str
    key: str
    version: int
    name: str
    drg: str
    version_tag: str | None
    file: str
    sha256: str
    deployment: str | None
    deployed_at: datetime
    deployed_by: str
    changed: bool = False


@dataclass(frozen=True)
class Wanted:
    """Which version is wanted: `latest`, or the one of a `version`, `versionTag` or `deployment`, named by `value`."""

    kind: str = "latest"
    value: object = None


LATEST = Wanted()
_COLUMNS = [decision.c[name] for name in DecisionInfo.__dataclass_fields__ if name != "changed"]


class Parsed:
    """The files that were read in this process, by their hash: those that were used last."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, list[Decision]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tx: Connection, info: DecisionInfo) -> list[Decision]:
        """All decisions of the file in which a decision stands."""
        with self._lock:
            found = self._files.get(info.sha256)
        if found is None:
            found = dmn.read(xml(tx, info.id), info.file)
        with self._lock:
            self._files[info.sha256] = found
            self._files.move_to_end(info.sha256)
            if len(self._files) > MOST_PARSED:
                self._files.popitem(last=False)
        return found


_parsed = Parsed()


def add(
    tx: Connection, found: Decision, file: str, content: bytes, at: datetime, by: str, deployment: str | datetime | None = None
) -> DecisionInfo:  # fmt: skip
    """Store a decision as the next version of its key, unless the latest version has the same file already.

    `deployment` names the deployment, by text or its moment, for those who want the version that came with them.
    """
    digest, brought = sha256(content), None if deployment is None else _named(deployment)
    last = tx.execute(_newest_first(found.id).limit(1)).one_or_none()
    if last is not None and last.sha256 == digest:
        info = _info(last)
    else:
        version = last.version + 1 if last else 1
        name, tag = (found.id, version, found.name, found.drg), found.version_tag
        info = DecisionInfo(f"{found.id}:{version}", *name, tag, file, digest, brought, at, by, changed=True)
        tx.execute(insert(decision).values(content=content, **{column.name: getattr(info, column.name) for column in _COLUMNS}))
    if brought is not None:
        same = (decision_deployment.c.deployment == brought) & (decision_deployment.c.key == info.key)
        tx.execute(delete(decision_deployment).where(same))
        tx.execute(insert(decision_deployment).values(deployment=brought, key=info.key, decision_id=info.id))
    return info


def find(tx: Connection, key: str, wanted: Wanted = LATEST) -> DecisionInfo:
    """The version of a decision that is wanted. NotFound where there is none, Refused for a kind of binding that we do not know."""
    if wanted.kind not in _WANTED:
        raise Refused(f"There is no binding “{wanted.kind}” of decisions. Choose one of {', '.join(_WANTED)}.")
    row = tx.execute(_WANTED[wanted.kind](key, wanted.value).limit(1)).one_or_none()
    if row is None:
        what = "" if wanted.kind == "latest" else f" of the {wanted.kind} {wanted.value}"
        raise NotFound(f"There is no decision “{key}”{what}. `ratchet deploy` brings one in.")
    return _info(row)


def decide(
    tx: Connection, key: str, variables: Mapping[str, Any], clock: Clock, warn: Callable[[str], None] | None = None, wanted: Wanted = LATEST
) -> Result:  # fmt: skip
    """Evaluate a deployed decision. NotFound where there is none, engine.dmn.DecisionFailed when it fails."""
    info = find(tx, key, wanted)
    return dmn.evaluate(_parsed.get(tx, info), info.key, variables, clock=clock, warn=warn)


def latest(tx: Connection) -> list[DecisionInfo]:
    """The newest version of each decision, by name."""
    newest = select(decision.c.key, func.max(decision.c.version).label("version")).group_by(decision.c.key).subquery()
    found = select(*_COLUMNS).join(newest, (decision.c.key == newest.c.key) & (decision.c.version == newest.c.version))
    return [_info(row) for row in tx.execute(found.order_by(decision.c.name, decision.c.key))]


def versions(tx: Connection, key: str) -> list[DecisionInfo]:
    """All versions of a decision, the newest first."""
    return [_info(row) for row in tx.execute(_newest_first(key))]


def xml(tx: Connection, id: str) -> bytes:
    """The file as it was deployed."""
    found = tx.execute(select(decision.c.content).where(decision.c.id == id)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no decision {id}.")
    return bytes(found)


def _newest_first(key: str) -> Select[Any]:
    return select(*_COLUMNS).where(decision.c.key == key).order_by(decision.c.version.desc())


def _of_version(key: str, value: Any) -> Select[Any]:
    text = str(value)
    return _newest_first(key).where(decision.c.version == (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1))


def _named(deployment: object) -> str:
    """A deployment's name; a moment is the same one in every time zone."""
    return deployment.astimezone(UTC).isoformat() if isinstance(deployment, datetime) else str(deployment)


def _of_deployment(key: str, value: Any) -> Select[Any]:
    same = (decision_deployment.c.deployment == _named(value)) & (decision_deployment.c.key == key)
    return _newest_first(key).where(decision.c.id.in_(select(decision_deployment.c.decision_id).where(same)))


_WANTED: dict[str, Callable[[str, Any], Select[Any]]] = {
    "latest": lambda key, _: _newest_first(key),
    "version": _of_version,
    "versionTag": lambda key, value: _newest_first(key).where(decision.c.version_tag == str(value)),
    "deployment": _of_deployment,
}


def _info(row: Row[Any]) -> DecisionInfo:
    return DecisionInfo(**{column.name: getattr(row, column.name) for column in _COLUMNS})
