"""Verbs: check and deploy files, look at what is deployed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from engine import access, db
from engine.core.kernel import Kernel
from engine.data import fitting
from engine.identity import Person
from engine.runtime import definitions, deployments, starts
from engine.runtime.definitions import Definition, DefinitionInfo
from engine.runtime.deployments import Deployment, SourceFile

DEPLOYING = 7282439  # a key of ours for db.one_at_a_time


class Deploying(Kernel):
    """What analysts do with definitions."""

    def deploy(self, files: Iterable[SourceFile], who: Person, confirmed: bool = False) -> Deployment:
        """Bring files in: all of them, or none and `DeploymentRefused` with every problem.

        Where they change tables that exist, `NotConfirmed` tells each change, until somebody has `confirmed` it.
        """
        access.require_analyst(who)
        bundle = deployments.examine(files)
        with db.begin(self.database) as tx:
            db.one_at_a_time(tx, DEPLOYING)
            done = deployments.apply(tx, bundle, self.clock.now(), who.id, confirmed)
            for info in done.definitions:
                if info.changed:
                    self._begin_to_wait(tx, self._definitions.get(tx, info.id))
            fitting.reflect(tx, deployments.registry_declarations(tx))  # refuses declarations that do not fit the tables
        self._registry = None
        return done

    def _begin_to_wait(self, tx: Connection, definition: Definition) -> None:
        """From now on this version is what messages, signals and timers start."""
        starts.replace(tx, definition, self._free_script({}), self.clock.now())

    def definitions(self, who: Person) -> list[DefinitionInfo]:
        """The latest version of each process."""
        with self._reading(who) as tx:
            return definitions.latest(tx)

    def versions(self, key: str, who: Person) -> list[DefinitionInfo]:
        with self._reading(who) as tx:
            return definitions.versions(tx, key)

    def definition_xml(self, definition_id: str, who: Person) -> bytes:
        with self._reading(who) as tx:
            return definitions.xml(tx, definition_id)
