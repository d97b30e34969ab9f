"""Completing a user task: its form, what is accepted, what is signed, what is recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from engine import forms, signing
from engine.bpmn.model import Element, FormRef, UserWork
from engine.data import documents
from engine.data.documents import Document
from engine.errors import InvalidData, Refused
from engine.runtime import definitions, listeners, submissions
from engine.runtime.definitions import Form
from engine.runtime.evaluate import Script, raw, unwrapped
from engine.runtime.run import Run
from engine.runtime.submissions import SigningRequest, Submission
from engine.runtime.tasks import Task
from engine.runtime.values import plain
from engine.signing import Signatory, Trust


class SignatureMissing(Refused):
    """This task must be signed. Open it in the browser, fill in the form and sign."""


@dataclass(frozen=True)
class Signed:
    """A signature that was verified: over which request, which bytes, by whom."""

    request: SigningRequest
    cms: bytes
    signatory: Signatory


def work_of(run: Run, task: Task) -> UserWork:
    element: Element = run.definition.process.elements[task.element_id]
    assert isinstance(element.work, UserWork)
    return element.work


def form_of(run: Run, task: Task) -> Form | None:
    reference = work_of(run, task).form
    if reference is not None and reference.chosen is not None:
        reference = replace(reference, key=_script(run, task).text(reference.chosen) or "")
    return definitions.resolve_form(run.tx, reference, run.definition)


def _script(run: Run, task: Task) -> Script:
    """What the model's text about a task sees: its own scope, or the whole case where the task is over."""
    token = run.tokens.find(task.id)
    return run.script(token) if token is not None else run.script(run.tokens.task_tree, run.instance.id)


def context_of(run: Run, task: Task) -> dict[str, Any]:
    """What the form's fields and expressions may see: the variables, and what the model prefills."""
    seen: dict[str, Any] = plain(unwrapped(run.scopes.visible(task.id)))
    return {**seen, **task.prefill}


def shown(run: Run, task: Task) -> dict[str, Any]:
    """What the form starts with: the draft where there is one, over the prefilled values."""
    form = form_of(run, task)
    start = forms.prefill(form.schema, {**_defaults(run, task), **context_of(run, task)}) if form else {}
    return {**start, **(task.draft or {})}


def _defaults(run: Run, task: Task) -> dict[str, Any]:
    """What the form's own expressions give."""
    reference = work_of(run, task).form
    defaults = reference.defaults if reference is not None else ()
    return {one.target: plain(unwrapped(raw(_script(run, task).value(one.value)))) for one in defaults}


def accept(run: Run, task: Task, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data that the form lets through; `InvalidData` names the fields that it does not. Without a form everything is taken."""
    form = form_of(run, task)
    if form is None:
        return dict(data)
    accepted, errors = forms.accept(form.schema, dict(data), context_of(run, task), run.now.date())
    if errors:
        raise InvalidData(errors)
    return {**_beside(work_of(run, task).form, form, data), **accepted}


def _beside(reference: FormRef | None, form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was submitted that is no field of the form, where that is taken."""
    if reference is None or not reference.takes_more:
        return {}
    fields = {component.get("key") for component in form.schema["components"]}
    return {name: value for name, value in data.items() if name not in fields}


def accept_start(run: Run, data: dict[str, Any]) -> dict[str, Any]:
    """What the start form lets through, kept as the start event's submission; everything where there is no start form."""
    process = run.definition.process
    form = definitions.resolve_form(run.tx, process.start_form, run.definition)
    if form is None:
        return data
    accepted, errors = forms.accept(form.schema, data, {}, run.now.date())
    if errors:
        raise InvalidData(errors)
    accepted = {**_beside(process.start_form, form, data), **accepted}
    submissions.add(run.tx, Submission(run.instance.id, run.instance.id, process.start, run.who.id, accepted, run.now))
    return accepted


def request_signature(run: Run, task: Task, data: dict[str, Any]) -> SigningRequest:
    """Write down the exact text that this person is to sign for this task, good for one use."""
    form, id, person = form_of(run, task), str(uuid4()), run.who
    facts = {
        "process": run.definition.key, "version": run.definition.version, "instance": run.instance.id, "task": task.id,
        "element": task.element_id, "name": task.name,
        "form": {"key": form.key, "version": form.version, "sha256": form.sha256} if form else None,
        "person": {"id": person.id, "name": person.name, "serialNumber": person.serial_number},
        "nonce": id, "time": run.now.isoformat(), "data": data,
    }  # fmt: skip
    new = SigningRequest(id, task.id, person.id, data, json.dumps(facts, ensure_ascii=False, indent=1), run.now)
    submissions.request(run.tx, new)
    return new


def verify(run: Run, task: Task, request_id: str | None, cms: bytes | None, trust: Trust) -> Signed:
    """The signature, once everything about it holds: for this task, by this person, over the server's own copy of the text."""
    if cms is None:
        raise SignatureMissing()
    request = submissions.get_request(run.tx, request_id)
    if (request.task_id, request.person) != (task.id, run.who.id):
        raise Refused("What was signed belongs to another task or person. Open the task again and sign anew.")
    signatory = signing.verify(request.document.encode(), cms, trust, run.now)
    signing.same_person(signatory, run.who.serial_number)
    return Signed(request, cms, signatory)


def complete(run: Run, task: Task, data: dict[str, Any], signed: Signed | None) -> None:
    """Record the submission and move the process on."""
    if listeners.is_assigning(run.resting(task.id)):
        raise Refused(f"“{task.name}” is still being assigned: a listener is waited for.")
    document_id = _keep_document(run, task, signed) if signed else None
    signatory = plain(asdict(signed.signatory)) if signed else None
    submissions.add(run.tx, Submission(task.id, task.instance_id, task.element_id, run.who.id, data, run.now, document_id, signatory))
    run.finish(task.id, data, run.who.id)
    run.case.settle()


def _keep_document(run: Run, task: Task, signed: Signed) -> str:
    submissions.use_request(run.tx, signed.request.id, run.now)
    id = documents.free_id(run.tx, f"process/{task.instance_id}/task/{task.element_id}")
    documents.put(run.tx, Document(id, "submission", signed.request.document, signed.cms, run.who.id, run.now))
    return id


def described(run: Run, task: Task, data: dict[str, Any]) -> list[tuple[str, str]]:
    """The data in words: label and value, as the signing page and the printout show them."""
    form = form_of(run, task)
    return forms.describe(form.schema, data) if form else [(name, str(value)) for name, value in data.items()]


