"""The only place that writes a nested payload: several rows of tables that refer to each other, together or not at all.

A payload names the fields of the root row, and each linked row by the camelCase name of its TABLE. With a primary key a row is changed,
without one it is new. Linked rows come first, their ids go into the foreign keys, so the id that comes back is the root row's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.data import permissions, rows
from engine.data.declarations import Nested
from engine.data.errors import FieldError, invalid
from engine.data.origin import Stamp
from engine.data.schema import Registry, Resource, camel
from engine.data.values import take_uuid
from engine.db import savepoint


@dataclass(frozen=True)
class _Row:
    """One row to write: its key when it exists already, its own values, and the linked rows by foreign key column."""

    resource: Resource
    key: str | None
    values: rows.Values
    links: Mapping[str, _Row]


def upsert(tx: Connection, registry: Registry, composite: Nested, payload: Mapping[str, Any], stamp: Stamp) -> str:
    """Write the root row and every linked row of the payload, and give the root row's id.

    `DataError`: VALIDATION_ERROR lists every bad field of the whole payload by its path ("orders.ordersDate"), before anything is written;
    FORBIDDEN_OPERATION when the person may not create or change one of the rows; CONSTRAINT_ERROR; PROCEDURE_ERROR when a primary key
    names no row. After an error nothing of the payload is there.
    """
    errors: list[FieldError] = []
    root = _plan(registry, composite, payload, "", errors)
    _require(registry, root, stamp)
    if errors:
        raise invalid(errors)
    with savepoint(tx, "ratchet_nested"):
        return _write(tx, root, stamp)


def _require(registry: Registry, row: _Row, stamp: Stamp) -> None:
    action: permissions.Action = "create" if row.key is None else "update"
    permissions.require(registry.declared.permissions, (row.resource.name,), action, stamp.origin.person)
    for linked in row.links.values():
        _require(registry, linked, stamp)


def _plan(registry: Registry, nested: Nested, payload: Mapping[str, Any], path: str, errors: list[FieldError]) -> _Row:
    resource = registry.of_table(nested.table)
    children = {camel(link.table): (column, link) for column, link in nested.links.items()}
    values, wrong = rows.take(resource, {name: value for name, value in payload.items() if name not in children}, path, children)
    errors.extend(wrong)
    key = _key(resource, payload, path, errors)
    links = {}
    for name, (column, link) in children.items():
        child = payload.get(name)
        if isinstance(child, Mapping):
            links[column] = _plan(registry, link, child, f"{path}{name}.", errors)
        elif child is not None:
            errors.append(FieldError(path + name, child, f"must be one object with the fields of {link.table}"))
    return _Row(resource, key, values, links)


def _key(resource: Resource, payload: Mapping[str, Any], path: str, errors: list[FieldError]) -> str | None:
    given = payload.get(resource.key.property)
    try:
        return None if given is None else take_uuid(given)
    except ValueError as error:
        errors.append(FieldError(path + resource.key.property, given, str(error)))
        return None


def _write(tx: Connection, row: _Row, stamp: Stamp) -> str:
    values = {**row.values, **{column: _write(tx, linked, stamp) for column, linked in row.links.items()}}
    if row.key is None:
        return rows.insert_values(tx, row.resource, values, stamp)
    rows.update_values(tx, row.resource, row.key, values, stamp)
    return row.key
