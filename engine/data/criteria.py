"""The only place that reads a search condition's declaration: what may be asked of a table, in which order it answers, and how it pages.

search:
  person-by-name:
    table: person_profile
    returns: [person_profile_id, last_name]   # default: every column
    where:                                    # all of these that are asked; or {all: […]}, {any: […]}, one inside another
      last_name: startsWith
      birthday: {type: between, required: true}
      tax_number: {type: equal, as: number, exact: true}
    sort: [last_name, -birthday]
    pagination: offset                        # or page, or none
    limit: 100                                # at most so many rows at once
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.data import shape

TYPES = ("equal", "notEqual", "startsWith", "startsWithArray", "contains", "in", "notIn", "between")
LISTS = frozenset({"startsWithArray", "in", "notIn"})
TEXTUAL = frozenset({"startsWith", "startsWithArray", "contains"})
PAGINATIONS = {"offset": "offset", "page": "page", "none": "none", True: "offset", False: "none"}
_JOINS = ("all", "any")


@dataclass(frozen=True)
class Criterion:
    """One thing that may be asked of a column.

    name      as callers call it; None: the column's own JSON name. Between two values they are <name>From and <name>To
    required  it must be asked
    exact     text is compared letter by letter, not whatever the case
    """

    column: str
    type: str
    name: str | None = None
    required: bool = False
    exact: bool = False


@dataclass(frozen=True)
class Tree:
    """Criteria of which `all` must hold, or `any`; only those count that are asked."""

    join: str
    parts: tuple[Tree | Criterion, ...]

    def leaves(self) -> Iterator[Criterion]:
        for part in self.parts:
            if isinstance(part, Criterion):
                yield part
            else:
                yield from part.leaves()


@dataclass(frozen=True)
class Search:
    """A search condition. `sort` holds columns and whether downwards; `limit` caps what is asked for; `returns` None is every column."""

    table: str
    where: Tree
    returns: tuple[str, ...] | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    pagination: str = "offset"
    limit: int | None = None


def search(name: str, node: Any) -> Search:
    """A declaration as it stands in the file; `ValueError` says what is wrong in it."""
    found = shape.mapping(node, name, ("table", "where", "returns", "sort", "pagination", "limit"))
    paging = found.get("pagination", "offset")
    if not isinstance(paging, str | bool) or paging not in PAGINATIONS:
        raise ValueError(f"{name}.pagination is {paging!r}; it must be one of offset, page, none.")
    limit = found.get("limit")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise ValueError(f"{name}.limit must be a whole number above 0.")
    return Search(
        table=shape.text(found.get("table"), f"{name}.table"),
        where=_tree(found.get("where"), f"{name}.where"),
        returns=shape.texts(found["returns"], f"{name}.returns") if "returns" in found else None,
        sort=tuple((column.removeprefix("-"), column.startswith("-")) for column in shape.texts(found.get("sort", []), f"{name}.sort")),
        pagination=PAGINATIONS[paging],
        limit=limit,
    )


def _tree(node: Any, where: str) -> Tree:
    found = shape.mapping(node, where)
    if len(found) == 1 and (join := next(iter(found))) in _JOINS and isinstance(found[join], list):
        return Tree(join, tuple(_tree(part, f"{where}.{join}") for part in found[join]))
    return Tree("all", tuple(_criterion(column, leaf, f"{where}.{column}") for column, leaf in found.items()))


def _criterion(column: str, node: Any, where: str) -> Criterion:
    found = {"type": node} if isinstance(node, str) else shape.mapping(node, where, ("type", "as", "required", "exact"))
    return Criterion(
        column,
        shape.one_of(found.get("type"), f"{where}.type", TYPES),
        shape.text(found["as"], f"{where}.as") if "as" in found else None,
        shape.truth(found.get("required", False), f"{where}.required"),
        shape.truth(found.get("exact", False), f"{where}.exact"),
    )
