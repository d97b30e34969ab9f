"""What a scenario plays on: a throw-away database, a test clock, people made up as they are named.

One database in memory serves all scenarios of a call, each of which begins with a copy of the empty one; so tables are made and statements
are compiled once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from sqlite3 import Connection as Driver
from sqlite3 import connect
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine as Database

from engine import db
from engine.clock import TestClock
from engine.config import REGISTRY, Config
from engine.core import Engine
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime.definitions import DefinitionInfo
from engine.scenarios.diary import WatchedEngine
from engine.scenarios.keys import Keys
from engine.scenarios.problems import StepProblem
from engine.scenarios.records import Records
from engine.signing import SystemSigner

ANALYST = Person("scenario", "Scenario", frozenset({"officer", "analyst", "admin"}), serial_number="TINXX-0000000000")
OFFICER_ROLES = frozenset({"officer"})


class Workshop:
    """What all scenarios of one call share: keys to sign with, the database and its empty copy."""

    def __init__(self, home: Path):
        self.home, self.keys = home, Keys(home / "pki")

    def fresh_database(self) -> Database:
        """The database, as it is when nothing has happened."""
        self._empty.backup(_driver(self._database))
        return self._database

    def close(self) -> None:
        self._database.dispose()

    @cached_property
    def seal(self) -> SystemSigner:
        return SystemSigner.load(self.home / "seal", TestClock())

    @cached_property
    def _database(self) -> Database:
        return db.open_database("sqlite://")

    @cached_property
    def _empty(self) -> Driver:
        made, copy = db.open_database("sqlite://"), connect(":memory:")
        db.metadata.create_all(made)
        Engine(made, Config("sqlite://", self.home), TestClock()).add_person(ANALYST, None)
        _driver(made).backup(copy)
        made.dispose()
        return copy


def _driver(database: Database) -> Driver:
    with database.connect() as tx:
        found: Any = tx.connection.driver_connection
        assert isinstance(found, Driver)
        return found


@dataclass
class Stage:
    """One scenario while it is played.

    names   the instances that its start steps named
    folder  where its file lies
    reader  a connection for looking at what there is; nobody else is at work in a scenario's database
    """

    engine: WatchedEngine
    clock: TestClock
    keys: Keys
    folder: Path
    reader: Connection
    names: dict[str, str] = field(default_factory=dict)
    deployed: dict[str, DefinitionInfo] = field(default_factory=dict)

    def person(self, name: str | None) -> Person:
        """Somebody of that name, made up when first named; nobody named: the scenario itself, who may do everything."""
        if name is None:
            return ANALYST
        known = self.engine.people
        if name not in known:
            known[name] = Person(name, name.capitalize(), OFFICER_ROLES, serial_number=f"TINXX-{len(known) + 1:010}")
        return known[name]

    def process(self, key: str | None) -> str:
        """The process that a step means: the only one that is deployed, when it names none."""
        if key is not None:
            return key
        if len(self.deployed) != 1:
            raise StepProblem(f"Say which process; deployed are {', '.join(self.deployed) or 'none'}.")
        return next(iter(self.deployed))

    def named(self, name: str) -> str:
        """The id of the instance that a start step gave this name."""
        if name not in self.names:
            raise StepProblem(f"No start step has the name “{name}”; named instances are {', '.join(self.names) or 'none'}.")
        return self.names[name]

    def meant(self, records: Records, name: str | None) -> list[str]:
        """The instances that a step works on: all, the oldest first; or the named one with everything that it called."""
        within = records.tree(self.named(name)) if name is not None else None
        return [row.id for row in records.instances if within is None or row.id in within]

    def open_instances(self, name: str | None, called: bool = False) -> list[str]:
        """The named instance; else those that have not ended, without those that another `called` unless these are meant, too; else all."""
        if name is not None:
            return [self.named(name)]
        found = [row for row in Records(self.reader).instances if called or row.parent_id is None]
        return [row.id for row in found if row.ended_at is None] or [row.id for row in found]

    def open_tasks(self, name: str | None = None) -> list[Any]:
        """The open user tasks, the oldest first; of a named instance those of what it called, too."""
        records = Records(self.reader)
        within = self.meant(records, name)
        return [task for task in records.open_tasks if task.instance_id in within]

    def waiting_jobs(self, name: str | None = None) -> list[jobs.Job]:
        """The jobs that wait for an external worker, the oldest first."""
        records = Records(self.reader)
        within = self.meant(records, name)
        ready = (job for job in records.jobs if job.kind == jobs.EXTERNAL and job.is_due(self.clock.now()))
        return [job for job in ready if job.instance_id in within]


@contextmanager
def stage(connections: Mapping[str, str], secrets: Mapping[str, Any], shop: Workshop, folder: Path) -> Iterator[Stage]:
    """A fresh stage. Databases that the scenario does not name are the throw-away one, too."""
    values = {name: str(value) for name, value in secrets.items()}
    config = Config("sqlite://", shop.home, {"*": REGISTRY, **connections}, values, trust_folder=shop.keys.trust)
    clock, database = TestClock(), shop.fresh_database()
    with database.connect() as reader:
        yield Stage(WatchedEngine(database, config, clock, shop.seal), clock, shop.keys, folder, reader)


@contextmanager
def workshop() -> Iterator[Workshop]:
    """What the scenarios of one call share; gone at its end."""
    with tempfile.TemporaryDirectory(prefix="ratchet-test-") as folder:
        shop = Workshop(Path(folder))
        try:
            yield shop
        finally:
            shop.close()
