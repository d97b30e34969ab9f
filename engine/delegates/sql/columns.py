"""The only place that reads the maps by which create-table and alter-table describe columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.delegates.connector import ConnectorError
from engine.delegates.sql import grammar
from engine.delegates.sql.names import Names

Row = Mapping[str, Any]
Data = Mapping[str, Any]


def column(names: Names, row: Row, key: str) -> str:
    """A column with its type and the constraints under `key`."""
    given = row.get(key) or ""
    if not isinstance(given, str | list | tuple):
        raise invalid(f"Invalid constraint type {given!r} passed in column {row.get('colname')}")
    words = given if isinstance(given, str) else " ".join(str(part) for part in given if part)
    kind = grammar.data_type(needed(row, "dataType"), names)
    return f"{name(names, row, 'colName')} {kind} {grammar.constraints(words, names)}".rstrip()


def rows(data: Data, key: str) -> list[Row]:
    """The maps of a list that must be there, with their keys in lower case."""
    given = data.get(key)
    if not isinstance(given, list | tuple) or not given:
        raise invalid(f"{key} can't be null or empty, and should be a list of maps")
    return [keyed(row, key) for row in given]


def texts(data: Data, key: str) -> list[Any]:
    """The items of a list that must be there."""
    given = data.get(key)
    if not isinstance(given, list | tuple) or not given:
        raise invalid(f"{key} can't be null or empty, and should be a list of names")
    return list(given)


def keyed(row: Any, what: str) -> Row:
    if not isinstance(row, Mapping) or not row:
        raise invalid(f"{what}: every entry should be a map, and none may be empty")
    return {str(key).lower(): value for key, value in row.items()}


def needed(row: Row, key: str) -> Any:
    value = row.get(key.lower())
    if value is None or not str(value).strip():
        raise invalid(f"{key} can't be null or empty")
    return value


def name(names: Names, row: Row, key: str) -> str:
    return names.quoted(names.column(needed(row, key)))


def invalid(message: str) -> ConnectorError:
    return ConnectorError(message, "InvalidInput")
