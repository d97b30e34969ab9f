"""The only place that decides how a connector's statement runs: in the step's own transaction, or on a foreign database exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from engine import db, durations
from engine.delegates import foreign
from engine.delegates.call import Call
from engine.delegates.connector import ConnectorError
from engine.delegates.limits import limited
from engine.delegates.sql.products import Wanted
from engine.delegates.sql.targets import target

Answer = dict[str, Any]
DRIVER_ERRORS = (SQLAlchemyError, UnicodeError, OverflowError)  # the last two are drivers' that cannot send a value

_CONNECTION = {"databaseConnection", "connection", "configuration", "database"}
# Where CREATE and ALTER TABLE are part of the transaction. Elsewhere they commit on their own, and repeating one fails by itself.
_UNDO_TABLES = frozenset({"postgresql", "sqlite", "mssql"})


@dataclass(frozen=True)
class Built:
    """The work for one kind of database: whether it only `reads`, and whether every database can roll it back."""

    work: foreign.Work
    reads: bool = False
    undoable: bool = True


@dataclass(frozen=True)
class Doing:
    """What is to be done in a database, once it is known which that is.

    build      makes the work for a dialect; True says that it is the engine's own database, where more is refused
    failed     what a driver's error becomes
    outside    no transaction may be around it; it is done beside the database `server`
    """

    build: Callable[[Dialect, bool], Built]
    failed: Callable[[Exception], ConnectorError]
    outside: bool = False


def run(call: Call, wanted: Wanted, doing: Doing) -> Answer:
    """Do it where the request's database is, and give its answer. Raises ConnectorError."""
    secrets = call.world.secrets
    url = target(call.world.connections, call.tx.engine.url if call.world.has_registry else None, wanted, secrets.resolve)
    if url is None:
        return in_own(call, doing)
    try:
        return _in_foreign(call, wanted, doing, url)
    except DRIVER_ERRORS as error:
        raise doing.failed(error) from None


def masked(call: Call, work: Callable[[Mapping[str, Any]], Answer]) -> Answer:
    """Run a connector on the inputs with the secrets that the model names. No error's text carries one, and no answer one of its data."""
    secrets = call.world.secrets
    given = {path.partition(".")[0] for path in call.secret_inputs} - _CONNECTION
    try:
        answer = work(secrets.resolve_at(call.inputs, call.secret_inputs))
        return dict(secrets.hidden(answer, [call.inputs.get(name) for name in given])) if given else answer
    except ConnectorError as error:
        raise ConnectorError(secrets.mask(error.message), error.code) from None


def said(error: Exception) -> str:
    """The driver's own words, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause.args[-1] if cause.args else cause).split())


def code(error: Exception) -> str:
    """The SQLSTATE where the driver tells it, else the driver's own number or name."""
    cause = getattr(error, "orig", None) or error
    told = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or (cause.args[0] if len(cause.args) > 1 else None)
    return str(told or type(cause).__name__)


def in_own(call: Call, doing: Doing) -> Answer:
    """Do it in the engine's own database, in the step's own transaction. Raises ConnectorError."""
    if not call.world.has_registry:
        raise ConnectorError("A connector runtime has no database of its own: map the connection to one.", "InvalidDatabase")
    if doing.outside:
        raise ConnectorError("This cannot be part of a transaction. Map its connection to a server of its own.", "Forbidden")
    built = doing.build(call.tx.dialect, True)
    try:
        with db.savepoint(call.tx, "ratchet_sql"), limited(call.tx, _job_timeout(call)):
            return dict(built.work(call.tx))
    except DRIVER_ERRORS as error:
        raise doing.failed(error) from None


def _in_foreign(call: Call, wanted: Wanted, doing: Doing, url: str) -> Answer:
    if doing.outside:
        url = make_url(url).set(database=wanted.product.server).render_as_string(hide_password=False)
    engine = call.world.foreign(url)
    built, seconds = doing.build(engine.dialect, False), _job_timeout(call)

    def in_time(tx: Connection) -> Any:
        with limited(tx, seconds or tx.get_execution_options().get("ratchet_statement_seconds")):
            return built.work(tx)

    way = foreign.outside if doing.outside else _way(built, engine.dialect, call)
    return dict(way(engine, in_time))


def _way(built: Built, dialect: Dialect, call: Call) -> Callable[[Engine, foreign.Work], Any]:
    if built.reads:  # committed where a query may call what writes
        return foreign.read if dialect.name == "sqlite" else foreign.unmarked
    if built.undoable or dialect.name in _UNDO_TABLES:
        return lambda engine, work: foreign.once(engine, call.key, work, call.world.clock)
    return foreign.unmarked


def _job_timeout(call: Call) -> float | None:
    text = (call.headers.get("jobTimeout") or "").strip()
    try:
        return durations.duration(text).total_seconds() or None if text else None
    except durations.NotADuration as error:
        raise ConnectorError(f"The header jobTimeout is {text!r}: {error.why}.", "InvalidInput") from error
