"""What every verb stands on: the transaction it opens, the instance it locks, the failure it notes."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy import Engine as Database

from engine import access, db, identity
from engine.clock import Clock
from engine.config import Config
from engine.data.errors import DataError
from engine.data.schema import Registry
from engine.delegates import JOB_TYPES
from engine.delegates.call import World
from engine.delegates.foreign import Foreign
from engine.errors import InvalidData, RatchetError, Refused
from engine.identity import Person, Tokens
from engine.runtime import deployments, failures, store, tasks
from engine.runtime.case import Case
from engine.runtime.definitions import Definitions
from engine.runtime.evaluate import Script
from engine.runtime.failures import Failure
from engine.runtime.refusals import in_words
from engine.runtime.run import Run
from engine.runtime.scopes import Scopes
from engine.runtime.tasks import Task
from engine.secret_store import SecretStore
from engine.secrets import Secrets
from engine.signing import SystemSigner, Trust

log = logging.getLogger("ratchet")


class Unsuccessful(RatchetError):
    """A step failed for a reason that is not yours, and nothing was saved. `reference` leads the analyst to it."""

    def __init__(self, reference: str):
        super().__init__(
            "This step could not be finished, and nothing was saved. It is not your doing: "
            f"tell the person who looks after the process the reference {reference}."
        )
        self.reference = reference


class Kernel:
    """One database with everything that is built once for it."""

    def __init__(self, database: Database, config: Config, clock: Clock):
        self.database, self.config, self.clock = database, config, clock
        self.tokens = Tokens(config.token_key(), clock)
        self._definitions = Definitions(frozenset(JOB_TYPES) - config.remote_types)
        self._secrets = SecretStore(config.secret_key)
        self._registry: tuple[object, Registry] | None = None
        self.world = World(
            registry=self.registry, secrets=Secrets(config.secrets, self._secrets.values), connections=config.connections,
            seal=self._seal(), tokens=self.tokens, clock=clock, foreign=Foreign(), remote_types=config.remote_types,
            trust=partial(Trust.load, config.trust),
        )  # fmt: skip

    def _seal(self) -> SystemSigner:
        return SystemSigner.load(self.config.seal, self.clock)

    def registry(self, tx: Connection) -> Registry:
        """The data factory's tables, reflected again when the database's schema has changed."""
        version = tx.execute(text(_SCHEMA_VERSION[tx.dialect.name])).one()
        if self._registry is None or self._registry[0] != version:
            self._registry = (version, Registry.reflect(tx, deployments.registry_declarations(tx)))
        return self._registry[1]

    @contextmanager
    def _reading(self, who: Person) -> Iterator[Connection]:
        access.require_worker(who)
        with db.read(self.database) as tx:
            yield tx

    @contextmanager
    def _moving(self, who: Person, instance_id: str = "", task_id: str | None = None) -> Iterator[Connection]:
        """The transaction of a verb that moves instances. What fails undoes it whole and is told in words that fit the person."""
        try:
            with db.begin(self.database) as tx:
                yield tx
        except DataError as refused:
            raise InvalidData(refused.fields, in_words(refused)) from refused
        except Refused:
            raise
        except Exception as failure:
            raise Unsuccessful(self._keep_failure(failure, who, instance_id, task_id)) from failure

    def _keep_failure(self, failure: Exception, who: Person, instance_id: str, task_id: str | None) -> str:
        """Note a failed attempt in a transaction of its own; its reference."""
        reference, message = failures.new_reference(), self.world.secrets.mask(f"{type(failure).__name__}: {failure}")
        trace = "" if isinstance(failure, RatchetError) else "\n" + "".join(traceback.format_exception(failure))
        log.error("%s: %s%s", reference, message, self.world.secrets.mask(trace))
        with db.begin(self.database) as tx:
            at = instance_id or (tasks.get(tx, task_id).instance_id if task_id else "")
            where = (getattr(failure, "instance_id", at), task_id, getattr(failure, "element_id", None))
            failures.add(tx, Failure(reference, *where, message, who.id, self.clock.now()))
        return reference

    def _free_script(self, variables: Mapping[str, Any]) -> Script:
        """The script engine for what belongs to no instance."""
        scopes = Scopes("")
        for name, value in variables.items():
            scopes.assign_local("", name, value)
        return Script(scopes, "", lambda: {"now": self.clock.now, "dateTime": self.clock.now}, self.clock, log.warning)

    def _case(self, tx: Connection, who: Person) -> Case:
        """What a verb moves: nothing yet."""
        return Case(tx, self.world, self._definitions, who, identity.find)

    def _seen(self, tx: Connection, instance_id: str, who: Person) -> Run:
        """An instance as it stands, to be looked at."""
        return self._case(tx, who).take(store.get(tx, instance_id))

    def _task_in_hand(self, tx: Connection, task_id: str, who: Person) -> tuple[Task, Run]:
        """An open task that the person may work on, with its instance held."""
        case, instance_id = self._case(tx, who), tasks.instance_of(tx, task_id)
        [asked] = case.hold(instance_id, partial(tasks.ask, id=task_id))
        found = tasks.require_open(tasks.read(asked))
        tasks.require_may_work(found, who)
        return found, case.open(instance_id)


_SCHEMA_VERSION = {
    "sqlite": "SELECT schema_version, (SELECT group_concat(stamp) FROM ratchet_registry) FROM pragma_schema_version",
    "postgresql": "SELECT count(*), max(oid), (SELECT string_agg(stamp, ',' ORDER BY folder) FROM ratchet_registry) "
    "FROM pg_class WHERE relkind IN ('r', 'p')",
}
