"""The SQL connectors: `JOB_TYPES` maps the task types of Camunda-8 models to the function that does their work (contract part 1).

On the engine's own database a connector writes in the step's own transaction, behind a savepoint; on any other one its effect happens
exactly once per activity instance (see `engine.delegates.foreign`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from engine import db
from engine.delegates import foreign
from engine.delegates.call import Call, Delegate
from engine.delegates.connector import ConnectorError
from engine.delegates.sql.names import Names
from engine.delegates.sql.request import PRODUCTS, Product, Request, parse
from engine.delegates.sql.statements import Statement
from engine.delegates.sql.targets import target
from engine.prepared import for_model

__all__ = ["JOB_TYPES", "work"]


def work(product: Product, call: Call) -> dict[str, Any]:
    """Do what a connector task asks, and give its whole answer: `{"response": rows or a sentence}`.

    Secrets are put in here and nowhere before, and no error's text carries one. Raises ConnectorError.
    """
    try:
        return _answer(parse(product, call.world.secrets.resolve_at(call.inputs, call.secret_inputs)), call)
    except ConnectorError as error:
        raise ConnectorError(call.world.secrets.mask(error.message), error.code) from None


def _answer(request: Request, call: Call) -> dict[str, Any]:
    url = target(call.world.connections, call.tx.engine.url, request)
    try:
        return _in_own_database(request, call) if url is None else _in_foreign_database(request, call, url)
    except (SQLAlchemyError, UnicodeError, OverflowError) as error:  # the last two are drivers' that cannot send a value
        raise _failure(request, error) from None


def _in_own_database(request: Request, call: Call) -> dict[str, Any]:
    if not request.operation.needs_table:
        raise ConnectorError(f"{request.asked} cannot be part of a transaction. Map its connection to a server of its own.", "Forbidden")
    statement = _built(request, call.tx.dialect, own=True)
    with db.savepoint(call.tx, "ratchet_sql"):
        if statement.rows is None:
            return _execute(statement, call.tx)
        for_model(statement.sql).run(call.tx, *statement.rows)
        return {"response": statement.answer(None)}


def _in_foreign_database(request: Request, call: Call, url: str) -> dict[str, Any]:
    engine = call.world.foreign(url if request.operation.needs_table else _server(request.product, url))
    statement = _built(request, engine.dialect, own=False)
    way = _way(request, engine.dialect, call)
    return dict(way(engine, partial(_execute, statement)))


def _way(request: Request, dialect: Dialect, call: Call) -> Callable[[Engine, foreign.Work], Any]:
    operation = request.operation
    if not operation.needs_table:
        return foreign.outside
    if not operation.writes:
        return foreign.read
    if operation.undoable or dialect.name in _UNDO_TABLES:
        return lambda engine, work: foreign.once(engine, call.key, work, call.world.clock)
    return foreign.unmarked


# Where CREATE and ALTER TABLE are part of the transaction. Elsewhere they commit on their own, and repeating one fails by itself.
_UNDO_TABLES = frozenset({"postgresql", "sqlite", "mssql"})


def _server(product: Product, url: str) -> str:
    return make_url(url).set(database=product.server).render_as_string(hide_password=False)


def _built(request: Request, dialect: Dialect, own: bool) -> Statement:
    return request.operation.build(Names(dialect, own), request.data)


def _execute(statement: Statement, tx: Connection) -> dict[str, Any]:
    if isinstance(statement.sql, str):
        return {"response": statement.answer(tx.exec_driver_sql(statement.sql, execution_options={"no_parameters": True}))}
    return {"response": statement.answer(tx.execute(statement.sql, statement.rows))}


def _failure(request: Request, error: Exception) -> ConnectorError:
    """The driver's own words, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause.args[-1] if cause.args else cause).split())
    table = request.data.get("tableName")
    for mark, text in _TEXTS:
        if mark in said:
            said = text.format(table=table)
    lead = _LEADS.get(request.asked, "")
    where = f"({request.asked}, table '{table}')"
    shown = said.replace(request.described.password, "***") if request.described.password else said
    return ConnectorError(f"{lead}{shown} {where}", _code(cause))


_TEXTS = (
    ("Invalid object name", "Table '{table}' doesn't exist"),
    ("There is already an object named", "InvalidTableName : Table '{table}' already exists in the database"),
)
_LEADS = {f"{prefix}.insert-data": "Unable to insert data into the table: " for prefix in ("mysql", "mssql", "oracledb", "sqlite")}


def _code(cause: BaseException) -> str:
    """The SQLSTATE where the driver tells it, else the driver's own number or name."""
    told = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or (cause.args[0] if len(cause.args) > 1 else None)
    return str(told or type(cause).__name__)


JOB_TYPES: dict[str, Delegate] = {type_: partial(work, product) for type_, product in PRODUCTS.items()}
