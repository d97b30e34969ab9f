"""What is done at an element: one function per kind of work, which gives results, or None where the token rests until somebody answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, Protocol

from sqlalchemy import Connection

from engine.bpmn.model import DelegateWork, Element, Expression, JobWork, MessageWork, ScriptWork, UserWork, Value
from engine.data.origin import Origin
from engine.delegates import DELEGATES, JOB_TYPES, connector
from engine.delegates.call import Call, Delegate, World
from engine.errors import RatchetError
from engine.jobs import table as jobs
from engine.runtime import messages, tasks
from engine.runtime.definitions import Definition
from engine.runtime.evaluate import Script, raw, unwrapped
from engine.runtime.scopes import Scopes
from engine.runtime.store import Instance
from engine.runtime.tokens import Token
from engine.runtime.values import to_json

PREFILL = "userTaskInputFormDataPrepopulate"
Results = dict[str, Any] | None


class NoSuchDelegate(RatchetError):
    """Ratchet has no delegate of this name."""


class NotAMoment(RatchetError):
    """A due date must be a date or a date and time."""


class Place(Protocol):
    """What work needs to know of the instance that it is done in."""

    tx: Connection
    world: World
    definition: Definition
    instance: Instance
    now: datetime
    scopes: Scopes

    def script(self, token: Token) -> Script: ...
    def origin(self, token: Token, element: Element) -> Origin: ...


def do(at: Place, token: Token, element: Element) -> Results:
    """Do what stands at an element."""
    return _WORK[type(element.work)](at, token, element)


def _nothing(at: Place, token: Token, element: Element) -> Results:
    return {}


def _script(at: Place, token: Token, element: Element) -> Results:
    work, script = element.work, at.script(token)
    assert isinstance(work, ScriptWork)
    found = raw(script.value(work.expression))
    return {work.result: found} if work.result else {}


def _user(at: Place, token: Token, element: Element) -> Results:
    work, script = element.work, at.script(token)
    assert isinstance(work, UserWork)
    seen = at.scopes.visible(str(token.id))
    tasks.add(at.tx, tasks.Task(
        id=str(token.id), instance_id=at.instance.id, element_id=element.id, name=element.name, state=tasks.OPEN,
        created_at=at.now, assignee=script.text(work.assignee), candidate_users=script.names(work.candidate_users),
        candidate_groups=script.names(work.candidate_groups), prefill=to_json(unwrapped(seen.get(PREFILL) or {})),
        due_at=_moment(script, work.due), follow_up_at=_moment(script, work.follow_up), priority=_whole(script, work.priority),
    ))  # fmt: skip
    return None


def _delegate(at: Place, token: Token, element: Element) -> Results:
    """A Camunda-7 delegate: what it gives is local and transient, output parameters pass it on."""
    assert isinstance(element.work, DelegateWork)
    delegate = DELEGATES.get(element.work.name)
    if delegate is None:
        raise NoSuchDelegate(f"Ratchet has no delegate “{element.work.name}”.")
    for name, value in delegate(_call(at, token, element, {})).items():
        at.scopes.assign_local(str(token.id), name, value, transient=True)
    return {}


def _job(at: Place, token: Token, element: Element) -> Results:
    """A job of our own types is done at once; any other waits for an external worker."""
    work = element.work
    assert isinstance(work, JobWork)
    type_name = at.script(token).text(work.type) or ""
    delegate: Delegate | None = JOB_TYPES.get(type_name)
    if delegate is not None:
        left = token.internal_data.get("retries", element.retries)
        return connector.run(delegate, _call(at, token, element, work.headers), {"job": {"retries": left}})
    jobs.put(at.tx, jobs.Job(
        str(token.id), jobs.EXTERNAL, type_name, at.instance.id, element.id, element.retries or 1, at.now, dict(work.headers)
    ))  # fmt: skip
    return None


def _message(at: Place, token: Token, element: Element) -> Results:
    """A message that is kept already is taken; else the token waits."""
    work, script = element.work, at.script(token)
    assert isinstance(work, MessageWork)
    name = script.text(work.name) or ""
    key = script.text(work.key) if work.key else at.instance.business_key
    process_key = at.definition.key
    kept = messages.take(at.tx, name, key, process_key, at.now)
    if kept is None:
        messages.subscribe(at.tx, messages.Subscription(str(token.id), at.instance.id, process_key, element.id, name, key, at.now))
    return kept


def _call(at: Place, token: Token, element: Element, headers: Any) -> Call:
    names_secret = at.world.secrets.mentions
    secret = tuple(one.target for one in element.inputs if isinstance(one.value, Expression) and names_secret(one.value.source))
    return Call(
        tx=at.tx, inputs=at.scopes.visible(str(token.id)), headers=headers, origin=at.origin(token, element), secret_inputs=secret,
        root_instance_id=at.instance.id, world=at.world, key=f"{at.instance.id}/{element.id}/{token.id}",
    )  # fmt: skip


def _moment(script: Script, value: Value | None) -> datetime | None:
    found = raw(script.value(value)) if value is not None else None
    if found in (None, ""):
        return None
    if isinstance(found, str):
        try:
            found = datetime.fromisoformat(found)
        except ValueError as wrong:
            raise NotAMoment(f"“{found}” is not a date; write it like 2026-05-31 or 2026-05-31T12:00:00Z.") from wrong
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found, time())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _whole(script: Script, value: Value | None) -> int | None:
    found = script.text(value)
    return int(found) if found is not None and found.lstrip("-").isdigit() else None


_WORK: dict[type, Callable[[Place, Token, Element], Results]] = {
    type(None): _nothing,
    ScriptWork: _script,
    UserWork: _user,
    DelegateWork: _delegate,
    JobWork: _job,
    MessageWork: _message,
}
