"""Verbs: messages and signals to whoever waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from engine import access, db
from engine.core.kernel import Kernel
from engine.errors import Refused
from engine.identity import Person
from engine.runtime import messages, starts, store, triggering
from engine.runtime.case import Case


class Messages(Kernel):
    """What reaches instances from outside."""

    def correlate(
        self, name: str, key: str | None, variables: Mapping[str, Any], who: Person,
        ttl_seconds: float = messages.DEFAULT_TTL, message_id: str | None = None, element: str | None = None,
    ) -> list[str]:  # fmt: skip
        """Deliver a message to whoever waits for it, once per process; it is kept for its time to live. The instances it reached.

        A process that begins with it is started. With an id it is refused while another of that id is kept. `element` narrows who is meant.
        """
        access.require_analyst(who)
        with self._moving(who) as tx:
            return self._correlate(tx, messages.Sent(name, key, dict(variables), ttl_seconds, message_id, element), who)

    def _correlate(self, tx: Connection, sent: messages.Sent, who: Person) -> list[str]:
        if sent.id is not None and messages.is_kept(tx, sent.name, sent.key, sent.id, self.clock.now()):
            raise Refused(f"The message {sent.id} was sent already.")
        reached = self._deliver(tx, sent, who)
        if sent.ttl > 0:
            expires = self.clock.now() + timedelta(seconds=sent.ttl)
            messages.keep(tx, messages.Message(sent.name, sent.key, sent.variables, expires, list(reached), sent.id))
        return list(reached.values())

    def signal(self, name: str, variables: Mapping[str, Any], who: Person) -> list[str]:
        """Broadcast a signal to everything that waits for it now, each in a transaction of its own; the instances it reached."""
        access.require_analyst(who)
        with db.read(self.database) as tx:
            waiting = messages.waiting(tx, name, kind=messages.SIGNAL)
        found = (self.signal_one(one, name, variables, who) for one in waiting)
        return list(dict.fromkeys(id for id in found if id is not None))

    def signal_one(self, waiting: messages.Subscription, name: str, variables: Mapping[str, Any], who: Person) -> str | None:
        """Bring a signal to one that waits for it: the instance; None where it waits no longer."""
        with self._moving(who, waiting.instance_id) as tx:
            return self._arrive(tx, waiting, dict(variables), self._case(tx, who))

    def evaluate_conditions(
        self, variables: Mapping[str, Any], who: Person, process: str | None = None, business_key: str | None = None
    ) -> list[str]:  # fmt: skip
        """Start every process, or the one that is named, whose conditional start event holds for these variables; the new instances.

        Nothing else makes such a start event happen, as in both Camundas.
        """
        access.require_analyst(who)
        with self._moving(who) as tx:
            script, found = self._free_script(variables), []
            for waiting in messages.waiting(tx, "", kind=messages.CONDITION):
                definition = self._definitions.get(tx, waiting.token_id.rpartition(":")[0])
                if process in (None, definition.key) and starts.holds(definition, waiting, script):
                    found.append(self._arrive(tx, waiting, dict(variables), self._case(tx, who), business_key))
            return [id for id in found if id is not None]

    def trigger(self, instance_id: str, element_id: str, variables: Mapping[str, Any], who: Person) -> None:
        """Let a receive task go on as if its message had come, or begin an element of an ad-hoc sub-process that waits to be told."""
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            triggering.trigger(case.open(instance_id), element_id, dict(variables))
            case.settle()

    def _deliver(self, tx: Connection, sent: messages.Sent, who: Person) -> dict[str, str]:
        """Once to each process, in the order of their instances' trees, so that two messages at once never wait for each other."""
        chosen: dict[str, messages.Subscription] = {}
        for waiting in messages.waiting(tx, sent.name, sent.key):
            if sent.element in (None, waiting.element_id):
                chosen.setdefault(waiting.process_key, waiting)
        found = {}
        for process_key, waiting in sorted(chosen.items(), key=lambda item: store.root_of(tx, item[1].instance_id)):
            instance_id = self._arrive(tx, waiting, sent.variables, self._case(tx, who), sent.key)
            if instance_id is not None:
                found[process_key] = instance_id
        return found

    def _arrive(
        self, tx: Connection, waiting: messages.Subscription, variables: dict[str, Any], case: Case, business_key: str | None = None
    ) -> str | None:  # fmt: skip
        """A message or signal reaches a token, or starts an instance."""
        if not waiting.instance_id:
            definition_id, _, element_id = waiting.token_id.rpartition(":")
            definition = self._definitions.get(tx, definition_id)
            if not starts.may_begin(tx, definition, waiting, business_key):
                return None
            run = case.new(definition, business_key)
            run.begin(variables, element_id)
        else:
            found = case.open_if_going(waiting.instance_id)
            if found is None or found.tokens.find(waiting.token_id) is None:
                return None
            run = found
            run.finish(waiting.token_id, variables)
        case.settle()
        return run.instance.id
