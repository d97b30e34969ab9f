"""The only place for the REST API: the engine's verbs as JSON, for programs and external workers.

`openapi` describes it from these functions.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError

from engine.core import Signing, Submitted, TaskForm
from engine.dmn import Result
from engine.errors import InvalidData
from engine.jobs.table import Job
from engine.runtime.decisions import DecisionInfo
from engine.runtime.definitions import DefinitionInfo
from engine.runtime.deployments import Deployment
from engine.runtime.views import InstanceDetail, InstanceInfo, TaskInfo
from engine.signing import SignatureRefused
from web import bodies
from web.answers import plain
from web.asked import engine, json_object, person
from web.openapi import Verb, described
from web.processes import deployed, known

blueprint = Blueprint("api", __name__, url_prefix="/api")


FILTERS = ("mine", "claimable", "all", "done")
VERBS: dict[str, Verb] = {}


def _verb(
    method: str, path: str, status: int = 200, takes: type[BaseModel] | None = None, asks: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Callable[..., ResponseReturnValue]]:  # fmt: skip
    """A function that gives data becomes a route that answers JSON; None is answered with 204.

    takes  the model of its body; the function gets what was sent as `body`
    asks   the names in its query; the function gets them as arguments, None for what is not there
    """

    def made(function: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
        @wraps(function)
        def answer(**arguments: Any) -> ResponseReturnValue:
            body = {"body": _read(takes)} if takes else {}
            found = function(**arguments, **body, **{name: request.args.get(name) for name in asks})
            return ("", 204) if found is None else (jsonify(plain(found)), status)

        VERBS[function.__name__] = Verb(function, status, takes, asks)
        blueprint.add_url_rule(path, function.__name__, answer, methods=[method])
        return answer

    return made


def _read(model: type[BaseModel]) -> BaseModel:
    """The body as the model says. Raises InvalidData that names the fields."""
    try:
        return model.model_validate(json_object())
    except ValidationError as wrong:
        found: dict[str, list[str]] = {}
        for each in wrong.errors():
            found.setdefault(".".join(map(str, each["loc"])), []).append(each["msg"])
        raise InvalidData(found) from wrong


@_verb("GET", "/definitions")
def definitions() -> list[DefinitionInfo]:
    """The latest version of each process."""
    return engine().definitions(person())


@_verb("GET", "/definitions/<key>")
def versions(key: str) -> list[DefinitionInfo]:
    """All versions of a process, the latest first."""
    return known(key)


@_verb("POST", "/deployments", 201)
def deploy() -> Deployment:
    """Check and deploy the files of a multipart body, field `files`; 422 with the problems when one of them cannot run."""
    return deployed()


@_verb("GET", "/decisions")
def decisions() -> list[DecisionInfo]:
    """The latest version of each decision."""
    return engine().decisions(person())


@_verb("POST", "/decisions/<key>/evaluation", takes=bodies.Decide)
def decide(key: str, body: bodies.Decide) -> Result:
    """Evaluate a decision: its value, and each decision that it required with the rules that matched."""
    return engine().decide(key, body.variables, person(), version=body.version)


@_verb("GET", "/instances", asks=("key", "state"))
def instances(key: str | None, state: str | None) -> list[InstanceInfo]:
    """Instances; `key` and `state` narrow them down."""
    return engine().instances(person(), key=key, state=state)


@_verb("POST", "/instances", 201, takes=bodies.Start)
def start(body: bodies.Start) -> dict[str, str]:
    """Start a process; gives the id of the new instance."""
    return {"id": engine().start(body.key, body.variables, person(), business_key=body.business_key, version=body.version)}


@_verb("GET", "/instances/<instance_id>")
def instance(instance_id: str) -> InstanceDetail:
    """Where an instance stands and how it got there."""
    return engine().instance(instance_id, person())


@_verb("POST", "/instances/<instance_id>/retry")
def retry(instance_id: str) -> None:
    """Try again what failed."""
    engine().retry(instance_id, person())


@_verb("POST", "/instances/<instance_id>/cancel")
def cancel(instance_id: str) -> None:
    """End an instance before its end."""
    engine().cancel(instance_id, person())


@_verb("GET", "/tasks", asks=("filter",))
def tasks(filter: str | None) -> list[TaskInfo]:
    """Tasks; `filter` is mine (default), claimable, all or done."""
    if filter not in (None, *FILTERS):
        raise InvalidData({"filter": [f"There is no such filter. It is one of {', '.join(FILTERS)}."]})
    return engine().tasks(person(), filter or "mine")


@_verb("GET", "/tasks/<task_id>")
def task(task_id: str) -> TaskForm:
    """One open task with the schema of its form and what it starts with."""
    return engine().task_form(task_id, person())


@_verb("POST", "/tasks/<task_id>/claim")
def claim(task_id: str) -> None:
    """Make the task your own; 409 when somebody was faster."""
    engine().claim(task_id, person())


@_verb("POST", "/tasks/<task_id>/unclaim")
def unclaim(task_id: str) -> None:
    """Give the task back."""
    engine().unclaim(task_id, person())


@_verb("POST", "/tasks/<task_id>/signing-requests", 201, takes=bodies.Entered)
def prepare_signature(task_id: str, body: bodies.Entered) -> Signing:
    """Check the data of a task that must be signed and get the exact document to sign, in base64."""
    return engine().prepare_signature(task_id, body.data, person())


@_verb("POST", "/tasks/<task_id>/complete", takes=bodies.Complete)
def complete(task_id: str, body: bodies.Complete) -> Submitted:
    """Submit a task, with the signature where one is asked for; 422 names the fields to correct."""
    return engine().submit(task_id, body.data, person(), signature=_signature(body.signature), request_id=body.request_id)


@_verb("POST", "/messages", takes=bodies.Message)
def correlate(body: bodies.Message) -> dict[str, list[str]]:
    """Send a message; it is kept for its time to live when nobody waits for it yet. Gives the instances that it reached."""
    reached = engine().correlate(body.name, body.key, body.variables, person(), ttl_seconds=body.ttl_seconds)
    return {"reached": reached}


@_verb("POST", "/jobs/activate", takes=bodies.Activate)
def activate_jobs(body: bodies.Activate) -> list[Job]:
    """Jobs of one type for an external worker; nobody else gets them before the lock ends."""
    return engine().activate_jobs(body.type, body.worker, person(), limit=body.limit, seconds=body.lock_seconds)


@_verb("POST", "/jobs/<job_id>/complete", takes=bodies.CompleteJob)
def complete_job(job_id: str, body: bodies.CompleteJob) -> None:
    """The job is done; its variables go into the instance."""
    engine().complete_job(job_id, body.variables, person())


@_verb("POST", "/jobs/<job_id>/fail", takes=bodies.FailJob)
def fail_job(job_id: str, body: bodies.FailJob) -> None:
    """The job failed; with no retries left it becomes an incident."""
    engine().fail_job(job_id, body.message, person(), retries=body.retries, backoff=timedelta(seconds=body.backoff_seconds))


@_verb("GET", "/openapi.json")
def description() -> dict[str, Any]:
    """This description, in OpenAPI 3.1."""
    return described(current_app, blueprint.name, VERBS)


def _signature(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as broken:
        raise SignatureRefused("The signature is not base64. Send the DER of the CMS in base64.", reason="malformed") from broken
