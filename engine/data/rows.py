"""The only place that writes and reads a row of a resource: every change with its history, every refusal in the contract's words.

A refused change leaves the transaction as it was before it. Columns that a payload does not name keep their value, or get their default in
a new row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from engine.data import history
from engine.data.errors import DataError, FieldError, from_database, invalid
from engine.data.origin import Stamp
from engine.data.schema import Column, Resource
from engine.data.values import take_uuid
from engine.db import savepoint
from engine.expressions.json_text import written
from engine.prepared import Prepared

Values = dict[str, Any]
MOST_KEPT = 200  # statements of one table: payloads may name its columns in any combination


def create(tx: Connection, resource: Resource, payload: Mapping[str, Any], stamp: Stamp) -> str:
    """Insert a row and give its new id; an id in the payload is ignored. `DataError` VALIDATION_ERROR or CONSTRAINT_ERROR."""
    return insert_values(tx, resource, values(resource, payload), stamp)


def create_all(tx: Connection, resource: Resource, payloads: Sequence[Any], stamp: Stamp, named: Callable[[int], str]) -> list[str]:
    """Insert all of these rows or none; their new ids. `named` says how the n-th of them is called in VALIDATION_ERROR."""
    errors: list[FieldError] = []
    listed = [_taken_object(resource, payload, named(number), errors) for number, payload in enumerate(payloads)]
    if errors:
        raise invalid(errors)
    with savepoint(tx, "ratchet_rows"):
        return [insert_values(tx, resource, taken, stamp) for taken in listed]


def _taken_object(resource: Resource, payload: Any, name: str, errors: list[FieldError]) -> Values:
    if not isinstance(payload, Mapping):
        errors.append(FieldError(name, payload, f"must be an object with the fields of {resource.name}"))
        return {}
    taken, wrong = take(resource, payload, f"{name}.")
    errors.extend(wrong)
    return taken


def read(tx: Connection, resource: Resource, id: str) -> dict[str, Any]:
    """The row by its JSON names; `DataError` NOT_FOUND, or METHOD_ARGUMENT_TYPE_MISMATCH when the id is no uuid."""
    row = _found(tx, resource, identifier(id))
    if row is None:
        raise DataError("NOT_FOUND", f"There is no {resource.name} with id {id}.")
    return row


def tag(row: Mapping[str, Any]) -> str:
    """What stands for exactly these values of a row: its ETag (RFC 9110), without the quotes around it."""
    return hashlib.sha256(written(dict(row)).encode(errors="surrogatepass")).hexdigest()[:32]


def expect(tx: Connection, resource: Resource, id: str, tags: Sequence[str]) -> None:
    """Hold the row until the transaction ends, if it is as one of these tags says; "*" is any row.

    `DataError` PRECONDITION_FAILED: it has changed since, or is gone.
    """
    row = _found(tx, resource, identifier(id), held=True)
    if row is None or ("*" not in tags and tag(row) not in tags):
        message = f"The {resource.name} {id} is not as you have read it any more. Read it again, then change it."
        raise DataError("PRECONDITION_FAILED", message)


def _found(tx: Connection, resource: Resource, key: str, held: bool = False) -> dict[str, Any] | None:
    def made() -> Prepared:
        wanted = select(resource.table).where(resource.key_column == bindparam("of_row"))
        return Prepared(wanted.with_for_update() if held else wanted, kept=False)

    row = _kept(resource, ("read", held), made).first(tx, of_row=key)
    return None if row is None else {column.property: column.show(row[column.name]) for column in resource.columns.values()}


def change(tx: Connection, resource: Resource, id: str, payload: Mapping[str, Any], stamp: Stamp) -> None:
    """Write the columns that the payload names into the row with this id. A missing row is PROCEDURE_ERROR, as the contract has it."""
    update_values(tx, resource, identifier(id), values(resource, payload), stamp)


def remove(tx: Connection, resource: Resource, id: str, stamp: Stamp) -> None:
    """Delete the row with this id; its history keeps it as it last was. A missing row is PROCEDURE_ERROR, as the contract has it."""
    key = identifier(id)
    statement = _kept(resource, "delete", lambda: _delete(resource))
    with _guarded(tx, resource):
        _record(tx, resource, key, "D", stamp)
        statement.run(tx, {"of_row": key})


def insert_values(tx: Connection, resource: Resource, taken: Values, stamp: Stamp) -> str:
    """Insert a row of values that were taken before, under a new id."""
    key = str(uuid4())
    row = {**taken, resource.key.name: key}
    statement = _kept(resource, ("insert", *row), lambda: _insert(resource, row))
    with _guarded(tx, resource):
        statement.run(tx, _numbered(row.values()))
        _record(tx, resource, key, "I", stamp)
    return key


def update_values(tx: Connection, resource: Resource, key: str, taken: Values, stamp: Stamp) -> None:
    """Write values that were taken before into the row with this key."""
    with _guarded(tx, resource):
        if taken:
            statement = _kept(resource, ("update", *taken), lambda: _update(resource, taken))
            statement.run(tx, {**_numbered(taken.values()), "of_row": key})
        _record(tx, resource, key, "U", stamp)


def _insert(resource: Resource, columns: Iterable[str]) -> Prepared:
    return Prepared(insert(resource.table).inline().values(_binds(columns)), kept=False)


def _update(resource: Resource, columns: Iterable[str]) -> Prepared:
    return Prepared(update(resource.table).where(resource.key_column == bindparam("of_row")).values(_binds(columns)), kept=False)


def _delete(resource: Resource) -> Prepared:
    return Prepared(delete(resource.table).where(resource.key_column == bindparam("of_row")), kept=False)


def _binds(columns: Iterable[str]) -> dict[str, Any]:
    """Numbered, for a column may have a name that is none for a value."""
    return {column: bindparam(f"value_{number}") for number, column in enumerate(columns)}


def _numbered(given: Iterable[Any]) -> Values:
    return {f"value_{number}": value for number, value in enumerate(given)}


def _kept(resource: Resource, key: Any, made: Callable[[], Prepared]) -> Prepared:
    """A statement on this table, built once."""
    if key not in resource.kept:
        if len(resource.kept) >= MOST_KEPT:
            resource.kept.clear()
        resource.kept[key] = made()
    found: Prepared = resource.kept[key]
    return found


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


def missing(resource: Resource, payload: Mapping[str, Any], path: str = "") -> list[FieldError]:
    """The fields of a new row that must not be empty, and are. One that is not named at all may have a default: the database knows."""
    needed = [name for name, column in resource.columns.items() if column.not_null and column is not resource.key]
    return [FieldError(path + name, None, "must not be empty") for name in needed if name in payload and payload[name] is None]


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
    copy = _kept(resource, "history", lambda: history.statement(resource.table, resource.history, resource.key_column))
    if not history.record(tx, copy, key, operation, history.told(stamp)):
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
