"""The only place for the data factory's Camunda-7 delegates: the contract's REST calls, made inside the process's own transaction.

Each reads the input parameters of its element template and gives `response`. A refusal is a `DataError`, and undoes the step.
"""

from __future__ import annotations

from typing import Any

from engine.data import factory
from engine.delegates import inputs
from engine.delegates.call import Call, Delegate
from engine.delegates.response import answer


def create(call: Call) -> dict[str, Any]:
    """POST /{resource}: 201 and the new id."""
    made = factory.create(call.tx, call.world.registry(call.tx), inputs.required(call, "resource"), inputs.body(call), inputs.change(call))
    return answer(201, {"id": made})


def read(call: Call) -> dict[str, Any]:
    """GET /{resource}/{id}: 200 and the row."""
    inputs.person(call)
    return answer(200, _row(call, inputs.required(call, "id")))


def read_several(call: Call) -> dict[str, Any]:
    """One GET for each of `resourceIds`: 200 and the rows in that order."""
    inputs.person(call)
    return answer(200, [_row(call, id) for id in inputs.texts(call, "resourceIds")])


def update(call: Call) -> dict[str, Any]:
    """PUT /{resource}/{id} and PATCH /partial/{resource}/{id}: 204."""
    registry, resource = call.world.registry(call.tx), inputs.required(call, "resource")
    factory.update(call.tx, registry, resource, inputs.required(call, "id"), inputs.body(call), inputs.change(call))
    return answer(204)


def delete(call: Call) -> dict[str, Any]:
    """DELETE /{resource}/{id}: 204. What the server has to have signed is `{"id":"<uuid>"}`."""
    registry, resource = call.world.registry(call.tx), inputs.required(call, "resource")
    factory.delete(call.tx, registry, resource, inputs.required(call, "id"), inputs.change(call))
    return answer(204)


def upsert(call: Call) -> dict[str, Any]:
    """PUT /nested/{resource}: 200 and the root row's id."""
    root = factory.upsert(call.tx, call.world.registry(call.tx), inputs.required(call, "resource"), inputs.body(call), inputs.change(call))
    return answer(200, {"id": root})


def _row(call: Call, id: str) -> dict[str, Any]:
    return factory.read(call.tx, call.world.registry(call.tx), inputs.required(call, "resource"), id)


DELEGATES: dict[str, Delegate] = {
    "dataFactoryConnectorCreateDelegate": create,
    "dataFactoryConnectorReadDelegate": read,
    "dataFactoryConnectorBatchReadDelegate": read_several,
    "dataFactoryConnectorUpdateDelegate": update,
    "dataFactoryConnectorPartialUpdateDelegate": update,
    "dataFactoryConnectorDeleteDelegate": delete,
    "dataFactoryConnectorNestedCreateDelegate": upsert,
}
