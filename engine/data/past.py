"""The only place that reads what became of a row: its history, and the signed documents that stand behind each change."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from sqlalchemy import Connection, select

from engine.data import documents, rows
from engine.data.errors import DataError
from engine.data.history import ABOUT, ORDER
from engine.data.schema import Resource, camel

_SIGNED = (("digital_sign", "ddm_digital_sign_checksum"), ("digital_sign_derived", "ddm_digital_sign_derived_checksum"))


def history(tx: Connection, resource: Resource, id: str) -> list[dict[str, Any]]:
    """Every change of a row, the oldest first: who made it, when and from where, and `row` as it became (for D: as it last was).

    `DataError` NOT_FOUND when there never was such a row.
    """
    return [_told(resource, row) for row in _rows(tx, resource, id)]


def signed(tx: Connection, resource: Resource, id: str) -> list[dict[str, Any]]:
    """The documents that the row's changes name, each once. `unchanged`: it still has the checksum that was recorded then."""
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(tx, resource, id):
        for key, checksum in _SIGNED:
            if row[key] and row[key] not in found:
                found[row[key]] = _document(tx, row[key], row[checksum])
    return list(found.values())


def document(tx: Connection, resource: Resource, id: str, key: str) -> dict[str, Any]:
    """One of those documents: `data` is the text that was signed, `signature` the detached CMS in Base64. `DataError` NOT_FOUND."""
    named = {row[column] for row in _rows(tx, resource, id) for column, _ in _SIGNED}
    found = documents.get(tx, key) if key in named else None
    if found is None:
        raise DataError("NOT_FOUND", f"No change of this {resource.name} was signed by a document {key!r}.")
    signature = b64encode(found.signature).decode() if found.signature else None
    return {"id": found.id, "kind": found.kind, "person": found.person, "data": found.data, "signature": signature}


def _rows(tx: Connection, resource: Resource, id: str) -> list[Any]:
    if resource.history is None:
        raise DataError("NOT_FOUND", f"There is no history of {resource.name}.")
    past = resource.history.c
    wanted = select(resource.history).where(past[resource.key.name] == rows.identifier(id)).order_by(past[ORDER])
    found = list(tx.execute(wanted).mappings())
    if not found:
        raise DataError("NOT_FOUND", f"There never was a {resource.name} with id {id}.")
    return found


def _told(resource: Resource, row: Any) -> dict[str, Any]:
    shown = {column.property: column.show(row[column.name]) for column in resource.columns.values() if column.name in row}
    return {camel(name): row[name] for name in ABOUT} | {"row": shown}


def _document(tx: Connection, key: str, checksum: str | None) -> dict[str, Any]:
    found = documents.get(tx, key)
    facts = {"kind": found.kind, "person": found.person, "createdAt": found.created_at} if found else {}
    return {"id": key, "checksum": checksum, "unchanged": found is not None and found.checksum == checksum, **facts}
