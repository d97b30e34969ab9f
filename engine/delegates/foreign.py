"""The only place that connects to databases other than the engine's own, and that makes an effect there happen exactly once.

A foreign database cannot join the engine's transaction. So a writing call leaves a marker row in the table `ratchet_effect` there, in the
same foreign transaction as its effect: a later attempt with the same key finds it and gets the stored result instead of a second effect.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, Text, create_engine, event, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from engine import db
from engine.clock import Clock
from engine.delegates.connector import ConnectorError
from engine.delegates.dialing import CONNECT_SECONDS, dialled
from engine.expressions.json_text import parsed, written

LONGEST_KEY = 200
MOST_POOLS = 32
RECYCLE_SECONDS = 1800  # before routers and servers forget an idle connection
SILENT_SECONDS, SILENCE_SECONDS = 1.0, 5.0
LOG = logging.getLogger(__name__)
Work = Callable[[Connection], Any]

_INSTALL = {
    "postgresql": "ratchet[postgres]",
    "mysql": "ratchet[mysql]",
    "mariadb": "ratchet[mysql]",
    "mssql": "pyodbc",
    "oracle": "oracledb",
}

# What drivers say when they refuse a connection → the contract's code and text ({0} is what the driver said).
_WRONG_PASSWORD = ("password authentication", "no password supplied", "(1045", "(1698", "Login failed", "ORA-01017")
_REFUSALS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (_WRONG_PASSWORD, "AuthenticationError", "Invalid username or password"),
    (("(1049", "Cannot open database", "ORA-12505", "ORA-12514", "FATAL: database"), "InvalidDatabase", "Database doesn't exist: {0}"),
    (("FATAL: role",), "InvalidUsername", "{0}"),
)

_markers = MetaData()
effect = Table(
    "ratchet_effect",
    _markers,
    Column("key", String(LONGEST_KEY), primary_key=True),
    Column("result", Text),
    Column("at", db.Moment, nullable=False),
)


class _Marked(Exception):
    """This effect is there already."""


class Foreign:
    """One pooled engine per URL, for as long as this object lives. Calling it gives the engine; nothing connects before the first use."""

    def __init__(self, most: int = MOST_POOLS):
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()
        self._most = most

    def __call__(self, url: str) -> Engine:
        """The engine for a SQLAlchemy URL. ConnectorError when its driver is not installed or there is no such kind of database."""
        with self._lock:
            engine = self._engines.pop(url, None) or _create(make_url(url))
            self._engines[url] = engine
            if len(self._engines) > self._most:
                self._engines.pop(next(iter(self._engines))).dispose()
            return engine

    def close(self) -> None:
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _create(given: URL) -> Engine:
    how, kind = dialled(given), given.get_backend_name()
    pooled = {"pool_timeout": CONNECT_SECONDS, "pool_pre_ping": True, "pool_recycle": RECYCLE_SECONDS}
    pool: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if kind == "sqlite" else pooled
    try:
        engine = create_engine(how.url, connect_args=dict(how.arguments), hide_parameters=True, **pool)
    except ModuleNotFoundError as error:
        cure = f"pip install '{_INSTALL.get(kind, error.name)}'"
        raise ConnectorError(f"The driver for {kind} ({error.name}) is not installed. Run: {cure}", "DriverMissing") from error
    except NoSuchModuleError as error:
        problem = f"{given.drivername} is no kind of database that Ratchet knows."
        raise ConnectorError(f"{problem} Correct the connection's URL.", "DriverMissing") from error
    engine.update_execution_options(ratchet_statement_seconds=how.seconds)
    event.listen(engine, "do_connect", _Silence())
    if how.must_be_encrypted:
        event.listen(engine, "connect", _require_encryption)
    return engine


class _Silence:
    """Connects; a server that did not even answer is not asked again for a moment, so that many jobs do not all wait for it."""

    def __init__(self) -> None:
        self._until, self._error = 0.0, Exception()

    def __call__(self, dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        begun = time.monotonic()
        if begun < self._until:
            raise self._error
        try:
            return dialect.connect(*arguments, **named)
        except dialect.loaded_dbapi.Error as error:
            if time.monotonic() - begun >= SILENT_SECONDS:
                self._until, self._error = time.monotonic() + SILENCE_SECONDS, error
            raise


def _require_encryption(raw: Any, _record: Any) -> None:
    """MySQL's driver goes on in the clear when the server knows no TLS."""
    with raw.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        found = cursor.fetchone()
    if not (found and found[1]):
        raise ConnectorError("ConnectionError: Unable to connect to DB: the server offers no TLS, which tls asks for.", "ConnectionError")


