"""One verb's work on one instance: from its saved state, through every step up to the next rest, and back into the database.

Whatever happens here happens on the verb's own transaction. A failure where the model has retries stays at its element; any other
failure leaves this module as an exception and undoes the verb.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from engine.bpmn.model import Element, Flow
from engine.data.origin import Origin
from engine.db import savepoint
from engine.delegates.call import World
from engine.delegates.connector import JobFailed
from engine.errors import BpmnError, RatchetError, Refused, SomebodyWasFaster
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime import messages, store, tasks, warnings, work
from engine.runtime.definitions import Definition
from engine.runtime.evaluate import Script
from engine.runtime.functions import Setting, functions
from engine.runtime.history import FLOW, Activity, History
from engine.runtime.scopes import Scopes
from engine.runtime.store import Instance
from engine.runtime.tokens import Token, Tokens
from engine.runtime.warnings import Warning

FindPerson = Callable[[Connection, str], Person | None]


class StepFailed(RatchetError):
    """A step failed, so nothing of the verb was done. `instance_id` and `element_id` say where; the cause is chained."""

    def __init__(self, instance_id: str, element: Element, cause: Exception):
        super().__init__(f"“{element.name}” failed: {cause}")
        self.instance_id, self.element_id = instance_id, element.id


class NoFlowTaken(RatchetError):
    """No condition of the gateway holds and it has no default flow."""


@dataclass
class Run:
    """The instance in hand: its tokens, variables and history, with the transaction and the person of this verb."""

    tx: Connection
    world: World
    definition: Definition
    instance: Instance
    who: Person
    find_person: FindPerson
    history: History = field(default_factory=History)
    warnings: list[Warning] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now: datetime = self.world.clock.now()
        self.scopes = Scopes(self.instance.id)
        self.tokens = Tokens(self.definition.spec, self, self.instance.tokens)
        for token in self.tokens.live():
            self.scopes.open(str(token.id), self.instance.id)
        if self.instance.tokens is not None:
            self.scopes.load(self.tx)

    # The moves of a verb

    def begin(self, variables: dict[str, Any]) -> None:
        """Start: variables, the initiator's name, the first token."""
        for name, value in variables.items():
            self.scopes.assign_local(self.instance.id, name, value)
        if self.definition.process.initiator:
            self.scopes.assign_local(self.instance.id, self.definition.process.initiator, self.who.id)
        self.tokens.begin()
        self.advance()

    def finish(self, token_id: str, results: dict[str, Any], person: str | None = None) -> None:
        """Somebody answered where a token rests: take the results and go on."""
        token = self._resting(token_id)
        element: Element = token.task_spec.element
        self._take_results(token, element, results)
        messages.unsubscribe(self.tx, token_id)
        jobs.remove(self.tx, token_id)
        token.internal_data.pop("retries", None)
        self.history.end(token_id, "completed", self.now, person)
        token.complete()
        self.advance()

    def again(self, token_id: str, retries: int | None = None) -> None:
        """Try once more what failed at a token, with new tries where a number is given."""
        token = self._resting(token_id)
        if retries is not None:
            token.internal_data["retries"] = retries
        jobs.remove(self.tx, token_id)
        self.tokens.again(token)
        self.advance()

    def failed(self, token_id: str, retries: int) -> None:
        """An external worker gave up a job; without tries left it is an incident."""
        self._resting(token_id).internal_data["retries"] = retries

    def cancel(self) -> None:
        """Stop the instance: every token, task, job and subscription goes."""
        for token in self.tokens.live():
            tasks.close(self.tx, str(token.id), tasks.CANCELED, self.now, None)
            messages.unsubscribe(self.tx, str(token.id))
            jobs.remove(self.tx, str(token.id))
            self.history.end(str(token.id), "canceled", self.now)
        self.history.save(self.tx)
        store.save(self.tx, self.instance.id, state=store.CANCELED, tokens=None, ended_at=self.now)

    def advance(self) -> None:
        """Run to the next rest."""
        self.tokens.run()

    def save(self) -> None:
        """Write the new state, variables and history; the instance ends when no token is left."""
        self.scopes.save(self.tx)
        self.history.save(self.tx)
        if self.warnings:
            warnings.keep(self.tx, self.instance.id, self.warnings)
        live = self.tokens.live()
        failed = any(token.internal_data.get("retries") == 0 for token in live)
        state = store.INCIDENT if failed else store.ACTIVE if live else store.COMPLETED
        tokens, ended_at = (self.tokens.saved(), None) if live else (None, self.now)
        store.save(self.tx, self.instance.id, state=state, tokens=tokens, ended_at=ended_at)

    # What the tokens ask (engine.runtime.tokens.Outside)

    def perform(self, token: Token) -> bool | None:
        """Do the work at a token: True when it is done, None when it rests."""
        element: Element = token.task_spec.element
        self.scopes.open(str(token.id), self.instance.id)
        if "retries" not in token.internal_data:  # what is tried again has been entered before
            self.history.enter(Activity(self.instance.id, str(token.id), element.id, element.name, element.kind, "active", self.now))
        try:
            results = self._attempt(token, element)
        except Exception as failure:
            if element.retries is not None:
                self._put_aside(token, element, failure)
                return None
            if isinstance(failure, Refused):
                raise
            raise StepFailed(self.instance.id, element, failure) from failure
        token.internal_data.pop("retries", None)
        if results is None:
            return None
        self.history.end(str(token.id), "completed", self.now)
        return True

    def _attempt(self, token: Token, element: Element) -> dict[str, Any] | None:
        """One try, whole or not at all where it may fail alone."""
        if element.retries is None or element.work is None:
            return self._work(token, element)
        with self.scopes.all_or_nothing(), savepoint(self.tx):
            return self._work(token, element)

    def _work(self, token: Token, element: Element) -> dict[str, Any] | None:
        self.script(token).assign_inputs(element.inputs)
        results = work.do(self, token, element)
        if results is not None:
            self._take_results(token, element, results)
        if element.kind == "exclusiveGateway":
            token.internal_data["chosen"] = self._choose(token, element).id
        return results

    def flows_after(self, token: Token) -> list[Flow]:
        """The flows that a finished token takes."""
        element: Element = token.task_spec.element
        flows = self.definition.spec.flows_from(element)
        chosen = token.internal_data.pop("chosen", None)
        self.scopes.close(str(token.id))
        if chosen is not None:
            return [flow for flow in flows if flow.id == chosen]
        if all(flow.condition is None for flow in flows):
            return flows
        script = self.script(token, self.instance.id)
        taken = [flow for flow in flows if flow.id != element.default and (flow.condition is None or script.condition(flow.condition))]
        return taken or [flow for flow in flows if flow.id == element.default]

    def moved(self, token: Token, flow: Flow) -> None:
        id = f"{token.id}:{flow.id}"
        self.history.enter(Activity(self.instance.id, id, flow.id, flow.name, FLOW, "completed", self.now, self.now))

    def absorbed(self, token: Token) -> None:
        self.scopes.close(str(token.id))

    # Helpers of the above

    def script(self, token: Token, scope: str | None = None) -> Script:
        """The script engine, seen from a token: in its own scope, unless another is named."""
        element: Element = token.task_spec.element
        seen_from = scope or str(token.id)
        setting = Setting(
            self.tx, self.scopes, seen_from, self.instance.id, self.instance.business_key, self.definition.id, element.id,
            element.name, self.instance.started_by, self.who, self.find_person, self.world.tokens, self.world.clock,
        )  # fmt: skip
        return Script(self.scopes, seen_from, functions(setting), self.world.clock, partial(self._warn, element.id))

    def _warn(self, element_id: str, message: str) -> None:
        self.warnings.append(Warning(self.instance.id, element_id, message, self.now))

    def origin(self, token: Token, element: Element) -> Origin:
        """Where a change of data comes from."""
        return Origin(
            person=self.who, process=self.definition.key, process_definition_id=self.definition.id,
            process_instance_id=self.instance.id, activity=element.id, activity_instance_id=str(token.id),
        )  # fmt: skip

    def _choose(self, token: Token, element: Element) -> Flow:
        """The one flow of an exclusive gateway: the first whose condition holds, else the default."""
        script, flows = self.script(token), self.definition.spec.flows_from(element)
        for flow in flows:
            if flow.id != element.default and (flow.condition is None or script.condition(flow.condition)):
                return flow
        for flow in flows:
            if flow.id == element.default:
                return flow
        raise NoFlowTaken(f"No condition of “{element.name}” holds and it has no default flow.")

    def _take_results(self, token: Token, element: Element, results: dict[str, Any]) -> None:
        scope = str(token.id)
        self.scopes.open(scope, self.instance.id)
        keep = element.keeps_results and bool(element.outputs)
        for name, value in results.items():
            if keep:
                self.scopes.assign_local(scope, name, value)
            else:
                self.scopes.assign(scope, name, value)
        self.script(token).assign_outputs(element.outputs, self.instance.id)

    def _resting(self, token_id: str) -> Token:
        token = self.tokens.find(token_id)
        if token is None:
            raise SomebodyWasFaster("The process has moved on already.")
        return token

    def _put_aside(self, token: Token, element: Element, failure: Exception) -> None:
        """Keep a failed step at its element: it is tried again later, or is an incident when no tries are left."""
        before = token.internal_data.get("retries", element.retries)
        left, wait = max(before - 1, 0), timedelta(0)
        if isinstance(failure, JobFailed):
            left = failure.retries if failure.retries is not None else left
            wait = failure.backoff or wait
        if isinstance(failure, BpmnError):
            left = 0
        token.internal_data["retries"] = left
        message = self.world.secrets.mask(f"{type(failure).__name__}: {failure}")
        jobs.put(self.tx, jobs.Job(
            str(token.id), jobs.RETRY, element.kind, self.instance.id, element.id, left, self.now + wait, last_error=message
        ))  # fmt: skip


def new_instance(definition: Definition, business_key: str | None, who: Person, at: datetime) -> Instance:
    """An instance that has not begun."""
    return Instance(str(uuid4()), definition.id, business_key, store.ACTIVE, None, 0, who.id, at)

