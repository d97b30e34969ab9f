"""Compensation: what was done in a scope is remembered there, and undone by its handlers, the last first.

A record is JSON in the notes of the scope's token: the element, its handler or what was done inside it, and a sub-process's variables then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Element, MultiInstance
from engine.bpmn.triggers import CancelEvent
from engine.runtime import propagation, stages
from engine.runtime.tokens import Token
from engine.runtime.values import from_json, to_json

if TYPE_CHECKING:
    from engine.runtime.run import Run

Record = dict[str, Any]


def remember(run: Run, token: Token) -> None:
    """Note in its scope that an activity is done, where it could be compensated."""
    if "compensates" in token.notes:
        _one_less(run, token)
        return
    element, inner = token.element, token.notes.get("records")
    handler = handler_of(run, element) if _is_undone(token) else None
    if handler is None and not inner:
        return
    token.scope.notes.setdefault("records", []).append(_record(run, token, handler))


def _record(run: Run, token: Token, handler: Element | None) -> Record:
    """What has been done at a token, and by what it is undone."""
    record: Record = {"element": token.element.id}
    if handler is not None:
        record["handler"] = handler.id
    if "records" in token.notes:
        record["inner"] = token.notes["records"]
    local = run.scopes.handed_on(token.id, local=True) if run.definition.spec.within(token.element.id) else {}
    if local:
        record["variables"] = to_json(local)
    return record


def _is_undone(token: Token) -> bool:
    """Whether a handler undoes what this token did: of a loop each turn, or the whole where the model says so."""
    loop = token.element.loop
    return loop is None or ("turn" in token.notes) is not (isinstance(loop, MultiInstance) and loop.undone_as_one)


def throw(run: Run, token: Token, activity: str | None) -> dict[str, Any] | None:
    """Compensate one activity, or all that was done in the scope; None while handlers are at work."""
    scope = _scope(token)
    if activity is not None and run.definition.process.elements[activity].parent != _id(scope):
        scope = next((at for at in _around(scope) if run.definition.process.elements[activity].parent == _id(at)), scope)
    records = _take(scope, activity)
    for record in reversed(records):
        _undo(run, record, scope, token)
    return None if records else {}


def cancel(run: Run, token: Token) -> dict[str, Any] | None:
    """A cancel end event: what the transaction did is compensated, then it leaves by its cancel event."""
    transaction = next(at for at in _around(token.scope) if at.element is not None and at.element.kind == "transaction")
    if transaction.alone:
        run.history.end(token.id, "completed", run.now)
        raise propagation.Unwound(transaction, None)
    if "canceling" not in token.notes:
        token.notes["canceling"] = True
        if _undo_all(run, token, transaction):
            return None
    run.history.end(token.id, "completed", run.now)
    canceled(run, transaction)
    return None


def _undo_all(run: Run, token: Token, transaction: Token) -> bool:
    """Nothing goes on in a transaction but what undoes it; with it all its turns are undone. Whether there is anything to undo."""
    whole, turns = _whole(transaction), [transaction]
    done = []
    if whole is not transaction:
        turns = [turn for turn in whole.inside if not turn.passive]
        done = _take(whole, None)
        done += [_record(run, turn, None) for turn in turns if turn is not transaction and "records" in turn.notes]
    for turn in turns:
        for other in turn.inside if turn is transaction else [turn]:
            if other.id in run.tokens.tasks and other not in _around(token):
                run.tokens.drop(other)
    inner = _take(transaction, None)
    for record in reversed(inner):
        _undo(run, record, transaction, token)
    for record in reversed(done):
        _undo(run, record, whole, token)
    return bool(inner or done)


def _whole(transaction: Token) -> Token:
    """The transaction itself, or all its turns."""
    found: Token = transaction.scope if "turn" in transaction.notes else transaction
    return found


def canceled(run: Run, transaction: Token) -> None:
    """Leave a transaction by its cancel event."""
    edge = run.definition.spec.boundaries.get(transaction.element.id, [])
    catcher = next((event for event in edge if isinstance(event.event, CancelEvent)), None)
    whole = _whole(transaction)
    scope = whole.scope
    run.tokens.drop(whole)
    if catcher is not None:
        run.tokens.put(catcher.id, scope).arrived = {}
    elif not run.tokens.alive(scope):
        run.emptied(scope)


def undone(run: Run, scope: Token) -> None:
    """All that was done inside a sub-process is compensated."""
    _one_less(run, scope)
    run.scopes.close(scope.id)
    run.tokens.discard(scope)
    if not run.tokens.alive(scope.scope):
        run.emptied(scope.scope)


def given_up(run: Run, token: Token) -> None:
    """A handler is left by an event on its edge: it is not waited for any longer."""
    _one_less(run, token)


def _undo(run: Run, record: Record, scope: Token, thrower: Token) -> None:
    if "handler" in record and not run.definition.process.elements[record["handler"]].event_driven:
        run.tokens.put(record["handler"], scope, compensates=thrower.id)
        return
    sub = run.tokens.place(record["element"], scope, compensates=thrower.id, undoing=True, stage=stages.WORK)
    if run.definition.process.elements[record["element"]].loop is not None:
        sub.notes["turn"] = 0
    run.scopes.open(sub.id, run.scope_of(sub))
    for name, value in record.get("variables", {}).items():
        run.scopes.assign_local(sub.id, name, from_json(value))
    if "handler" in record:
        sub.notes["records"] = record.get("inner", [])
        run.tokens.put(record["handler"], sub, via=run.definition.spec.begins_by_event[record["handler"]])
        return
    for inner in reversed(record["inner"]):
        _undo(run, inner, sub, sub)


def _one_less(run: Run, token: Token) -> None:
    """A handler is through; the thrower goes on when it was the last."""
    thrower = run.tokens.find(token.notes["compensates"])
    if thrower is None or "undoing" in thrower.notes:
        return
    others = (other for other in run.tokens.live() if other is not token)
    if not any(other.notes.get("compensates") == thrower.id for other in others):
        if "canceling" in thrower.notes:
            run.tokens.again(thrower)
        else:
            stages.resume(run, thrower, {})


def handler_of(run: Run, element: Element) -> Element | None:
    """What compensates an activity: the handler that its edge leads to, or the event sub-process inside it."""
    return run.definition.spec.handlers.get(element.id)


def _scope(token: Token) -> Token:
    """Whose records a throw means: an event sub-process compensates what was done around it."""
    scope: Token = token.scope
    while scope.element is not None and scope.element.event_driven:
        scope = scope.scope
    return scope


def _around(token: Token | None) -> list[Token]:
    found = []
    while token is not None:
        found.append(token)
        token = token.scope
    return found


def _id(scope: Token) -> str | None:
    return scope.element.id if scope.element is not None else None


def _take(scope: Token, activity: str | None) -> list[Record]:
    records: list[Record] = scope.notes.get("records", [])
    taken = [record for record in records if activity in (None, record["element"])]
    scope.notes["records"] = [record for record in records if record not in taken]
    if not scope.notes["records"]:
        del scope.notes["records"]
    return taken
