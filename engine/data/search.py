"""The only place that searches a table: what is asked becomes one bound statement, by the declared search condition alone.

Only what is asked counts; nothing of what is asked ever becomes a part of the statement's text. A table without a declared condition can be
searched by equality of its columns under its own name. Every order ends with the primary key, so that pages never overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, desc, func, select
from sqlalchemy.exc import DBAPIError

from engine.data import asked as asking
from engine.data import comparisons
from engine.data.asked import Asked
from engine.data.criteria import Criterion, Search, Tree
from engine.data.errors import from_database
from engine.data.schema import Column, Registry, Resource, camel
from engine.data.values import JSON, OTHER
from engine.db import savepoint

MOST = 1000  # rows at once where neither the caller nor a declaration says
PAGE_SIZE = 10
Found = list[dict[str, Any]] | dict[str, Any]


def condition(registry: Registry, name: str) -> Search:
    """The search condition of this name, else what a table of this name may be asked; `DataError` NOT_FOUND."""
    if name not in registry.declared.search and name in registry.resources:
        return _of_table(registry.resource(name))
    return registry.condition(name)


def find(tx: Connection, registry: Registry, name: str, given: Mapping[str, Any], in_text: bool = False) -> Found:
    """The rows that fit, or one page of them with the total. `in_text`: all values are text, as in a query.

    `DataError` VALIDATION_ERROR names every field that cannot be asked so; CLIENT_ERROR where it was asked in text.
    """
    search = condition(registry, name)
    resource = registry.of_table(search.table)
    asked = asking.read(search, resource, given, in_text)
    criteria = comparisons.Against(tx, resource).tree(search.where, asked.values)
    try:
        with savepoint(tx, "ratchet_search"):
            return _PAGINATIONS[search.pagination](tx, resource, search, criteria, asked)
    except DBAPIError as error:
        if (refused := from_database(error, resource.table.name)) is None:
            raise
        raise refused from error


def _of_table(resource: Resource) -> Search:
    searched = [column for column in resource.columns.values() if column.kind not in (JSON, OTHER)]
    leaves = tuple(Criterion(column.name, "equal", exact=True) for column in searched)
    return Search(resource.table.name, Tree("all", leaves), limit=MOST)


def returned(search: Search, resource: Resource) -> list[Column]:
    """The columns that a search answers with."""
    return list(resource.columns.values()) if search.returns is None else [resource.columns[camel(name)] for name in search.returns]


def _statement(resource: Resource, search: Search, criteria: ColumnElement[bool]) -> Select[Any]:
    table = resource.table
    order = [desc(table.c[name]) if down else table.c[name] for name, down in search.sort]
    wanted = [table.c[column.name] for column in returned(search, resource)]
    return select(*wanted).where(criteria).order_by(*order, resource.key_column)


def _rows(tx: Connection, resource: Resource, search: Search, statement: Select[Any]) -> list[dict[str, Any]]:
    columns = returned(search, resource)
    found = tx.execute(statement).all()
    return [{column.property: column.show(value) for column, value in zip(columns, row, strict=True)} for row in found]


def _capped(search: Search, wanted: int | None) -> int | None:
    return min((n for n in (search.limit, wanted) if n is not None), default=None)


def _offset(tx: Connection, resource: Resource, search: Search, criteria: ColumnElement[bool], asked: Asked) -> Found:
    statement = _statement(resource, search, criteria).limit(_capped(search, asked.paging.get("limit")))
    return _rows(tx, resource, search, statement.offset(asked.paging.get("offset")))


def _everything(tx: Connection, resource: Resource, search: Search, criteria: ColumnElement[bool], asked: Asked) -> Found:
    return _rows(tx, resource, search, _statement(resource, search, criteria).limit(search.limit))


def _page(tx: Connection, resource: Resource, search: Search, criteria: ColumnElement[bool], asked: Asked) -> Found:
    size = _capped(search, asked.paging.get("pageSize") or PAGE_SIZE) or PAGE_SIZE
    number = asked.paging.get("pageNo", 0)
    total = tx.execute(select(func.count()).select_from(resource.table).where(and_(criteria))).scalar_one()
    content = _rows(tx, resource, search, _statement(resource, search, criteria).limit(size).offset(number * size))
    return {"content": content, "totalElements": total, "totalPages": -(-total // size), "pageNo": number, "pageSize": size}


_PAGINATIONS: dict[str, Callable[[Connection, Resource, Search, ColumnElement[bool], Asked], Found]] = {
    "offset": _offset,
    "none": _everything,
    "page": _page,
}


