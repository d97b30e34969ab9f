"""The steps of a scenario: one function per kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine import db
from engine.errors import RatchetError
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime.views import TaskInfo
from engine.scenarios.expectations import check
from engine.scenarios.stage import ANALYST, Stage, StepProblem

DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
OPTIONS = {"refused"}


def play(stage: Stage, step: Mapping[str, Any]) -> None:
    """Take one step, then let what is due happen. A step with `refused:` must be refused with that text in the message."""
    kinds = [name for name in step if name not in OPTIONS]
    if len(kinds) != 1 or kinds[0] not in STEPS:
        raise StepProblem(f"A step is one of {', '.join(STEPS)}; this one is {', '.join(map(str, kinds)) or 'empty'}.")
    body = step[kinds[0]]
    if "refused" not in step:
        STEPS[kinds[0]](stage, body)
    else:
        _play_refused(stage, kinds[0], body, str(step["refused"]))
    stage.settle()


def _play_refused(stage: Stage, kind: str, body: Any, text: str) -> None:
    try:
        STEPS[kind](stage, body)
    except StepProblem:
        raise
    except RatchetError as refused:
        told = told_by(refused)
        if text.lower() not in told.lower():
            raise StepProblem(f"It was refused, but not with “{text}”. It said: {told}") from refused
        return
    raise StepProblem(f"It should have been refused with “{text}”, but it went through.")


def told_by(error: BaseException) -> str:
    """The message with its field errors and its causes, for matching and for reading."""
    fields = "; ".join(f"{path}: {' '.join(texts)}" for path, texts in getattr(error, "errors", {}).items())
    cause = told_by(error.__cause__) if error.__cause__ is not None else ""
    return " | ".join(part for part in (str(error), fields, cause) if part)


def _start(stage: Stage, body: Mapping[str, Any]) -> None:
    _only(body, "process", "vars", "business_key", "name", "as")
    who = stage.person(body.get("as"))
    id = stage.engine.start(body["process"], body.get("vars") or {}, who, body.get("business_key"))
    stage.started.append(id)
    if "name" in body:
        stage.names[str(body["name"])] = id


def _complete(stage: Stage, body: Mapping[str, Any]) -> None:
    _only(body, "task", "all", "vars", "as", "count", "assignee", "instance")
    found = _tasks(stage, body)
    for task in found if body.get("all") else found[: int(body.get("count", 1))]:
        who = _worker(stage, task, body.get("as"))
        form = stage.engine.task_form(task.id, who)
        data = {**form.data, **(body.get("vars") or {})}
        if not form.signed:
            stage.engine.submit(task.id, data, who)
            continue
        signing = stage.engine.prepare_signature(task.id, data, who)
        cms = stage.keys.sign(who, signing.document)
        stage.engine.submit(task.id, data, who, cms, signing.id)


def _claim(stage: Stage, body: Mapping[str, Any]) -> None:
    _only(body, "task", "as", "instance")
    task = _tasks(stage, body)[0]
    stage.engine.claim(task.id, _worker(stage, task, body.get("as")))


def _tasks(stage: Stage, body: Mapping[str, Any]) -> list[TaskInfo]:
    """The open tasks that a step names, by element id or name."""
    is_open = stage.open_tasks(body.get("instance"))
    named = [task for task in is_open if body.get("all") or body.get("task") in (task.element_id, task.name)]
    found = [task for task in named if body.get("assignee") in (None, task.assignee)]
    if len(found) < int(body.get("count", 1)):
        open_names = ", ".join(f"{task.name} ({task.element_id})" for task in is_open) or "none"
        raise StepProblem(f"There is no open task “{body.get('task', 'at all')}”. Open tasks are: {open_names}.")
    return found


def _worker(stage: Stage, task: TaskInfo, name: str | None) -> Person:
    """Who does a task: whoever is named, as a member of the groups it is offered to; else its assignee; else the scenario itself."""
    if name is None and task.assignee in (None, ANALYST.id):
        return replace(ANALYST, groups=frozenset(task.candidate_groups) | {"officers"})
    who = stage.person(name or task.assignee)
    return replace(who, groups=who.groups | frozenset(task.candidate_groups))


def _job(stage: Stage, body: Mapping[str, Any]) -> None:
    _only(body, "type", "element", "vars", "count", "fail", "retries", "error", "instance")
    waiting = [job for detail in stage.details(body.get("instance")) for job in detail.jobs if job.kind == jobs.EXTERNAL]
    found = [job for job in waiting if body.get("type") in (None, job.type) and body.get("element") in (None, job.element_id)]
    if len(found) < int(body.get("count", 1)):
        told = ", ".join(f"{job.type} at {job.element_id}" for job in waiting) or "none"
        raise StepProblem(f"There is no such job. Waiting are: {told}.")
    for job in found[: int(body.get("count", 1))]:
        if "fail" in body:
            stage.engine.fail_job(job.id, str(body["fail"]), ANALYST, int(body.get("retries", job.retries - 1)))
        elif "error" in body:
            raise StepProblem("Business errors of jobs are not run yet.")
        else:
            stage.engine.complete_job(job.id, body.get("vars") or {}, ANALYST)


def _message(stage: Stage, body: Mapping[str, Any]) -> None:
    _only(body, "name", "key", "vars", "ttl")
    key = body.get("key")
    stage.engine.correlate(body["name"], None if key is None else str(key), body.get("vars") or {}, ANALYST)


def _retry(stage: Stage, body: Mapping[str, Any] | None) -> None:
    for id in stage.instance_ids((body or {}).get("instance")):
        stage.engine.retry(id, ANALYST)


def _cancel(stage: Stage, body: Mapping[str, Any] | None) -> None:
    for id in stage.instance_ids((body or {}).get("instance")):
        stage.engine.cancel(id, ANALYST)


def _advance(stage: Stage, body: str) -> None:
    """Move the clock by a duration, or to the next job that is due."""
    stage.clock.advance(_to_next_due(stage) if body == "next" else _duration(str(body)))


def _to_next_due(stage: Stage) -> timedelta:
    with db.read(stage.engine.database) as tx:
        due = jobs.next_due(tx)
    if due is None:
        raise StepProblem("Nothing is due later, so there is no “next” to advance to.")
    return max(due - stage.clock.now(), timedelta(0))


def _duration(text: str) -> timedelta:
    found = DURATION.fullmatch(text)
    if not found or text in ("P", "PT"):
        raise StepProblem(f"“{text}” is not a duration; write it like PT5M or P1DT12H.")
    return timedelta(**{unit: float(value) for unit, value in found.groupdict().items() if value})


def _expect(stage: Stage, body: Mapping[str, Any]) -> None:
    check(stage, body)


def _only(body: Mapping[str, Any], *known: str) -> None:
    if not isinstance(body, Mapping) or set(body) - set(known):
        unknown = ", ".join(sorted(set(body) - set(known))) if isinstance(body, Mapping) else str(body)
        raise StepProblem(f"The step does not understand {unknown}; it takes {', '.join(known)}.")


STEPS: dict[str, Callable[[Stage, Any], None]] = {
    "start": _start,
    "complete": _complete,
    "claim": _claim,
    "job": _job,
    "message": _message,
    "retry": _retry,
    "cancel": _cancel,
    "advance": _advance,
    "expect": _expect,
}
