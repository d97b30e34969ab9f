"""The only place for statement tasks in our own name: `ratchet:sql` in Camunda 8, `${ratchetSql}` in Camunda 7.

statement   the SQL, in a header or an input. It must stand in the model as it is: what varies is bound, `:name` or `IN (<name>)`
variables   a map with the values; without it they are the variables in sight
connection  the name of a database in the connections, or a JDBC URL; without it the statement runs in the engine's own database, in the
            step's own transaction
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect

from engine.config import REGISTRY
from engine.delegates.call import Call
from engine.delegates.connector import ConnectorError
from engine.delegates.sql import jdbc_urls, permitted, running, wording
from engine.delegates.sql.products import SQLITE, Described, Product
from engine.delegates.sql.running import Built, Doing
from engine.delegates.sql.written import execute

TYPE = "ratchet:sql"


@dataclass(frozen=True)
class Place:
    """A database that a task names."""

    product: Product
    described: Described


@dataclass(frozen=True)
class Asked:
    """A checked task; no place: the engine's own database."""

    statement: str
    variables: Any = field(repr=False)
    place: Place | None


def work(call: Call) -> dict[str, Any]:
    """Run the statement, and give `{"rows": [...], "count": number of rows given or changed}`. Raises ConnectorError."""
    return running.masked(call, lambda inputs: _answer(parse(inputs, call), call))


def parse(inputs: Mapping[str, Any], call: Call) -> Asked:
    """Read the task. ConnectorError when it is incomplete, or its statement could be made of variables."""
    given = _given(inputs, call, "variables")
    if given is not None and not isinstance(given, Mapping | list | tuple):
        raise ConnectorError("variables: must be a map for :names, or a list for question marks", "InvalidInput")
    return Asked(_statement(call), inputs if given is None else given, _place(_given(inputs, call, "connection")))


def variables(call: Call) -> set[str]:
    """The variables in sight that the statement of a task may name, whatever the database that will read it."""
    return wording.names(_statement(call)) if "variables" not in call.declared else set()


def _statement(call: Call) -> str:
    text = call.headers.get("statement")
    if text is None and "statement" in call.declared and "statement" not in call.written:
        raise ConnectorError("statement: write it as plain text, and bind what varies as :name. An expression could change it", "Forbidden")
    if text is None and "statement" in call.written:
        text = wording.unwrapped(call.inputs.get("statement"))
    if not isinstance(text, str) or not text.strip():
        raise ConnectorError("statement: must not be blank; write it as a header or an input", "InvalidInput")
    return text


def _given(inputs: Mapping[str, Any], call: Call, name: str) -> Any:
    """What the model gives under a name, never what a variable of that name happens to hold."""
    return call.headers.get(name) if name not in call.declared else wording.unwrapped(inputs.get(name))


def _place(connection: Any) -> Place | None:
    name = str(connection or "").strip()
    if name in ("", REGISTRY):
        return None
    if name.lower().startswith("jdbc:"):
        return Place(*jdbc_urls.described(name))
    return Place(SQLITE, Described("", "", "", "", name))


def _answer(asked: Asked, call: Call) -> dict[str, Any]:
    doing = Doing(partial(_build, asked), partial(_failure, asked))
    return running.in_own(call, doing) if asked.place is None else running.run(call, asked.place, doing)


def _build(asked: Asked, dialect: Dialect, own: bool) -> Built:
    statement = wording.pieces(asked.statement, dialect.name)
    kind = permitted.permit(statement, asked.statement, own)
    bound = wording.Bound(statement, asked.variables, dialect)

    def run(tx: Connection) -> dict[str, Any]:
        done = execute(tx, bound)
        return {"rows": done.rows or [], "count": done.count}

    return Built(run, kind.reads, not kind.by_itself)


def _failure(asked: Asked, error: Exception) -> ConnectorError:
    password = asked.place.described.password if asked.place else ""
    said = running.said(error)
    return ConnectorError(f"{said.replace(password, '***') if password else said} (in: {asked.statement.strip()})", running.code(error))
