"""The only place for JavaScript, a script language of Camunda 7 models: QuickJS runs it in another process, variables travel as JSON.

A script finds its variables as globals, `execution` with its variables and ids, and `BpmnError`; functions of the engine stay outside.
Dates are ISO text for it. A variable that it does not change keeps its value exactly; whole numbers beyond 2^53 are BigInt.
"""

from __future__ import annotations

import json
import math
from collections.abc import MutableMapping
from decimal import Decimal
from typing import Any

from engine.errors import BpmnError
from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, call
from engine.expressions.javascript.workers import ask
from engine.expressions.json_text import JsonError
from engine.expressions.limits import MAX_TEXT, weigh, within
from engine.expressions.spin import JsonNode, plain
from engine.expressions.typed import Typed

MAX_SAFE = 2**53
WRITES = ("setVariable", "setVariableLocal", "setTransientVariable", "setVariableLocalTransient")
REMOVES = "removeVariable"
SHAPE = {"value": object, "changed": dict, "removed": list, "by": dict, "told": list}
FACTS = (
    "getProcessInstanceId", "getRootProcessInstanceId", "getProcessBusinessKey", "getBusinessKey", "getProcessDefinitionId",
    "getCurrentActivityId", "getCurrentActivityName", "getId", "getActivityInstanceId", "getCurrentTransitionId", "getEventName",
)  # fmt: skip
TASK_FACTS = (
    "getId", "getName", "getTaskDefinitionKey", "getAssignee", "getPriority", "getDueDate", "getFollowUpDate", "getCreateTime",
    "getCandidateUsers", "getCandidateGroups", "getProcessInstanceId", "getProcessDefinitionId", "getExecutionId", "getEventName",
)  # fmt: skip
TASK_METHODS = (
    "setName", "setAssignee", "setPriority", "setDueDate", "setFollowUpDate", "addCandidateUser", "addCandidateUsers",
    "addCandidateGroup", "addCandidateGroups", "deleteCandidateUser", "deleteCandidateGroup",
)  # fmt: skip


def run(source: str, scope: MutableMapping[str, Any]) -> Any:
    """Run a script and give the value of its last expression; what is undefined, a function or no finite number is None.

    Variables set without let or const are left in `scope`, those that start with _ are not. What `execution` sets goes to the
    `execution` of the scope, if there is one. ExpressionError with line and column when the script is broken, fails or uses up its time
    or memory; a thrown BpmnError goes through.
    """
    host = scope.get("execution")
    held = {**_variables_of(host), **{name: scope[name] for name in list(scope)}}
    task = scope.get("task")
    facts: dict[str, Any] = {"execution": _facts(host, FACTS)}
    if isinstance(task, Exposed) and not isinstance(task, JsonNode):
        facts["task"] = {"facts": _facts(task, TASK_FACTS), "methods": [name for name in TASK_METHODS if name in task.exposed]}
    request = {"do": "run", "source": source, "given": _given(held), "facts": json.dumps(facts)}
    answer = _asked(request, source)
    _raise_failure(answer, source)
    _require_shape(answer, source)
    for name, value in answer["changed"].items():
        kept = JsonNode.of(value) if isinstance(held.get(name), JsonNode) and isinstance(value, dict | list) else value
        _write(scope, host, answer["by"].get(name), name, kept)
    for name in answer["removed"]:
        _remove(scope, host, answer["by"].get(name), name)
    for method, args in answer["told"]:
        if method in TASK_METHODS and isinstance(task, Exposed):
            call(task, method, args)
    return answer["value"]


def check(source: str) -> list[str]:
    """What keeps a script from running, one sentence with line and column; empty when nothing is known."""
    try:
        _raise_failure(_asked({"do": "check", "source": source}, source), source)
    except ExpressionError as broken:
        return [broken.message]
    return []


def literal(value: Any) -> str:
    """A raw JSON value as JavaScript writes it: as JSON, but with n after numbers that only a BigInt holds."""
    if isinstance(value, dict):
        return "{" + ",".join(f"[{json.dumps(key)}]:{literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(literal, value)) + "]"
    if isinstance(value, int) and abs(value) > MAX_SAFE:
        return f"{value}n"
    if isinstance(value, float | Decimal):
        return str(value) if math.isfinite(value) else "null"
    return json.dumps(value)


def _facts(host: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What the getters of an object of the engine give, as JSON."""
    exposed = host.exposed if isinstance(host, Exposed) else frozenset()
    return {name: plain(call(host, name, ())) for name in names if name in exposed}


def _asked(request: dict[str, str], source: str) -> dict[str, Any]:
    try:
        return dict(weigh(ask(request)))
    except ExpressionError as limit:
        raise limit.placed(source, 1, 1) from limit


def _given(held: dict[str, Any]) -> str:
    """The literal of all variables that JSON can hold. LimitReached when they are too large."""
    given = {name: raw for name, value in held.items() for raw in _raw(value)}
    text = f"({literal(given)})"
    within(len(text), MAX_TEXT, "The variables are too large: {} characters")
    return text


def _raw(value: Any) -> list[Any]:
    """The raw JSON value in a list; nothing for functions and objects of the engine."""
    value = value.value if isinstance(value, Typed) else value
    if callable(value) or (isinstance(value, Exposed) and not isinstance(value, JsonNode)):
        return []
    try:
        return [plain(value)]
    except JsonError:
        return []


def _variables_of(host: Any) -> dict[str, Any]:
    return dict(call(host, "getVariables", ())) if isinstance(host, Exposed) and "getVariables" in host.exposed else {}


def _write(scope: MutableMapping[str, Any], host: Any, method: str | None, name: str, value: Any) -> None:
    if method in WRITES and isinstance(host, Exposed) and method in host.exposed:
        call(host, method, (name, value))
    else:
        scope[name] = value


def _remove(scope: MutableMapping[str, Any], host: Any, method: str | None, name: str) -> None:
    if method == REMOVES and isinstance(host, Exposed) and REMOVES in host.exposed:
        call(host, REMOVES, (name,))
    else:
        scope.pop(name, None)


def _require_shape(answer: dict[str, Any], source: str) -> None:
    """A script can change the language that writes its answer; then the answer can be anything."""
    shaped = all(name in answer and isinstance(answer[name], sort) for name, sort in SHAPE.items())
    if not shaped or not all(isinstance(name, str) for name in (*answer["removed"], *answer["by"].values())):
        raise ExpressionError("The script changed JavaScript's own objects so that its result cannot be read", source)


def _raise_failure(answer: dict[str, Any], source: str) -> None:
    if isinstance(answer.get("bpmn"), list) and len(answer["bpmn"]) == 2:
        code, message = map(str, answer["bpmn"])
        raise BpmnError(code, message)
    if {"error", "line", "column"} <= answer.keys():
        raise ExpressionError(answer["error"], source, answer["line"], answer["column"])


__all__ = ["check", "run"]
