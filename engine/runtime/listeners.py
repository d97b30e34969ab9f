"""Listeners: work done beside the work. A job that is not of our own types is waited for, one after the other; all else is done at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Element, Flow, JobWork, Listener
from engine.jobs import table as jobs
from engine.runtime import work
from engine.runtime.tokens import Token
from engine.runtime.waits import TASK

if TYPE_CHECKING:
    from engine.runtime.run import Run


def run(run: Run, token: Token, event: str) -> bool:
    """Call the listeners of an event, but for those that have been heard; False while one is waited for."""
    return _hear(run, token, event, token.element.listeners)


def of_process(run: Run, event: str) -> bool:
    """The process's own listeners, which see its variables; False while one is waited for."""
    return _hear(run, run.tokens.task_tree, event, run.definition.process.listeners)


def _hear(run: Run, token: Token, event: str, listeners: tuple[Listener, ...]) -> bool:
    due = [listener for listener in listeners if listener.event == event]
    heard = token.notes.setdefault("heard", {}) if due else {}
    for number in range(heard.get(event, 0), len(due)):
        if not _call(run, token, due[number]):
            token.notes["listener"] = event
            return False
        heard[event] = number + 1
    return True


def answered(run: Run, token: Token, results: dict[str, Any]) -> None:
    """A listener's job is done: its variables are the element's own, those of the last ones go on to the scope around."""
    event = token.notes.pop("listener")
    for name, value in results.items():
        if event == "end" and token.scope is not None:
            run.scopes.assign(run.scope_of(token), name, value)
        else:
            run.scopes.assign_local(_scope(run, token) or token.id, name, value)
    run.waits.end_job(token)
    token.notes["heard"][event] = token.notes["heard"].get(event, 0) + 1


def watch_later(element: Element) -> bool:
    """Whether the events on an activity's edge are waited for when its first listeners are done, whose variables they may need."""
    return any(listener.event == "start" and listener.retries is not None for listener in element.listeners)


def hear_assignment(element: Element) -> list[Listener]:
    """What is called when a waiting user task gets another assignee."""
    return [one for one in element.listeners if one.event in {"assignment", "update"}]


def assigned(run: Run, token: Token) -> bool:
    """A waiting user task has got another assignee: its listeners are called, jobs one after the other; False while one is waited for."""
    for listener in hear_assignment(token.element):
        if listener.retries is None:
            work.at_once(run, token, listener.work, listener.event)
    jobs_of_ours = tuple(listener for listener in token.element.listeners if listener.retries is not None)
    if not _hear(run, token, "assignment", jobs_of_ours):
        return False
    token.notes.pop("heard", None)
    return True


def is_assigning(token: Token) -> bool:
    """Whether a user task that is there already waits for a listener of its new assignee."""
    return token.notes.get("listener") == "assignment" and TASK in token.notes["rows"]


def on_flow(run: Run, token: Token, flow: Flow) -> None:
    token.taking = flow.id
    for listener in flow.listeners:
        work.at_once(run, token, listener.work, listener.event, run.scope_of(token))


def canceled(run: Run, token: Token) -> None:
    """An element that has begun is left without an end: what is called at once still is, a user task's own listeners first."""
    if token.element.loop is not None and "turn" not in token.notes:
        return  # each of its turns is told
    token.canceled = True
    for event, stages in (("delete", {"work", "complete"}), ("end", {"start", "work", "complete", "outputs"})):
        for listener in token.element.listeners:
            if listener.event == event and listener.retries is None and token.notes["stage"] in stages:
                work.at_once(run, token, listener.work, event)


def _call(run: Run, token: Token, listener: Listener) -> bool:
    """Whether the listener is done."""
    scope = _scope(run, token)
    if not isinstance(listener.work, JobWork) or work.is_ours(run, token, listener.work, scope):
        work.at_once(run, token, listener.work, listener.event, scope)
        return True
    script, job = run.script(token, scope), listener.work
    tries = script.whole(job.retries) if job.retries is not None else listener.retries
    stands_at = token.element.id if token.element is not None else run.definition.key
    run.waits.job(token, jobs.Job(
        token.id, jobs.EXTERNAL, script.name(job.type), run.instance.id, stands_at, tries or 1, run.now, dict(job.headers)
    ))  # fmt: skip
    return False


def _scope(run: Run, token: Token) -> str | None:
    """The scope that a listener sees where that is not the token's own."""
    return run.instance.id if token.scope is None else None
