"""The way of a token through its element, stage by stage. Its notes name the stage where it rests or failed, so that it goes on there.

before    an asynchronous continuation is waited for
enter     the element is entered: history, scope, input mappings, events on its edge
start     listeners
work      what the element is there for
complete  a user task's listeners
outputs   output mappings
end       listeners
after     an asynchronous continuation is waited for
leave     the flows are chosen
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import DelegateWork, Element, Flow, MultiInstance
from engine.db import savepoint
from engine.errors import RatchetError
from engine.jobs import table as jobs
from engine.runtime import events, listeners, loops, work
from engine.runtime.tasks import COMPLETED
from engine.runtime.tokens import RESTING, Token

if TYPE_CHECKING:
    from engine.runtime.run import Run

PASS_THROUGH = {"task", "manualTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "startEvent"}
_CHOOSES_ONE = "exclusiveGateway"


class NoFlowTaken(RatchetError):
    """No condition of the gateway holds and it has no default flow."""


def go(run: Run, token: Token) -> bool:
    """Take the stages from where the token stands; False when it rests or is gone."""
    notes, path = token.notes, _path(run, token)
    at = path.index(notes["stage"]) if "stage" in notes else 0
    for stage in path[at:]:
        notes["stage"] = stage
        going = _STAGES[stage](run, token)
        notes.pop("retries", None)  # what had failed went well
        if going:
            notes.pop("heard", None)
        if stage in _SEEN_AT_ONCE:
            run.stepped()
        if not going or token.id not in run.tokens.tasks:
            return False
    return True


def back_to_begin(run: Run, token: Token) -> None:
    """What failed while it was entered is entered anew by the next try, but is written down once; its events are waited for anew, too."""
    stage = token.notes.get("stage")
    if stage == ENTER:
        token.notes["entered"] = True
    anew = stage in {ENTER, START} or (stage == WORK and loops.is_body(token))
    for other in run.tokens.waiting_for(token):
        if anew or (stage == WORK and other.element.attached_to is None):
            run.tokens.drop(other)


def reach(run: Run, token: Token, results: dict[str, Any]) -> None:
    """What a token waits for has come: now, or where a transaction runs alone, when that has gone well."""
    if run.tokens.is_aside(token):
        run.outward.append((token, results))
    elif token.passive:
        run.later.append((token, results))
    elif token.id in run.tokens.tasks and token._state == RESTING:
        resume(run, token, results)


def resume(run: Run, token: Token, results: dict[str, Any], person: str | None = None) -> None:
    """What a token rested for has come: take the results and go on with the next stage."""
    if listeners.is_assigning(token):
        listeners.answered(run, token, results)
        listeners.assigned(run, token)
        return
    if "listener" in token.notes:
        listeners.answered(run, token, results)
    else:
        take(run, token, results)
        token.person = person
        run.waits.end(token, COMPLETED, person)
        path = _path(run, token)
        token.notes["stage"] = path[path.index(token.notes["stage"]) + 1]
    token.notes.pop("retries", None)
    run.tokens.again(token)


def take(run: Run, token: Token, results: dict[str, Any]) -> None:
    """Results become variables: local where output mappings pass on what is wanted, else where the names are."""
    keep = token.element.keeps_results and bool(token.element.outputs)
    for name, value in results.items():
        if keep:
            run.scopes.assign_local(token.id, name, value)
        else:
            run.scopes.assign(token.id, name, value)


def _path(run: Run, token: Token) -> tuple[str, ...]:
    """The stages that this element has, for a token in this part."""
    part = "body" if loops.is_body(token) else "turn" if "turn" in token.notes else "plain"
    known, key = run.definition.spec.paths, (token.element.id, part)
    if key not in known:
        known[key] = _PATHS[part](token.element)
    return known[key]


def nearest(element: Element, notes: dict[str, Any]) -> str:
    """The stage at which a token goes on that rests or failed at a stage which this element may not have: that one, else the next."""
    part = "turn" if "turn" in notes else "body" if element.loop is not None else "plain"
    path, order = _PATHS[part](element), list(_STAGES)
    return next(stage for stage in order[order.index(notes["stage"]) :] if stage in path)


def _body(element: Element) -> tuple[str, ...]:
    stages = ((BEFORE, element.async_before), (WORK, True), (AFTER, element.async_after), (LEAVE, True))
    return tuple(stage for stage, there in stages if there)


def _turn(element: Element) -> tuple[str, ...]:
    inner = element.loop if isinstance(element.loop, MultiInstance) else None
    return _activity(element, bool(inner and inner.async_before), bool(inner and inner.async_after))


def _plain(element: Element) -> tuple[str, ...]:
    return _activity(element, element.async_before, element.async_after)


def _activity(element: Element, before: bool, after: bool) -> tuple[str, ...]:
    listens = {listener.event for listener in element.listeners}
    works = element.kind not in PASS_THROUGH or element.work is not None or element.event is not None
    stages = (
        (BEFORE, before), (ENTER, True), (START, "start" in listens), (WORK, works), (COMPLETE, "complete" in listens),
        (OUTPUTS, bool(element.outputs)), (END, "end" in listens), (AFTER, after), (LEAVE, True),
    )  # fmt: skip
    return tuple(stage for stage, there in stages if there)


def _wait_for_job(stage: str) -> Callable[[Run, Token], bool]:
    """The first time an asynchronous continuation is put down, the second time it is taken up. What is done is not waited for any more."""

    def wait(run: Run, token: Token) -> bool:
        if token.notes.pop("continues", None) == stage:
            return True
        for other in run.tokens.waiting_for(token) if stage == AFTER else ():
            run.tokens.drop(other)
        token.notes["continues"] = stage
        retries, headers = events.patience(run, token.element, run.scope_of(token))
        run.waits.job(token, jobs.Job(
            token.id, jobs.ASYNC, token.element.kind, run.instance.id, token.element.id, retries, run.now, headers
        ))  # fmt: skip
        return False

    return wait


def _enter(run: Run, token: Token) -> bool:
    element = token.element
    run.scopes.open(token.id, run.scope_of(token))
    if not token.notes.pop("entered", False):
        run.enter(token)
    if "turn" in token.notes:
        loops.begin_turn(run, token)
    if element.inputs:
        run.script(token).assign_inputs(element.inputs)
    if "turn" not in token.notes and not listeners.watch_later(element):
        events.watch_edge(run, token)
    return True


def _start(run: Run, token: Token) -> bool:
    if not listeners.run(run, token, "start"):
        return False
    if "turn" not in token.notes and listeners.watch_later(token.element):
        events.watch_edge(run, token)
    return True


def _work(run: Run, token: Token) -> bool:
    if loops.is_body(token):
        return loops.begin(run, token)
    results = _attempt(run, token)
    if results is None:
        return False
    take(run, token, results)
    return True


_NOTHING = nullcontext()


def _attempt(run: Run, token: Token) -> dict[str, Any] | None:
    """One try, whole or not at all where its failure may be caught."""
    element = token.element
    if element.work is None:
        return work.do(run, token)
    with run.scopes.all_or_nothing(), savepoint(run.tx) if isinstance(element.work, DelegateWork) else _NOTHING:
        return work.do(run, token)


def _outputs(run: Run, token: Token) -> bool:
    """They go to the scope around; those of a turn begin to look at its own, which has the variable that its output element reads."""
    run.script(token).assign_outputs(token.element.outputs, token.id if "turn" in token.notes else run.scope_of(token))
    return True


def leave(run: Run, token: Token) -> bool:
    """Choose the flows that a token takes."""
    if "turn" in token.notes:
        loops.end_turn(run, token)
        return True
    flows = run.definition.spec.flows_from(token.element)
    if token.element.kind == _CHOOSES_ONE:
        token.flows = [_choose(run, token, flows)] if flows else []
    elif all(flow.condition is None for flow in flows):
        token.flows = flows
    else:
        token.flows = _all_that_hold(run, token, flows)
    for flow in token.flows:
        listeners.on_flow(run, token, flow)
    return True


def _choose(run: Run, token: Token, flows: list[Flow]) -> Flow:
    """The one flow of an exclusive gateway: the first whose condition holds, else the default."""
    script = run.script(token)
    for flow in flows:
        if flow.id != token.element.default and (flow.condition is None or script.condition(flow.condition)):
            return flow
    return _default(token, flows)


def _all_that_hold(run: Run, token: Token, flows: list[Flow]) -> list[Flow]:
    script = run.script(token, run.scope_of(token))
    holding = [flow for flow in flows if flow.id != token.element.default and (flow.condition is None or script.condition(flow.condition))]
    return holding or [_default(token, flows)]


def _default(token: Token, flows: list[Flow]) -> Flow:
    for flow in flows:
        if flow.id == token.element.default:
            return flow
    raise NoFlowTaken(f"No condition of “{token.element.name}” holds and it has no default flow.")


BEFORE, ENTER, START, WORK, COMPLETE, OUTPUTS = "before", "enter", "start", "work", "complete", "outputs"
END, AFTER, LEAVE = "end", "after", "leave"
_SEEN_AT_ONCE = {ENTER, START, WORK}  # what happens there takes effect while the events on the activity's edge still wait
_STAGES: dict[str, Callable[[Run, Token], bool]] = {  # in their order
    BEFORE: _wait_for_job(BEFORE),
    ENTER: _enter,
    START: _start,
    WORK: _work,
    COMPLETE: lambda run, token: listeners.run(run, token, "complete"),
    OUTPUTS: _outputs,
    END: lambda run, token: listeners.run(run, token, "end"),
    AFTER: _wait_for_job(AFTER),
    LEAVE: leave,
}
_PATHS: dict[str, Callable[[Element], tuple[str, ...]]] = {"body": _body, "turn": _turn, "plain": _plain}
