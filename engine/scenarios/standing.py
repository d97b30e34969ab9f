"""Where everything stands, in words: what a failed scenario tells."""

from __future__ import annotations

from typing import Any

from engine.jobs import table as jobs
from engine.runtime import views
from engine.scenarios.seen import Seen

MOST = 12
_CUT = 400


def told(seen: Seen) -> str:
    """The instances that are meant: where their tokens are, what they wait for, their variables and incidents, and the way they went."""
    named = {id: name for name, id in seen.stage.names.items()}
    lines = [line for row in seen.all[:MOST] for line in _told(seen, row, named.get(row.id))]
    more = len(seen.all) - MOST
    return "\n".join(lines + ([f"… and {more} more instances"] if more > 0 else [])) or "no instance was started"


def _told(seen: Seen, instance: Any, name: str | None) -> list[str]:
    """One line that says what it is and where its tokens are, and one for each kind of thing that there is more."""
    called = ", called" if instance.parent_id else ""
    tokens = ", ".join(f"{element} ({count})" if count > 1 else element for element, count in views.tokens(instance.tokens).items())
    head = f"{f'{name}: ' if name else ''}{instance.definition_id} {instance.state}{called}; tokens at {tokens or 'none'}"
    facts = {what: tell(seen, instance) for what, tell in _FACTS.items()}
    return [head, *(f"  {what}: {text if len(text) <= _CUT else text[:_CUT] + ' …'}" for what, text in facts.items() if text)]


def _of(rows: list[Any], instance: Any) -> list[Any]:
    return [row for row in rows if row.instance_id == instance.id]


def _tasks(seen: Seen, instance: Any) -> str:
    found = _of(seen.records.open_tasks, instance)
    return ", ".join(f"{task.name} ({task.element_id}{f', of {task.assignee}' if task.assignee else ''})" for task in found)


def _waits(seen: Seen, instance: Any) -> str:
    waits = [
        f"the {one.kind} {one.name}{f' with the key {one.key}' if one.key else ''} at {one.element_id}"
        for one in _of(seen.records.subscriptions, instance)
    ]  # fmt: skip
    return "; ".join(waits + [_job(job) for job in _of(seen.records.jobs, instance) if job.retries > 0])


def _job(job: jobs.Job) -> str:
    moment = job.due_at.isoformat().replace("+00:00", "Z")
    if job.kind == jobs.EXTERNAL:
        return f"a job of the type {job.type} at {job.element_id}"
    failed = f" (it failed: {job.last_error})" if job.last_error else ""
    return f"{'a timer' if job.kind == jobs.TIMER else job.kind} at {job.element_id}, due {moment}{failed}"


def _variables(seen: Seen, instance: Any) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in seen.own_variables(instance).items()) or "none"


def _local(seen: Seen, instance: Any) -> str:
    scopes = [(token[2], seen.records.variables.get(token[0], {})) for token in (instance.tokens or [])[1:]]
    return ", ".join(f"{name} = {value!r} at {at}" for at, values in scopes for name, value in values.items() if not name.startswith("("))


def _incidents(seen: Seen, instance: Any) -> str:
    return "; ".join(f"at {job.element_id}: {job.last_error}" for job in _of(seen.records.jobs, instance) if job.retries <= 0)


def _way(seen: Seen, instance: Any) -> str:
    went = [row.element_id for row in _of(seen.records.activities, instance)]
    return ("… → " if len(went) > MOST else "") + " → ".join(went[-MOST:])


_FACTS = {
    "open tasks": _tasks,
    "waits for": _waits,
    "variables": _variables,
    "of elements": _local,
    "incident": _incidents,
    "went": _way,
}
