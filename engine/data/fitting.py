"""The only place that checks whether what a `registry.yaml` declares fits the tables that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from engine.data.criteria import TEXTUAL, Search
from engine.data.declarations import Declarations, Nested
from engine.data.permissions import EVERY
from engine.data.schema import Registry, Resource, SchemaRefused, camel
from engine.data.values import JSON, OTHER, PADDED, TEXT

_PAGING = {"limit", "offset", "pageNo", "pageSize"}


def reflect(tx: Connection, declarations: Declarations) -> Registry:
    """The registry in this database; `SchemaRefused` names what the declarations miss."""
    registry = Registry.reflect(tx, declarations)
    problems = list(_problems(registry))
    if problems:
        raise SchemaRefused("The declarations do not fit the tables:\n" + "\n".join(problems))
    return registry


def _problems(registry: Registry) -> Iterator[str]:
    declared = registry.declared
    for name, nested in declared.nested.items():
        yield from _nested(registry, f"Nested entity {name}", nested)
    for name, search in declared.search.items():
        yield from _search(registry, f"Search condition {name}", search)
    for name, partial in declared.partial.items():
        yield from _columns(registry, f"Partial update {name}", partial.table, partial.columns)
    for name, enum in declared.enums.items():
        for table, column in enum.columns:
            yield from _columns(registry, f"Code list {name}", table, (column,))
    known = {*registry.resources, *declared.search, EVERY}
    yield from (f"Permissions: there is no resource or search {name}." for name in declared.permissions if name not in known)


def _nested(registry: Registry, where: str, nested: Nested) -> Iterator[str]:
    missing = [table for table in nested.tables() if _of(registry, table) is None]
    if missing:
        yield f"{where}: missing required tables {', '.join(missing)} (each with a primary key <table>_id)."
        return
    yield from _columns(registry, where, nested.table, nested.links)
    for link in nested.links.values():
        yield from _nested(registry, where, link)


def _columns(registry: Registry, where: str, table: str, columns: Collection[str]) -> Iterator[str]:
    resource = _of(registry, table)
    if resource is None:
        yield f"{where}: there is no table {table} with a primary key {table}_id."
        return
    known = resource.table.c.keys()
    yield from (f"{where}: table {table} has no column {column}; it has {', '.join(known)}." for column in columns if column not in known)


def _search(registry: Registry, where: str, search: Search) -> Iterator[str]:
    named = [leaf.column for leaf in search.where.leaves()] + [column for column, _ in search.sort] + list(search.returns or ())
    wrong = list(_columns(registry, where, search.table, named))
    yield from wrong
    resource = _of(registry, search.table)
    if wrong or resource is None:
        return
    for leaf in search.where.leaves():
        kind = resource.columns[camel(leaf.column)].kind
        if leaf.name in _PAGING:
            yield f"{where}: {leaf.name} is what pages are asked by; choose another name."
        if kind is JSON or (leaf.type in TEXTUAL and kind not in (TEXT, PADDED, OTHER)):
            yield f"{where}: {leaf.column} is of the type {kind.name}, which cannot be searched by {leaf.type}."


def _of(registry: Registry, table: str) -> Resource | None:
    return registry.resources.get(table.replace("_", "-"))
