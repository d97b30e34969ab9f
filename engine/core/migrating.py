"""Verbs: instances go on by another version of their process, after a plan that says whether they can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine import access, db
from engine.core.kernel import Kernel
from engine.errors import Refused
from engine.identity import Person
from engine.runtime import definitions, migration, migration_plan, selection, store
from engine.runtime.migration_plan import Obstacle, Plan
from engine.runtime.selection import Selection


@dataclass(frozen=True)
class Planned:
    """What a migration would do.

    mapping    old element id -> new one, complete
    gone, new  elements of the old version that become nothing, and of the new one that nothing becomes
    instances  how many instances it is about
    obstacles  why some of them could not go; the rest could
    """

    key: str
    from_version: int
    to_version: int
    mapping: dict[str, str]
    gone: list[str]
    new: list[str]
    instances: int
    obstacles: list[Obstacle]


class Migrating(Kernel):
    """What analysts do when a process has a new version."""

    def plan_migration(
        self, key: str, from_version: int, who: Person, to_version: int | None = None, mapping: Mapping[str, str] | None = None,
        chosen: Selection | None = None,
    ) -> Planned:  # fmt: skip
        """Look what stands in the way of the open instances of a version; the new version is the latest where none is named."""
        access.require_analyst(who)
        with db.read(self.database) as tx:
            plan = self._plan(tx, definitions.find_id(tx, key, from_version), to_version, mapping or {})
            ids = selection.ids(tx, replace(chosen or Selection(), key=key, version=from_version))
            found = [store.get(tx, id) for id in ids]
            saved = {one.id: one.tokens for one in found if one.tokens is not None}
            obstacles = Counter(obstacle for id, tokens in saved.items() for obstacle in migration.in_the_way(tx, plan, id, tokens))
        return _planned(plan, len(saved), [replace(obstacle, instances=count) for obstacle, count in obstacles.items()])

    def migrate(
        self, instance_id: str, who: Person, version: int | None = None, mapping: Mapping[str, str] | None = None, renew: bool = False
    ) -> None:  # fmt: skip
        """Take an instance to another version, the latest where none is named. Raises MigrationRefused with the reasons.

        mapping  renames: old element id -> new one; other elements stay what they are by id
        renew    messages, signals and timers are waited for anew, as the new version says; else as they were
        """
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            found = case.open_any(instance_id)
            plan = self._plan(tx, found.definition.id, version, mapping or {}, renew)
            migration.migrate(case, found, plan)
            case.settle()

    def _plan(self, tx: Connection, source_id: str, to_version: int | None, mapping: Mapping[str, str], renew: bool = False) -> Plan:
        source = self._definitions.get(tx, source_id)
        target = self._definitions.get(tx, definitions.find_id(tx, source.key, to_version))
        if source.id == target.id:
            raise Refused(f"Version {source.version} of “{source.key}” is where it would go. Name another version.")
        return migration_plan.plan(source, target, mapping, renew)


def _planned(plan: Plan, instances: int, obstacles: list[Obstacle]) -> Planned:
    source, target = plan.source, plan.target
    gone = [id for id in source.process.elements if id not in plan.mapping]
    new = [id for id in target.process.elements if id not in plan.mapping.values()]
    return Planned(source.key, source.version, target.version, dict(plan.mapping), gone, new, instances, obstacles)
