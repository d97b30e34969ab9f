"""The only place for the plain names of the data factory's delegates: a bean in Camunda 7, a job type in Camunda 8.

They act for the person that `x_access_token` speaks for, and without one for whoever moves the instance. A job's answer is plain JSON:
`response.statusCode` and `response.responseBody`, for resultVariable and resultExpression. Only what the model itself gives is an input.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.delegates import data_factory, inputs, paths
from engine.delegates.call import Call, Delegate
from engine.expressions.spin import JsonNode
from engine.identity import Person

TOKEN = "x_access_token"
_NAMES: dict[str, tuple[str, Delegate]] = {
    "dataCreate": ("ratchet:data-create", data_factory.create),
    "dataRead": ("ratchet:data-read", data_factory.read),
    "dataReadSeveral": ("ratchet:data-read-several", data_factory.read_several),
    "dataSearch": ("ratchet:data-search", data_factory.search),
    "dataUpdate": ("ratchet:data-update", data_factory.update),
    "dataUpdatePartly": ("ratchet:data-update-partly", data_factory.update_partly),
    "dataDelete": ("ratchet:data-delete", data_factory.delete),
    "dataNested": ("ratchet:data-nested", data_factory.upsert),
    "dataCreateSeveral": ("ratchet:data-create-several", data_factory.create_together),
    "dataLoad": ("ratchet:data-load", data_factory.load_csv),
    "dataCall": ("ratchet:data-call", paths.connect),
}


def _acting(delegate: Delegate) -> Delegate:
    """The delegate on behalf of whoever moves the instance, unless a token says otherwise."""

    def called(call: Call) -> dict[str, Any]:
        given = {name: value for name, value in call.inputs.items() if name in call.declared}
        call = replace(call, inputs=given)
        who = call.origin.person
        if inputs.given(call, TOKEN) is None and isinstance(who, Person):
            call = replace(call, inputs={**given, TOKEN: call.world.tokens.issue(who)})
        return delegate(call)

    return called


def _as_job(delegate: Delegate) -> Delegate:
    """The same with its answer as plain JSON."""

    def called(call: Call) -> dict[str, Any]:
        found = delegate(call)["response"]
        body = found.responseBody.data if isinstance(found.responseBody, JsonNode) else None
        return {"statusCode": found.statusCode, "responseBody": body}

    return called


DELEGATES: dict[str, Delegate] = {name: _acting(delegate) for name, (_, delegate) in _NAMES.items()}
JOB_TYPES: dict[str, Delegate] = {type: _as_job(_acting(delegate)) for type, delegate in _NAMES.values()}