def read(engine: Engine, work: Work) -> Any:
    """What `work` reads there; nothing is written."""
    with _refusals_named(engine), db.read(engine) as tx:
        return work(tx)


def unmarked(engine: Engine, work: Work) -> Any:
    """Run `work` in a transaction of its own there, however often it is asked for."""
    with _refusals_named(engine), db.begin(engine) as tx:
        return work(tx)


def outside(engine: Engine, work: Work) -> Any:
    """Run `work` there outside any transaction: what a database refuses to do inside one."""
    with _refusals_named(engine), engine.connect() as connection:
        return work(connection.execution_options(isolation_level="AUTOCOMMIT"))


def once(engine: Engine, key: str, work: Work, clock: Clock) -> Any:
    """Run `work` there exactly once for `key`, and give its result (any JSON value); again for the same key: the stored result.

    Two at once: the second waits for the first. A failure leaves no marker. Where the marker table is missing and may not be created,
    `work` runs without it, which the log says.
    """
    with _refusals_named(engine):
        if not _can_mark(engine):
            LOG.warning("%r has no table %s and gives no right to create it: this effect is not guarded.", engine.url, effect.name)
            return unmarked(engine, work)
        try:
            with db.begin(engine) as tx:
                return _marked(tx, _fitting(key), work, clock)
        except _Marked:
            return _stored(engine, _fitting(key))


def _marked(tx: Connection, key: str, work: Work, clock: Clock) -> Any:
    try:
        tx.execute(effect.insert().values(key=key, at=clock.now()))
    except IntegrityError:
        raise _Marked from None
    result = work(tx)
    tx.execute(effect.update().where(effect.c.key == key).values(result=written(result)))
    return result


def _stored(engine: Engine, key: str) -> Any:
    with db.read(engine) as tx:
        result = tx.execute(select(effect.c.result).where(effect.c.key == key)).scalar_one()
    if result is None:
        problem = "An earlier try committed by itself and left no result, so it is not known what it did."
        raise ConnectorError(f"{problem} Look there; delete the row {key} of {effect.name} to have it done again.", "UnknownResult")
    return parsed(result, Decimal)


def _fitting(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _can_mark(engine: Engine) -> bool:
    return _has_markers(engine) or _created(engine)


def _has_markers(engine: Engine) -> bool:
    with db.read(engine) as tx:
        return inspect(tx).has_table(effect.name)


def _created(engine: Engine) -> bool:
    try:
        with db.begin(engine) as tx:
            effect.create(tx)
    except DBAPIError as error:
        LOG.info("%s was not created: %s", effect.name, error.orig)
        return _has_markers(engine)  # somebody else may have created it in the meantime
    return True


@contextmanager
def _refusals_named(engine: Engine) -> Iterator[None]:
    try:
        yield
    except PoolExhausted:
        raise refusal(engine.url, "all pooled connections are in use; try again later") from None
    except (OperationalError, InterfaceError) as error:
        if error.statement is not None:
            raise
        raise refusal(engine.url, str(error.orig)) from None


def refusal(url: URL, said: str) -> ConnectorError:
    """What a driver says when it gives no connection, in the contract's words (1d) and without the password."""
    shown = " ".join(without_password(url, said).split())
    for marks, code, text in _REFUSALS:
        if any(mark in shown for mark in marks):
            return ConnectorError(f"{code}: {text.format(shown)}", code)
    return ConnectorError(f"ConnectionError: Unable to connect to DB {shown}", "ConnectionError")


def without_password(url: URL, text: str) -> str:
    """`text` without the password of `url`."""
    return text.replace(str(url.password), "***") if url.password else text
