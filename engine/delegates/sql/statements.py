"""The only place that makes the statements of read-data, insert-data, update-data and delete-data (contract 1a to 1c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    Insert,
    TableClause,
    Update,
    bindparam,
    column,
    delete,
    insert,
    literal_column,
    quoted_name,
    select,
    table,
    update,
)
from sqlalchemy.types import NullType

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.bounded import Bounds, Writing, bounded
from engine.delegates.sql.filters import where
from engine.delegates.sql.names import Names, Relation
from engine.delegates.sql.values import adapted, to_json

Data = Mapping[str, Any]

# With a space no parameter can have the name of a column, which SQLAlchemy keeps for itself.
_KEY = "value {}"


@dataclass(frozen=True)
class Statement:
    """What an operation executes, and how its answer is made.

    sql     a SQLAlchemy statement, or text for statements that change tables
    answer  the `response` from the executed statement
    rows    parameters for many rows at once; None where the statement has all its own
    """

    sql: Executable | str
    answer: Callable[[Any], Any]
    rows: Sequence[Mapping[str, Any]] | None = None


def read_data(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    columns = _listed(data["columnNames"], "columnNames") if data.get("columnNames") else []
    shown = [literal_column("*") if name == "*" else relation.column(name) for name in columns] or [literal_column("*")]
    limits = _bounds(relation, data)
    query = select(*shown).select_from(relation.clause()).order_by(*limits.order)
    condition = where(relation, data.get("filters"))
    query = query if condition is None else query.where(condition)
    return Statement(query if limits.most is None else query.limit(limits.most), _rows)


def insert_data(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    rows = _listed(data.get("dataToInsert"), "dataToInsert")
    if not all(isinstance(row, Mapping) for row in rows) or not rows[0]:
        raise ConnectorError("dataToInsert should be a list of maps, and its first element can not be null or empty", "InvalidInput")
    keys = {_KEY.format(number): given for number, given in enumerate(rows[0])}
    return Statement(
        _insertion(names.dialect.name, relation.name, relation.schema, _distinct(names, rows[0])),
        lambda _result: f"{len(rows)} row(s) inserted successfully",
        [{key: adapted(row.get(given), names.dialect.name) for key, given in keys.items()} for row in rows],
    )


@lru_cache(maxsize=512)
def _insertion(dialect: str, name: quoted_name, schema: quoted_name | None, columns: tuple[quoted_name, ...]) -> Insert:
    """A row with these columns; built once for each dialect, which says what is quoted."""
    clause = table(name, *map(column, columns), **({"schema": schema} if schema else {}))
    return insert(clause).values({one: bindparam(_KEY.format(number), type_=NullType()) for number, one in enumerate(clause.columns)})


def update_data(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    changes = data.get("updateMap")
    if not isinstance(changes, Mapping) or not changes:
        raise ConnectorError("updateMap can't be null or empty, and should be a map", "InvalidInput")
    columns = _distinct(names, changes)
    given = [adapted(value, names.dialect.name) for value in changes.values()]
    values = [bindparam(_KEY.format(number), value, type_=NullType()) for number, value in enumerate(given)]

    def make(clause: TableClause) -> Update:
        return update(clause).values(dict(zip(clause.columns, values, strict=True)))

    change = bounded(relation, Writing(make, columns), where(relation, data.get("filters")), _bounds(relation, data))
    return Statement(change, lambda result: f"{result.rowcount} row(s) updated successfully")


def delete_data(names: Names, data: Data) -> Statement:
    relation = names.relation(data.get("tableName"))
    condition = where(relation, data.get("filters"))
    if condition is None:
        raise ConnectorError("filters can't be null or empty: delete-data never empties a whole table", "InvalidInput")
    change = bounded(relation, Writing(delete), condition, _bounds(relation, data))
    return Statement(change, lambda result: f"{result.rowcount} row(s) deleted successfully")


def _rows(result: CursorResult[Any]) -> list[dict[str, Any]]:
    # The cursor's own names: those that the database gives, folded or as declared.
    columns = [column[0] for column in result.cursor.description] if result.cursor else []
    return [{name: to_json(value) for name, value in zip(columns, row, strict=True)} for row in result]


def _distinct(names: Names, given: Iterable[Any]) -> tuple[quoted_name, ...]:
    columns: dict[str, quoted_name] = {}
    for word in given:
        name = names.column(word)
        if columns.setdefault(name.lower(), name) is not name:
            raise ConnectorError(f"Column {word!r} is given twice", "InvalidInput")
    return tuple(columns.values())


def _bounds(relation: Relation, data: Data) -> Bounds:
    given = data.get("orderBy") or []
    order = [_keyed(part) for part in _listed(given, "orderBy")] if given else []
    sorted_by = tuple(_sorted(relation, part) for part in order if str(part.get("sorton") or "").strip())
    return Bounds(sorted_by, _most(data.get("limit") if data.get("limit") is not None else data.get("top")))


def _sorted(relation: Relation, part: Mapping[str, Any]) -> ColumnElement[Any]:
    column = relation.column(part["sorton"])
    return column.desc() if str(part.get("order") or "").strip().lower() in ("d", "desc", "descending") else column.asc()


def _most(limit: Any) -> int | None:
    try:
        most = int(str(limit)) if limit is not None else 0
    except ValueError:
        raise ConnectorError(f"limit should be a whole number, not {limit!r}", "InvalidInput") from None
    return most if most > 0 else None


def _listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise ConnectorError(f"{what} can not be null or empty, and should be a list", "InvalidInput")
    return list(value)


def _keyed(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConnectorError("orderBy should be a list of maps with keys - sortOn and order", "InvalidInput")
    return {str(key).lower(): item for key, item in value.items()}
