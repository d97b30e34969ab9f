"""Events: how a token waits for one, what happens when it comes, and how one is thrown.

The events on an activity's edge, the starts of event sub-processes and the choices of an event-based gateway wait as passive tokens; when
one occurs, a new token takes its way and, where it interrupts, what it belongs to is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from engine import durations
from engine.bpmn.model import Element
from engine.bpmn.triggers import (
    CancelEvent,
    CompensateEvent,
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    LinkEvent,
    MessageEvent,
    SignalEvent,
    TerminateEvent,
    TimerEvent,
)
from engine.errors import BpmnError, RatchetError
from engine.jobs import table as jobs
from engine.jobs import timing
from engine.runtime import compensation, conditions, messages, propagation, stages
from engine.runtime.evaluate import raw
from engine.runtime.tokens import RESTING, Token
from engine.runtime.values import to_json
from engine.runtime.waits import SUBSCRIPTION

if TYPE_CHECKING:
    from engine.runtime.run import Run

Results = dict[str, Any] | None
DEFAULT_RETRIES = 3


class NoKey(RatchetError):
    """A message's correlation key is empty."""


# Waiting


def watch_edge(run: Run, host: Token) -> None:
    """Begin to wait for the events on an activity's edge."""
    conditions.check(run)
    for element in run.definition.spec.boundaries.get(host.element.id, ()):
        if type(element.event) in _WAITS:
            watch(run, run.tokens.place(element.id, host.scope, host=host.id))


def watch_scope(run: Run, scope: Token) -> None:
    """Begin to wait for the events that start a scope's event sub-processes."""
    conditions.check(run)
    for element in run.definition.spec.event_starts.get(scope.element.id if scope.element is not None else None, ()):
        if type(element.event) in _WAITS:
            watch(run, run.tokens.place(element.id, scope, host=scope.id))


def is_awaited(element: Element) -> bool:
    """Whether an event on an edge or at the start of an event sub-process is waited for; others are thrown to it."""
    return type(element.event) in _WAITS


def offer(run: Run, gateway: Token) -> Results:
    """An event-based gateway: all events behind it are waited for, the first one wins."""
    for flow in run.definition.spec.flows_from(gateway.element):
        if watch(run, run.tokens.place(flow.target, gateway.scope, host=gateway.id, flow=flow.id)):
            break  # what the others wait for stays for somebody else
    return None


def watch(run: Run, token: Token) -> bool:
    """Begin to wait for a passive token's event; whether it is there already, then it occurs after this step."""
    found = wait(run, token)
    if found is not None:
        run.later.append((token, found))
    return found is not None


def wait(run: Run, token: Token) -> Results:
    """Wait for a token's event, unless it is there already: then its variables."""
    event = token.element.event
    return _WAITS[type(event)](run, token, event) if event is not None else None


def begun(run: Run, token: Token) -> Results:
    """The work of a start event: what its event has brought."""
    return _taken(token) or {}


def catch(run: Run, token: Token) -> Results:
    """The work of a catching event or receive task: what an event has brought, else a rest."""
    return _taken(token) if token.arrived is not None else wait(run, token)


def _taken(token: Token) -> Results:
    found, token.arrived = token.arrived, None
    return found


def _wait_for_message(run: Run, token: Token, event: MessageEvent) -> Results:
    script = run.script(token, conditions.seen_from(run, token))
    name, key = script.name(event.name), run.instance.business_key
    if event.key is not None:
        if script.text(event.key) is None:
            raise NoKey(f"“{token.element.name}” cannot wait for the message “{name}”: its correlation key is empty.")
        key = script.name(event.key, or_number=True)
    kept = messages.take(run.tx, name, key, run.definition.key, run.now)
    if kept is None:
        _subscribe(run, token, messages.MESSAGE, name, key)
    return kept


def _wait_for_signal(run: Run, token: Token, event: SignalEvent) -> Results:
    name = run.script(token, conditions.seen_from(run, token)).name(event.name)
    token.notes["signal"] = name
    _subscribe(run, token, messages.SIGNAL, name, None)
    return None


def _subscribe(run: Run, token: Token, kind: str, name: str, key: str | None) -> None:
    new = messages.Subscription(token.id, run.instance.id, run.definition.key, token.element.id, name, key, run.now, kind)
    run.waits.subscription(token, new)


def _wait_for_moment(run: Run, token: Token, event: TimerEvent) -> Results:
    value = raw(run.script(token, conditions.seen_from(run, token)).value(event.value))
    _schedule(run, token, timing.first(event.kind, value, run.now, quartz=event.quartz))
    return None


def _schedule(run: Run, token: Token, due: timing.Due | None) -> None:
    """A job at the next moment of a timer; none after the last."""
    if due is None:
        return
    token.notes["timer"] = due.note()
    retries, headers = patience(run, token.element, conditions.seen_from(run, token))
    run.waits.job(token, jobs.Job(
        token.id, jobs.TIMER, token.element.kind, run.instance.id, token.element.id, retries, due.at, headers
    ))  # fmt: skip


def patience(run: Run, element: Element, scope: str) -> tuple[int, dict[str, Any]]:
    """How often a job of an element is tried, and how many seconds to wait between: what the model says, else three times at once."""
    cycle = run.script(run.tokens.task_tree, scope).text(element.retry_cycle)
    if cycle is None:
        return DEFAULT_RETRIES, {}
    retries, waits = timing.retry_cycle(cycle)
    return retries, {"tries": retries, "backoff": [wait.total_seconds() for wait in waits]}


def _wait_for_condition(run: Run, token: Token, event: ConditionalEvent) -> Results:
    return {} if conditions.holds(run, token, event) else None


