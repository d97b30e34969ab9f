"""The steps in which somebody does the work that waits: people their tasks, external workers their jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.errors import BpmnError
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime import tasks
from engine.scenarios import moving
from engine.scenarios.problems import StepProblem
from engine.scenarios.stage import ANALYST, Stage

Body = Mapping[str, Any]


def complete(stage: Stage, body: Body) -> None:
    """Complete the oldest of the tasks that are named, so many of them, or all that are open now."""
    if body.get("all"):
        for task in _tasks(stage, body):
            if tasks.get(stage.reader, task.id).state == tasks.OPEN:  # else an earlier one has ended it
                _submit(stage, task, body)
                moving.settle(stage)
        return
    for _ in _times(stage, body):
        _submit(stage, _tasks(stage, body)[0], body)


def _submit(stage: Stage, task: Any, body: Body) -> None:
    """Fill in the form and sign it where that is asked for."""
    who = _worker(stage, task, body.get("as"))
    form = stage.engine.task_form(task.id, who)
    data = {**form.data, **(body.get("vars") or {})}
    if not form.signed:
        stage.engine.submit(task.id, data, who)
        return
    signing = stage.engine.prepare_signature(task.id, data, who)
    cms = stage.keys.sign(who, signing.document)
    stage.engine.submit(task.id, data, who, cms, signing.id)


def claim(stage: Stage, body: Body) -> None:
    """Make a task somebody's own."""
    task = _tasks(stage, body)[0]
    stage.engine.claim(task.id, _worker(stage, task, body.get("as")))


def _tasks(stage: Stage, body: Body) -> list[Any]:
    """The open tasks that a step names, by element id or name; all of them where it names none."""
    is_open = stage.open_tasks(body.get("instance"))
    named = [task for task in is_open if body.get("task") in (None, task.element_id, task.name)]
    found = [task for task in named if body.get("assignee") in (None, task.assignee)]
    if not found:
        wanted = f" “{body['task']}”" if "task" in body else ""
        whose = f" of {body['assignee']}" if "assignee" in body else ""
        there = ", ".join(f"{task.name} ({task.element_id}{f', of {task.assignee}' if task.assignee else ''})" for task in is_open)
        raise StepProblem(f"There is no open task{wanted}{whose}. Open tasks are: {there or 'none'}.")
    return found


def _worker(stage: Stage, task: Any, name: str | None) -> Person:
    """Who does a task: whoever is named, as a member of the groups it is offered to; else its assignee; else the scenario itself."""
    if name is None and task.assignee in (None, ANALYST.id):
        return replace(ANALYST, groups=frozenset(task.candidate_groups) | {"officers"})
    who = stage.person(name or task.assignee)
    return replace(who, groups=who.groups | frozenset(task.candidate_groups))


def job(stage: Stage, body: Body) -> None:
    """Answer the oldest of the jobs that are named, so many of them."""
    for _ in _times(stage, body):
        _answer(stage, _waiting_job(stage, body), body)


def _waiting_job(stage: Stage, body: Body) -> jobs.Job:
    waiting = stage.waiting_jobs(body.get("instance"))
    for job in waiting:
        if body.get("type") in (None, job.type) and body.get("element") in (None, job.element_id):
            return job
    told = ", ".join(f"{job.type} at {job.element_id}" for job in waiting) or "none"
    raise StepProblem(f"There is no such job. Waiting are: {told}.")


def _answer(stage: Stage, job: jobs.Job, body: Body) -> None:
    """What an external worker answers: a failure, a BPMN error or its results."""
    variables = body.get("vars") or {}
    if "fail" in body:
        stage.engine.fail_job(job.id, str(body["fail"]), ANALYST, int(body.get("retries", job.retries - 1)))
    elif "error" in body:
        stage.engine.throw_job_error(job.id, BpmnError(str(body["error"]), str(body.get("message", "")), dict(variables)), ANALYST)
    else:
        stage.engine.complete_job(job.id, variables, ANALYST)


def _times(stage: Stage, body: Body) -> Iterator[int]:
    """As often as `count` says; what is due happens between, so that a sequence can be worked off."""
    for turn in range(int(body.get("count", 1))):
        if turn:
            moving.settle(stage)
        yield turn
