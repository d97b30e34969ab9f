"""The only place that makes the statements of create-table, alter-table and create-database (contract 1a)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.delegates.connector import ConnectorError
from engine.delegates.sql import grammar
from engine.delegates.sql.names import Names
from engine.delegates.sql.statements import Data, Statement

Row = Mapping[str, Any]


def create_table(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    columns = ", ".join(_column(names, row, "constraints") for row in _rows(data, "columnsList"))
    return _statement(f"CREATE TABLE {relation.text} ({columns})", f"Table '{relation.shown}' created successfully")


def create_database(names: Names, data: Data) -> Statement:
    name = names.column(data.get("databaseName"))
    return _statement(f"CREATE DATABASE {names.quoted(name)}", f"Database '{data['databaseName'].strip()}' created successfully")


def alter_table(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    method = re.sub(r"[_\s]", "", str(data.get("method") or "")).lower()
    if method not in _METHODS:
        raise _invalid(f"Method can only be - {', '.join(_METHODS)}; not {data.get('method')!r}")
    changes = _METHODS[method](names, data)
    return _statement(f"ALTER TABLE {relation.text} {changes}", "Alter query executed successfully")


def _statement(sql: str, said: str) -> Statement:
    return Statement(sql, lambda _result: said)


def _column(names: Names, row: Row, key: str) -> str:
    given = row.get(key) or ""
    if not isinstance(given, str | list | tuple):
        raise _invalid(f"Invalid constraint type {given!r} passed in column {row.get('colname')}")
    words = given if isinstance(given, str) else " ".join(str(part) for part in given if part)
    kind = grammar.data_type(_needed(row, "dataType"), names)
    return f"{_name(names, row, 'colName')} {kind} {grammar.constraints(words, names)}".rstrip()


def _rename_table(names: Names, data: Data) -> str:
    new = names.relation(data.get("newTableName"))
    return f"RENAME TO {names.quoted(new.name)}"


def _rename_column(names: Names, data: Data) -> str:
    row = _keyed(data.get("newColumnDetail"), "newColumnDetail")
    return f"RENAME COLUMN {_name(names, row, 'oldColName')} TO {_name(names, row, 'newColName')}"


def _add_column(names: Names, data: Data) -> str:
    return ", ".join(f"ADD COLUMN {_column(names, row, 'constraint')}" for row in _rows(data, "columnsDetails"))


def _modify_column(names: Names, data: Data) -> str:
    modify = _modify_here if names.dialect.name in ("mysql", "mariadb") else _alter_here
    return ", ".join(modify(names, row) for row in _rows(data, "modifyColumnsDetails"))


def _modify_here(names: Names, row: Row) -> str:
    return f"MODIFY COLUMN {_column(names, row, 'constraint')}"


def _alter_here(names: Names, row: Row) -> str:
    using = f" USING {grammar.check(row['expression'], names)}" if row.get("expression") else ""
    return f"ALTER COLUMN {_name(names, row, 'colName')} TYPE {grammar.data_type(_needed(row, 'dataType'), names)}{using}"


def _add_constraint(names: Names, data: Data) -> str:
    return ", ".join(_constraint(names, row) for row in _rows(data, "constraintDetails"))


def _constraint(names: Names, row: Row) -> str:
    kind = " ".join(str(row.get("name") or "").lower().split()).replace("primarykey", "primary key").replace("foreignkey", "foreign key")
    if kind not in _CONSTRAINTS:
        raise _invalid("name should be - unique, primary key, foreign key or check")
    definition = _CONSTRAINTS[kind](_needed(row, "definition"), names)
    named = "" if kind == "primary key" else f"CONSTRAINT {_name(names, row, 'symbol')} "
    return f"ADD {named}{kind.upper()} {definition}"


_CONSTRAINTS: dict[str, Callable[[Any, Names], str]] = {
    "unique": lambda text, names: f"({grammar.column_list(text, names)})",
    "primary key": lambda text, names: f"({grammar.column_list(text, names)})",
    "foreign key": grammar.foreign_key,
    "check": lambda text, names: f"({grammar.check(text, names)})",
}


def _drop(names: Names, data: Data) -> str:
    return ", ".join(_dropped(names, row) for row in _rows(data, "dropEntityDetails"))


def _dropped(names: Names, row: Row) -> str:
    kind = " ".join(str(row.get("entitytodrop") or "").upper().split())
    if kind not in _DROPPED:
        raise _invalid(f"'entityToDrop' should be one of {', '.join(_DROPPED)}")
    return f"DROP {kind}" if kind == "PRIMARY KEY" else f"DROP {kind} {_name(names, row, 'name')}"


_DROPPED = ("COLUMN", "CONSTRAINT", "CHECK", "INDEX", "FOREIGN KEY", "PRIMARY KEY")

_METHODS: dict[str, Callable[[Names, Data], str]] = {
    "renametable": _rename_table,
    "renamecolumn": _rename_column,
    "addcolumn": _add_column,
    "modifycolumn": _modify_column,
    "addconstraint": _add_constraint,
    "drop": _drop,
}


def _rows(data: Data, key: str) -> list[Row]:
    given = data.get(key)
    if not isinstance(given, list | tuple) or not given:
        raise _invalid(f"{key} can't be null or empty, and should be a list of maps")
    return [_keyed(row, key) for row in given]


def _keyed(row: Any, what: str) -> Row:
    if not isinstance(row, Mapping) or not row:
        raise _invalid(f"{what}: every entry should be a map, and none may be empty")
    return {str(key).lower(): value for key, value in row.items()}


def _needed(row: Row, key: str) -> Any:
    value = row.get(key.lower())
    if value is None or not str(value).strip():
        raise _invalid(f"{key} can't be null or empty")
    return value


def _name(names: Names, row: Row, key: str) -> str:
    return names.quoted(names.column(_needed(row, key)))


def _invalid(message: str) -> ConnectorError:
    return ConnectorError(message, "InvalidInput")
