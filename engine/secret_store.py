"""The encrypted secrets in the database: the only user of `ratchet_secret`.

Each value is sealed with AES-GCM under a key that is kept in a file outside the database, and bound to its name: who copies the
database has nothing, and a value that is moved to another name cannot be opened.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from engine.db import Moment, metadata
from engine.errors import NotFound, RatchetError, Refused

NONCE_BYTES = 12
LONGEST_NAME, LONGEST_VALUE = 200, 65_536
_NAME = re.compile(r"(?:[a-zA-Z0-9]+[/._-])*[a-zA-Z0-9]+")

secret = Table(
    "ratchet_secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("set_by", Text, nullable=False),
)


class SecretsUnreadable(RatchetError):
    """A secret in the database cannot be opened: bring back the key that it was sealed with."""


@dataclass(frozen=True)
class StoredSecret:
    """That there is a secret; its value is not told."""

    name: str
    set_at: datetime
    set_by: str


class SecretStore:
    """The secrets of a database under one key, which is asked for when it is first needed."""

    def __init__(self, key: Callable[[], bytes]):
        self._key = key
        self._opened: dict[str, str] = {}

    def put(self, tx: Connection, name: str, value: str, at: datetime, by: str) -> None:
        """Keep a secret, in place of an earlier one of that name. Refused for names that no model could write, and for nothing at all."""
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise Refused(f"“{name[:LONGEST_NAME]}” is no name for a secret: use letters and digits, and _ . - / between them.")
        if not value or len(value) > LONGEST_VALUE:
            raise Refused(f"A secret has between 1 and {LONGEST_VALUE:,} characters.")
        nonce = os.urandom(NONCE_BYTES)
        sealed = b64encode(nonce + AESGCM(self._key()).encrypt(nonce, value.encode(), name.encode())).decode()
        tx.execute(delete(secret).where(secret.c.name == name))
        tx.execute(insert(secret).values(name=name, sealed=sealed, set_at=at, set_by=by))

    def values(self, tx: Connection) -> dict[str, str]:
        """All of them, by name. SecretsUnreadable where the key is another one."""
        rows = tx.execute(select(secret.c.name, secret.c.sealed)).all()
        self._opened = {row.sealed: self._opened.get(row.sealed) or self._open(row.name, row.sealed) for row in rows}
        return {row.name: self._opened[row.sealed] for row in rows}

    def _open(self, name: str, sealed: str) -> str:
        try:
            content = b64decode(sealed, validate=True)
            return AESGCM(self._key()).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, NotBase64, ValueError) as error:
            cure = f"Bring back secret.key in the home folder, or set it anew: ratchet secret set {name}"
            raise SecretsUnreadable(f"The secret {name} cannot be opened with this installation's key. {cure}") from error


def names(tx: Connection) -> list[StoredSecret]:
    """Which secrets there are, in the order of their names."""
    rows = tx.execute(select(secret.c.name, secret.c.set_at, secret.c.set_by).order_by(secret.c.name))
    return [StoredSecret(**row._mapping) for row in rows]


def remove(tx: Connection, name: str) -> None:
    """Forget one; NotFound where there is none of that name."""
    if tx.execute(delete(secret).where(secret.c.name == name)).rowcount == 0:
        raise NotFound(f"There is no secret {name} in the database.")
