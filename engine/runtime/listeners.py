"""Listeners: work done beside the work. A job that is not of our own types is waited for, one after the other; all else is done at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Element, Flow, JobWork, Listener
from engine.jobs import table as jobs
from engine.runtime import work
from engine.runtime.tokens import Token

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
    """A listener's job is done: its variables are the element's own, or the process's."""
    for name, value in results.items():
        run.scopes.assign_local(_scope(run, token) or token.id, name, value)
    run.waits.end_job(token)
    event = token.notes.pop("listener")
    token.notes["heard"][event] = token.notes["heard"].get(event, 0) + 1


def hear_assignment(element: Element) -> list[Listener]:
    """What is called at once when a waiting user task gets another assignee."""
    return [one for one in element.listeners if one.event in {"assignment", "update"} and one.retries is None]


def assigned(run: Run, token: Token) -> None:
    """A waiting user task has got another assignee."""
    for listener in hear_assignment(token.element):
        work.at_once(run, token, listener.work, listener.event)


def on_flow(run: Run, token: Token, flow: Flow) -> None:
    for listener in flow.listeners:
        work.at_once(run, token, listener.work, listener.event, run.scope_of(token))


def canceled(run: Run, token: Token) -> None:
    """An element that has begun is left without an end: what is called at once still is, a user task's own listeners first."""
    if token.element.loop is not None and "turn" not in token.notes:
        return  # each of its turns is told
    for event, stages in (("delete", {"work", "complete"}), ("end", {"start", "work", "complete", "outputs"})):
        for listener in token.element.listeners:
            if listener.event == event and listener.retries is None and token.notes["stage"] in stages:
                work.at_once(run, token, listener.work, event)


def _call(run: Run, token: Token, listener: Listener) -> bool:
    """Whether the listener is done."""
    scope = _scope(run, token)
    if not isinstance(listener.work, JobWork) or work.is_ours(run, token, listener.work):
        work.at_once(run, token, listener.work, listener.event, scope)
        return True
    type_name = run.script(token, scope).text(listener.work.type) or ""
    stands_at = token.element.id if token.element is not None else run.definition.key
    run.waits.job(token, jobs.Job(
        token.id, jobs.EXTERNAL, type_name, run.instance.id, stands_at, listener.retries or 1, run.now
    ))  # fmt: skip
    return False


def _scope(run: Run, token: Token) -> str | None:
    """The scope that a listener sees where that is not the token's own."""
    return run.instance.id if token.scope is None else None
