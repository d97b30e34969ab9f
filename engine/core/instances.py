"""Verbs: start, cancel and mend instances, look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import access, db
from engine.core.kernel import Kernel
from engine.errors import Refused
from engine.identity import Person
from engine.runtime import completion, definitions, failures, views
from engine.runtime.failures import Failure
from engine.runtime.views import InstanceDetail, InstanceInfo


class Instances(Kernel):
    """What people do with instances as a whole."""

    def start(
        self, key: str, variables: Mapping[str, Any], who: Person, business_key: str | None = None, version: int | None = None,
        before: Sequence[str] = (), after: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """Start a process and run it to its first rest; the new instance's id. Its start form, if any, checks the variables.

        `before` and `after` name elements to begin at in place of the start event.
        """
        access.require_worker(who)
        with self._moving(who) as tx:
            case = self._case(tx, who)
            begun = case.new(self._definitions.get(tx, definitions.find_id(tx, key, version)), business_key)
            given = dict(variables) if before or after else completion.accept_start(begun, dict(variables))
            begun.begin(given, before=before, after=after)
            case.settle()
            return begun.instance.id

    def start_form(self, key: str, who: Person) -> dict[str, Any] | None:
        """The schema of the form that a process begins with; None where it has none."""
        with self._reading(who) as tx:
            found = self._definitions.get(tx, definitions.find_id(tx, key))
            form = definitions.resolve_form(tx, found.process.start_form, found)
            return form.schema if form else None

    def cancel(self, instance_id: str, who: Person) -> None:
        """Stop an instance; what it wrote stays."""
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            found = case.open_any(instance_id)
            if found.instance.parent_id is not None:
                raise Refused(f"This instance was called by the instance {found.instance.parent_id}; cancel that one.")
            found.cancel()
            case.settle()

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
