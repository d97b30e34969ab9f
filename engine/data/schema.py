"""The only place that says which table is which resource: table `person_profile` ↔ `person-profile`, column `birth_date` ↔ `birthDate`.

A table is a resource when its primary key is the one column `<table>_id`. Reflecting costs one query; the caller keeps the `Registry` as
long as the tables stay as they are. Whether the declarations fit the tables is `fitting`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Connection, MetaData, Table

from engine.data import columns
from engine.data.columns import AsDeclared, Declared
from engine.data.criteria import Search
from engine.data.ddl import HISTORY_SUFFIX
from engine.data.declarations import Declarations, Enum, Nested, Partial
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
    """One column: its name in SQL, its name in JSON, and what it holds; where it has a code list, it takes nothing but its `codes`."""

    name: str
    property: str
    kind: Kind
    size: Size
    not_null: bool
    codes: Mapping[str, str] | None = None

    def take(self, value: Any) -> Any:
        """What is bound into SQL for a JSON value; `ValueError` says why it cannot be taken."""
        if value is None:
            return None
        if self.codes is not None and (not isinstance(value, str) or value not in self.codes):
            raise ValueError(f"must be one of {', '.join(self.codes)}")
        return self.kind.take(value, self.size)

    def show(self, stored: Any) -> Any:
        return None if stored is None else self.kind.show(stored, self.size)


@dataclass(frozen=True, eq=False)
class Resource:
    """One table as the data factory sees it.

    columns  by JSON name, in the table's order
    history  None where the table has none: then it can be read only
    signed   whether its changes need both signatures
    kept     what others have built for this table once, such as its statements, by a key of their own
    """

    name: str
    table: Table
    history: Table | None
    key: Column
    columns: Mapping[str, Column]
    signed: bool
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def key_column(self) -> SqlColumn[Any]:
        return self.table.c[self.key.name]


@dataclass(frozen=True, eq=False)
class Registry:
    """The data factory's tables as they were when reflected, and what is declared about them."""

    resources: Mapping[str, Resource]
    declared: Declarations

    @classmethod
    def reflect(cls, tx: Connection, declarations: Declarations | None = None) -> Registry:
        """The registry in this database; `SchemaRefused` names two columns that are one field. See `fitting.reflect`."""
        declared = declarations or Declarations()
        found = columns.read(tx)
        codes = {place: enum.values for enum in declared.enums.values() for place in enum.columns}
        tables = {table: table.lower() not in declared.unsigned for table in found if _is_resource(table, found)}
        return cls({_resource_name(table): _resource(table, found, signed, codes) for table, signed in tables.items()}, declared)

    def resource(self, name: str) -> Resource:
        """`person-profile` → its table; `DataError` NOT_FOUND when there is none of that name."""
        return _named(self.resources, name, "resource")

    def composite(self, name: str) -> Nested:
        """`nested-transaction-entity` → the tables that belong together; `DataError` NOT_FOUND when none was declared by that name."""
        return _named(self.declared.nested, name, "nested entity")

    def condition(self, name: str) -> Search:
        """A declared search condition; `DataError` NOT_FOUND."""
        return _named(self.declared.search, name, "search condition")

    def partial(self, name: str) -> Partial | None:
        """A declared partial update; None where none of that name was declared."""
        return self.declared.partial.get(name)

    def enum(self, name: str) -> Enum:
        """A code list; `DataError` NOT_FOUND."""
        return _named(self.declared.enums, name, "code list")

    def written_by(self, name: str) -> list[str]:
        """The resources that a request to change what has this name may write: a table's, or those of a declared entity."""
        if name in self.declared.nested and name not in self.resources:
            return [_resource_name(table) for table in self.declared.nested[name].tables()]
        partial = self.declared.partial.get(name)
        return [_resource_name(partial.table) if partial else name]

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


def _resource(table: str, found: Mapping[str, list[Declared]], signed: bool, codes: _Codes) -> Resource:
    listed = {camel(column.name): _column(column, codes.get((table, column.name))) for column in found[table]}
    if len(listed) < len(found[table]):
        raise SchemaRefused(f"Table {table} has two columns that are the same field in JSON. Known fields are: {', '.join(listed)}.")
    history = found.get(table + HISTORY_SUFFIX)
    return Resource(
        _resource_name(table), _sql_table(table, found[table]), _sql_table(table + HISTORY_SUFFIX, history) if history else None,
        listed[camel(key_of(table))], listed, signed,
    )  # fmt: skip


_Codes = Mapping[tuple[str, str], Mapping[str, str]]


def _column(declared: Declared, codes: Mapping[str, str] | None) -> Column:
    kind, size = (UUIDS, ()) if declared.in_key else kind_of(declared.type)
    return Column(declared.name, camel(declared.name), kind, size, declared.not_null, codes)


def _sql_table(name: str, declared: list[Declared]) -> Table:
    return Table(name, MetaData(), *(SqlColumn(column.name, AsDeclared(column.type)) for column in declared))
