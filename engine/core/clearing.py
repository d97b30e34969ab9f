"""Verbs: what is not needed any more goes: finished instances after their time, definitions that nobody uses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from engine import access, db, identity
from engine.core.deploying import DEPLOYING, Deploying
from engine.errors import Refused
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime import definitions, forgetting, messages, store

log = logging.getLogger("ratchet")
BATCH = 200  # instances in one transaction
EVERY = 3600.0  # seconds


class Clearing(Deploying):
    """What keeps the database small."""

    def delete_definition(self, definition_id: str, who: Person, with_instances: bool = False) -> None:
        """Delete a version of a process; the one before begins what messages, signals and timers start.

        Refused while an instance of it is under way, and while there are finished ones, unless these may go with it.
        """
        access.require_analyst(who)
        with self._moving(who) as tx:
            db.one_at_a_time(tx, DEPLOYING)
            info = definitions.info(tx, definition_id)
            versions = definitions.versions(tx, info.key)
            under_way, finished = store.used_by(tx, definition_id)
            _require_unused(len(under_way), 0 if with_instances else len(finished), info.version)
            forgetting.forget(tx, finished)
            definitions.remove(tx, info)
            if versions[0].id == definition_id:
                messages.end_starts(tx, info.key)
                jobs.remove_starts(tx, info.key)
                for before in versions[1:2]:
                    self._begin_to_wait(tx, self._definitions.get(tx, before.id))
        self._definitions.forget(definition_id)

    def clean_up(self, who: Person) -> int:
        """Forget the instances that finished longer ago than their process keeps them, with what they called; how many these were."""
        access.require_analyst(who)
        with db.read(self.database) as tx:
            kept = definitions.kept_for(tx)
        return sum(self._clean_up(definition_id, timedelta(days=days)) for definition_id, days in kept.items())

    def _clean_up(self, definition_id: str, kept: timedelta) -> int:
        """One transaction for each batch, so that nobody waits for long."""
        count = 0
        while True:
            with db.begin(self.database) as tx:
                found = store.finished_before(tx, definition_id, self.clock.now() - kept, BATCH)
                forgetting.forget(tx, found)
            count += len(found)
            if not found:
                return count


def _require_unused(under_way: int, finished: int, version: int) -> None:
    if under_way:
        raise Refused(f"{under_way} instances are under way on version {version}. Migrate them to another one, or cancel them, first.")
    if finished:
        raise Refused(f"{finished} instances have finished on version {version}. Delete it with its instances, or keep it.")


@contextmanager
def cleaning(engine: Clearing, every: float = EVERY) -> Iterator[None]:
    """Clean up now and then, while something else is done."""
    over = Event()
    thread = Thread(target=_clean_until, args=(engine, over, every), name="ratchet-cleaning", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _clean_until(engine: Clearing, over: Event, every: float) -> None:
    while True:
        try:
            engine.clean_up(identity.SYSTEM)
        except Exception:
            log.exception("Could not clean up; it is tried again")
        if over.wait(every):
            return
