"""The only way into the data factory: the verbs that the REST API and the delegates call, alike and in the caller's transaction.

Each asks whether the person may, takes the request's body as the bytes that were signed, checks the signatures over them, and writes with
history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from engine.data import csv_text, files, nested, past, permissions, rows, search, signatures
from engine.data.errors import DataError, FieldError, invalid
from engine.data.origin import Who
from engine.data.permissions import Action
from engine.data.schema import Registry, Resource, camel
from engine.data.search import Found
from engine.data.signatures import Change
from engine.expressions.json_text import JsonError, parsed, written

MOST_IN_LIST = 50


def compact(payload: Any) -> bytes:
    """A payload as the bytes that are signed and sent: compact JSON."""
    return written(payload).encode(errors="surrogatepass")


def read(tx: Connection, registry: Registry, resource: str, id: str, who: Who) -> dict[str, Any]:
    """GET /{resource}/{id}: the row. `DataError` NOT_FOUND, METHOD_ARGUMENT_TYPE_MISMATCH, FORBIDDEN_OPERATION."""
    return rows.read(tx, _allowed(registry, resource, "read", who), id)


def find(tx: Connection, registry: Registry, name: str, asked: Mapping[str, Any], who: Who, in_text: bool = False) -> Found:
    """GET and POST /search/{name}: rows, or a page of them; see `search.find`."""
    table = search.condition(registry, name).table
    permissions.require(registry.declared.permissions, (name, table.replace("_", "-")), "search", who)
    return search.find(tx, registry, name, asked, in_text)


def create(tx: Connection, registry: Registry, resource: str, body: bytes, change: Change) -> str:
    """POST /{resource}: the new row's id. `DataError` CLIENT_ERROR, VALIDATION_ERROR, CONSTRAINT_ERROR and those of `signatures.stamp`."""
    found = _allowed(registry, resource, "create", change.origin.person)
    return rows.create(tx, found, _object(body), signatures.stamp(tx, body, change, found.signed))


def create_list(tx: Connection, registry: Registry, resource: str, body: bytes, change: Change) -> list[str]:
    """POST /{resource}/list: the new ids of the 1 to 50 `entities`, all of them written or none. `DataError` LIST_SIZE_VALIDATION_ERROR."""
    found = _allowed(registry, resource, "create", change.origin.person)
    listed = _object(body).get("entities")
    if not isinstance(listed, list):
        raise invalid([FieldError("entities", listed, "must be a list of rows")])
    if not 1 <= len(listed) <= MOST_IN_LIST:
        raise DataError("LIST_SIZE_VALIDATION_ERROR", f"A list has 1 to {MOST_IN_LIST} entities; this one has {len(listed)}.")
    stamp = signatures.stamp(tx, body, change, found.signed)
    return rows.create_all(tx, found, listed, stamp, lambda number: f"entities[{number}]")


def create_from_csv(tx: Connection, registry: Registry, resource: str, body: bytes, change: Change) -> list[str]:
    """POST /{resource}/csv: the new ids of a file's rows, all of them written or none; the body names the file: `{id, checksum}`."""
    found = _allowed(registry, resource, "create", change.origin.person)
    stamp = signatures.stamp(tx, body, change, found.signed)
    return load(tx, found, named_file(tx, _object(body)), stamp)


def load(tx: Connection, resource: Resource, content: bytes, stamp: Any) -> list[str]:
    """Write every row of a CSV text, or none: CSV_VALIDATION_ERROR names each field that cannot be taken."""
    try:
        return rows.create_all(tx, resource, csv_text.rows(resource, content), stamp, csv_text.line_name)
    except DataError as error:
        raise _of_csv(error) from error


def check_csv(registry: Registry, resource: str, content: bytes, who: Who) -> int:
    """POST /{resource}/csv/validation: how many rows there are; nothing is written. `DataError` CSV_…_ERROR as `load` raises them."""
    found = _allowed(registry, resource, "create", who)
    listed, errors = csv_text.rows(found, content), list[FieldError]()
    for number, payload in enumerate(listed):
        errors += rows.take(found, payload, f"{csv_text.line_name(number)}.")[1]
        errors += rows.missing(found, payload, f"{csv_text.line_name(number)}.")
    if errors:
        raise invalid(errors, "CSV_VALIDATION_ERROR")
    return len(listed)


def named_file(tx: Connection, named: Mapping[str, Any]) -> bytes:
    """The file that `{id, checksum}` means. `DataError` CLIENT_ERROR, FILE_NOT_FOUND, FILE_WAS_CHANGED."""
    id, checksum = named.get("id"), named.get("checksum")
    if not isinstance(id, str) or not isinstance(checksum, str | None):
        raise DataError("CLIENT_ERROR", 'A stored file is named by {"id": …, "checksum": …}.')
    return files.content(tx, id, checksum)


