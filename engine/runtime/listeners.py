"""Listeners: work done beside the work. A job that is not of our own types is waited for, one after the other; all else is done at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Flow, JobWork, Listener
from engine.jobs import table as jobs
from engine.runtime import work
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run


def run(run: Run, token: Token, event: str) -> bool:
    """Call the listeners of an event from where they stopped; False while one is waited for."""
    due = [listener for listener in token.element.listeners if listener.event == event]
    for number in range(token.notes.get("listener", 0), len(due)):
        token.notes["listener"] = number
        if not _call(run, token, due[number]):
            return False
    token.notes.pop("listener", None)
    return True


def answered(run: Run, token: Token, results: dict[str, Any]) -> None:
    """A listener's job is done: its variables are the element's own."""
    for name, value in results.items():
        run.scopes.assign_local(token.id, name, value)
    run.waits.end_job(token)
    token.notes["listener"] += 1


def on_flow(run: Run, token: Token, flow: Flow) -> None:
    for listener in flow.listeners:
        work.at_once(run, token, listener.work)


def of_process(run: Run, event: str) -> None:
    """The process's own listeners, which see its variables."""
    for listener in run.definition.process.listeners:
        if listener.event == event:
            work.at_once(run, run.tokens.task_tree, listener.work, run.instance.id)


def canceled(run: Run, token: Token) -> None:
    """An element that had been entered is left without an end: what is called at once still is."""
    for listener in token.element.listeners:
        if listener.event in {"end", "delete"} and listener.retries is None and token.notes["stage"] != "before":
            work.at_once(run, token, listener.work)


def _call(run: Run, token: Token, listener: Listener) -> bool:
    """Whether the listener is done."""
    if not isinstance(listener.work, JobWork) or work.is_ours(run, token, listener.work):
        work.at_once(run, token, listener.work)
        return True
    type_name = run.script(token).text(listener.work.type) or ""
    run.waits.job(token, jobs.Job(
        token.id, jobs.EXTERNAL, type_name, run.instance.id, token.element.id, listener.retries or 1, run.now
    ))  # fmt: skip
    return False
