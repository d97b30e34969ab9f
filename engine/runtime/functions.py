"""The functions that JUEL and Groovy find in every activity beside Camunda's `execution` and `task`: the registry platform's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection

from engine.clock import Clock
from engine.data import documents
from engine.errors import BpmnError
from engine.expressions.exposed import Exposed
from engine.expressions.spin import JsonNode
from engine.identity import Person, Tokens
from engine.runtime import registry_functions, submissions
from engine.runtime.objects import DelegateTask, Execution
from engine.runtime.scopes import Scopes
from engine.runtime.tasks import TaskInHand
from engine.signing import Trust


@dataclass(frozen=True)
class Setting:
    """Where the functions are called: one activity of one instance, within a verb's transaction.

    local   the scope that Camunda 7 means by local
    event   what a listener is called for
    flow_id   the flow that is just taken
    canceled  the activity is left without an end
    parent_id  the instance that called this one
    began      what the instance began with: the start event that was triggered, and the variables
    trust      whom to believe when signatures are checked
    task    gives the user task that stands there; None where it is no user task
    """

    tx: Connection
    scopes: Scopes
    scope: str
    instance_id: str
    business_key: str | None
    definition_id: str
    element_id: str
    element_name: str
    started_by: str
    who: Person
    find_person: Callable[[Connection, str], Person | None]
    tokens: Tokens
    clock: Clock
    root_instance_id: str
    local: str
    event: str | None = None
    flow_id: str | None = None
    canceled: bool = False
    task: Callable[[], TaskInHand] | None = None
    parent_id: str | None = None
    began: Callable[[], Mapping[str, Any]] = dict
    trust: Callable[[], Trust] = Trust


@dataclass(frozen=True)
class UserDto(Exposed):
    """A person as models see one; everything is null where nobody is meant."""

    exposed: ClassVar[frozenset[str]] = frozenset({
        "userName", "accessToken", "drfo", "edrpou", "fullName", "roles", "subjectType", "isRepresentative", "representative", "attributes",
    })  # fmt: skip
    userName: str | None = None
    accessToken: str | None = None
    drfo: str | None = None
    edrpou: str | None = None
    fullName: str | None = None
    subjectType: str | None = None
    roles: tuple[str, ...] = ()
    attributes: Any = None
    representative: bool = False

    def isRepresentative(self) -> bool:
        return self.representative


@dataclass(frozen=True)
class SubmissionDto(Exposed):
    """A submitted form as models see it."""

    exposed: ClassVar[frozenset[str]] = frozenset({"formData", "signature", "signatureDocumentId"})
    formData: JsonNode | None = None
    signature: str | None = None
    signatureDocumentId: str | None = None


def functions(at: Setting) -> dict[str, Any]:
    """The names that JUEL and Groovy find beside the variables."""
    task = {"task": DelegateTask(at, at.task)} if at.task is not None else {}
    return {
        **task,
        "execution": Execution(at),
        "initiator": lambda: _user(at, at.started_by),
        "completer": lambda element_id: _completer(at, element_id),
        "system_user": lambda: _user(at, at.who.id),
        "submission": lambda element_id: _submission(at, element_id),
        "sign_submission": lambda element_id: _signed_submission(at, element_id),
        "get_variable": lambda name: at.scopes.visible(at.scope).get(name),
        "set_variable": lambda name, value: _set(at, name, value, transient=False),
        "set_transient_variable": lambda name, value: _set(at, name, value, transient=True),
        "currentUser": lambda: at.who.id,
        "currentUserGroups": lambda: sorted(at.who.groups),
        "now": at.clock.now,
        "dateTime": at.clock.now,
        "BpmnError": BpmnError,
        **registry_functions.functions(at),
    }


def _set(at: Setting, name: str, value: Any, transient: bool) -> None:
    """Remove, then set on the instance itself, as the platform does."""
    for scope in list(at.scopes.chain(at.scope)):
        at.scopes.remove(scope, name)
    at.scopes.assign_local(at.scopes.root, name, value, transient)


def _user(at: Setting, person_id: str | None) -> UserDto:
    person = at.who if person_id == at.who.id else at.find_person(at.tx, person_id) if person_id else None
    if person is None:
        return UserDto()
    return UserDto(person.id, at.tokens.issue(person), person.serial_number, None, person.name, "INDIVIDUAL", tuple(sorted(person.roles)))


def _completer(at: Setting, element_id: str) -> UserDto:
    found = submissions.latest(at.tx, at.instance_id, element_id)
    return _user(at, found.person if found else None)


def _submission(at: Setting, element_id: str) -> SubmissionDto:
    found = submissions.latest(at.tx, at.instance_id, element_id)
    return SubmissionDto(JsonNode.of(found.data) if found else None)


def _signed_submission(at: Setting, element_id: str) -> SubmissionDto:
    found = submissions.latest(at.tx, at.instance_id, element_id)
    if found is None or found.document_id is None:
        return SubmissionDto(JsonNode.of(found.data) if found else None)
    document = documents.get(at.tx, found.document_id)
    signature = document.signature.hex() if document and document.signature else None
    return SubmissionDto(JsonNode.of(found.data), signature, found.document_id)
