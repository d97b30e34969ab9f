"""What starts instances of itself: the message, signal, timer and conditional start events of the latest version of each process.

As in Camunda 8, a message with a key begins a process only where no other instance of that key goes on; a kept one begins when that one is
over.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from engine.bpmn.model import Element
from engine.bpmn.triggers import ConditionalEvent, MessageEvent, SignalEvent, TimerEvent
from engine.expressions import UnknownName
from engine.jobs import table as jobs
from engine.jobs import timing
from engine.runtime import messages, store
from engine.runtime.definitions import Definition
from engine.runtime.evaluate import Script, raw

if TYPE_CHECKING:
    from engine.runtime.case import Case
    from engine.runtime.run import Run

RETRIES = 3
_KINDS: dict[type, str] = {MessageEvent: messages.MESSAGE, SignalEvent: messages.SIGNAL, ConditionalEvent: messages.CONDITION}


def replace(tx: Connection, definition: Definition, script: Script, now: datetime) -> None:
    """The start events of this version wait in place of those of an earlier one."""
    messages.end_starts(tx, definition.key)
    jobs.remove_starts(tx, definition.key)
    starts = [element for element in definition.process.inside(None) if element.kind == "startEvent"]
    waiting = [_subscription(definition, element, script, now) for element in starts]
    if any(waiting):
        messages.subscribe_all(tx, [one for one in waiting if one is not None])
    timers = [_timer(definition, element, script, now) for element in starts]
    if any(timers):
        jobs.put_all(tx, [one for one in timers if one is not None])


def again(tx: Connection, job: jobs.Job, now: datetime) -> None:
    """The next moment of a timer that has just started an instance takes the place of this one, unless it was the last."""
    due = timing.after(timing.from_note(job.headers["timer"]), now)
    jobs.remove(tx, job.id)
    if due is not None:
        headers = {**job.headers, "timer": due.note()}
        jobs.put_all(tx, [jobs.Job(job.id, jobs.START, job.type, "", job.element_id, RETRIES, due.at, headers)])


def may_begin(tx: Connection, definition: Definition, start: messages.Subscription, key: str | None) -> bool:
    """Whether a message with this key begins an instance now."""
    if definition.process.dialect != "zeebe" or not key or start.kind != messages.MESSAGE:
        return True
    messages.lock(tx, start.token_id)
    return not store.goes_on(tx, definition.key, key)


def holds(definition: Definition, start: messages.Subscription, script: Script) -> bool:
    """Whether the condition of a start event is true for the variables that a script sees."""
    event = definition.process.elements[start.element_id].event
    assert isinstance(event, ConditionalEvent)
    try:
        return raw(script.value(event.condition)) is True
    except UnknownName:
        return False


def follow(case: Case, over: Run) -> bool:
    """An instance is over: begin with a message of its key that was kept meanwhile; whether there was one."""
    definition, key = over.definition, over.instance.business_key
    begins_so = any(isinstance(element.event, MessageEvent) for element in definition.process.inside(None) if element.kind == "startEvent")
    if not begins_so or not key or definition.process.dialect != "zeebe" or over.instance.parent_id is not None:
        return False
    for start in messages.starts_of(case.tx, definition.key):
        latest = case.definitions.get(case.tx, start.token_id.rpartition(":")[0])
        kept = messages.take(case.tx, start.name, key, definition.key, case.now) if may_begin(case.tx, latest, start, key) else None
        if kept is not None:
            case.new(latest, key).begin(kept, start.element_id)
            return True
    return False


def _subscription(definition: Definition, element: Element, script: Script, now: datetime) -> messages.Subscription | None:
    event = element.event
    if not isinstance(event, (MessageEvent, SignalEvent, ConditionalEvent)):
        return None
    kind = _KINDS[type(event)]
    name = "" if isinstance(event, ConditionalEvent) else script.text(event.name) or ""
    return messages.Subscription(f"{definition.id}:{element.id}", "", definition.key, element.id, name, None, now, kind)


def _timer(definition: Definition, element: Element, script: Script, now: datetime) -> jobs.Job | None:
    event = element.event
    if not isinstance(event, TimerEvent):
        return None
    value: Any = raw(script.value(event.value))
    due = timing.first(event.kind, value, now, quartz=event.quartz)
    if due is None:
        return None
    headers = {"definition": definition.id, "timer": due.note()}
    return jobs.Job(f"{definition.id}:{element.id}", jobs.START, definition.key, "", element.id, RETRIES, due.at, headers)
