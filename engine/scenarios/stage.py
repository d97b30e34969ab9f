"""What a scenario plays on: a throw-away database, a test clock, people made up as they are named, and a key to sign with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import pkcs12

from engine import db
from engine.clock import TestClock
from engine.config import REGISTRY, Config
from engine.core import Engine
from engine.demo_pki import Holder, issue, make_pki
from engine.errors import Refused
from engine.identity import Person
from engine.runtime.views import InstanceDetail, TaskInfo
from engine.signing import SystemSigner

PASSWORD = "scenario"
ANALYST = Person("scenario", "Scenario", frozenset({"officer", "analyst", "admin"}), serial_number="TINXX-0000000000")
OFFICER_ROLES = frozenset({"officer"})


class StepProblem(Refused):
    """A step of the scenario cannot be taken."""


class Workshop:
    """A throw-away certificate authority that gives everybody a key when they first sign."""

    def __init__(self, folder: Path):
        self._pki = make_pki(folder / "pki", at=TestClock().now())
        self.trust = self._pki.trust
        self._signers: dict[str, SystemSigner] = {}

    def sign(self, who: Person, content: bytes) -> bytes:
        """The person's signature over exactly these bytes: a detached CMS, as the browser makes it."""
        if who.id not in self._signers:
            file = issue(self._pki, Holder(who.name, who.serial_number or "", f"{who.id}.p12"), PASSWORD, TestClock().now())
            made: Any = pkcs12.load_key_and_certificates(file.read_bytes(), PASSWORD.encode())
            self._signers[who.id] = SystemSigner(made[0], made[1])
        return self._signers[who.id].sign(content)


@dataclass
class Stage:
    """One scenario while it is played. `instances` are its instances by name, `started` all of them in order."""

    engine: Engine
    clock: TestClock
    keys: Workshop
    started: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str | None) -> Person:
        """Somebody of that name, made up when first named; nobody named: the scenario itself, who may do everything."""
        if name is None:
            return ANALYST
        if name not in self.people:
            self.people[name] = Person(name, name.capitalize(), OFFICER_ROLES, serial_number=f"TINXX-{len(self.people) + 1:010}")
            self.engine.add_person(self.people[name], None)
        return self.people[name]

    def instance_ids(self, name: str | None = None) -> list[str]:
        """The ids of all instances of the scenario, or of the one that was given this name."""
        if name is None:
            return self.started
        if name not in self.names:
            raise StepProblem(f"No start step has the name “{name}”; named instances are {', '.join(self.names) or 'none'}.")
        return [self.names[name]]

    def details(self, name: str | None = None) -> list[InstanceDetail]:
        return [self.engine.instance(id, ANALYST) for id in self.instance_ids(name)]

    def open_tasks(self, name: str | None = None) -> list[TaskInfo]:
        return [task for detail in self.details(name) for task in detail.tasks if task.state == "open"]

    def settle(self) -> None:
        """Let what is due happen, as a worker would."""
        while self.engine.run_due():
            pass


@contextmanager
def stage(connections: Mapping[str, str], secrets: Mapping[str, Any], keys: Workshop, home: Path) -> Iterator[Stage]:
    """A fresh stage; the database is gone at the end. Databases that the scenario does not name are the throw-away one, too."""
    values = {name: str(value) for name, value in secrets.items()}
    config = Config("sqlite://", home, {"*": REGISTRY, **connections}, values, trust_folder=keys.trust)
    clock, database = TestClock(), db.open_database("sqlite://")
    try:
        db.metadata.create_all(database)
        engine = Engine(database, config, clock)
        engine.add_person(ANALYST, None)
        yield Stage(engine, clock, keys)
    finally:
        database.dispose()


@contextmanager
def workshop() -> Iterator[tuple[Workshop, Path]]:
    """A throw-away certificate authority and a folder for throw-away keys, shared by the scenarios of one call."""
    with tempfile.TemporaryDirectory(prefix="ratchet-test-") as folder:
        home = Path(folder)
        yield Workshop(home), home
