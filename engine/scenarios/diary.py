"""What happens while a scenario is played, in its true order: an engine that writes down each element that is entered and left.

The history of an instance is written verb by verb and forgets the variables of what has ended; scenarios ask for both.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine as Database

from engine import identity
from engine.bpmn.model import Process
from engine.clock import Clock
from engine.config import Config
from engine.core import Engine
from engine.identity import Person
from engine.runtime import loops
from engine.runtime.case import Case
from engine.runtime.run import Run
from engine.runtime.store import Instance
from engine.runtime.tokens import Token
from engine.runtime.values import plain
from engine.signing import SystemSigner

Place = tuple[str, str]  # instance id, element id


@dataclass
class Diary:
    """Elements in the order in which they were entered and left, and the variables of scopes that have ended."""

    entered: list[Place] = field(default_factory=list)
    left: list[Place] = field(default_factory=list)
    scopes: dict[Place, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, page: Diary) -> None:
        """What one verb did, now that it is sure."""
        self.entered += page.entered
        self.left += page.left
        for place, scopes in page.scopes.items():
            self.scopes[place] += scopes


class WatchedEngine(Engine):
    """An engine that keeps a diary. `people` are those whom the scenario has named; they need no log-in."""

    def __init__(self, database: Database, config: Config, clock: Clock, seal: SystemSigner):
        self._made_seal, self.diary = seal, Diary()
        self.people: dict[str, Person] = {}
        super().__init__(database, config, clock)

    def _seal(self) -> SystemSigner:
        """One seal serves all scenarios."""
        return self._made_seal

    def process_of(self, definition_id: str, tx: Connection) -> Process:
        return self._definitions.get(tx, definition_id).process

    def _case(self, tx: Connection, who: Person) -> Case:
        return _WatchedCase(self.diary, tx, self.world, self._definitions, who, self._find_person)

    def _find_person(self, tx: Connection, id: str) -> Person | None:
        """People whom the scenario named, or made known in the database."""
        return self.people.get(id) or identity.find(tx, id)


class _WatchedCase(Case):
    def __init__(self, diary: Diary, *given: Any):
        super().__init__(*given)
        self.diary, self.page = diary, Diary()

    def take(self, found: Instance) -> Run:
        if found.id not in self.runs:
            run = _WatchedRun(self, self.definitions.get(self.tx, found.definition_id), found)
            self.runs[found.id] = run
        return self.runs[found.id]

    def settle(self) -> None:
        super().settle()
        self.diary.add(self.page)
        self.page = Diary()


class _WatchedRun(Run):
    case: _WatchedCase

    def enter(self, token: Token, kind: str = "") -> None:
        super().enter(token, kind)
        if kind or not loops.is_body(token):  # a body is only written down when it has no turns
            self.case.page.entered.append((self.instance.id, token.element.id))

    def flows_after(self, token: Token) -> Any:
        self._note_scope(token)
        if not loops.is_body(token):
            self.case.page.left.append((self.instance.id, token.element.id))
        return super().flows_after(token)

    def gone(self, token: Token) -> None:
        self._note_scope(token)
        super().gone(token)

    def _note_scope(self, token: Token) -> None:
        local = self.scopes.local(token.id)
        if local:
            values = {name: plain(value) for name, value in local.items() if not name.startswith("(")}
            self.case.page.scopes[self.instance.id, token.element.id].append(values)
