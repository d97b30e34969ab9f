"""Conditional events: looked at when they begin to wait, and whenever a variable changes that they can see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.bpmn.triggers import ConditionalEvent
from engine.expressions import UnknownName
from engine.runtime import stages
from engine.runtime.evaluate import raw
from engine.runtime.scopes import Change
from engine.runtime.tokens import RESTING, Token

if TYPE_CHECKING:
    from engine.runtime.run import Run


def check(run: Run, kept: Sequence[Change] = ()) -> None:
    """Let those conditional events happen that a change made true, or one that was kept while the instance was suspended."""
    changes = [*kept, *run.scopes.changes()] if run.definition.spec.watches else []
    if not changes:
        return
    for token in run.tokens.live():
        event = token.element.event
        if isinstance(event, ConditionalEvent) and token._state == RESTING and token.id in run.tokens.tasks:
            concerned = any(_concerns(run, token, event, change) for change in changes)
            if concerned and holds(run, token, event):
                stages.reach(run, token, {})


def holds(run: Run, token: Token, event: ConditionalEvent) -> bool:
    """Whether the condition is true; not while a variable that it names does not exist, as in Camunda 7."""
    try:
        return raw(run.script(token, seen_from(run, token)).value(event.condition)) is True
    except UnknownName:
        return False


def seen_from(run: Run, token: Token) -> str:
    """The scope that a waiting event's expressions see: its host's, else the one around."""
    host = run.tokens.find(token.notes.get("host", ""))
    if host is None:
        return token.id
    return run.instance.id if host.scope is None else str(host.id)


def _concerns(run: Run, token: Token, event: ConditionalEvent, change: Change) -> bool:
    scope, name, kind = change
    if (event.variables and name not in event.variables) or (event.changes and kind not in event.changes):
        return False
    return scope in run.scopes.chain(seen_from(run, token))
