"""How the process as a whole begins and ends: its own listeners, the event sub-processes that stand beside its elements, its first tokens.

What fails there is no element's failure. In Camunda 8 it is an incident of the process, which a retry begins or ends anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.jobs import table as jobs
from engine.runtime import events, listeners, modification, store
from engine.runtime.values import from_json

if TYPE_CHECKING:
    from engine.runtime.run import Run

START, END = "start", "end"


def begin(run: Run) -> None:
    """Begin at the places that are noted, once the process's listeners have been called and its events are waited for."""
    if not _goes_well(run, START, _prepared):
        return
    at = run.instance.began_with or store.began_with(run.tx, run.instance.id)
    start, before, after = at.get("start"), at.get("before", []), at.get("after", [])
    if before or after:
        modification.begin(run, before, after)
        return
    starts = [start] if start else [element.id for element in run.definition.spec.begins[None]] or [run.definition.process.start]
    for element_id in starts:
        run.tokens.put(element_id, run.tokens.task_tree).arrived = from_json(at["variables"]) if maps(run, start) else None


def end(run: Run) -> bool:
    """Whether the process is over: not while one of its listeners is waited for."""
    return _goes_well(run, END, lambda run: listeners.of_process(run, END))


def answered(run: Run, results: dict[str, Any]) -> None:
    """A listener of the process itself is done."""
    root = run.tokens.task_tree
    stage = root.notes["listener"]
    listeners.answered(run, root, results)
    _go_on(run, stage)


def again(run: Run) -> None:
    """One more try of what had failed."""
    run.waits.end(run.tokens.task_tree)
    _go_on(run, run.tokens.task_tree.notes["stage"])


def maps(run: Run, start: str | None) -> bool:
    """Whether the output mappings of a start event alone pass on what has come with it."""
    triggered = run.definition.process.elements.get(start or "")
    return triggered is not None and triggered.keeps_results and bool(triggered.outputs)


def _prepared(run: Run) -> bool:
    if not listeners.of_process(run, START):
        return False
    run.tokens.task_tree.notes.pop("heard", None)
    events.watch_scope(run, run.tokens.task_tree)
    return True


def _go_on(run: Run, stage: str) -> None:
    run.tokens.task_tree.notes.pop("retries", None)
    if stage == START:
        begin(run)
    else:
        run.ended = end(run)


def _goes_well(run: Run, stage: str, attempt: Callable[[Run], bool]) -> bool:
    """Whether the process can go on; a failure of a model of Camunda 8 is kept as its incident."""
    try:
        return attempt(run)
    except Exception as failure:
        if run.definition.process.dialect == "camunda":
            raise
        _put_aside(run, stage, failure)
        return False


def _put_aside(run: Run, stage: str, failure: Exception) -> None:
    root = run.tokens.task_tree
    for token in root.inside:
        run.tokens.drop(token)
    root.notes.update(retries=0, stage=stage)
    message = run.world.secrets.mask(f"{type(failure).__name__}: {failure}")
    run.waits.job(root, jobs.Job(root.id, jobs.RETRY, "process", run.instance.id, run.definition.key, 0, run.now, last_error=message))
