"""One instance while a verb moves it: from its saved state, through every step up to the next rest, and back into the database.

Whatever happens here happens on the verb's own transaction. A failure where the model has retries stays at its element; any other
failure leaves this module as an exception and undoes the verb.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Element, Flow, JobWork
from engine.data.origin import Origin
from engine.delegates.connector import JobFailed
from engine.errors import BpmnError, RatchetError, Refused, SomebodyWasFaster
from engine.jobs import table as jobs
from engine.runtime import (
    calls,
    compensation,
    conditions,
    events,
    external,
    listeners,
    loops,
    opening,
    propagation,
    settings,
    stages,
    store,
    subprocesses,
    suspension,
    warnings,
)
from engine.runtime.definitions import Definition
from engine.runtime.evaluate import Script
from engine.runtime.history import FLOW, Activity, History
from engine.runtime.scopes import Scopes
from engine.runtime.store import Instance
from engine.runtime.tokens import Token, Tokens
from engine.runtime.values import to_json
from engine.runtime.waits import TASK, Waits
from engine.runtime.warnings import Warning

if TYPE_CHECKING:
    from engine.runtime.case import Case


class StepFailed(RatchetError):
    """A step failed, so nothing of the verb was done. `instance_id` and `element_id` say where; the cause is chained."""

    def __init__(self, instance_id: str, element: Element, cause: Exception):
        super().__init__(f"“{element.name}” failed: {cause}")
        self.instance_id, self.element_id = instance_id, element.id


class Run:
    """The instance in hand: its tokens, variables, history and what rests in it."""

    def __init__(self, case: Case, definition: Definition, instance: Instance):
        self.case, self.definition, self.instance = case, definition, instance
        self.tx, self.world, self.who, self.now = case.tx, case.world, case.who, case.now
        self.history, self.waits, self.scopes = History(), Waits(), Scopes(instance.id)
        self.warnings: list[Warning] = []
        self.later: list[tuple[Token, dict[str, Any]]] = []
        self.outward: list[tuple[Token, dict[str, Any]]] = []
        self.ended = self.handed_back = self.is_new = False
        self.suspended = instance.state == store.SUSPENDED
        self.tokens = Tokens(definition.spec, self, instance.tokens)
        for token in self.tokens.live():
            self.scopes.open(token.id, self.scope_of(token))
        if instance.tokens is not None:
            self.scopes.load(case.variables(instance.id))
        if definition.spec.watches:
            self.scopes.watch()

    # The moves of a verb: they set tokens going, which run when the case settles

    def begin(
        self, variables: dict[str, Any], start: str | None = None, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """Start: variables, the initiator's name, tokens where the process begins, at the start that was triggered, or at elements."""
        at = {"start": start, "before": list(before), "after": list(after)}
        began = {"variables": to_json(variables), **{name: value for name, value in at.items() if value}}
        self.instance = replace(self.instance, began_with=began)
        for name, value in variables.items() if not opening.maps(self, start) else ():
            self.scopes.assign_local(self.instance.id, name, value)
        if self.definition.process.initiator:
            self.scopes.assign_local(self.instance.id, self.definition.process.initiator, self.who.id)
        opening.begin(self)

    def finish(self, token_id: str, results: dict[str, Any], person: str | None = None) -> None:
        """Somebody answered where a token rests, or what it waits for has come: take the results and go on."""
        token = self.resting(token_id)
        if token is self.tokens.task_tree:
            opening.answered(self, results)
        elif token.passive:
            events.occur(self, token, results)
        else:
            stages.resume(self, token, results, person)

    def again(self, token_id: str, retries: int | None = None) -> None:
        """Go on where a token stopped: try once more what failed, with new tries where a number is given, or continue an async step."""
        token = self.resting(token_id)
        if token is self.tokens.task_tree:
            opening.again(self)
            return
        if retries is not None:
            token.notes["retries"] = retries
        self.waits.end(token)
        self.tokens.again(token)

    def failed(self, token_id: str, retries: int, message: str = "") -> None:
        """An external worker gave up a job: what the model makes of that, else without tries left it is an incident."""
        token = self.resting(token_id)
        found = external.error(self, token, message, retries)
        if found is not None:
            self.throw_error(token_id, found)
        else:
            token.notes["retries"] = retries

    def answered(self, token_id: str, results: dict[str, Any]) -> None:
        """An external worker did a job; the model may make an error of its answer."""
        token = self.resting(token_id)
        found = None
        if token.element is not None and isinstance(token.element.work, JobWork) and token.element.work.errors:
            stages.take(self, token, results)
            found = external.error(self, token)
        if found is not None:
            self.throw_error(token_id, found)
        else:
            self.finish(token_id, results)

    def give_up(self, token_id: str) -> None:
        """A job at a token has no tries left: an incident, unless the token is gone."""
        token = self.tokens.find(token_id)
        if token is not None:
            token.notes["retries"] = 0

    def throw_error(self, token_id: str, error: BpmnError) -> None:
        """An external worker answers a job with a BPMN error."""
        token = self.resting(token_id)
        self.waits.end(token)
        if not propagation.throw(self, token, error):
            self.put_aside(token, error)

    def cancel(self) -> None:
        """Stop the instance: every token, task, job and subscription goes, and what it called."""
        for token in self.tokens.task_tree.inside:
            if token.id in self.tokens.tasks:
                self.tokens.drop(token)
        self.waits.end(self.tokens.task_tree)
        self.ended = True
        self.instance_state = store.CANCELED

    def save(self) -> list[jobs.Job]:
        """Write the new state, variables and history, with nothing that asks for an answer; the instance ends when no token is left.

        The new jobs are given back, for `save_jobs`.
        """
        self.scopes.save(self.tx)
        self.history.save(self.tx)
        new = self.waits.save(self.tx, self.now)
        tokens, ended_at = (None, self.now) if self.ended else (self.tokens.saved(), None)
        if self.is_new:
            store.add(self.tx, replace(self.instance, state=self.state(), tokens=tokens, ended_at=ended_at, turn=1))
            self.is_new = False
        else:
            store.save(self.tx, self.instance.id, self.state(), tokens, ended_at)
        return new

    def save_jobs(self, new: list[jobs.Job]) -> None:
        """Write the new jobs, and what an analyst should know."""
        if new:
            jobs.put_all(self.tx, new)
        if self.suspended:
            suspension.hold(self, True)
        if self.warnings:
            warnings.keep(self.tx, self.instance.id, self.warnings)

    instance_state = store.COMPLETED

    def state(self) -> str:
        if self.ended:
            return self.instance_state
        failed = any(token.notes.get("retries") == 0 for token in self.tokens.tasks.values())
        return store.SUSPENDED if self.suspended else store.INCIDENT if failed else store.ACTIVE

    def hand_back(self) -> bool:
        """Give a called instance's end to its caller, once; whether there was something to give."""
        return calls.hand_back(self)

    # What the tokens ask (engine.runtime.tokens.Outside)

    def perform(self, token: Token) -> bool | None:
        """Do what is to be done at a token: True when it may leave, None when it rests or is gone."""
        try:
            return True if stages.go(self, token) else None
        except BpmnError as error:
            if not propagation.throw(self, token, error):
                self.put_aside(token, error)
        except Exception as failure:
            if token.element.retries is None or self.in_atomic(token):
                if isinstance(failure, (Refused, StepFailed, propagation.Unwound)):
                    raise
                raise StepFailed(self.instance.id, token.element, failure) from failure
            self.put_aside(token, failure)
        return None

    def flows_after(self, token: Token) -> list[Flow]:
        """The flows that a finished token takes, which its last stage has chosen."""
        self.history.end(token.id, "completed", self.now, token.person)
        compensation.remember(self, token)
        if token.scope.element is not None and token.scope.element.kind == "adHocSubProcess" and not loops.is_body(token.scope):
            subprocesses.ad_hoc_step(self, token, token.scope)
        self.scopes.close(token.id)
        return token.flows

    def moved(self, token: Token, flow: Flow) -> None:
        self.history.enter(Activity(self.instance.id, f"{token.id}:{flow.id}", flow.id, flow.name, FLOW, "completed", self.now, self.now))

    def at_join(self, token: Token) -> None:
        """A token has come to a join and waits for others. In Camunda 7 each that comes is written down."""
        if self.definition.process.dialect == "camunda":
            self.enter(token)
            token.notes["entered"] = True

    def merged(self, token: Token) -> None:
        """A token that waited goes on as part of another one."""
        self.history.end(token.id, "merged", self.now)

    def gone(self, token: Token) -> None:
        """A token is taken out that did not finish."""
        self.waits.end(token)
        if "compensates" in token.notes:
            compensation.given_up(self, token)
        if "called" in token.notes:
            calls.stop(self, token)
        if "stage" in token.notes or "entered" in token.notes:
            self.history.end(token.id, "canceled", self.now)
        if "stage" in token.notes:
            listeners.canceled(self, token)
        self.scopes.close(token.id)

    def emptied(self, scope: Token) -> None:
        """Nothing inside a scope lives any more: it is done."""
        for token in scope.inside:
            self.tokens.drop(token)
        if scope is self.tokens.task_tree:
            self.ended = opening.end(self)
        elif "undoing" in scope.notes:
            compensation.undone(self, scope)
        elif loops.is_body(scope):
            loops.turn_over(self, scope)
        elif scope.alone:
            return  # its inside ran within the work at this token, which goes on now
        elif scope.element.kind != "adHocSubProcess" or subprocesses.ad_hoc_over(self, scope):
            stages.resume(self, scope, {})

    def stepped(self) -> None:
        """After each step: what came true or had come already takes its effect."""
        if self.definition.spec.watches:
            conditions.check(self)
        while self.later:
            token, results = self.later.pop(0)
            if token.id in self.tokens.tasks:
                events.occur(self, token, results)

    # What the work at a token needs

    def scope_of(self, token: Token) -> str:
        """The variable scope around a token."""
        above: Token = token.scope
        return self.instance.id if above.scope is None else str(above.id)

    def script(self, token: Token, scope: str | None = None, event: str | None = None) -> Script:
        """The script engine, seen from a token: in its own scope, unless another is named. `event` is what a listener is called for."""
        return settings.script(self, token, scope, event)

    def origin(self, token: Token) -> Origin:
        """Where a change of data comes from."""
        return Origin(
            person=self.who, process=self.definition.key, process_definition_id=self.definition.id,
            process_instance_id=self.instance.id, activity=token.element.id, activity_instance_id=token.id,
        )  # fmt: skip

    def enter(self, token: Token, kind: str = "") -> None:
        """Note that a token has come to its element."""
        element = token.element
        self.history.enter(Activity(self.instance.id, token.id, element.id, element.name, kind or element.kind, "active", self.now))

    def put_aside(self, token: Token, failure: Exception) -> None:
        """Keep a failed step at its element: it is tried again later, or is an incident when no tries are left."""
        before = token.notes.get("retries", token.element.retries or 0)
        left, wait = max(before - 1, 0), timedelta(0)
        if isinstance(failure, JobFailed):
            left = failure.retries if failure.retries is not None else left
            wait = failure.backoff or wait
        if isinstance(failure, BpmnError):
            left = 0
        token.notes["retries"] = left
        stages.back_to_begin(self, token)
        told = f"The BPMN error {failure.code} is not caught" if isinstance(failure, BpmnError) else type(failure).__name__
        message = self.world.secrets.mask(f"{told}: {failure}")
        self.waits.job(token, jobs.Job(
            token.id, jobs.RETRY, token.element.kind, self.instance.id, token.element.id, left, self.now + wait, last_error=message
        ))  # fmt: skip

    def waits_for_people(self) -> bool:
        """Whether a user task is open anywhere in the instance."""
        return any(TASK in token.notes.get("rows", ()) for token in self.tokens.tasks.values())

    def resting(self, token_id: str) -> Token:
        token = self.tokens.find(token_id)
        if token is None:
            raise SomebodyWasFaster("The process has moved on already.")
        return token

    def in_atomic(self, token: Token) -> bool:
        """Whether a token is inside a transaction that is one savepoint."""
        at = token.scope
        while at is not None and not at.alone:
            at = at.scope
        return at is not None

    def warn(self, element_id: str, message: str) -> None:
        self.warnings.append(Warning(self.instance.id, element_id, message, self.now))
