"""The only place that compares columns with what is asked, in the words of each database. Values are bound, always.

Text is compared whatever its case, unless a criterion is `exact`. SQLite's own `lower` knows the letters A to Z alone: where another letter
is asked for, a function of ours is used; an index on `lower(column)` serves the rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, func, or_, true

from engine.data.asked import name_of, names_of
from engine.data.columns import AsDeclared
from engine.data.criteria import Criterion, Tree
from engine.data.schema import Resource, camel
from engine.data.values import PADDED, TEXT

_JOINS: dict[str, Callable[..., ColumnElement[bool]]] = {"all": and_, "any": or_}
_LOWER = "ratchet_lower"
_TEXT = AsDeclared("text")


class Against:
    """The comparisons with one table in one database."""

    def __init__(self, tx: Connection, resource: Resource):
        self._tx, self._resource, self._sqlite = tx, resource, tx.dialect.name == "sqlite"

    def tree(self, tree: Tree, values: Mapping[str, Any]) -> ColumnElement[bool]:
        """What must hold for a row; where nothing is asked, every row fits."""
        parts = [part for part in (self._part(part, values) for part in tree.parts) if part is not None]
        return _JOINS[tree.join](*parts) if parts else true()

    def _part(self, part: Tree | Criterion, values: Mapping[str, Any]) -> ColumnElement[bool] | None:
        if isinstance(part, Tree):
            return self.tree(part, values) if any(self._asked(leaf, values) for leaf in part.leaves()) else None
        return self._compared(part, values) if self._asked(part, values) else None

    def _asked(self, criterion: Criterion, values: Mapping[str, Any]) -> bool:
        return any(name in values for name in names_of(criterion))

    def _compared(self, criterion: Criterion, values: Mapping[str, Any]) -> ColumnElement[bool]:
        if criterion.type == "between":
            return self._between(criterion, *(values.get(name) for name in names_of(criterion)))
        return _TYPES[criterion.type](self, criterion, values[name_of(criterion)])

    def _sides(self, criterion: Criterion, *values: Any) -> tuple[ColumnElement[Any], list[ColumnElement[Any]]]:
        """The column and the values as they are compared with each other."""
        column, bound = self._resource.table.c[criterion.column], [self._bound(criterion, value) for value in values]
        if criterion.exact or self._resource.columns[camel(criterion.column)].kind not in (TEXT, PADDED):
            return column, bound
        lower = self._lower(values)
        return lower(column), [lower(value) for value in bound]

    def _bound(self, criterion: Criterion, value: Any) -> ColumnElement[Any]:
        return bindparam(None, value, type_=self._resource.table.c[criterion.column].type)

    def _lower(self, values: Sequence[Any]) -> Callable[[Any], ColumnElement[Any]]:
        if not self._sqlite or all(str(value).isascii() for value in values):
            return func.lower
        driver: Any = self._tx.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.create_function(_LOWER, 1, _lowered, deterministic=True)
        lower: Callable[[Any], ColumnElement[Any]] = getattr(func, _LOWER)
        return lower

    def _equal(self, criterion: Criterion, value: Any) -> ColumnElement[bool]:
        column, [wanted] = self._sides(criterion, value)
        return column == wanted

    def _different(self, criterion: Criterion, value: Any) -> ColumnElement[bool]:
        column, [wanted] = self._sides(criterion, value)
        return column != wanted

    def _among(self, criterion: Criterion, listed: list[Any]) -> ColumnElement[bool]:
        if not listed:
            return false()
        column, wanted = self._sides(criterion, *listed)
        return column.in_(wanted)

    def _not_among(self, criterion: Criterion, listed: list[Any]) -> ColumnElement[bool]:
        if not listed:
            return true()
        column, wanted = self._sides(criterion, *listed)
        return column.not_in(wanted)

    def _between(self, criterion: Criterion, lowest: Any, highest: Any) -> ColumnElement[bool]:
        column = self._resource.table.c[criterion.column]
        parts = [column >= self._bound(criterion, lowest)] if lowest is not None else []
        return and_(*parts, *([column <= self._bound(criterion, highest)] if highest is not None else []))

    def _begins(self, criterion: Criterion, value: str) -> ColumnElement[bool]:
        return self._like(criterion, value, "", "")

    def _begins_any(self, criterion: Criterion, listed: list[str]) -> ColumnElement[bool]:
        return or_(*(self._begins(criterion, value) for value in listed)) if listed else false()

    def _contains(self, criterion: Criterion, value: str) -> ColumnElement[bool]:
        return self._like(criterion, value, "%", "*")

    def _like(self, criterion: Criterion, value: str, before: str, glob_before: str) -> ColumnElement[bool]:
        """SQLite's LIKE never looks at case, its GLOB always does."""
        column = self._resource.table.c[criterion.column]
        if criterion.exact and self._sqlite:
            return column.op("GLOB")(bindparam(None, f"{glob_before}{_glob_escaped(value)}*", type_=_TEXT))
        pattern = bindparam(None, f"{before}{_like_escaped(value)}%", type_=_TEXT)
        if criterion.exact:
            return column.like(pattern, escape="\\")
        lower = self._lower([value])
        return lower(column).like(lower(pattern), escape="\\")


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _like_escaped(value: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in value)


def _glob_escaped(value: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in value)


_TYPES: dict[str, Callable[[Against, Criterion, Any], ColumnElement[bool]]] = {
    "equal": Against._equal,
    "notEqual": Against._different,
    "in": Against._among,
    "notIn": Against._not_among,
    "startsWith": Against._begins,
    "startsWithArray": Against._begins_any,
    "contains": Against._contains,
}
