"""The only place that makes the statements of create-table, alter-table and create-database (contract 1a)."""

from __future__ import annotations

import re

from engine.delegates.sql import altering
from engine.delegates.sql.columns import column, invalid, rows
from engine.delegates.sql.names import Names
from engine.delegates.sql.statements import Data, Statement


def create_table(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    columns = ", ".join(column(names, row, "constraints") for row in rows(data, "columnsList"))
    return _statement(f"CREATE TABLE {relation.text} ({columns})", f"Table '{relation.shown}' created successfully")


def create_database(names: Names, data: Data) -> Statement:
    name = names.column(data.get("databaseName"))
    return _statement(f"CREATE DATABASE {names.quoted(name)}", f"Database '{data['databaseName'].strip()}' created successfully")


def alter_table(names: Names, data: Data) -> Statement:
    relation, known = names.relation(data.get("tableName")), altering.METHODS.get(names.dialect.name, altering.PLAIN)
    method = re.sub(r"[_\s]", "", str(data.get("method") or "")).lower()
    if method not in known:
        raise invalid(f"Method can only be - {', '.join(known)}; not {data.get('method')!r}")
    changes = known[method](relation, data)
    done = f"Alter operation - {data['method']} executed" if names.dialect.name == "mssql" else "Alter query executed"
    return _statement(changes if changes.startswith("EXEC ") else f"ALTER TABLE {relation.text} {changes}", f"{done} successfully")


def _statement(sql: str, said: str) -> Statement:
    return Statement(sql, lambda _result: said)
