"""Errors and escalations on their way outwards: to the innermost event that catches them, never sideways.

From a token they go to the events on its own edge, then to the event sub-processes around it, then to the scope and so on, and from a
called instance to the activity that called it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Element
from engine.bpmn.specs import ProcessSpec
from engine.bpmn.triggers import ErrorEvent, EscalationEvent
from engine.errors import BpmnError
from engine.runtime import calls
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run

Catch = tuple["Run", Token, Element]


class Unwound(Exception):
    """An error or a cancellation leaves a transaction that is one savepoint: all that it did is undone first."""

    def __init__(self, transaction: Token, error: BpmnError | None):
        super().__init__()
        self.transaction, self.error = transaction, error


def throw(run: Run, token: Token, error: BpmnError) -> bool:
    """Give an error to whatever catches it; False when nothing does."""
    found = _catch(run, token, ErrorEvent, error.code, error)
    if found is None:
        return False
    there, at, catcher = found
    event = catcher.event
    assert isinstance(event, ErrorEvent)
    _reached(run, token)
    named = {event.code_variable: error.code, event.message_variable: error.message}
    _happen(there, at, catcher, {**error.variables, **{name: value for name, value in named.items() if name}}, interrupting=True)
    return True


def escalate(run: Run, token: Token, code: str, variables: dict[str, Any]) -> None:
    """Give an escalation to whatever catches it; if nothing does, it is lost."""
    found = _catch(run, token, EscalationEvent, code)
    if found is not None:
        there, at, catcher = found
        event = catcher.event
        assert isinstance(event, EscalationEvent)
        named = {event.code_variable: code} if event.code_variable else {}
        _happen(there, at, catcher, {**variables, **named}, catcher.interrupting)


def _catch(run: Run, token: Token, kind: type, code: str, error: BpmnError | None = None) -> Catch | None:
    """The instance, the token whose edge or scope catches, and the catching event."""
    at = token
    while True:
        if at.alone and at is not token and error is not None:
            _reached(run, token)
            raise Unwound(at, error)
        if at.scope is not None:
            for place, events in _places(run.definition.spec, at):
                catcher = _matching(run, place, events, kind, code)
                if catcher is not None:
                    return run, place, catcher
            at = at.scope
        else:
            caller = calls.caller(run)
            if caller is None:
                return None
            run, at = caller


def _reached(run: Run, token: Token) -> None:
    """An end event has done its part when somebody catches what it throws."""
    if token.element.kind == "endEvent":
        run.history.end(token.id, "completed", run.now)


def _places(spec: ProcessSpec, at: Token) -> list[tuple[Token, list[Element]]]:
    """Where what comes out of a token can be caught next: on its edge, then by the event sub-processes beside it, but not by itself.

    The turns of a multi-instance activity have no edge of their own, and nothing stands beside them.
    """
    if "turn" in at.notes:
        return []
    scope = at.scope.element.id if at.scope.element is not None else None
    beside = [start for start in spec.event_starts.get(scope, []) if start.parent != at.element.id]
    return [(at, spec.boundaries.get(at.element.id, [])), (at.scope, beside)]


def _matching(run: Run, place: Token, events: list[Element], kind: type, code: str) -> Element | None:
    """The event for exactly this code, else one for every code."""
    every = None
    for element in events:
        if isinstance(element.event, kind):
            wanted: Any = element.event
            caught = run.script(place, run.instance.id if place.scope is None else place.id).text(wanted.code)
            if caught == code:
                return element
            every = every or (element if caught is None else None)
    return every


def _happen(run: Run, at: Token, catcher: Element, results: dict[str, Any], interrupting: bool) -> None:
    if catcher.attached_to is not None:
        scope = at.scope
        if interrupting:
            run.tokens.drop(at)
        run.tokens.put(catcher.id, scope).arrived = results
        return
    if interrupting:
        for token in at.inside:
            if token.id in run.tokens.tasks:
                run.tokens.drop(token)
    run.tokens.put(catcher.parent or "", at, via=catcher.id).arrived = results
