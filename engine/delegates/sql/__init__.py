"""The SQL connectors: `JOB_TYPES` maps the task types of Camunda-8 models to the function that does their work (contract parts 1 and 2).

On the engine's own database a connector writes in the step's own transaction, behind a savepoint; on any other one its effect happens
exactly once per activity instance (see `engine.delegates.foreign`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect

from engine.delegates.call import Call, Delegate, Lasting
from engine.delegates.connector import ConnectorError
from engine.delegates.sql import jdbc, running, statement_task
from engine.delegates.sql.names import Names
from engine.delegates.sql.products import PRODUCTS, Product, Wanted
from engine.delegates.sql.request import Request, parse
from engine.delegates.sql.running import Built, Doing
from engine.delegates.sql.statements import Statement
from engine.delegates.sql.targets import runtime, target

__all__ = ["DELEGATES", "JOB_TYPES", "outside", "work"]


def work(product: Product, call: Call) -> dict[str, Any]:
    """Do what a connector task asks, and give its whole answer: `{"response": rows or a sentence}`.

    Secrets are put in here and nowhere before, and no error's text carries one. Raises ConnectorError.
    """
    return running.masked(call, lambda inputs: _answer(parse(product, inputs), call))


def outside(type_name: str, call: Call) -> str | None:
    """The job type under which a call is left to a connector runtime; None where it is done here.

    A type of `remote_types` keeps its name. What works on a database that is mapped to `:remote:NAME` is called `type@NAME`.
    """
    if type_name in call.world.remote_types:
        return type_name
    if type_name not in _WANTED or not any(url.startswith(":remote:") for url in call.world.connections.values()):
        return None
    try:
        wanted = _WANTED[type_name](call.world.secrets.resolve_at(call.inputs, call.secret_inputs), call)
    except ConnectorError:
        return None  # it fails here, and is told
    name = runtime(call.world.connections, wanted) if wanted is not None else None
    return None if name is None else f"{type_name}@{name}" if name else type_name


def leaves_mark(type_name: str, call: Call) -> bool:
    """Whether a call has an effect on a foreign database, which is marked there by the call's key."""
    if type_name not in _WANTED:
        return False
    secrets = call.world.secrets
    try:
        wanted = _WANTED[type_name](secrets.resolve_at(call.inputs, call.secret_inputs), call)
        own = wanted is None or target(call.world.connections, call.tx.engine.url, wanted, secrets.resolve) is None
    except ConnectorError:
        return False  # it fails when it runs, and is told
    return not own and not (isinstance(wanted, Request) and not wanted.operation.writes)


def needs(type_name: str, call: Call) -> dict[str, Any]:
    """The inputs that a call needs elsewhere: those that the model gives, and the variables that its statement names."""
    also = statement_task.variables(call) if type_name == statement_task.TYPE else set()
    return {name: call.inputs[name] for name in call.declared | also if name in call.inputs}


def _answer(request: Request, call: Call) -> dict[str, Any]:
    operation = request.operation

    def build(dialect: Dialect, own: bool) -> Built:
        statement = operation.build(Names(dialect, own), request.data)
        return Built(partial(_execute, statement), not operation.writes, operation.undoable)

    return running.run(call, request, Doing(build, partial(_failure, request), outside=not operation.needs_table))


def _execute(statement: Statement, tx: Connection) -> dict[str, Any]:
    if isinstance(statement.sql, str):
        return {"response": statement.answer(tx.exec_driver_sql(statement.sql, execution_options={"no_parameters": True}))}
    return {"response": statement.answer(tx.execute(statement.sql, statement.rows))}


def _failure(request: Request, error: Exception) -> ConnectorError:
    said, table = running.said(error), request.data.get("tableName")
    for mark, text in _TEXTS:
        if mark in said:
            said = text.format(table=table)
    lead = _LEADS.get(request.asked, "")
    where = f"({request.asked}, table '{table}')"
    shown = said.replace(request.described.password, "***") if request.described.password else said
    return ConnectorError(f"{lead}{shown} {where}", running.code(error))


_TEXTS = (
    ("Invalid object name", "Table '{table}' doesn't exist"),
    ("There is already an object named", "InvalidTableName : Table '{table}' already exists in the database"),
)
_LEADS = {f"{prefix}.insert-data": "Unable to insert data into the table: " for prefix in ("mysql", "mssql", "oracledb", "sqlite")}

Finder = Callable[[Mapping[str, Any], Call], Wanted | None]
_WANTED: dict[str, Finder] = {
    **{type_: partial(lambda product, inputs, call: parse(product, inputs), product) for type_, product in PRODUCTS.items()},
    jdbc.TYPE: lambda inputs, call: jdbc.parse(inputs),
    statement_task.TYPE: lambda inputs, call: statement_task.parse(inputs, call).place,
}
JOB_TYPES: dict[str, Delegate] = {
    **{type_: partial(work, product) for type_, product in PRODUCTS.items()},
    jdbc.TYPE: jdbc.work,
    statement_task.TYPE: statement_task.work,
}
DELEGATES: dict[str, Delegate] = {"ratchetSql": lambda call: {name: Lasting(value) for name, value in statement_task.work(call).items()}}
