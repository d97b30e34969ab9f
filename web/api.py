"""The only place for the REST API: the engine's verbs as JSON, for programs and external workers.

`openapi` describes it from these functions.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError

from engine.core import Signing, Submitted, TaskForm
from engine.errors import InvalidData
from engine.jobs.table import Job
from engine.runtime.definitions import DefinitionInfo
from engine.runtime.deployments import Deployment
from engine.runtime.views import InstanceDetail, InstanceInfo, TaskInfo
from engine.signing import SignatureRefused
from web import bodies, openapi
from web.answers import plain
from web.asked import engine, json_object, person
from web.processes import deployed, known

Body = TypeVar("Body", bound=BaseModel)

blueprint = Blueprint("api", __name__, url_prefix="/api")


def _verb(method: str, path: str, status: int = 200) -> Callable[[Callable[..., Any]], Callable[..., ResponseReturnValue]]:
    """A function that gives data becomes a route that answers JSON; None is answered with 204."""

    def made(function: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
        @wraps(function)
        def answer(**arguments: Any) -> ResponseReturnValue:
            found = function(**arguments)
            return ("", 204) if found is None else (jsonify(plain(found)), status)

        blueprint.add_url_rule(path, function.__name__, answer, methods=[method])
        return answer

    return made


def _read(model: type[Body]) -> Body:
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


@_verb("GET", "/instances")
def instances() -> list[InstanceInfo]:
    """Instances; `key` and `state` narrow them down."""
    return engine().instances(person(), key=request.args.get("key"), state=request.args.get("state"))


@_verb("POST", "/instances", 201)
def start() -> dict[str, str]:
    """Start a process; gives the id of the new instance."""
    body = _read(bodies.Start)
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


@_verb("GET", "/tasks")
def tasks() -> list[TaskInfo]:
    """Tasks; `filter` is mine (default), claimable, all or done."""
    return engine().tasks(person(), request.args.get("filter", "mine"))


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


@_verb("POST", "/tasks/<task_id>/signing-requests", 201)
def prepare_signature(task_id: str) -> Signing:
    """Check the data of a task that must be signed and get the exact document to sign, in base64."""
    return engine().prepare_signature(task_id, _read(bodies.Entered).data, person())


@_verb("POST", "/tasks/<task_id>/complete")
def complete(task_id: str) -> Submitted:
    """Submit a task, with the signature where one is asked for; 422 names the fields to correct."""
    body = _read(bodies.Complete)
    return engine().submit(task_id, body.data, person(), signature=_signature(body.signature), request_id=body.request_id)


@_verb("POST", "/messages")
def correlate() -> dict[str, list[str]]:
    """Send a message; it is kept for its time to live when nobody waits for it yet. Gives the instances that it reached."""
    body = _read(bodies.Message)
    reached = engine().correlate(body.name, body.key, body.variables, person(), ttl_seconds=body.ttl_seconds)
    return {"reached": reached}


@_verb("POST", "/jobs/activate")
def activate_jobs() -> list[Job]:
    """Jobs of one type for an external worker; nobody else gets them before the lock ends."""
    body = _read(bodies.Activate)
    return engine().activate_jobs(body.type, body.worker, person(), limit=body.limit, seconds=body.lock_seconds)


@_verb("POST", "/jobs/<job_id>/complete")
def complete_job(job_id: str) -> None:
    """The job is done; its variables go into the instance."""
    engine().complete_job(job_id, _read(bodies.CompleteJob).variables, person())


@_verb("POST", "/jobs/<job_id>/fail")
def fail_job(job_id: str) -> None:
    """The job failed; with no retries left it becomes an incident."""
    body = _read(bodies.FailJob)
    engine().fail_job(job_id, body.message, person(), retries=body.retries, backoff=timedelta(seconds=body.backoff_seconds))


@_verb("GET", "/openapi.json")
def description() -> dict[str, Any]:
    """This description, in OpenAPI 3.1."""
    return openapi.described(current_app, blueprint.name)


def _signature(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as broken:
        raise SignatureRefused("The signature is not base64. Send the DER of the CMS in base64.", reason="malformed") from broken
