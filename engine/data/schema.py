"""The only place that says which table is which resource: table `person_profile` ↔ `person-profile`, column `birth_date` ↔ `birthDate`.

A table is a resource when its primary key is the one column `<table>_id`. Reflecting costs one query; the caller keeps the `Registry` as
long as the tables stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Connection, MetaData, Table

from engine.data import columns
from engine.data.columns import AsDeclared, Declared
from engine.data.ddl import HISTORY_SUFFIX
from engine.data.declarations import Declarations, Nested
from engine.data.errors import DataError
from engine.data.tables import apply_tables
from engine.data.values import UUIDS, Kind, Size, kind_of
from engine.db import OWN_PREFIX
from engine.errors import Refused

__all__ = ["Column", "Registry", "Resource", "SchemaRefused", "apply_tables", "camel", "key_of"]

Found = TypeVar("Found")


class SchemaRefused(Refused):
    """The registry's declarations do not fit its tables."""


@dataclass(frozen=True)
class Column:
    """One column: its name in SQL, its name in JSON, and what it holds."""

    name: str
    property: str
    kind: Kind
    size: Size
    not_null: bool

    def take(self, value: Any) -> Any:
        """What is bound into SQL for a JSON value; `ValueError` says why it cannot be taken."""
        return None if value is None else self.kind.take(value, self.size)

    def show(self, stored: Any) -> Any:
        return None if stored is None else self.kind.show(stored, self.size)


@dataclass(frozen=True, eq=False)
class Resource:
    """One table as the data factory sees it.

    columns  by JSON name, in the table's order
    history  None where the table has none: then it can be read only
    signed   whether its changes need both signatures
    """

    name: str
    table: Table
    history: Table | None
    key: Column
    columns: Mapping[str, Column]
    signed: bool

    @property
    def key_column(self) -> SqlColumn[Any]:
        return self.table.c[self.key.name]


@dataclass(frozen=True, eq=False)
class Registry:
    """The data factory's tables as they were when reflected."""

    resources: Mapping[str, Resource]
    nested: Mapping[str, Nested]

    @classmethod
    def reflect(cls, tx: Connection, declarations: Declarations | None = None) -> Registry:
        """The registry in this database; `SchemaRefused` names what the declarations miss."""
        declared = declarations or Declarations()
        found = columns.read(tx)
        tables = [table for table in found if _is_resource(table, found)]
        resources = {_resource_name(table): _resource(table, found, table.lower() not in declared.unsigned) for table in tables}
        registry = cls(resources, declared.nested)
        _check(registry)
        return registry

    def resource(self, name: str) -> Resource:
        """`person-profile` → its table; `DataError` NOT_FOUND when there is none of that name."""
        return _named(self.resources, name, "resource")

    def composite(self, name: str) -> Nested:
        """`nested-transaction-entity` → the tables that belong together; `DataError` NOT_FOUND when none was declared by that name."""
        return _named(self.nested, name, "nested entity")

    def of_table(self, table: str) -> Resource:
        return self.resource(_resource_name(table))


def _named(among: Mapping[str, Found], name: str, what: str) -> Found:
    if name not in among:
        known = ", ".join(sorted(among)) or "none"
        raise DataError("NOT_FOUND", f"The data factory has no {what} {name!r}. Known are: {known}.")
    return among[name]


def camel(snake: str) -> str:
    """`person_edu_profile` → `personEduProfile`: the JSON name of a column, and of a table in a nested payload."""
    first, *rest = (part for part in snake.split("_") if part)
    return first + "".join(part[0].upper() + part[1:] for part in rest)


def key_of(table: str) -> str:
    return f"{table}_id"


def _resource_name(table: str) -> str:
    return table.replace("_", "-")


def _is_resource(table: str, found: Mapping[str, list[Declared]]) -> bool:
    if table.startswith(OWN_PREFIX) or (table.endswith(HISTORY_SUFFIX) and table.removesuffix(HISTORY_SUFFIX) in found):
        return False
    return [column.name for column in found[table] if column.in_key] == [key_of(table)]


def _resource(table: str, found: Mapping[str, list[Declared]], signed: bool) -> Resource:
    listed = {camel(column.name): _column(column) for column in found[table]}
    if len(listed) < len(found[table]):
        raise SchemaRefused(f"Table {table} has two columns that are the same field in JSON. Known fields are: {', '.join(listed)}.")
    history = found.get(table + HISTORY_SUFFIX)
    return Resource(
        _resource_name(table), _sql_table(table, found[table]), _sql_table(table + HISTORY_SUFFIX, history) if history else None,
        listed[camel(key_of(table))], listed, signed,
    )  # fmt: skip


def _column(declared: Declared) -> Column:
    kind, size = (UUIDS, ()) if declared.in_key else kind_of(declared.type)
    return Column(declared.name, camel(declared.name), kind, size, declared.not_null)


def _sql_table(name: str, declared: list[Declared]) -> Table:
    return Table(name, MetaData(), *(SqlColumn(column.name, AsDeclared(column.type)) for column in declared))


def _check(registry: Registry) -> None:
    for name, nested in registry.nested.items():
        missing = [table for table in nested.tables() if _resource_name(table) not in registry.resources]
        if missing:
            raise SchemaRefused(f"Nested entity {name}: missing required tables {', '.join(missing)} (each with a primary key <table>_id).")
        _check_links(registry, name, nested)


def _check_links(registry: Registry, name: str, nested: Nested) -> None:
    known = registry.of_table(nested.table).table.c
    for column, link in nested.links.items():
        if column not in known:
            raise SchemaRefused(f"Nested entity {name}: table {nested.table} has no column {column}; it has {', '.join(known.keys())}.")
        _check_links(registry, name, link)
