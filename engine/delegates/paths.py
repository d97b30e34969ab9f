"""The only place for the delegate that names the data factory's REST path itself: the same paths and bodies, in the step's transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.data import factory
from engine.data.errors import DataError
from engine.delegates import inputs
from engine.delegates.call import Call, Delegate
from engine.delegates.data_factory import registry
from engine.delegates.response import answer

Asked = dict[str, Any]
Route = Callable[[Call, list[str], Asked], tuple[int, Any]]


def connect(call: Call) -> dict[str, Any]:
    """Any call of the data factory: `method` (or `methodParameter`), `path`, `requestParameters` (a map, or a=1,b=2) and `payload`."""
    inputs.person(call)
    method = (inputs.optional(call, "methodParameter") or inputs.required(call, "method")).upper()
    parts = urlsplit(inputs.required(call, "path"))
    steps = [unquote(step) for step in parts.path.split("/") if step]
    asked = {**dict(parse_qsl(parts.query)), **inputs.parameters(call, "requestParameters")}
    for wanted, pattern, route in _ROUTES:
        if wanted == method and len(pattern) == len(steps) and all(word in ("*", step) for word, step in zip(pattern, steps, strict=True)):
            return answer(*route(call, steps, asked))
    raise DataError("NOT_FOUND", f"The data factory has nothing at {method} {parts.path}.")


def _find(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    return 200, factory.find(call.tx, registry(call), steps[-1], asked, inputs.person(call), in_text=True)


def _find_by_body(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    return 200, factory.find(call.tx, registry(call), steps[1], {**asked, **json.loads(inputs.payload(call) or b"{}")}, inputs.person(call))


def _read(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    return 200, factory.read(call.tx, registry(call), steps[0], steps[1], inputs.person(call))


def _create(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    return 201, {"id": factory.create(call.tx, registry(call), steps[0], inputs.body(call), inputs.change(call))}


def _create_list(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    made = factory.create_list(call.tx, registry(call), steps[0], inputs.body(call), inputs.change(call))
    return 201, [{"id": id} for id in made]


def _create_csv(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    made = factory.create_from_csv(call.tx, registry(call), steps[0], inputs.body(call), inputs.change(call))
    return 201, [{"id": id} for id in made]


def _update(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    factory.update(call.tx, registry(call), steps[0], steps[1], inputs.body(call), inputs.change(call))
    return 204, None


def _update_partly(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    factory.update_partly(call.tx, registry(call), steps[1], steps[2], inputs.body(call), inputs.change(call))
    return 204, None


def _delete(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    factory.delete(call.tx, registry(call), steps[0], steps[1], inputs.change(call))
    return 204, None


def _upsert(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    return 200, {"id": factory.upsert(call.tx, registry(call), steps[1], inputs.body(call), inputs.change(call))}


def _codes(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    inputs.person(call)
    return 200, factory.codes(registry(call), steps[1])


def _code(call: Call, steps: list[str], asked: Asked) -> tuple[int, Any]:
    inputs.person(call)
    return 200, factory.code(registry(call), steps[1], steps[2])


_ROUTES: tuple[tuple[str, tuple[str, ...], Route], ...] = (
    ("GET", ("search", "*"), _find),
    ("POST", ("search", "*"), _find_by_body),
    ("GET", ("enum", "*"), _codes),
    ("GET", ("enum", "*", "*"), _code),
    ("PUT", ("nested", "*"), _upsert),
    ("PATCH", ("partial", "*", "*"), _update_partly),
    ("POST", ("*", "list"), _create_list),
    ("POST", ("*", "csv"), _create_csv),
    ("GET", ("*", "*"), _read),
    ("PUT", ("*", "*"), _update),
    ("DELETE", ("*", "*"), _delete),
    ("POST", ("*",), _create),
    ("GET", ("*",), _find),
)

DELEGATES: dict[str, Delegate] = {"dataFactoryConnectorDelegate": connect}
