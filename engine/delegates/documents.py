"""The only place for the Camunda-7 delegates that sign for the server and that store documents."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from engine.data import documents, factory
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.delegates import inputs
from engine.delegates.call import Call, Delegate
from engine.expressions.json_text import JsonError, parsed
from engine.expressions.spin import JsonNode
from engine.signing import SystemSigner

KEY = "system_signature_storage_key"


def sign_for_server(call: Call) -> dict[str, Any]:
    """Seal the payload and store it: `system_signature_storage_key` is its key, "" without a payload.

    `lowcode_{root}_{instance}_system_signature_ceph_key`, with `_1`, `_2`, … after it for the second, third, … of an instance.
    """
    body = inputs.payload(call)
    if body is None:
        return {KEY: ""}
    person = inputs.person(call) if inputs.given(call, "x_access_token") else call.origin.person
    wanted = f"lowcode_{call.root_instance_id}_{call.origin.process_instance_id}_system_signature_ceph_key"
    key = documents.free_id(call.tx, wanted)
    documents.put(call.tx, Document(key, "system", body.decode(), _seal(call).sign(body), person.id, call.world.clock.now()))
    return {KEY: key}


def sign_text(call: Call) -> dict[str, Any]:
    """Seal the text under `data` of the payload: `response` is `{"signature": Base64}`; nothing is stored."""
    content = JsonNode.of(inputs.body(call).decode())
    data = content.data.get("data") if content.isObject() else None
    if data is None:
        raise DataError("CLIENT_ERROR", 'The payload must be a JSON object with the text to sign under "data".')
    return {"response": JsonNode.of({"signature": b64encode(_seal(call).sign(_as_text(data).encode())).decode()})}


def put_content(call: Call) -> dict[str, Any]:
    """Store the text `content` under `key`. A JSON object of `data` and `signature` becomes a document that the server signed.

    `DataError` CLIENT_ERROR when a signed document is stored there: that one stays.
    """
    key, content = inputs.required(call, "key"), inputs.required(call, "content")
    documents.forget(call.tx, key)
    if documents.get(call.tx, key):
        raise DataError("CLIENT_ERROR", f"A signed document is stored under {key}, and it cannot be replaced: use another key.")
    kind, data, signature = _sealed(content)
    documents.put(call.tx, Document(key, kind, data, signature, call.origin.person.id, call.world.clock.now()))
    return {}


def get_content(call: Call) -> dict[str, Any]:
    """The text stored under `key` as `content`; for a signed one the JSON of its `data` and `signature`."""
    key = inputs.required(call, "key")
    found = documents.get(call.tx, key)
    if found is None:
        raise DataError("NOT_FOUND", f"Nothing is stored under {key}.")
    if found.signature is None:
        return {"content": found.data}
    return {"content": factory.compact({"data": found.data, "signature": b64encode(found.signature).decode()}).decode()}


def _sealed(content: str) -> tuple[documents.Sort, str, bytes | None]:
    try:
        node = parsed(content)
        return "system", _as_text(node["data"]), b64decode(node["signature"], validate=True)
    except (JsonError, TypeError, KeyError, ValueError):
        return "content", content, None


def _as_text(data: Any) -> str:
    return data if isinstance(data, str) else factory.compact(data).decode()


def _seal(call: Call) -> SystemSigner:
    if call.world.seal is None:
        raise DataError("THIRD_PARTY_SERVICE_UNAVAILABLE", "This server has no key of its own to sign with: configure one.")
    return call.world.seal


DELEGATES: dict[str, Delegate] = {
    "digitalSystemSignatureDelegate": sign_for_server,
    "digitalSignatureConnectorDelegate": sign_text,
    "putContentToCephDelegate": put_content,
    "getContentFromCephDelegate": get_content,
}
