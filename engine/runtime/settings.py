"""Where a model's text is evaluated: the script engine as a token sees it, with the functions and objects of that place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.bpmn.model import UserWork
from engine.runtime import tasks
from engine.runtime.evaluate import Script
from engine.runtime.functions import Setting, functions
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run


def script(run: Run, token: Token, scope: str | None, event: str | None) -> Script:
    """In the token's own scope, unless another is named. `event` is what a listener is called for."""
    element, process, instance, seen_from = token.element, run.definition.process, run.instance, scope or token.id
    id, name = (element.id, element.name) if element is not None else (process.key, process.name)
    setting = Setting(
        run.tx, run.scopes, seen_from, instance.id, instance.business_key, run.definition.id, id, name, instance.started_by, run.who,
        run.case.find_person, run.world.tokens, run.world.clock, instance.root_id or instance.id, scope or _local(run, token), event,
        partial(_task_in_hand, run, token) if element is not None and isinstance(element.work, UserWork) else None,
    )  # fmt: skip
    return Script(run.scopes, seen_from, functions(setting), run.world.clock, partial(run.warn, id))


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
