"""The only place for the Camunda-7 delegates that sign for the server and that store documents."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from engine import containers, signing
from engine.data import documents, factory
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.delegates import inputs, sealing
from engine.delegates.call import Call, Delegate
from engine.expressions.json_text import JsonError, parsed
from engine.expressions.spin import JsonNode
from engine.signing import SignatureRefused

KEY = "system_signature_storage_key"


def sign_for_server(call: Call) -> dict[str, Any]:
    """Seal the payload and store it: `system_signature_storage_key` is its key, "" without a payload.

    `lowcode_{root}_{instance}_system_signature_ceph_key`, with `_1`, `_2`, … after it for the second, third, … of an instance.
    """
    body = inputs.payload(call)
    if body is None:
        return {KEY: ""}
    person = inputs.person(call) if inputs.given(call, "x_access_token") else call.origin.person
    return {KEY: sealing.seal(call, body, person.id)}


def sign_text(call: Call) -> dict[str, Any]:
    """Seal the text under `data` of the payload: `response` is `{"signature": Base64}`; nothing is stored."""
    content = JsonNode.of(inputs.body(call).decode())
    data = content.data.get("data") if content.isObject() else None
    if data is None:
        raise DataError("CLIENT_ERROR", 'The payload must be a JSON object with the text to sign under "data".')
    return {"response": JsonNode.of({"signature": b64encode(sealing.signer(call).sign(_as_text(data).encode())).decode()})}


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


def put_form_data(call: Call) -> dict[str, Any]:
    """Keep `formData` as what the form of the task `taskDefinitionKey` will start with, or holds; it replaces what was kept before."""
    key, node = _form_key(call, inputs.required(call, "taskDefinitionKey")), inputs.mapping(call, "formData")
    documents.forget(call.tx, key)
    if documents.get(call.tx, key):
        raise DataError("CLIENT_ERROR", f"The form data under {key} were signed, and cannot be replaced.")
    text = factory.compact(node).decode()
    documents.put(call.tx, Document(key, "content", text, None, call.origin.person.id, call.world.clock.now()))
    return {}


def get_form_data(call: Call) -> dict[str, Any]:
    """The `formData` of the task `taskDefinitionKey`: what was submitted there, else what a process kept for it; null without either."""
    task = inputs.required(call, "taskDefinitionKey")
    kept, submitted = documents.get(call.tx, _form_key(call, task)), call.submitted(task)
    found = submitted if submitted is not None else parsed(kept.data) if kept and kept.kind == "content" else None
    return {"formData": None if found is None else JsonNode.of(found)}


def get_start_form_data(call: Call) -> dict[str, Any]:
    """The `formData` of the form that the instance began with; null where there was none."""
    found = call.submitted(None)
    return {"formData": None if found is None else JsonNode.of(found)}


def validate(call: Call) -> dict[str, Any]:
    """Check the signature in `signedData` (Base64, of the kind `containerType`): `validationResult` tells isValid, who signed, why not."""
    try:
        content, cms = containers.opened(containers.decoded(inputs.required(call, "signedData")), _container(call))
        found = signing.verify(content, cms, call.world.trust(), call.world.clock.now())
    except SignatureRefused as refused:
        return {"validationResult": JsonNode.of({"isValid": False, "error": {"code": refused.reason, "message": refused.message}})}
    signer = {"name": found.name, "serialNumber": found.serial_number, "subject": found.certificate_subject, "issuer": found.issuer}
    return {"validationResult": JsonNode.of({"isValid": True, "error": None, "signer": signer})}


def _container(call: Call) -> str:
    return (inputs.optional(call, "containerType") or containers.ALL).upper()


def _form_key(call: Call, task: str) -> str:
    return f"process/{call.origin.process_instance_id}/task/{task}"


def _sealed(content: str) -> tuple[documents.Sort, str, bytes | None]:
    try:
        node = parsed(content)
        return "system", _as_text(node["data"]), b64decode(node["signature"], validate=True)
    except (JsonError, TypeError, KeyError, ValueError):
        return "content", content, None


def _as_text(data: Any) -> str:
    return data if isinstance(data, str) else factory.compact(data).decode()


DELEGATES: dict[str, Delegate] = {
    "digitalSystemSignatureDelegate": sign_for_server,
    "digitalSignatureConnectorDelegate": sign_text,
    "digitalSignatureValidateDelegate": validate,
    "putContentToCephDelegate": put_content,
    "getContentFromCephDelegate": get_content,
    "putFormDataToCephDelegate": put_form_data,
    "getFormDataFromCephDelegate": get_form_data,
    "getStartFormDataFromCephDelegate": get_start_form_data,
}
