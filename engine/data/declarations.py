"""The only place that reads `registry.yaml`: what a registry says about its tables beyond their SQL.

signatures: optional          # the default is `required`; holds for the tables of the tables.sql beside this file
nested:
  nested-transaction-entity:
    table: transaction
    links:
      person_edu_profile_id: {table: person_edu_profile}
      orders_id: {table: orders}          # a link may have its own links
search: …                     # see `criteria`
partial:
  person-name: {table: person_profile, columns: [first_name, last_name]}
enums:
  order-type: {columns: [orders.orders_type], values: {BUY: Purchase, SELL: Sale}}
permissions: …                # see `permissions`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import yaml

from engine.data import criteria, ddl, permissions, shape
from engine.data.criteria import Search
from engine.data.permissions import Permissions
from engine.errors import DeploymentRefused, Problem

_SIGNATURES = {"required": False, "optional": True}


@dataclass(frozen=True)
class Nested:
    """A table, and the tables that its foreign keys lead to: {"orders_id": Nested("orders")}."""

    table: str
    links: Mapping[str, Nested] = field(default_factory=dict)

    def tables(self) -> list[str]:
        return [self.table, *(name for link in self.links.values() for name in link.tables())]


@dataclass(frozen=True)
class Partial:
    """A partial update: of this table, these columns only."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Enum:
    """A code list: label by code, and the columns ("table.column") that take nothing else."""

    values: Mapping[str, str]
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Declarations:
    """What is declared by resource name, and the tables whose changes need no signatures (lower case)."""

    nested: Mapping[str, Nested] = field(default_factory=dict)
    search: Mapping[str, Search] = field(default_factory=dict)
    partial: Mapping[str, Partial] = field(default_factory=dict)
    enums: Mapping[str, Enum] = field(default_factory=dict)
    permissions: Permissions = field(default_factory=dict)
    unsigned: frozenset[str] = frozenset()

    @staticmethod
    def together(several: Iterable[Declarations]) -> Declarations:
        """The declarations of several applications that share one registry."""
        listed = list(several)
        mappings = [one.name for one in fields(Declarations) if one.name != "unsigned"]
        merged: dict[str, Any] = {name: {key: value for one in listed for key, value in getattr(one, name).items()} for name in mappings}
        return Declarations(**merged, unsigned=frozenset().union(*(one.unsigned for one in listed)))


def read(text: str, tables_sql: str = "", file: str = "registry.yaml") -> Declarations:
    """The declarations in a registry.yaml, with the text of the tables.sql beside it; `DeploymentRefused` says what is wrong in it."""
    try:
        content = shape.mapping(yaml.safe_load(text), "the file", {"signatures", "permissions", *_EACH})
        optional = _SIGNATURES[shape.one_of(content.get("signatures", "required"), "signatures", _SIGNATURES)]
        declared = {kind: _all(kind, content.get(kind), reader) for kind, reader in _EACH.items()}
        rights = permissions.read(content.get("permissions"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DeploymentRefused([Problem(file, line, None, f"This is not YAML: {error.problem}")]) from None
    except ValueError as error:
        raise DeploymentRefused([Problem(file, None, None, str(error))]) from None
    return Declarations(**declared, permissions=rights, unsigned=_tables(tables_sql) if optional else frozenset())


def _all(kind: str, node: Any, reader: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {name: reader(name, each) for name, each in shape.mapping(node, kind).items()}


def _tables(sql: str) -> frozenset[str]:
    return frozenset(one.name.lower() for one in ddl.statements(sql) if one.creates == "table")


def _nested(where: str, node: Any) -> Nested:
    found = shape.mapping(node, where, {"table", "links"})
    if not isinstance(found.get("table"), str):
        raise ValueError(f"{where} needs the name of its table: 'table: …'.")
    links = {column: _nested(f"{where}.{column}", link) for column, link in shape.mapping(found.get("links"), f"{where}.links").items()}
    named = [link.table for link in links.values()]
    if twice := {name for name in named if named.count(name) > 1}:
        raise ValueError(f"{where} links twice to {', '.join(sorted(twice))}: a payload could not say which one it means.")
    return Nested(found["table"], links)


def _partial(where: str, node: Any) -> Partial:
    found = shape.mapping(node, where, {"table", "columns"})
    return Partial(shape.text(found.get("table"), f"{where}.table"), shape.texts(found.get("columns"), f"{where}.columns"))


def _enum(where: str, node: Any) -> Enum:
    found = shape.mapping(node, where, {"values", "columns"})
    values = shape.mapping(found.get("values"), f"{where}.values")
    if not values:
        raise ValueError(f"{where}.values must name at least one code and its label.")
    named = [column.partition(".") for column in shape.texts(found.get("columns", []), f"{where}.columns")]
    if any(not column for _, _, column in named):
        raise ValueError(f"{where}.columns must be written as table.column.")
    return Enum({code: str(label) for code, label in values.items()}, tuple((table, column) for table, _, column in named))


_EACH: dict[str, Callable[[str, Any], Any]] = {"nested": _nested, "search": criteria.search, "partial": _partial, "enums": _enum}
