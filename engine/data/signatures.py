"""The only place that decides whether a change of data is properly signed: by a person, and by the server over exactly what is written.

One filter for everybody: a REST request is checked over its raw body, a delegate over the compact JSON of its payload, a deletion over
`{"id":"<uuid>"}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from engine.data import documents
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.data.origin import UNSIGNED, Origin, Signed, Stamp
from engine.signing import SignatureRefused


class Seal(Protocol):
    """The server's own signature, as far as it is needed here."""

    def verify(self, content: bytes, cms: bytes) -> None:
        """`SignatureRefused` when `cms` is not this server's signature over `content`."""
        ...


@dataclass(frozen=True)
class Change:
    """What surrounds one change: where it comes from, when, the signatures that it names, and the key that this server signs with."""

    origin: Origin
    at: datetime
    signed: Signed = UNSIGNED
    seal: Seal | None = None


def deletion_body(id: str) -> bytes:
    """What stands for a deletion where a signature needs bytes to cover."""
    return f'{{"id":"{id}"}}'.encode()


def stamp(tx: Connection, body: bytes, change: Change, required: bool) -> Stamp:
    """What history will keep about the change, once its signatures hold.

    `DataError`: HEADERS_ARE_MISSING without both keys where they are `required`; INVALID_HEADER_VALUE when a key names no document;
    SIGNATURE_VIOLATION when the server's signature does not cover exactly `body`, or the person's document is no signed submission.
    Where signatures are not required, those that are given still have to hold.
    """
    signed = change.signed
    if required and not (signed.key and signed.derived_key):
        raise DataError("HEADERS_ARE_MISSING", f"The change needs both signatures; missing is {_missing(signed)}.")
    derived = _load(tx, signed.derived_key, "X-Digital-Signature-Derived")
    if derived:
        _check_seal(derived, body, change.seal)
    own = _load(tx, signed.key, "X-Digital-Signature")
    if own and (own.kind != "submission" or own.signature is None):
        raise DataError("SIGNATURE_VIOLATION", f"The document {own.id} was not signed by a person: it cannot stand for this change.")
    return Stamp(change.origin, change.at, signed, own.checksum if own else None, derived.checksum if derived else None)


def _missing(signed: Signed) -> str:
    names = {"X-Digital-Signature": signed.key, "X-Digital-Signature-Derived": signed.derived_key}
    return " and ".join(name for name, key in names.items() if not key)


def _load(tx: Connection, key: str | None, header: str) -> Document | None:
    if not key:
        return None
    found = documents.get(tx, key)
    if found is None:
        raise DataError("INVALID_HEADER_VALUE", f"{header}: there is no signed document {key!r}.")
    return found


def _check_seal(derived: Document, body: bytes, seal: Seal | None) -> None:
    if seal is None:
        raise DataError("THIRD_PARTY_SERVICE_UNAVAILABLE", "This server has no key of its own to check its signatures with: configure one.")
    if derived.kind != "system" or derived.signature is None:
        raise DataError("SIGNATURE_VIOLATION", f"The document {derived.id} was not signed by this server.")
    if derived.content != body:
        raise DataError("SIGNATURE_VIOLATION", f"The server signed something else under {derived.id} than what is to be written now.")
    try:
        seal.verify(body, derived.signature)
    except SignatureRefused as refused:
        raise DataError("SIGNATURE_VIOLATION", f"The server's signature {derived.id} does not hold: {refused}") from refused
