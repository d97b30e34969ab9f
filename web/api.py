"""The only place for the REST API: the engine's verbs as JSON, for programs and external workers.

`openapi` describes it from these functions.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import timedelta
from typing import Any

from flask import current_app

from engine.core import Signing, Submitted, TaskForm
from engine.dmn import Result
from engine.errors import BpmnError, InvalidData
from engine.jobs.table import Job
from engine.runtime.decisions import DecisionInfo
from engine.runtime.definitions import DefinitionInfo
from engine.runtime.deployments import Deployment
from engine.runtime.views import InstanceDetail, InstanceInfo, TaskInfo
from engine.signing import SignatureRefused
from web import bodies, operations
from web.asked import engine, person
from web.openapi import described
from web.processes import deployed, known
from web.verbs import VERBS, blueprint, verb

__all__ = ["VERBS", "blueprint", "operations"]

FILTERS = ("mine", "claimable", "all", "done")


@verb("GET", "/definitions")
def definitions() -> list[DefinitionInfo]:
    """The latest version of each process."""
    return engine().definitions(person())


@verb("GET", "/definitions/<key>")
def versions(key: str) -> list[DefinitionInfo]:
    """All versions of a process, the latest first."""
    return known(key)


@verb("POST", "/deployments", 201)
def deploy() -> Deployment:
    """Check and deploy the files of a multipart body, field `files`; 422 with the problems when one of them cannot run."""
    return deployed()


@verb("GET", "/decisions")
def decisions() -> list[DecisionInfo]:
    """The latest version of each decision."""
    return engine().decisions(person())


@verb("POST", "/decisions/<key>/evaluation", takes=bodies.Decide)
def decide(key: str, body: bodies.Decide) -> Result:
    """Evaluate a decision: its value, and each decision that it required with the rules that matched."""
    return engine().decide(key, body.variables, person(), version=body.version)


@verb("GET", "/instances", asks=operations.FILTERS)
def instances(**asked: str | None) -> list[InstanceInfo]:
    """Instances, narrowed down by what is asked; all but `key` and `state` are for analysts."""
    if any(value is not None for name, value in asked.items() if name not in ("key", "state")):
        return engine().select(operations.selection(asked), person())
    return engine().instances(person(), key=asked["key"], state=asked["state"])


@verb("POST", "/instances", 201, takes=bodies.Start)
def start(body: bodies.Start) -> dict[str, str]:
    """Start a process; gives the id of the new instance."""
    begin = {"before": body.before, "after": body.after}
    return {"id": engine().start(body.key, body.variables, person(), business_key=body.business_key, version=body.version, **begin)}


@verb("GET", "/instances/<instance_id>")
def instance(instance_id: str) -> InstanceDetail:
    """Where an instance stands and how it got there."""
    return engine().instance(instance_id, person())


@verb("POST", "/instances/<instance_id>/retry")
def retry(instance_id: str) -> None:
    """Try again what failed."""
    engine().retry(instance_id, person())


@verb("POST", "/instances/<instance_id>/cancel")
def cancel(instance_id: str) -> None:
    """End an instance before its end."""
    engine().cancel(instance_id, person())


@verb("GET", "/tasks", asks=("filter",))
def tasks(filter: str | None) -> list[TaskInfo]:
    """Tasks; `filter` is mine (default), claimable, all or done."""
    if filter not in (None, *FILTERS):
        raise InvalidData({"filter": [f"There is no such filter. It is one of {', '.join(FILTERS)}."]})
    return engine().tasks(person(), filter or "mine")


@verb("GET", "/tasks/<task_id>")
def task(task_id: str) -> TaskForm:
    """One open task with the schema of its form and what it starts with."""
    return engine().task_form(task_id, person())


@verb("POST", "/tasks/<task_id>/claim")
def claim(task_id: str) -> None:
    """Make the task your own; 409 when somebody was faster."""
    engine().claim(task_id, person())


@verb("POST", "/tasks/<task_id>/unclaim")
def unclaim(task_id: str) -> None:
    """Give the task back."""
    engine().unclaim(task_id, person())


@verb("POST", "/tasks/<task_id>/signing-requests", 201, takes=bodies.Entered)
def prepare_signature(task_id: str, body: bodies.Entered) -> Signing:
    """Check the data of a task that must be signed and get the exact document to sign, in base64."""
    return engine().prepare_signature(task_id, body.data, person())


@verb("POST", "/tasks/<task_id>/complete", takes=bodies.Complete)
def complete(task_id: str, body: bodies.Complete) -> Submitted:
    """Submit a task, with the signature where one is asked for; 422 names the fields to correct."""
    return engine().submit(task_id, body.data, person(), signature=_signature(body.signature), request_id=body.request_id)


@verb("POST", "/messages", takes=bodies.Message)
def correlate(body: bodies.Message) -> dict[str, list[str]]:
    """Send a message; it is kept for its time to live when nobody waits for it yet. Gives the instances that it reached."""
    reached = engine().correlate(body.name, body.key, body.variables, person(), ttl_seconds=body.ttl_seconds)
    return {"reached": reached}


@verb("POST", "/jobs/activate", takes=bodies.Activate)
def activate_jobs(body: bodies.Activate) -> list[Job]:
    """Jobs of one type for an external worker; nobody else gets them before the lock ends."""
    return engine().activate_jobs(body.type, body.worker, person(), limit=body.limit, seconds=body.lock_seconds)


@verb("POST", "/jobs/<job_id>/complete", takes=bodies.CompleteJob)
def complete_job(job_id: str, body: bodies.CompleteJob) -> None:
    """The job is done; its variables go into the instance. 409 when `worker` is named and another one has the job by now."""
    engine().complete_job(job_id, body.variables, person(), worker=body.worker)


@verb("POST", "/jobs/<job_id>/fail", takes=bodies.FailJob)
def fail_job(job_id: str, body: bodies.FailJob) -> None:
    """The job failed; with no retries left it becomes an incident."""
    backoff = timedelta(seconds=body.backoff_seconds)
    engine().fail_job(job_id, body.message, person(), retries=body.retries, backoff=backoff, worker=body.worker)


@verb("POST", "/jobs/<job_id>/error", takes=bodies.ThrowError)
def throw_job_error(job_id: str, body: bodies.ThrowError) -> None:
    """The job ends in a BPMN error, which goes to the innermost event that catches it; an incident when none does."""
    engine().throw_job_error(job_id, BpmnError(body.code, body.message, body.variables), person(), worker=body.worker)


@verb("PUT", "/jobs/<job_id>/lock", takes=bodies.Lock)
def extend_job(job_id: str, body: bodies.Lock) -> None:
    """The worker that has the job needs more time: so many seconds from now."""
    engine().extend_job(job_id, body.worker, person(), seconds=body.lock_seconds)


@verb("GET", "/openapi.json")
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
