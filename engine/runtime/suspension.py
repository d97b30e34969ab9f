"""Suspended instances: nothing moves them and nothing reaches them. What came meanwhile takes its effect when they are resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Refused
from engine.jobs import table as jobs
from engine.runtime import conditions, events, messages, stages

if TYPE_CHECKING:
    from engine.runtime.run import Run
    from engine.runtime.tokens import Token

_CHANGED, _UNWATCHED = "changed", "unwatched"


class Suspended(Refused):
    """The instance is suspended; an analyst can resume it."""

    def __init__(self, instance_id: str):
        super().__init__(f"The instance {instance_id} is suspended, so nothing in it can be done now. Ask an analyst to resume it first.")


def suspend(run: Run) -> None:
    """From now on nothing moves the instance."""
    run.suspended = True


def resume(run: Run) -> None:
    """Let the instance go on: its jobs run, messages reach it, those that were kept meanwhile first."""
    run.suspended = False
    hold(run, False)
    conditions.check(run, [(scope, name, kind) for scope, name, kind in run.tokens.task_tree.notes.pop(_CHANGED, ())])
    run.tokens.wake_joins()
    for token in run.tokens.live():
        if token.notes.pop(_UNWATCHED, False) and token.id in run.tokens.tasks:
            wait(run, token)
    _take_messages(run)
    run.stepped()


def wait(run: Run, token: Token) -> None:
    """Let a resting token wait for its event; in a suspended instance once it is resumed."""
    if run.suspended:
        token.notes[_UNWATCHED] = True
    elif token.passive:
        events.watch(run, token)
    else:
        found = events.wait(run, token)
        if found is not None:
            stages.resume(run, token, found)


def hold(run: Run, held: bool) -> None:
    """Keep an instance's jobs and subscriptions from being found, or let them be found again."""
    jobs.hold(run.tx, run.instance.id, held)
    messages.hold(run.tx, run.instance.id, held)


def changed(run: Run) -> None:
    """Remember which variables were changed: conditional events look at them when the instance is resumed."""
    if not run.definition.spec.watches:
        return
    changes = [list(change) for change in run.scopes.changes()]
    if changes:
        run.tokens.task_tree.notes.setdefault(_CHANGED, []).extend(changes)


def _take_messages(run: Run) -> None:
    for waiting in messages.of_instance(run.tx, run.instance.id):
        if waiting.kind == messages.MESSAGE and run.tokens.find(waiting.token_id) is not None:
            kept = messages.take(run.tx, waiting.name, waiting.key, waiting.process_key, run.now)
            if kept is not None:
                run.finish(waiting.token_id, kept)
