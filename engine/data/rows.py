"""The only place that writes and reads a row of a resource: every change with its history, every refusal in the contract's words.

A refused change leaves the transaction as it was before it. Columns that a payload does not name keep their value, or get their default in
a new row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from engine.data import history
from engine.data.errors import DataError, FieldError, from_database, invalid
from engine.data.origin import Stamp
from engine.data.schema import Column, Resource
from engine.data.values import take_uuid
from engine.db import savepoint

Values = dict[str, Any]


def create(tx: Connection, resource: Resource, payload: Mapping[str, Any], stamp: Stamp) -> str:
    """Insert a row and give its new id; an id in the payload is ignored. `DataError` VALIDATION_ERROR or CONSTRAINT_ERROR."""
    return insert_values(tx, resource, values(resource, payload), stamp)


def read(tx: Connection, resource: Resource, id: str) -> dict[str, Any]:
    """The row by its JSON names; `DataError` NOT_FOUND, or METHOD_ARGUMENT_TYPE_MISMATCH when the id is no uuid."""
    row = tx.execute(select(resource.table).where(resource.key_column == identifier(id))).one_or_none()
    if row is None:
        raise DataError("NOT_FOUND", f"There is no {resource.name} with id {id}.")
    return {column.property: column.show(value) for column, value in zip(resource.columns.values(), row, strict=True)}


def change(tx: Connection, resource: Resource, id: str, payload: Mapping[str, Any], stamp: Stamp) -> None:
    """Write the columns that the payload names into the row with this id. A missing row is PROCEDURE_ERROR, as the contract has it."""
    update_values(tx, resource, identifier(id), values(resource, payload), stamp)


def remove(tx: Connection, resource: Resource, id: str, stamp: Stamp) -> None:
    """Delete the row with this id; its history keeps it as it last was. A missing row is PROCEDURE_ERROR, as the contract has it."""
    key = identifier(id)
    with _guarded(tx, resource):
        _record(tx, resource, key, "D", stamp)
        tx.execute(delete(resource.table).where(resource.key_column == key))


def insert_values(tx: Connection, resource: Resource, taken: Values, stamp: Stamp) -> str:
    """Insert a row of values that were taken before, under a new id."""
    key = str(uuid4())
    with _guarded(tx, resource):
        tx.execute(insert(resource.table).values({**taken, resource.key.name: key}))
        _record(tx, resource, key, "I", stamp)
    return key


def update_values(tx: Connection, resource: Resource, key: str, taken: Values, stamp: Stamp) -> None:
    """Write values that were taken before into the row with this key."""
    with _guarded(tx, resource):
        if taken:
            tx.execute(update(resource.table).where(resource.key_column == key).values(taken))
        _record(tx, resource, key, "U", stamp)


def values(resource: Resource, payload: Mapping[str, Any]) -> Values:
    """A payload as column values, without the primary key; `DataError` VALIDATION_ERROR lists every field that cannot be taken."""
    taken, errors = take(resource, payload)
    if errors:
        raise invalid(errors)
    return taken


def take(resource: Resource, payload: Mapping[str, Any], path: str = "", links: Iterable[str] = ()) -> tuple[Values, list[FieldError]]:
    """A payload as column values, without the primary key, and what cannot be taken; `path` stands before each field's name.

    `links` are the names that a nested payload may use besides: only for the message.
    """
    taken: Values = {}
    errors = []
    for name, value in payload.items():
        try:
            column = _column(resource, name, links)
            if column is not resource.key:
                taken[column.name] = column.take(value)
        except ValueError as error:
            errors.append(FieldError(path + name, value, str(error)))
    return taken, errors


def _column(resource: Resource, name: str, links: Iterable[str]) -> Column:
    if name not in resource.columns:
        raise ValueError(f"unknown field {name} of {resource.name}; known are {', '.join([*resource.columns, *links])}")
    return resource.columns[name]


def identifier(id: Any) -> str:
    """An id from a path; `DataError` METHOD_ARGUMENT_TYPE_MISMATCH when it is no uuid."""
    try:
        return take_uuid(id)
    except ValueError as error:
        raise DataError("METHOD_ARGUMENT_TYPE_MISMATCH", f"The id {id!r} {error}.") from None


def _record(tx: Connection, resource: Resource, key: str, operation: history.Operation, stamp: Stamp) -> None:
    if not history.record(tx, resource.table, resource.history, resource.key_column, key, operation, stamp):
        raise DataError("PROCEDURE_ERROR", f"There is no {resource.name} with id {key}, so it cannot be changed.")


@contextmanager
def _guarded(tx: Connection, resource: Resource) -> Iterator[None]:
    try:
        with savepoint(tx, "ratchet_row"):
            yield
    except DBAPIError as error:
        if (refused := from_database(error, resource.table.name)) is None:
            raise
        raise refused from error
