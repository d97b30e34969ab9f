"""What is triggered by hand: receive tasks, and the elements of ad-hoc sub-processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import Refused
from engine.runtime import loops, subprocesses
from engine.runtime.tokens import RESTING, Token

if TYPE_CHECKING:
    from engine.runtime.run import Run


class NothingToTrigger(Refused):
    """Nothing waits there to be triggered."""


def trigger(run: Run, element_id: str, variables: dict[str, Any]) -> None:
    """Let the longest waiting token at a receive task go on with these variables, or begin an element of an ad-hoc sub-process."""
    for token in run.tokens.live():
        if token.element.id == element_id and _waits(token):
            run.finish(token.id, variables)
            return
    scope = _ad_hoc_around(run, element_id)
    if scope is None:
        told = ", ".join(dict.fromkeys(token.element.id for token in run.tokens.live() if _waits(token))) or "none"
        raise NothingToTrigger(f"Nothing waits at “{element_id}” to be triggered. Receive tasks that wait: {told}.")
    for name, value in variables.items():
        run.scopes.assign_local(scope.id, name, value)
    subprocesses.activate(run, scope, [element_id])


def _waits(token: Token) -> bool:
    """Whether a token rests at the work of a receive task."""
    resting = token._state == RESTING and token.notes.get("stage") == "work" and "retries" not in token.notes
    return resting and token.element.kind == "receiveTask" and not token.inside


def _ad_hoc_around(run: Run, element_id: str) -> Token | None:
    """The ad-hoc sub-process that is under way and has this element."""
    for token in run.tokens.live():
        inside = run.definition.spec.begins.get(token.element.id, ()) if token.element.kind == "adHocSubProcess" else ()
        if token._state == RESTING and not loops.is_body(token) and any(element.id == element_id for element in inside):
            return token
    return None
