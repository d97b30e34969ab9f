"""Sub-processes: how their inside begins, a transaction that is one savepoint, and the choice of an ad-hoc sub-process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import AdHocWork
from engine.db import savepoint
from engine.errors import RatchetError
from engine.runtime import compensation, events, modification, stages
from engine.runtime.evaluate import raw, unwrapped
from engine.runtime.propagation import Unwound
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run

Results = dict[str, Any] | None


class NotInside(RatchetError):
    """An ad-hoc sub-process can only begin with elements inside it that no flow leads to."""


def begin(run: Run, token: Token) -> Results:
    """Put the first tokens inside; the sub-process rests until the last of them has ended."""
    if token.element.id in run.definition.spec.atomic:
        return _atomically(run, token)
    return _open(run, token)


def _open(run: Run, token: Token) -> Results:
    events.watch_scope(run, token)
    via = token.notes.pop("via", None)
    if via is not None:
        arrived, token.arrived = token.arrived or {}, None
        run.tokens.put(via, token).arrived = arrived
        return None
    if "into" in token.notes:
        modification.put_inside(run, token, token.notes.pop("into"))
        return None
    first = run.definition.spec.begins.get(token.element.id, [])
    for element in first:
        run.tokens.put(element.id, token)
    return None if first else {}


def _atomically(run: Run, token: Token) -> Results:
    """Run the whole inside as one database transaction within the verb's: all its SQL and variables, or none."""
    mark, told, token.alone = run.waits.mark(), len(run.outward), True
    try:
        with run.scopes.all_or_nothing(), savepoint(run.tx, "ratchet_transaction"), run.tokens.alone(token):
            if _open(run, token) is None:
                run.tokens.run()
        _tell(run, told)
        return {}
    except Unwound as unwound:
        _empty(run, token, mark, told)
        if unwound.transaction is not token:
            raise
        if unwound.error is not None:
            raise unwound.error from None
        compensation.canceled(run, token)
        return None
    except BaseException:
        _empty(run, token, mark, told)
        raise
    finally:
        token.alone = False


def _tell(run: Run, since: int) -> None:
    """What happened inside takes effect outside."""
    told, run.outward[since:] = run.outward[since:], []
    for token, results in told:
        stages.reach(run, token, results)


def _empty(run: Run, token: Token, mark: Any, told: int) -> None:
    token.alone = False
    del run.outward[told:]
    for inner in token.inside:
        if inner.id in run.tokens.tasks:
            run.tokens.drop(inner)
    run.waits.back_to(mark)


def begin_ad_hoc(run: Run, token: Token, work: AdHocWork) -> Results:
    """Begin the elements that the model chooses now; where it chooses none the sub-process waits to be told."""
    script = run.script(token)
    if work.output:
        run.scopes.assign_local(token.id, work.output, [])
    if "into" in token.notes:
        modification.put_inside(run, token, token.notes.pop("into"))
        return None
    if work.active is None:
        return None
    chosen = unwrapped(raw(script.value(work.active)))
    activate(run, token, chosen)
    return None


def activate(run: Run, token: Token, element_ids: Any) -> None:
    """Begin elements of an ad-hoc sub-process."""
    able = {element.id for element in run.definition.spec.begins.get(token.element.id, [])}
    if not isinstance(element_ids, list) or not set(element_ids) <= able:
        raise NotInside(f"“{token.element.name}” can begin with {', '.join(sorted(able))}; not with {element_ids!r}.")
    for element_id in element_ids:
        run.tokens.put(element_id, token)


def ad_hoc_step(run: Run, token: Token, scope: Token) -> None:
    """An element of an ad-hoc sub-process is through: keep its result, and end the rest when the condition holds."""
    work = scope.element.work
    assert isinstance(work, AdHocWork)
    if work.output and work.output_item is not None:
        kept = [*run.scopes.get(scope.id, work.output), raw(run.script(token).value(work.output_item))]
        run.scopes.assign_local(scope.id, work.output, kept)
    if work.condition is not None and raw(run.script(token).value(work.condition)) is True and work.cancels_rest:
        for other in scope.inside:
            if other is not token and other.id in run.tokens.tasks:
                run.tokens.drop(other)


def ad_hoc_over(run: Run, scope: Token) -> bool:
    """Nothing inside an ad-hoc sub-process goes on: whether it is over, else it waits to be told what next."""
    work = scope.element.work
    assert isinstance(work, AdHocWork)
    over = work.condition is None or raw(run.script(scope).value(work.condition)) is True
    if over and work.output:
        run.scopes.assign(run.scope_of(scope), work.output, run.scopes.get(scope.id, work.output))
    return over
