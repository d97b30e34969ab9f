"""The only place that reads a SQL connector's inputs: which database is described, which operation is asked for (contract 1a)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.delegates.connector import ConnectorError
from engine.delegates.sql import ddl, statements
from engine.delegates.sql.names import Names
from engine.delegates.sql.products import Described, Product
from engine.delegates.sql.statements import Data, Statement

LAST_PORT = 65535


@dataclass(frozen=True)
class Operation:
    """What an operation does: `build` makes its statement. `undoable` says that every database can roll it back."""

    build: Callable[[Names, Data], Statement]
    writes: bool = True
    undoable: bool = True
    needs_table: bool = True


OPERATIONS: dict[str, Operation] = {
    "read-data": Operation(statements.read_data, writes=False),
    "insert-data": Operation(statements.insert_data),
    "update-data": Operation(statements.update_data),
    "delete-data": Operation(statements.delete_data),
    "create-table": Operation(ddl.create_table, undoable=False),
    "alter-table": Operation(ddl.alter_table, undoable=False),
    "create-database": Operation(ddl.create_database, undoable=False, needs_table=False),
}


@dataclass(frozen=True)
class Request:
    """A checked request. `asked` is the operation as the model names it."""

    product: Product
    asked: str
    operation: Operation
    described: Described
    data: Data = field(repr=False)


def parse(product: Product, inputs: Mapping[str, Any]) -> Request:
    """Read a connector's inputs. ConnectorError with the contract's texts when they are incomplete."""
    asked = str(inputs.get("operation") or "").strip()
    operation = OPERATIONS.get(asked.removeprefix(f"{product.prefix}."))
    if operation is None or not asked.startswith(f"{product.prefix}."):
        known = ", ".join(f"{product.prefix}.{name}" for name in OPERATIONS)
        raise _invalid(f"Unknown operation {asked!r}: write one of {known}")
    data = _map(inputs, "data")
    _filled(data, "data", "databaseName", *(["tableName"] if operation.needs_table else []))
    given = _map(inputs, "databaseConnection") if product.described else {}
    return Request(product, asked, operation, _described(product, given, data), data)


def _described(product: Product, given: Mapping[str, Any], data: Data) -> Described:
    if not product.described:
        return Described("", "", "", "", str(data["databaseName"]).strip())
    _filled(given, "databaseConnection", "host", "port", "username", *([] if product.blank_password else ["password"]))
    host, port, username = (str(given[key]).strip() for key in ("host", "port", "username"))
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > LAST_PORT:
        raise _invalid(f"databaseConnection.port: Port must be a number up to {LAST_PORT}")
    database = str(data["databaseName"]).strip()
    return Described(host, port, username, str(given.get("password") or ""), database.lower() if product.folds_database else database)


def _map(inputs: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = inputs.get(key)
    if not isinstance(value, Mapping):
        raise _invalid(f"{key}: must not be null, and is a map")
    return value


def _filled(given: Mapping[str, Any], where: str, *keys: str) -> None:
    missing = [key for key in keys if given.get(key) is None or not str(given[key]).strip()]
    if missing:
        raise _invalid("; ".join(f"{where}.{key}: must not be blank" for key in missing))


def _invalid(message: str) -> ConnectorError:
    return ConnectorError(message, "InvalidInput")
