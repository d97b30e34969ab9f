"""What is done at an element: one function per kind of work, which gives results, or None where the token rests until somebody answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from engine import dmn, durations
from engine.bpmn.model import AdHocWork, CallWork, DecisionWork, DelegateWork, JobWork, ScriptWork, UserWork, Work
from engine.bpmn.values import Expression, Value
from engine.delegates import DELEGATES, JOB_TYPES, connector, remote, sql
from engine.delegates.call import Call, Delegate, ForInstance, Lasting, NewBusinessKey
from engine.errors import RatchetError
from engine.jobs import table as jobs
from engine.runtime import calls, decisions, events, listeners, store, submissions, subprocesses, tasks
from engine.runtime.evaluate import Script, raw, unwrapped
from engine.runtime.tokens import Token
from engine.runtime.values import to_json

if TYPE_CHECKING:
    from engine.runtime.run import Run

PREFILL = "userTaskInputFormDataPrepopulate"
Results = dict[str, Any] | None


class NoSuchDelegate(RatchetError):
    """Ratchet has no delegate of this name."""


def do(run: Run, token: Token) -> Results:
    """Do what stands at an element."""
    element = token.element
    by_kind = _KINDS.get(element.kind) if element.work is None else None
    return by_kind(run, token) if by_kind is not None else _WORK[type(element.work)](run, token, element.work)


def at_once(run: Run, token: Token, work: Work, event: str, scope: str | None = None) -> None:
    """Do a listener's work, which never rests."""
    if isinstance(work, ScriptWork):
        run.script(token, scope, event).value(work.expression)
    elif isinstance(work, DelegateWork):
        _delegate(run, token, work)
    elif isinstance(work, JobWork):
        JOB_TYPES[run.script(token, scope).name(work.type)](_call(run, token, work.headers))


def is_ours(run: Run, token: Token, work: JobWork, scope: str | None = None) -> bool:
    """Whether a job is done in the step's own transaction."""
    type_name = run.script(token, scope).name(work.type)
    return type_name in JOB_TYPES and type_name not in run.world.remote_types


def _nothing(run: Run, token: Token, work: None) -> Results:
    return {}


def _script(run: Run, token: Token, work: ScriptWork) -> Results:
    found = raw(run.script(token).value(work.expression))
    return {work.result: found} if work.result else {}


def _user(run: Run, token: Token, work: UserWork) -> Results:
    """The task, once its listeners have been called, which may change it; it rests until a person has done it."""
    hand = token.in_hand = tasks.TaskInHand(_task(run, token, work))
    if not listeners.run(run, token, "create") or (hand.task.assignee and not listeners.run(run, token, "assignment")):
        return None
    token.notes.pop("heard", None)
    run.waits.task(token, hand.task)
    return None


def _task(run: Run, token: Token, work: UserWork) -> tasks.Task:
    script, element = run.script(token), token.element
    seen = run.scopes.visible(token.id)
    return tasks.Task(
        id=token.id, instance_id=run.instance.id, element_id=element.id, name=script.text(work.name) or element.name, state=tasks.OPEN,
        created_at=run.now, assignee=_assignee(script, work), candidate_users=script.names(work.candidate_users),
        candidate_groups=script.names(work.candidate_groups), prefill=to_json(unwrapped(seen.get(PREFILL) or {})),
        due_at=_moment(script, work.due), follow_up_at=_moment(script, work.follow_up), priority=_whole(script, work.priority),
    )  # fmt: skip


def _delegate(run: Run, token: Token, work: DelegateWork) -> Results:
    """A Camunda-7 delegate: what it gives is local and transient, output parameters pass it on."""
    delegate = DELEGATES.get(work.name)
    if delegate is None:
        raise NoSuchDelegate(f"Ratchet has no delegate “{work.name}”.")
    for name, value in delegate(_call(run, token, {})).items():
        if isinstance(value, NewBusinessKey):
            run.instance = store.rekey(run.tx, run.instance, value.key)
        elif isinstance(value, ForInstance):
            run.scopes.assign_local(run.instance.id, name, value.value)
        elif isinstance(value, Lasting):
            run.scopes.assign_local(token.id, name, value.value)
        else:
            run.scopes.assign_local(token.id, name, value, transient=True)
    return {}


