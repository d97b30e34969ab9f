"""Verbs: the data factory's, for REST. Delegates call `engine.data.factory` itself, inside their step's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection

from engine import access, db
from engine.core.kernel import Kernel
from engine.data import factory, files, headers
from engine.data.errors import DataError
from engine.data.files import File
from engine.data.schema import Registry
from engine.data.search import Found
from engine.data.signatures import Change
from engine.identity import Person


class Changing(NamedTuple):
    """What a verb that writes has in hand: its transaction, the registry as it is now, and what surrounds the change."""

    tx: Connection
    registry: Registry
    change: Change


class DataFactory(Kernel):
    """What programs do with the registry's tables. `given` are a request's headers, `tags` those of If-Match."""

    def data_read(self, resource: str, id: str, who: Person) -> dict[str, Any]:
        with self._reading(who) as tx:
            return factory.read(tx, self.registry(tx), resource, id, who)

    def data_find(self, name: str, asked: Mapping[str, Any], who: Person, in_text: bool = False) -> Found:
        with self._reading(who) as tx:
            return factory.find(tx, self.registry(tx), name, asked, who, in_text)

    def data_create(self, resource: str, body: bytes, given: Mapping[str, str], who: Person) -> str:
        with self._changing(given, who, resource) as (tx, registry, change):
            return factory.create(tx, registry, resource, body, change)

    def data_create_list(self, resource: str, body: bytes, given: Mapping[str, str], who: Person) -> list[str]:
        with self._changing(given, who, resource) as (tx, registry, change):
            return factory.create_list(tx, registry, resource, body, change)

    def data_create_from_csv(self, resource: str, body: bytes, given: Mapping[str, str], who: Person) -> list[str]:
        with self._changing(given, who, resource) as (tx, registry, change):
            return factory.create_from_csv(tx, registry, resource, body, change)

    def data_check_csv(self, resource: str, content: bytes | Mapping[str, Any], who: Person) -> int:
        """How many rows a CSV text, or the stored file that is named, has; nothing is written."""
        with self._reading(who) as tx:
            text = content if isinstance(content, bytes) else factory.named_file(tx, content)
            return factory.check_csv(self.registry(tx), resource, text, who)

    def data_update(
        self, resource: str, id: str, body: bytes, given: Mapping[str, str], who: Person, tags: Sequence[str] = ()
    ) -> None:  # fmt: skip
        with self._changing(given, who, resource) as (tx, registry, change):
            factory.update(tx, registry, resource, id, body, change, tags)

    def data_update_partly(
        self, name: str, id: str, body: bytes, given: Mapping[str, str], who: Person, tags: Sequence[str] = ()
    ) -> None:  # fmt: skip
        with self._changing(given, who, name) as (tx, registry, change):
            factory.update_partly(tx, registry, name, id, body, change, tags)

    def data_delete(self, resource: str, id: str, given: Mapping[str, str], who: Person, tags: Sequence[str] = ()) -> None:
        with self._changing(given, who, resource) as (tx, registry, change):
            factory.delete(tx, registry, resource, id, change, tags)

    def data_upsert_nested(self, composite: str, body: bytes, given: Mapping[str, str], who: Person) -> str:
        with self._changing(given, who, composite) as (tx, registry, change):
            return factory.upsert(tx, registry, composite, body, change)

    def data_codes(self, name: str, who: Person) -> list[dict[str, str]]:
        with self._reading(who) as tx:
            return factory.codes(self.registry(tx), name)

    def data_code(self, name: str, code: str, who: Person) -> dict[str, str]:
        with self._reading(who) as tx:
            return factory.code(self.registry(tx), name, code)

    def data_history(self, resource: str, id: str, who: Person) -> list[dict[str, Any]]:
        with self._reading(who) as tx:
            return factory.history(tx, self.registry(tx), resource, id, who)

    def data_signed(self, resource: str, id: str, who: Person) -> list[dict[str, Any]]:
        with self._reading(who) as tx:
            return factory.signed(tx, self.registry(tx), resource, id, who)

    def data_signed_document(self, resource: str, id: str, key: str, who: Person) -> dict[str, Any]:
        with self._reading(who) as tx:
            return factory.signed_document(tx, self.registry(tx), resource, id, key, who)

    def data_registry(self, who: Person) -> Registry:
        """The tables and declarations, to be described."""
        with self._reading(who) as tx:
            return self.registry(tx)

    def store_file(self, name: str, content: bytes, type: str, who: Person) -> File:
        access.require_worker(who)
        with db.begin(self.database) as tx:
            return files.put(tx, name, content, self.clock.now(), type, who.id)

    def stored_file(self, id: str, who: Person) -> tuple[File, bytes]:
        """A file that the person stored; analysts see all. `DataError` FILE_NOT_FOUND."""
        with self._reading(who) as tx:
            found = files.facts(tx, id)
            if found is None or not (access.is_analyst(who) or found.person == who.id):
                raise DataError("FILE_NOT_FOUND", f"There is no file {id!r} of yours.")
            return found, files.content(tx, id)

    @contextmanager
    def _changing(self, given: Mapping[str, str], who: Person, name: str) -> Iterator[Changing]:
        """One transaction, under the headers that a change of what has this name needs."""
        access.require_worker(who)
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            origin, named = headers.read(given, who, any(registry.resource(one).signed for one in registry.written_by(name)))
            yield Changing(tx, registry, Change(origin, self.clock.now(), named, self.world.seal))
