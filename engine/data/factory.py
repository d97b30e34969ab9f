"""The only way into the data factory: the verbs that the REST API and the delegates call, alike and in the caller's transaction.

Each takes the request's body as the bytes that were signed, checks the signatures over them, and writes with history.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from engine.data import nested, rows, signatures
from engine.data.errors import DataError
from engine.data.schema import Registry
from engine.data.signatures import Change
from engine.expressions.json_text import JsonError, parsed, written


def compact(payload: Any) -> bytes:
    """A payload as the bytes that are signed and sent: compact JSON."""
    return written(payload).encode(errors="surrogatepass")


def read(tx: Connection, registry: Registry, resource: str, id: str) -> dict[str, Any]:
    """GET /{resource}/{id}: the row. `DataError` NOT_FOUND, METHOD_ARGUMENT_TYPE_MISMATCH."""
    return rows.read(tx, registry.resource(resource), id)


def create(tx: Connection, registry: Registry, resource: str, body: bytes, change: Change) -> str:
    """POST /{resource}: the new row's id. `DataError` CLIENT_ERROR, VALIDATION_ERROR, CONSTRAINT_ERROR and those of `signatures.stamp`."""
    found = registry.resource(resource)
    return rows.create(tx, found, _object(body), signatures.stamp(tx, body, change, found.signed))


def update(tx: Connection, registry: Registry, resource: str, id: str, body: bytes, change: Change) -> None:
    """PUT /{resource}/{id} and PATCH /partial/{resource}/{id}: fields that the body does not name keep their value."""
    found = registry.resource(resource)
    rows.change(tx, found, id, _object(body), signatures.stamp(tx, body, change, found.signed))


def delete(tx: Connection, registry: Registry, resource: str, id: str, change: Change) -> None:
    """DELETE /{resource}/{id}; what is signed is `{"id":"<uuid>"}`."""
    found = registry.resource(resource)
    body = signatures.deletion_body(rows.identifier(id))
    rows.remove(tx, found, id, signatures.stamp(tx, body, change, found.signed))


def upsert(tx: Connection, registry: Registry, composite: str, body: bytes, change: Change) -> str:
    """PUT /nested/{composite}: the root row's id. All rows are written, or none."""
    found = registry.composite(composite)
    required = any(registry.of_table(table).signed for table in found.tables())
    return nested.upsert(tx, registry, found, _object(body), signatures.stamp(tx, body, change, required))


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = parsed(body.decode(), Decimal)
    except (JsonError, UnicodeDecodeError) as error:
        raise DataError("CLIENT_ERROR", f"The request's body cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise DataError("CLIENT_ERROR", f"The request's body must be one JSON object, not {type(content).__name__}.")
    return content
