"""The only place where a delegate has the server sign bytes and keeps what it signed."""

from __future__ import annotations

from engine.data import documents
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.delegates.call import Call
from engine.signing import SystemSigner


def seal(call: Call, body: bytes, person: str, key: str | None = None) -> str:
    """Sign the bytes and store them; the document's key, with `_1`, `_2`, … after it where that is taken.

    Without a wish it is `lowcode_{root}_{instance}_system_signature_ceph_key`. `DataError` THIRD_PARTY_SERVICE_UNAVAILABLE without a key.
    """
    wanted = key or f"lowcode_{call.root_instance_id}_{call.origin.process_instance_id}_system_signature_ceph_key"
    free = documents.free_id(call.tx, wanted)
    documents.put(call.tx, Document(free, "system", body.decode(), signer(call).sign(body), person, call.world.clock.now()))
    return free


def signer(call: Call) -> SystemSigner:
    """The server's own key; `DataError` THIRD_PARTY_SERVICE_UNAVAILABLE where none is configured."""
    if call.world.seal is None:
        raise DataError("THIRD_PARTY_SERVICE_UNAVAILABLE", "This server has no key of its own to sign with: configure one.")
    return call.world.seal
