"""What starts instances of itself: the message, signal and timer start events of the latest version of each process."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.bpmn.model import Element, MessageEvent, SignalEvent, TimerEvent
from engine.jobs import table as jobs
from engine.jobs import timing
from engine.runtime import messages
from engine.runtime.definitions import Definition
from engine.runtime.evaluate import Script, raw

RETRIES = 3


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


def _subscription(definition: Definition, element: Element, script: Script, now: datetime) -> messages.Subscription | None:
    event = element.event
    if not isinstance(event, (MessageEvent, SignalEvent)):
        return None
    kind = messages.MESSAGE if isinstance(event, MessageEvent) else messages.SIGNAL
    name = script.text(event.name) or ""
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
