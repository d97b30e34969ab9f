"""The only place that hands a connector's call to a connector runtime elsewhere: as JSON in the headers of its job, and back again.

Secrets are not in it: where the model names one, its name travels, and the runtime puts in its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from engine.data.origin import Origin
from engine.delegates import sql
from engine.delegates.call import Call, World
from engine.identity import Person

HEADER = "ratchet:call"


def asked(type_name: str, call: Call, to_json: Callable[[Any], Any]) -> dict[str, Any]:
    """The header that holds a call."""
    return {HEADER: {
        "type": type_name,
        "inputs": {name: to_json(value) for name, value in sql.needs(type_name, call).items()},
        "secret_inputs": list(call.secret_inputs),
        "declared": sorted(call.declared),
        "written": sorted(call.written),
        "key": call.key,
    }}  # fmt: skip


def taken(headers: Mapping[str, Any], world: World, tx: Connection, from_json: Callable[[Any], Any]) -> tuple[str, Call]:
    """The connector's type and the call that a job's headers hold. KeyError where they hold none."""
    said = headers[HEADER]
    plain = {name: value for name, value in headers.items() if name != HEADER}
    inputs = {name: from_json(value) for name, value in said["inputs"].items()}
    nobody = Origin(Person("", "", frozenset(), frozenset(), None))
    return said["type"], Call(
        tx, inputs, nobody, "", world, said["key"], plain, tuple(said["secret_inputs"]), frozenset(said["declared"]),
        frozenset(said["written"]),
    )  # fmt: skip
