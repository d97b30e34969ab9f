"""Where a model's text is evaluated: the script engine as a token sees it, with the functions and objects of that place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from engine.runtime import store, tasks
from engine.runtime.evaluate import Script
from engine.runtime.functions import Setting, functions
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run


TASK_EVENTS = {"create", "assignment", "update", "complete", "delete"}


def script(run: Run, token: Token, scope: str | None, event: str | None) -> Script:
    """In the token's own scope, unless another is named. `event` is what a listener is called for."""
    id = token.element.id if token.element is not None else run.definition.process.key
    return Script(run.scopes, scope or token.id, partial(_functions, run, token, scope, event), run.world.clock, partial(run.warn, id))


def _functions(run: Run, token: Token, scope: str | None, event: str | None) -> dict[str, Any]:
    element, process, instance = token.element, run.definition.process, run.instance
    id, name = (element.id, element.name) if element is not None else (process.key, process.name)
    return functions(Setting(
        run.tx, run.scopes, scope or token.id, instance.id, instance.business_key, run.definition.id, id, name,
        instance.started_by, run.who, run.case.find_person, run.world.tokens, run.world.clock, instance.root_id or instance.id,
        scope or _local(run, token), event, token.taking, token.canceled,
        partial(_task_in_hand, run, token) if event in TASK_EVENTS else None,
        instance.parent_id, partial(_began, run), run.world.trust,
    ))  # fmt: skip


def _began(run: Run) -> dict[str, Any]:
    """What the instance began with: noted at its start, in the database from then on."""
    return run.instance.began_with or store.began_with(run.tx, run.instance.id) or {}


def _local(run: Run, token: Token) -> str:
    """The scope that Camunda 7 means by local: the activity's own where it has one there, else the one around."""
    if token.scope is None:
        return run.instance.id
    own = "turn" in token.notes or token.element.id in run.definition.spec.own_scopes
    return token.id if own else run.scope_of(token)


def _task_in_hand(run: Run, token: Token) -> tasks.TaskInHand:
    """The user task at a token: the one that is just being made, else the stored one."""
    token.in_hand = token.in_hand or tasks.TaskInHand(tasks.get(run.tx, token.id), run.tx)
    found: tasks.TaskInHand = token.in_hand
    return found
