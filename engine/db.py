"""The only place that opens a database, begins a transaction or sets a savepoint.

Only the engine's verbs call `begin`; everything that writes takes the connection (`tx`) that they began. Each table is defined beside
its only user, on this module's `metadata`; Ratchet's own tables start with `ratchet_`, everything else belongs to the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import JSON, TypeDecorator

from engine.prepared import say

OWN_PREFIX = "ratchet_"
LOCK_WAIT_SECONDS = 30

metadata = MetaData()
Json = JSON(none_as_null=True)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, whatever the database can keep of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


# only what engine.prepared runs is prepared on the server: a table that a model alters later would break statements cached there
_CONNECT: dict[str, dict[str, Any]] = {"postgresql": {"prepare_threshold": 2**31 - 1}}


def open_database(url: str) -> Engine:
    """An engine for a SQLAlchemy URL. SQLite gets write-ahead logging, full durability and enforced foreign keys."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options: dict[str, Any] = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20, "hide_parameters": True}
        return create_engine(parsed, connect_args=_CONNECT.get(parsed.get_backend_name(), {}), **options)
    in_memory = parsed.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    waits = {"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
    engine = create_engine(parsed, connect_args=waits, isolation_level="AUTOCOMMIT", hide_parameters=True, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={LOCK_WAIT_SECONDS * 1000}"):
        raw.execute(f"PRAGMA {pragma}")


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """One writing transaction: committed at the end, rolled back by any exception.

    SQLite takes its write lock at once, so that two verbs wait for each other instead of failing half-way.
    """
    calls: list[Callable[[], object]] = []
    with _begun(engine) as tx:
        tx.info[_AFTER_COMMIT] = calls
        yield tx
    for call in calls:
        call()


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    if engine.dialect.name != "sqlite":
        with engine.begin() as tx:
            yield tx
        return
    with engine.connect() as tx:
        tx.begin()  # SQLAlchemy, too, must know it; to SQLite it says nothing
        say(tx, "BEGIN IMMEDIATE")
        try:
            yield tx
        except BaseException:
            say(tx, "ROLLBACK")
            raise
        say(tx, "COMMIT")


def after_commit(tx: Connection, call: Callable[[], object]) -> None:
    """Call this when the transaction that `begin` began is committed; never when it is undone."""
    tx.info.setdefault(_AFTER_COMMIT, []).append(call)


_AFTER_COMMIT = "ratchet_after_commit"


def is_lost(error: BaseException | None) -> bool:
    """Whether an error comes of a connection that broke in the middle of a transaction: then nothing is known of what was tried."""
    while error is not None:
        if isinstance(error, PendingRollbackError):
            return True
        error = error.__cause__ or error.__context__
    return False


def one_at_a_time(tx: Connection, key: int) -> None:
    """Wait for whoever holds this key, and hold it until the transaction ends. On SQLite the write lock does that already."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(key)))


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One consistent view for reading; nothing is written."""
    with engine.connect() as tx:
        if engine.dialect.name != "sqlite":
            yield tx
            return
        tx.begin()
        say(tx, "BEGIN")
        try:
            yield tx
        finally:
            say(tx, "ROLLBACK")


@contextmanager
def savepoint(tx: Connection, name: str = "ratchet_step") -> Iterator[None]:
    """All SQL inside or none of it, within the transaction `tx`."""
    say(tx, f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        say(tx, f"ROLLBACK TO SAVEPOINT {name}")
        say(tx, f"RELEASE SAVEPOINT {name}")
        raise
    say(tx, f"RELEASE SAVEPOINT {name}")
