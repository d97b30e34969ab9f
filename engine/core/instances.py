"""Verbs: start, cancel and mend instances, look at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import access, db
from engine.core.kernel import Kernel
from engine.identity import Person
from engine.runtime import completion, definitions, failures, run, store, views
from engine.runtime.failures import Failure
from engine.runtime.views import InstanceDetail, InstanceInfo


class Instances(Kernel):
    """What people do with instances as a whole."""

    def start(
        self, key: str, variables: Mapping[str, Any], who: Person, business_key: str | None = None, version: int | None = None
    ) -> str:  # fmt: skip
        """Start a process and run it to its first rest; the new instance's id. Its start form, if any, checks the variables."""
        access.require_worker(who)
        with self._moving(who) as tx:
            found = self._definitions.get(tx, definitions.find_id(tx, key, version))
            new = run.new_instance(found, business_key, who, self.clock.now())
            store.add(tx, new)
            begun = self._run(tx, new, who)
            begun.begin(completion.accept_start(begun, dict(variables)))
            begun.save()
            return new.id

    def start_form(self, key: str, who: Person) -> dict[str, Any] | None:
        """The schema of the form that a process begins with; None where it has none."""
        with self._reading(who) as tx:
            found = self._definitions.get(tx, definitions.find_id(tx, key))
            form = definitions.resolve_form(tx, found.process.start_form)
            return form.schema if form else None

    def cancel(self, instance_id: str, who: Person) -> None:
        """Stop an instance; what it wrote stays."""
        access.require_analyst(who)
        with db.begin(self.database) as tx:
            self._open_run(tx, instance_id, who).cancel()

    def instances(self, who: Person, key: str | None = None, state: str | None = None) -> list[InstanceInfo]:
        """The instances that the person may see, the newest first."""
        mine = None if access.is_analyst(who) else who.id
        with self._reading(who) as tx:
            return views.instances(tx, key, state, started_by=mine)

    def instance(self, instance_id: str, who: Person) -> InstanceDetail:
        with self._reading(who) as tx:
            detail = views.instance_detail(tx, instance_id)
            access.require_may_see_instance(detail, who)
            return detail

    def failures(self, who: Person, limit: int = 20) -> list[Failure]:
        """The latest attempts that failed and were undone, also those of cases that never began."""
        access.require_analyst(who)
        with db.read(self.database) as tx:
            return failures.latest(tx, limit)
