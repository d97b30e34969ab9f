"""Verbs: the data factory's, for REST. Delegates call `engine.data.factory` itself, inside their step's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import access, db
from engine.core.kernel import Kernel
from engine.data import factory, headers
from engine.data.signatures import Change
from engine.identity import Person


class DataFactory(Kernel):
    """What programs do with the registry's tables."""

    def data_read(self, resource: str, id: str, who: Person) -> dict[str, Any]:
        with self._reading(who) as tx:
            return factory.read(tx, self.registry(tx), resource, id)

    def data_create(self, resource: str, body: bytes, given: Mapping[str, str], who: Person) -> str:
        access.require_worker(who)
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            return factory.create(tx, registry, resource, body, self._change(given, who, registry.resource(resource).signed))

    def data_update(self, resource: str, id: str, body: bytes, given: Mapping[str, str], who: Person) -> None:
        access.require_worker(who)
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            factory.update(tx, registry, resource, id, body, self._change(given, who, registry.resource(resource).signed))

    def data_delete(self, resource: str, id: str, given: Mapping[str, str], who: Person) -> None:
        access.require_worker(who)
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            factory.delete(tx, registry, resource, id, self._change(given, who, registry.resource(resource).signed))

    def data_upsert_nested(self, composite: str, body: bytes, given: Mapping[str, str], who: Person) -> str:
        access.require_worker(who)
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            signed = any(registry.of_table(table).signed for table in registry.composite(composite).tables())
            return factory.upsert(tx, registry, composite, body, self._change(given, who, signed))

    def _change(self, given: Mapping[str, str], who: Person, signed: bool) -> Change:
        origin, named = headers.read(given, who, signed)
        return Change(origin, self.clock.now(), named, self.world.seal)
