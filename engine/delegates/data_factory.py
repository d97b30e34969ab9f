"""The only place for the data factory's Camunda-7 delegates: the contract's REST calls, made inside the process's own transaction.

Each reads the input parameters of its element template and gives `response`. A refusal is a `DataError`, and undoes the step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.data import factory
from engine.data.errors import DataError
from engine.data.origin import Signed
from engine.data.schema import Registry
from engine.data.signatures import Change
from engine.delegates import inputs, sealing
from engine.delegates.call import Call, Delegate
from engine.delegates.response import answer

REGISTRY = ":registry:"


def create(call: Call) -> dict[str, Any]:
    """POST /{resource}: 201 and the new id."""
    made = factory.create(call.tx, registry(call), inputs.required(call, "resource"), inputs.body(call), inputs.change(call))
    return answer(201, {"id": made})


def read(call: Call) -> dict[str, Any]:
    """GET /{resource}/{id}: 200 and the row."""
    who = inputs.person(call)
    return answer(200, factory.read(call.tx, registry(call), inputs.required(call, "resource"), inputs.required(call, "id"), who))


def read_several(call: Call) -> dict[str, Any]:
    """One GET for each of `resourceIds`: 200 and the rows in that order."""
    who, resource = inputs.person(call), inputs.required(call, "resource")
    return answer(200, [factory.read(call.tx, registry(call), resource, id, who) for id in inputs.texts(call, "resourceIds")])


def search(call: Call) -> dict[str, Any]:
    """POST /search/{resource} with the map `searchConditions`: 200 and the rows, or the page of them."""
    who, asked = inputs.person(call), inputs.mapping(call, "searchConditions")
    return answer(200, factory.find(call.tx, registry(call), inputs.required(call, "resource"), asked, who))


def update(call: Call) -> dict[str, Any]:
    """PUT /{resource}/{id}: 204."""
    resource, id = inputs.required(call, "resource"), inputs.required(call, "id")
    factory.update(call.tx, registry(call), resource, id, inputs.body(call), inputs.change(call))
    return answer(204)


def update_partly(call: Call) -> dict[str, Any]:
    """PATCH /partial/{resource}/{id}: 204."""
    name, id = inputs.required(call, "resource"), inputs.required(call, "id")
    factory.update_partly(call.tx, registry(call), name, id, inputs.body(call), inputs.change(call))
    return answer(204)


def delete(call: Call) -> dict[str, Any]:
    """DELETE /{resource}/{id}: 204. What the server has to have signed is `{"id":"<uuid>"}`."""
    factory.delete(call.tx, registry(call), inputs.required(call, "resource"), inputs.required(call, "id"), inputs.change(call))
    return answer(204)


def upsert(call: Call) -> dict[str, Any]:
    """PUT /nested/{resource}: 200 and the root row's id."""
    root = factory.upsert(call.tx, registry(call), inputs.required(call, "resource"), inputs.body(call), inputs.change(call))
    return answer(200, {"id": root})


def create_each(call: Call) -> dict[str, Any]:
    """One POST for each element of the list `payload`, each under a signature of the server of its own: 201, no body."""
    inputs.person(call)
    resource = inputs.required(call, "resource")
    for number, element in enumerate(inputs.elements(call, "payload")):
        body = factory.compact(element)
        key = f"lowcode_{call.origin.process_instance_id}_system_signature_ceph_key_{number}"
        factory.create(call.tx, registry(call), resource, body, _sealed_change(call, body, key))
    return answer(201)


def create_together(call: Call) -> dict[str, Any]:
    """POST /{resource}/list or /csv, as `uploadType` says (LIST or CSV), under one signature of the server: 201, no body."""
    inputs.person(call)
    upload = (inputs.optional(call, "uploadType") or "LIST").upper()
    if upload not in _UPLOADS:
        raise DataError("CLIENT_ERROR", f"The input parameter uploadType is {upload!r}; it must be LIST or CSV.")
    _UPLOADS[upload](call, inputs.required(call, "resource"), "payload")
    return answer(201)


def load_csv(call: Call) -> dict[str, Any]:
    """Write the rows of the stored CSV `file` into the table of `entity`, all of them or none, in this step: 201, and how many."""
    made = _create_csv(call, inputs.required(call, "entity").replace("_", "-"), "file")
    return answer(201, {"rows": len(made)})


def registry(call: Call) -> Registry:
    """The tables as they are. A `registry` that is named must be this one: a connection of that name to `:registry:` says so."""
    return call.world.registry(call.tx)


def _here(delegate: Delegate) -> Delegate:
    """For a delegate that names another registry: the same call, where that is this one."""

    def called(call: Call) -> dict[str, Any]:
        named = inputs.required(call, "registry")
        if call.world.connections.get(named) != REGISTRY:
            raise DataError(
                "THIRD_PARTY_SERVICE_UNAVAILABLE",
                f"The registry {named} is none that Ratchet knows. If its tables are in this database, say so in the setting "
                f'RATCHET_CONNECTIONS: {{"{named}": "{REGISTRY}"}}. Registries elsewhere are not read: use a pipe or a SQL connector.',
            )
        return delegate(call)

    return called


def _create_list(call: Call, resource: str, name: str) -> list[str]:
    body = factory.compact({"entities": inputs.elements(call, name)})
    return factory.create_list(call.tx, registry(call), resource, body, _sealed_change(call, body))


def _create_csv(call: Call, resource: str, name: str) -> list[str]:
    named = inputs.stored_file(call, name)
    body = factory.compact(named)
    return factory.create_from_csv(call.tx, registry(call), resource, body, _sealed_change(call, body))


_UPLOADS = {"LIST": _create_list, "CSV": _create_csv}


def _sealed_change(call: Call, body: bytes, key: str | None = None) -> Change:
    """What surrounds a change whose payload the server signs itself; without a key of its own it signs nothing."""
    change = inputs.change(call)
    if call.world.seal is None:
        return change
    return replace(change, signed=Signed(change.signed.key, sealing.seal(call, body, change.origin.person.id, key)))


DELEGATES: dict[str, Delegate] = {
    "dataFactoryConnectorCreateDelegate": create,
    "dataFactoryConnectorReadDelegate": read,
    "dataFactoryConnectorBatchReadDelegate": read_several,
    "dataFactoryConnectorSearchDelegate": search,
    "dataFactoryConnectorUpdateDelegate": update,
    "dataFactoryConnectorPartialUpdateDelegate": update_partly,
    "dataFactoryConnectorDeleteDelegate": delete,
    "dataFactoryConnectorNestedCreateDelegate": upsert,
    "dataFactoryConnectorBatchCreateDelegate": create_each,
    "dataFactoryConnectorBatchCreateDelegateV2": create_together,
    "registryDataFactoryConnectorReadDelegate": _here(read),
    "registryDataFactoryConnectorSearchDelegate": _here(search),
    "asyncDataLoadDelegate": load_csv,
}
