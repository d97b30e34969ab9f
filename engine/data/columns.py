"""The only place that reads from the database which tables there are, and how their columns were declared.

SQLite keeps a declared type as text and stores what it is given; PostgreSQL knows its types. Both readers give the same rows, so that
nothing above needs to know which database it talks to.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.types import UserDefinedType


class Declared(NamedTuple):
    """One column as its table declares it."""

    table: str
    name: str
    type: str
    not_null: bool
    in_key: bool


class AsDeclared(UserDefinedType[Any]):
    """A type in the words of its table. Values are bound as `values` makes them; the database reads them by its own declaration."""

    cache_ok = True

    def __init__(self, declared: str):
        self.declared = declared

    def get_col_spec(self, **_options: Any) -> str:
        return self.declared


_SQLITE = """
    SELECT m.name, c.name, c.type, c."notnull", c.pk > 0
    FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND c.hidden = 0
    ORDER BY m.name, c.cid
"""

_POSTGRESQL = """
    SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, COALESCE(a.attnum = ANY (k.indkey), false)
    FROM pg_class t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary
    WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace
    ORDER BY t.relname, a.attnum
"""

_READERS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


def read(tx: Connection) -> dict[str, list[Declared]]:
    """Every table of the database's current schema, with its columns in their order. Generated columns are left out."""
    rows = tx.exec_driver_sql(_READERS[tx.dialect.name])
    found = [Declared(table, name, type_, bool(not_null), bool(in_key)) for table, name, type_, not_null, in_key in rows]
    return {table: list(columns) for table, columns in groupby(found, key=lambda column: column.table)}