_WAITS: dict[type, Callable[[Run, Token, Any], Results]] = {
    MessageEvent: _wait_for_message,
    SignalEvent: _wait_for_signal,
    TimerEvent: _wait_for_moment,
    ConditionalEvent: _wait_for_condition,
    LinkEvent: lambda run, token, event: {},
}


# Occurring


def occur(run: Run, token: Token, results: dict[str, Any]) -> None:
    """The event of a passive token has come."""
    element, host = token.element, run.tokens.find(token.notes["host"])
    assert host is not None
    if element.attached_to is not None:
        _interrupt(run, token, [host])
        run.tokens.put(element.id, token.scope).arrived = results
    elif host.element is not None and host.element.kind == "eventBasedGateway":
        _choose(run, host, token).arrived = results
    else:
        _interrupt(run, token, host.inside)
        run.tokens.put(element.parent or "", host, via=element.id).arrived = results


def _interrupt(run: Run, token: Token, victims: list[Token]) -> None:
    """What an interrupting event ends; another goes on to wait where it can come again."""
    if token.element.interrupting:
        for victim in victims:
            if victim.id in run.tokens.tasks:
                run.tokens.drop(victim)
    elif isinstance(token.element.event, TimerEvent):
        run.waits.end(token)
        due = timing.after(timing.from_note(token.notes["timer"]), run.now)
        if due is None:
            run.tokens.drop(token)
        else:
            _schedule(run, token, due)
    elif isinstance(token.element.event, MessageEvent) and SUBSCRIPTION not in token.notes.get("rows", ()):
        watch(run, token)  # the message had been kept for it; from now on it waits for the next one


def _choose(run: Run, gateway: Token, token: Token) -> Token:
    """The event that came first is the way from an event-based gateway."""
    flow = run.definition.process.flows[token.notes["flow"]]
    run.history.end(gateway.id, "completed", run.now)
    run.moved(gateway, flow)
    run.scopes.close(gateway.id)
    run.tokens.discard(gateway)
    return run.tokens.put(flow.target, gateway.scope, flow=flow.id)


# Throwing


def throw(run: Run, token: Token) -> Results:
    """The work of a throwing or end event."""
    event = token.element.event
    return _THROWS[type(event)](run, token, event) if event is not None else {}


def _variables(run: Run, token: Token, event: SignalEvent | EscalationEvent) -> dict[str, Any]:
    script = run.script(token)
    given = run.scopes.handed_on(token.id, local=not event.all_inputs)
    return {**given, **{mapping.target: raw(script.value(mapping.value)) for mapping in event.inputs}}


def _send_message(run: Run, token: Token, event: MessageEvent) -> Results:
    """On its way once this verb has committed."""
    script = run.script(token)
    key = script.text(event.key) if event.key is not None else run.instance.business_key
    name = script.name(event.name)
    ttl = script.text(event.ttl)
    message = {
        "name": name, "key": key, "ttl": durations.duration(ttl).total_seconds() if ttl else messages.DEFAULT_TTL,
        "id": script.text(event.id), "variables": to_json(run.scopes.handed_on(token.id, local=True)),
    }  # fmt: skip
    run.waits.send(_sent(run, jobs.MESSAGE, name, "", token.element.id, message))
    return {}


def _send_signal(run: Run, token: Token, event: SignalEvent) -> Results:
    """At once to whatever waits in this instance; to all others that wait now once this verb has committed."""
    name, variables = run.script(token).name(event.name), _variables(run, token, event)
    broadcast(run, name, variables)
    for other in messages.waiting(run.tx, name, kind=messages.SIGNAL):
        if other.instance_id != run.instance.id:
            signal = {"token": other.token_id, "variables": to_json(variables)}
            run.waits.send(_sent(run, jobs.SIGNAL, name, other.instance_id, other.element_id, signal))
    return {}


def broadcast(run: Run, name: str, variables: dict[str, Any]) -> None:
    """A signal reaches everything in this instance that waits for it."""
    for token in run.tokens.live():
        if token.notes.get("signal") == name and token._state == RESTING:
            stages.reach(run, token, variables)


def _sent(run: Run, kind: str, type: str, instance_id: str, element_id: str, headers: dict[str, Any]) -> jobs.Job:
    return jobs.Job(str(uuid4()), kind, type, instance_id, element_id, DEFAULT_RETRIES, run.now, headers)


def _throw_error(run: Run, token: Token, event: ErrorEvent) -> Results:
    script = run.script(token)
    code = script.name(event.code) if event.code is not None else ""
    raise BpmnError(code, script.text(event.message) or "", run.scopes.handed_on(token.id, local=True))


def _escalate(run: Run, token: Token, event: EscalationEvent) -> Results:
    code = run.script(token).name(event.code) if event.code is not None else ""
    variables = _variables(run, token, event)
    if token.element.kind == "endEvent":
        run.history.end(token.id, "completed", run.now)
    propagation.escalate(run, token, code, variables)
    return {}


def _link(run: Run, token: Token, event: LinkEvent) -> Results:
    run.tokens.put(run.definition.spec.links[token.element.parent, event.name].id, token.scope)
    return {}


def _terminate(run: Run, token: Token, event: TerminateEvent) -> Results:
    for other in token.scope.inside:
        if other is not token and other.id in run.tokens.tasks:
            run.tokens.drop(other)
    return {}


_THROWS: dict[type, Callable[[Run, Token, Any], Results]] = {
    MessageEvent: _send_message,
    SignalEvent: _send_signal,
    ErrorEvent: _throw_error,
    EscalationEvent: _escalate,
    LinkEvent: _link,
    TerminateEvent: _terminate,
    CompensateEvent: lambda run, token, event: compensation.throw(run, token, event.activity),
    CancelEvent: lambda run, token, event: compensation.cancel(run, token),
}
