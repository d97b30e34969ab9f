"""Verbs: the secrets in the database. Their values go in, and never come out again but where a model names them."""

from __future__ import annotations

from engine import access, db, secret_store
from engine.core.kernel import Kernel
from engine.identity import Person
from engine.secret_store import StoredSecret


class Vault(Kernel):
    """What administrators do with secrets."""

    def set_secret(self, name: str, value: str, who: Person) -> None:
        """Keep a secret, in place of an earlier one; models find it from their next step on."""
        access.require_admin(who)
        with db.begin(self.database) as tx:
            self._secrets.put(tx, name, value, self.clock.now(), who.id)

    def stored_secrets(self, who: Person) -> list[StoredSecret]:
        """Which secrets the database has, without their values."""
        access.require_admin(who)
        with db.read(self.database) as tx:
            return secret_store.names(tx)

    def delete_secret(self, name: str, who: Person) -> None:
        access.require_admin(who)
        with db.begin(self.database) as tx:
            secret_store.remove(tx, name)