def update(
    tx: Connection, registry: Registry, resource: str, id: str, body: bytes, change: Change, tags: Sequence[str] = ()
) -> None:  # fmt: skip
    """PUT /{resource}/{id}: fields that the body does not name keep their value. `tags` (If-Match): the row must be as one of them says."""
    found = _allowed(registry, resource, "update", change.origin.person)
    _write(tx, found, id, body, _object(body), change, tags)


def update_partly(
    tx: Connection, registry: Registry, name: str, id: str, body: bytes, change: Change, tags: Sequence[str] = ()
) -> None:  # fmt: skip
    """PATCH /partial/{name}/{id}: only the declared columns, or any of the table of that name where nothing is declared."""
    partial = registry.partial(name)
    if partial is None:
        update(tx, registry, name, id, body, change, tags)
        return
    found = _allowed(registry, registry.of_table(partial.table).name, "update", change.origin.person, name)
    fields, payload = {camel(column) for column in partial.columns}, _object(body)
    known = f"cannot be changed by {name}; it changes {', '.join(sorted(fields))}"
    if wrong := [FieldError(field, value, known) for field, value in payload.items() if field not in fields | {found.key.property}]:
        raise invalid(wrong)
    _write(tx, found, id, body, payload, change, tags)


def delete(tx: Connection, registry: Registry, resource: str, id: str, change: Change, tags: Sequence[str] = ()) -> None:
    """DELETE /{resource}/{id}; what is signed is `{"id":"<uuid>"}`."""
    found = _allowed(registry, resource, "delete", change.origin.person)
    stamp = signatures.stamp(tx, signatures.deletion_body(rows.identifier(id)), change, found.signed)
    if tags:
        rows.expect(tx, found, id, tags)
    rows.remove(tx, found, id, stamp)


def upsert(tx: Connection, registry: Registry, composite: str, body: bytes, change: Change) -> str:
    """PUT /nested/{composite}: the root row's id. All rows are written, or none."""
    found = registry.composite(composite)
    required = any(registry.of_table(table).signed for table in found.tables())
    return nested.upsert(tx, registry, found, _object(body), signatures.stamp(tx, body, change, required))


def codes(registry: Registry, name: str) -> list[dict[str, str]]:
    """GET /enum/{name}: code and label of each value. `DataError` NOT_FOUND."""
    return [{"code": code, "label": label} for code, label in registry.enum(name).values.items()]


def code(registry: Registry, name: str, code: str) -> dict[str, str]:
    """GET /enum/{name}/{code}. `DataError` NOT_FOUND."""
    values = registry.enum(name).values
    if code not in values:
        raise DataError("NOT_FOUND", f"The code list {name} has no {code!r}; it has {', '.join(values)}.")
    return {"code": code, "label": values[code]}


def history(tx: Connection, registry: Registry, resource: str, id: str, who: Who) -> list[dict[str, Any]]:
    """Every change of a row; see `past.history`."""
    return past.history(tx, _allowed(registry, resource, "read", who), id)


def signed(tx: Connection, registry: Registry, resource: str, id: str, who: Who) -> list[dict[str, Any]]:
    """The documents behind a row's changes; see `past.signed`."""
    return past.signed(tx, _allowed(registry, resource, "read", who), id)


def signed_document(tx: Connection, registry: Registry, resource: str, id: str, key: str, who: Who) -> dict[str, Any]:
    """One of them with its text and signature; see `past.document`."""
    return past.document(tx, _allowed(registry, resource, "read", who), id, key)


def _allowed(registry: Registry, resource: str, action: Action, who: Who, *also: str) -> Resource:
    found = registry.resource(resource)
    permissions.require(registry.declared.permissions, (*also, resource), action, who)
    return found


def _write(
    tx: Connection, found: Resource, id: str, body: bytes, payload: dict[str, Any], change: Change, tags: Sequence[str]
) -> None:  # fmt: skip
    stamp = signatures.stamp(tx, body, change, found.signed)
    if tags:
        rows.expect(tx, found, id, tags)
    rows.change(tx, found, id, payload, stamp)


def _of_csv(error: DataError) -> DataError:
    """What a row does not take is told as an error of the file."""
    if error.code != "VALIDATION_ERROR":
        return error
    return DataError("CSV_VALIDATION_ERROR", error.message, error.details)


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = parsed(body.decode(), Decimal)
    except (JsonError, UnicodeDecodeError) as error:
        raise DataError("CLIENT_ERROR", f"The request's body cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise DataError("CLIENT_ERROR", f"The request's body must be one JSON object, not {type(content).__name__}.")
    return content
