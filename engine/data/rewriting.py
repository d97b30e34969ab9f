"""The only place that changes a column of a table in place, as each database wants it done.

SQLite has no statement for it. It keeps a table's declaration as text and reads stored values by it, so that a declaration that takes more
may simply be written there (the way that SQLite's documentation of ALTER TABLE gives for changes that do not touch stored rows).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import Connection

from engine.data import definition
from engine.data.ddl import TOKEN
from engine.data.definition import Item

_NOT_NULL = re.compile(r"\bNOT\s+NULL\b", re.I)


def widened(tx: Connection, table: str, column: Item) -> list[str]:
    """The statements that give a column the type that `column` has."""
    if tx.dialect.name != "sqlite":
        quote = tx.dialect.identifier_preparer.quote
        return [f"ALTER TABLE {quote(table)} ALTER COLUMN {_first(column)} TYPE {column.type}"]
    return _redeclared(tx, table, column, lambda there: f"{_first(there)} {column.type} {there.rest}".strip())


def emptied(tx: Connection, table: str, column: Item) -> list[str]:
    """The statements that let a column be empty."""
    if tx.dialect.name != "sqlite":
        return [f"ALTER TABLE {tx.dialect.identifier_preparer.quote(table)} ALTER COLUMN {_first(column)} DROP NOT NULL"]
    return _redeclared(tx, table, column, lambda there: f"{_first(there)} {there.type} {_NOT_NULL.sub('', there.rest)}".strip())


def _first(column: Item) -> str:
    """The name as it is written, with its quotes."""
    return str(TOKEN.findall(column.text)[0])


def _redeclared(tx: Connection, table: str, column: Item, change: Callable[[Item], str]) -> list[str]:
    wanted = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    create = tx.exec_driver_sql(wanted, (table,)).scalar_one()
    text, version = definition.rewritten(create, column.name or "", change), tx.exec_driver_sql("PRAGMA schema_version").scalar_one()
    return [
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = {_literal(text)} WHERE type = 'table' AND name = {_literal(table)}",
        f"PRAGMA schema_version = {version + 1}",
        "PRAGMA writable_schema = OFF",
    ]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
