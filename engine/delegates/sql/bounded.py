"""The only place that knows how each database changes at most so many rows: update-data and delete-data with orderBy and limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Delete, Update, column, literal_column, quoted_name, select, table, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.names import Relation

Change = Update | Delete
Condition = ColumnElement[bool] | None


@dataclass(frozen=True)
class Bounds:
    """In which order, and how many rows at most: None for all."""

    order: tuple[ColumnElement[Any], ...] = ()
    most: int | None = None


@dataclass(frozen=True)
class Writing:
    """A change before its rows are chosen: `make` gives the statement for a table, by its name there; `columns` are those that it sets."""

    make: Callable[[Any], Any]
    columns: tuple[quoted_name, ...] = ()


def bounded(relation: Relation, writing: Writing, condition: Condition, bounds: Bounds) -> Change:
    """The change of the rows that meet `condition`, of these the first `bounds.most`."""
    dialect = relation.names.dialect.name
    if bounds.most is None:
        return _all(relation, writing, condition)
    if dialect not in _WAYS:
        raise ConnectorError(f"limit cannot be used to change rows of a {dialect} database: name the rows in filters.", "InvalidInput")
    return _WAYS[dialect](relation, writing, condition, bounds)


def _all(relation: Relation, writing: Writing, condition: Condition) -> Change:
    change: Change = writing.make(relation.clause(*writing.columns))
    return change if condition is None else change.where(condition)


def _by_address(address: str) -> Callable[[Relation, Writing, Condition, Bounds], Change]:
    def choose(relation: Relation, writing: Writing, condition: Condition, bounds: Bounds) -> Change:
        row: ColumnElement[Any] = literal_column(f"{relation.text}.{address}")
        chosen = _chosen(relation, row, condition, bounds)
        return _all(relation, writing, row.in_(chosen))

    return choose


def _by_expression(relation: Relation, writing: Writing, condition: Condition, bounds: Bounds) -> Change:
    chosen = _chosen(relation, literal_column("*"), condition, bounds).cte("chosen")
    change: Change = writing.make(table("chosen", *map(column, writing.columns))).add_cte(chosen)
    return change


def _at_the_end(relation: Relation, writing: Writing, condition: Condition, bounds: Bounds) -> Change:
    return _all(relation, writing, _Last(true() if condition is None else condition, bounds))


def _chosen(relation: Relation, what: ColumnElement[Any], condition: Condition, bounds: Bounds) -> Any:
    query = select(what).select_from(relation.clause()).order_by(*bounds.order).limit(bounds.most)
    return query if condition is None else query.where(condition)


class _Last(ColumnElement[bool]):
    """The last condition of a MySQL statement, with the ORDER BY and LIMIT that may follow it."""

    inherit_cache = False

    def __init__(self, condition: ColumnElement[bool], bounds: Bounds):
        self.condition = condition
        self.bounds = bounds


@compiles(_Last)
def _compile_last(element: _Last, compiler: SQLCompiler, **options: Any) -> str:
    order = ", ".join(compiler.process(part, **options) for part in element.bounds.order)
    return f"{compiler.process(element.condition, **options)}{order and f' ORDER BY {order}'} LIMIT {int(element.bounds.most or 0)}"


_WAYS: Mapping[str, Callable[[Relation, Writing, Condition, Bounds], Change]] = {
    "sqlite": _by_address("rowid"),
    "postgresql": _by_address("ctid"),
    "oracle": _by_address("rowid"),
    "mssql": _by_expression,
    "mysql": _at_the_end,
    "mariadb": _at_the_end,
}
