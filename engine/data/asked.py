"""The only place that reads what is asked of a search condition: values by the criteria's names, and which page is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.data.criteria import LISTS, Criterion, Search
from engine.data.errors import FieldError, invalid, unbound
from engine.data.schema import Column, Resource, camel

_PAGING = {"offset": ("offset", "limit"), "page": ("pageNo", "pageSize"), "none": ()}
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Asked:
    """What is bound into the statement, by the criterion's name in JSON (…From and …To apart), and the numbers that pages are asked by."""

    values: Mapping[str, Any]
    paging: Mapping[str, int]


def name_of(criterion: Criterion) -> str:
    return criterion.name or camel(criterion.column)


def names_of(criterion: Criterion) -> tuple[str, ...]:
    """The fields by which a criterion is asked."""
    name = name_of(criterion)
    return (f"{name}From", f"{name}To") if criterion.type == "between" else (name,)


def fields(search: Search) -> dict[str, Criterion]:
    """Every field that may be asked; two criteria may share one."""
    return {name: leaf for leaf in search.where.leaves() for name in names_of(leaf)}


def paging(search: Search) -> tuple[str, ...]:
    """The fields by which its pages are asked."""
    return _PAGING[search.pagination]


def read(search: Search, resource: Resource, given: Mapping[str, Any], in_text: bool) -> Asked:
    """What is asked; nothing is asked by null. `DataError` names every field that is unknown, missing or cannot be taken."""
    known, pages = fields(search), paging(search)
    values: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    errors: list[FieldError] = []
    for name, value in given.items():
        try:
            if name in known:
                values[name] = _taken(resource, known[name], value, in_text)
            elif name in pages:
                numbers |= {name: _number(value)} if value is not None else {}
            else:
                raise ValueError(f"cannot be asked here; known are {', '.join([*known, *pages])}")
        except ValueError as error:
            errors.append(FieldError(name, value, str(error)))
    values = {name: value for name, value in values.items() if value is not None}
    errors += _missing(search, values)
    if errors:
        raise (unbound if in_text else invalid)(errors)
    return Asked(values, numbers)


def _missing(search: Search, values: Mapping[str, Any]) -> Iterator[FieldError]:
    needed = [name for leaf in search.where.leaves() if leaf.required for name in names_of(leaf)]
    return (FieldError(name, None, "must be given") for name in dict.fromkeys(needed) if name not in values)


def _taken(resource: Resource, criterion: Criterion, value: Any, in_text: bool) -> Any:
    column = resource.columns[camel(criterion.column)]
    if value is None or criterion.type not in LISTS:
        return _one(column, value)
    listed = _listed(value) if in_text else value
    if not isinstance(listed, list):
        raise ValueError("must be a list")
    return [_one(column, item) for item in listed if item is not None]


def _one(column: Column, value: Any) -> Any:
    """A value to compare with: of the column's kind, but not of its size, which would round or refuse what merely is not there."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise ValueError("must be a single value")
    return column.kind.take(value, ())


def _listed(value: Any) -> Any:
    """Lists in a query are names that come several times, or values with commas between them."""
    several = value if isinstance(value, list) else [value]
    return [part for each in several for part in (each.split(",") if isinstance(each, str) else [each])]


def _number(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or int(text) > LARGEST:
        raise ValueError("must be a whole number, 0 or more")
    return int(text)
