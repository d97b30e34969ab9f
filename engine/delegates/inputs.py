"""The only place that reads the input parameters that the data factory's delegates share: payload, token, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.data import factory
from engine.data.errors import DataError
from engine.data.origin import Origin, Signed
from engine.data.signatures import Change
from engine.delegates.call import Call
from engine.expressions.exposed import Exposed
from engine.expressions.json_text import JsonError, parsed
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed
from engine.identity import Person, TokenRefused


def given(call: Call, name: str) -> Any:
    """An input parameter without its transient wrapping; None when it is absent or blank."""
    value = call.inputs.get(name)
    value = value.value if isinstance(value, Typed) else value
    return None if isinstance(value, str) and not value.strip() else value


def required(call: Call, name: str) -> str:
    """A text input parameter that must be there, else `DataError` CLIENT_ERROR."""
    value = given(call, name)
    if value is None:
        raise DataError("CLIENT_ERROR", f"The input parameter {name} is empty: the model has to give it a value.")
    return _text(value)


def optional(call: Call, name: str) -> str | None:
    """A text input parameter; None where it is absent or blank."""
    value = given(call, name)
    return None if value is None else _text(value)


def texts(call: Call, name: str) -> list[str]:
    """A list of texts that must be there: a list, Spin JSON, or JSON text; else `DataError` CLIENT_ERROR."""
    return [_text(item) for item in _list(call, name)]


def elements(call: Call, name: str) -> list[Any]:
    """The raw JSON values of a list that must be there; those that are JSON text themselves are read. `DataError` CLIENT_ERROR."""
    return [_element(name, item) for item in _list(call, name)]


def mapping(call: Call, name: str) -> dict[str, Any]:
    """A map of raw JSON values: a map, Spin JSON, or JSON text; empty where it is absent. `DataError` CLIENT_ERROR for anything else."""
    found = _raw(name, given(call, name))
    if found is not None and not isinstance(found, dict):
        raise DataError("CLIENT_ERROR", f"The input parameter {name} must be a map.")
    return found or {}


def parameters(call: Call, name: str) -> dict[str, Any]:
    """The parameters of a query: a map, or text such as `a=1,b=2`."""
    value = given(call, name)
    if not isinstance(value, str) or value.lstrip().startswith("{"):
        return mapping(call, name)
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    return {key.strip(): text.strip() for key, _, text in pairs}


def stored_file(call: Call, name: str) -> dict[str, Any]:
    """`{"id", "checksum"}` of a stored file: its metadata, or the list of one that a form's file field gives. `DataError` CLIENT_ERROR."""
    value = given(call, name)
    if isinstance(value, Exposed) and not isinstance(value, JsonNode):
        return {"id": getattr(value, "id", None), "checksum": getattr(value, "checksum", None)}
    found = _raw(name, value)
    found = found[0] if isinstance(found, list) and len(found) == 1 else found
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise DataError("CLIENT_ERROR", f'The input parameter {name} must name one stored file: {{"id": …, "checksum": …}}.')
    return {"id": found["id"], "checksum": found.get("checksum")}


def _list(call: Call, name: str) -> list[Any]:
    value = given(call, name)
    found = [item.value if isinstance(item, Typed) else item for item in value] if isinstance(value, list | tuple) else _raw(name, value)
    if not isinstance(found, list):
        raise DataError("CLIENT_ERROR", f"The input parameter {name} must be a list.")
    return found


def _element(name: str, value: Any) -> Any:
    return _raw(name, value) if not isinstance(value, str) or value.lstrip()[:1] in ("{", "[") else value


def _raw(name: str, value: Any) -> Any:
    """The raw JSON value of a Spin node, a map or list of such, or JSON text; numbers keep their digits."""
    if isinstance(value, Typed):
        return _raw(name, value.value)
    if isinstance(value, Mapping):
        items = {str(key): item.value if isinstance(item, Typed) else item for key, item in value.items()}
        return {key: item if isinstance(item, str) else _raw(name, item) for key, item in items.items()}
    try:
        return parsed(value, Decimal) if isinstance(value, str) else JsonNode.of(value).data
    except JsonError as error:
        raise DataError("CLIENT_ERROR", f"The input parameter {name} cannot be read: {error}") from error


def payload(call: Call) -> bytes | None:
    """The input `payload` (Spin JSON, a map, a list, or JSON text) as the bytes that are signed; None when there is none.

    `DataError` CLIENT_ERROR when it is text, and no JSON.
    """
    value = given(call, "payload")
    try:
        return None if value is None else factory.compact(parsed(value, Decimal) if isinstance(value, str) else JsonNode.of(value).data)
    except JsonError as error:
        raise DataError("CLIENT_ERROR", f"The input parameter payload cannot be read: {error}") from error


def body(call: Call) -> bytes:
    """The payload, which must be there."""
    found = payload(call)
    if found is None:
        raise DataError("CLIENT_ERROR", "The input parameter payload is empty: the model has to give it a value.")
    return found


def person(call: Call) -> Person:
    """Whom the input `x_access_token` speaks for; `DataError` AUTHENTICATION_FAILED, JWT_INVALID or JWT_EXPIRED."""
    token = given(call, "x_access_token")
    if token is None:
        raise DataError("AUTHENTICATION_FAILED", "The input parameter x_access_token is empty: nobody has logged in for this step.")
    try:
        return call.world.tokens.read(_text(token))
    except TokenRefused as refused:
        raise DataError(refused.code, refused.message) from refused


def change(call: Call) -> Change:
    """What surrounds the change: the token's person from the call's origin, under the two signatures that the inputs name."""
    signed = Signed(_key(call, "x_digital_signature_ceph_key"), _key(call, "x_digital_signature_derived_ceph_key"))
    return Change(origin(call), call.world.clock.now(), signed, call.world.seal)


def origin(call: Call) -> Origin:
    return replace(call.origin, person=person(call))


def _key(call: Call, name: str) -> str | None:
    value = given(call, name)
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    """A text, also where a model gives a Spin node that holds one."""
    return str(value.value()) if isinstance(value, JsonNode) else str(value)
