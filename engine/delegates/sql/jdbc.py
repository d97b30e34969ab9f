"""The only place for Camunda's own SQL connector, `io.camunda:connector-jdbc:1` (contract part 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect

from engine.delegates.call import Call
from engine.delegates.connector import ConnectorError
from engine.delegates.sql import jdbc_urls, permitted, running, wording
from engine.delegates.sql.products import Described, Product
from engine.delegates.sql.running import Built, Doing
from engine.delegates.sql.written import execute

TYPE = "io.camunda:connector-jdbc:1"
_NO_CONNECTION = {"AuthenticationError", "InvalidDatabase", "InvalidUsername", "ConnectionError"}


@dataclass(frozen=True)
class Query:
    """A checked request: where, what, with which variables, and whether rows are wanted."""

    product: Product
    described: Described
    query: str = field(repr=False)
    variables: Any = field(repr=False)
    returns: bool


def work(call: Call) -> dict[str, Any]:
    """Do it, and give `{"resultSet": rows}` where results are wanted, else `{"modifiedRows": number}`. Raises ConnectorError."""
    return running.masked(call, lambda inputs: _answer(parse(inputs), call))


def parse(inputs: Mapping[str, Any]) -> Query:
    """Read the connector's inputs. ConnectorError when they are incomplete."""
    data = inputs.get("data")
    if not isinstance(data, Mapping) or not str(data.get("query") or "").strip():
        raise ConnectorError("data.query: must not be blank", "InvalidInput")
    variables = wording.unwrapped(data.get("variables"))
    if variables is not None and not isinstance(variables, Mapping | list | tuple):
        raise ConnectorError("data.variables: must be a list for question marks, or a map for :names", "InvalidInput")
    returns = str(data.get("returnResults") or "false").strip().lower() == "true"
    return Query(*_place(inputs), str(data["query"]), variables, returns)


def _place(inputs: Mapping[str, Any]) -> tuple[Product, Described]:
    chosen = inputs.get("configuration")
    connection = chosen if isinstance(chosen, Mapping) and chosen else inputs.get("connection")
    if not isinstance(connection, Mapping):
        raise ConnectorError("connection: must not be null, and is a map", "InvalidInput")
    if str(connection.get("authType") or ("uri" if connection.get("uri") else "detailed")) == "uri":
        uri = str(connection.get("uri") or "").strip()
        return jdbc_urls.described(uri, jdbc_urls.texts(connection.get("uriProperties"), "connection.uriProperties"))
    database = str(inputs.get("database") or "").strip().upper()
    if database not in jdbc_urls.DATABASES:
        raise ConnectorError(f"Cannot find class: database must be one of {', '.join(jdbc_urls.DATABASES)}", "InvalidInput")
    return jdbc_urls.detailed(jdbc_urls.DATABASES[database], connection)


def _answer(asked: Query, call: Call) -> dict[str, Any]:
    try:
        return running.run(call, asked, Doing(partial(_build, asked), partial(_failure, call, asked)))
    except ConnectorError as error:
        if error.code in _NO_CONNECTION:
            raise ConnectorError(f"Cannot create the Database connection: {error.message}", error.code) from None
        if error.code == "DriverMissing":
            raise ConnectorError(f"Cannot find class: {error.message}", error.code) from None
        raise


def _build(asked: Query, dialect: Dialect, own: bool) -> Built:
    statement = wording.pieces(asked.query, dialect.name)
    kind = permitted.permit(statement, asked.query, own)
    bound = wording.Bound(statement, asked.variables, dialect)

    def run(tx: Connection) -> dict[str, Any]:
        done = execute(tx, bound)
        if not asked.returns:
            return {"modifiedRows": -1 if done.rows is not None else done.count}
        if done.rows is None:
            raise ConnectorError(f"Error while executing the query [{asked.query}]: Statement returned no results", "NoResults")
        return {"resultSet": done.rows}

    return Built(run, kind.reads, not kind.by_itself)


def _failure(call: Call, asked: Query, error: Exception) -> ConnectorError:
    password = asked.described.password
    said = running.said(error).replace(password, "***") if password else running.said(error)
    written = call.inputs["data"]["query"]  # as the model has it, without a secret
    return ConnectorError(f"Error while executing the query [{written}]: {said}", running.code(error))
