"""Call activities: another process runs as an instance of its own, and its caller waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import CallWork
from engine.bpmn.values import Expression
from engine.errors import RatchetError
from engine.runtime import definitions, stages, store
from engine.runtime.evaluate import raw
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run

MAX_DEPTH = 100


class CallsTooDeep(RatchetError):
    """Processes call each other more than 100 deep; look for one that calls itself without an end."""


def begin(run: Run, token: Token) -> None:
    """Start the called process; the token rests until it has ended."""
    work, script = token.element.work, run.script(token)
    assert isinstance(work, CallWork)
    if _depth(run) > MAX_DEPTH:
        raise CallsTooDeep()
    key = script.name(work.key)
    id = definitions.bound(run.tx, key, work.binding.kind, script.text(work.binding.value), run.definition)
    given = _given(run, token, work)
    business_key = script.text(work.business_key) if work.business_key is not None else None
    called = run.case.new(run.case.definitions.get(run.tx, id), business_key, run, token)
    token.notes["called"] = called.instance.id
    called.begin(given)


def _given(run: Run, token: Token, work: CallWork) -> dict[str, Any]:
    """The variables that go in; local ones are the call activity's own."""
    seen = run.scopes.local(token.id) if work.local_inputs else run.scopes.visible(token.id)
    given = run.scopes.handed_on(token.id, local=work.local_inputs) if work.all_inputs else {}
    script = run.script(token)
    for mapping in work.inputs:
        value = mapping.value
        named = value.source if isinstance(value, Expression) and value.language == "variable" else None
        given[mapping.target] = seen.get(named) if named is not None else raw(script.value(value))
    return given


def hand_back(run: Run) -> bool:
    """Give an instance's end to its caller, once; whether there was something to give."""
    if not run.ended or run.handed_back or run.instance.parent_id is None or run.instance_state != store.COMPLETED:
        return False
    run.handed_back = True
    found = caller(run)
    if found is None:
        return False
    there, token = found
    del token.notes["called"]
    results = _results(run, there, token)
    if isinstance(token.element.work, CallWork) and token.element.work.local_outputs:
        for name, value in results.items():
            there.scopes.assign_local(token.id, name, value)
        results = {}
    stages.resume(there, token, results)
    return True


def caller(run: Run) -> tuple[Run, Token] | None:
    """Who called this instance: the instance, and the token that waits there."""
    if run.instance.parent_id is None:
        return None
    there = run.case.open(run.instance.parent_id)
    token = there.tokens.find(run.instance.parent_token or "")
    return (there, token) if token is not None else None


def stop(run: Run, token: Token) -> None:
    """The caller does not wait any longer: what it called is canceled."""
    id = token.notes["called"]
    called = run.case.runs.get(id) or run.case.take(store.get(run.tx, id))
    if not called.ended:
        called.cancel()


def _results(run: Run, there: Run, token: Token) -> dict[str, Any]:
    work, script = token.element.work, run.script(run.tokens.task_tree, run.instance.id)
    assert isinstance(work, CallWork)
    given = run.scopes.handed_on(run.instance.id) if work.all_outputs else {}
    for name in there.scopes.local(token.scope.id) if "turn" in token.notes else ():
        given.pop(name, None)  # what the loop itself counts and collects, which went into the called instance with all the rest
    for mapping in work.outputs:
        given[mapping.target] = raw(script.value(mapping.value))
    return given


def _depth(run: Run) -> int:
    depth, at = 0, run.instance
    while at.parent_id is not None and depth <= MAX_DEPTH:
        depth, at = depth + 1, run.case.open(at.parent_id).instance
    return depth
