"""Verbs: people and their log-in."""

from __future__ import annotations

from engine import db, identity
from engine.core.kernel import Kernel
from engine.identity import Person


class People(Kernel):
    """Who there is."""

    def authenticate(self, user: str, password: str) -> Person:
        """The person with this name and password; `LoginRefused` otherwise."""
        with db.read(self.database) as tx:
            return identity.authenticate(tx, user, password)

    def find_person(self, user: str) -> Person | None:
        with db.read(self.database) as tx:
            return identity.find(tx, user)

    def add_person(self, person: Person, password: str | None) -> None:
        with db.begin(self.database) as tx:
            identity.add(tx, person, password, self.clock)