def _job(run: Run, token: Token, work: JobWork) -> Results:
    """A job of our own types is done at once; any other waits for an external worker."""
    script, element = run.script(token), token.element
    type_name, tries = script.name(work.type), script.whole(work.retries) if work.retries is not None else element.retries
    delegate: Delegate | None = JOB_TYPES.get(type_name)
    call = _call(run, token, work.headers) if delegate is not None else None
    elsewhere = sql.outside(type_name, call) if call is not None else None
    if delegate is not None and call is not None and elsewhere is None:
        if _rests_first(run, token, type_name, call):
            return None
        left = token.notes.setdefault("retries", tries) if work.retries is not None else token.notes.get("retries", tries)
        return connector.run(delegate, call, {"job": {"retries": left}})
    if elsewhere is not None and run.in_atomic(token):
        raise NoSuchDelegate(f"A connector runtime cannot be part of a transaction: list {type_name} in RATCHET_REMOTE_TYPES.")
    headers = {**work.headers, **(remote.asked(type_name, call, to_json) if elsewhere is not None and call is not None else {})}
    run.waits.job(token, jobs.Job(
        token.id, jobs.EXTERNAL, elsewhere or type_name, run.instance.id, element.id, tries or 1, run.now, headers
    ))  # fmt: skip
    return None


def _rests_first(run: Run, token: Token, type_name: str, call: Call) -> bool:
    """Whether a token rests before an effect on a foreign database: then it is saved under the key that marks the effect there.

    Were it not, a killed step would come back with another token, whose mark would be another one.
    """
    if "marked" in token.notes or run.in_atomic(token) or not sql.leaves_mark(type_name, call):
        return False
    token.notes["marked"] = True
    run.waits.job(token, jobs.Job(
        token.id, jobs.ASYNC, token.element.kind, run.instance.id, token.element.id, max(token.notes.get("retries", 1), 1), run.now
    ))  # fmt: skip
    return True


def _decision(run: Run, token: Token, work: DecisionWork) -> Results:
    script = run.script(token)
    variables = unwrapped(run.scopes.visible(token.id))
    wanted = decisions.Wanted(work.binding.kind, script.text(work.binding.value) or run.definition.deployed_at)
    found = decisions.decide(run.tx, script.name(work.key), variables, run.world.clock, script.warn, wanted)
    value = found.value if work.mapping == "value" else dmn.mapped(found, work.mapping)
    return {work.result: value} if work.result else {}


def _call_activity(run: Run, token: Token, work: CallWork) -> Results:
    calls.begin(run, token)
    return None


def _call(run: Run, token: Token, headers: Any) -> Call:
    names_secret, element = run.world.secrets.mentions, token.element
    inputs = element.inputs if element is not None else ()
    secret = tuple(one.target for one in inputs if isinstance(one.value, Expression) and names_secret(one.value.source))
    written = frozenset(one.target for one in inputs if isinstance(one.value, Expression) and one.value.language == "text")
    if secret:
        run.world.secrets.refresh(run.tx)
    return Call(
        tx=run.tx, inputs=run.scopes.visible(token.id), headers=headers, origin=run.origin(token), secret_inputs=secret,
        declared=frozenset(one.target.partition(".")[0] for one in inputs), written=written,
        root_instance_id=run.instance.root_id or run.instance.id, world=run.world,
        key=f"{run.instance.id}/{element.id if element is not None else ''}/{token.id}", submitted=partial(_submitted, run),
    )  # fmt: skip


def _submitted(run: Run, element_id: str | None) -> Any:
    found = submissions.latest(run.tx, run.instance.id, element_id or run.definition.process.start)
    return found.data if found else None


def _assignee(script: Script, work: UserWork) -> str | None:
    """Whose it is; nobody's where there is nothing, but whatever else is no text is refused."""
    found = raw(script.value(work.assignee)) if work.assignee is not None else None
    return None if found in (None, "") else script.name(work.assignee) or None


def _moment(script: Script, value: Value | None) -> datetime | None:
    """A date; also a duration from now, which Camunda 7 takes in its place."""
    found = raw(script.value(value)) if value is not None else None
    if isinstance(found, str) and found.startswith("P"):
        return durations.parse(found).after(script.clock.now())
    return tasks.moment(found)


def _whole(script: Script, value: Value | None) -> int | None:
    if isinstance(value, Expression) and value.language == "feel":
        return script.whole(value)
    found = script.text(value)
    return int(found) if found is not None and found.lstrip("-").isdigit() else None


_KINDS: dict[str, Callable[[Run, Token], Results]] = {
    "subProcess": subprocesses.begin,
    "transaction": subprocesses.begin,
    "startEvent": events.begun,
    "receiveTask": events.catch,
    "intermediateCatchEvent": events.catch,
    "boundaryEvent": events.catch,
    "eventBasedGateway": events.offer,
    "intermediateThrowEvent": events.throw,
    "endEvent": events.throw,
    "sendTask": events.throw,
}
_WORK: dict[type, Callable[[Run, Token, Any], Results]] = {
    type(None): _nothing,
    ScriptWork: _script,
    UserWork: _user,
    DelegateWork: _delegate,
    JobWork: _job,
    DecisionWork: _decision,
    CallWork: _call_activity,
    AdHocWork: subprocesses.begin_ad_hoc,
}
