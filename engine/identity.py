"""The only place that knows people: the table of them, their passwords and their access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from sqlalchemy import Column, Connection, Row, String, Table, insert, select, update

from engine.clock import Clock, SystemClock
from engine.db import Json, Moment, metadata
from engine.errors import Forbidden, NotFound, Refused

ROLES = ("officer", "analyst", "admin")
TOKEN_SECONDS = 900
SHORTEST_TOKEN_KEY = 32
LEEWAY_SECONDS = 5  # by which the clocks of two servers may differ
_ALGORITHM = "HS256"

people = Table(
    "ratchet_person",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", String(300)),
    Column("roles", Json, nullable=False),
    Column("groups", Json, nullable=False),
    Column("serial_number", String(100)),
    Column("created_at", Moment, nullable=False),
)

# Argon2id with the smallest memory that OWASP's password storage cheat sheet accepts: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class LoginRefused(Refused):
    """This user name and password do not go together. Check both and try again."""


class TokenRefused(Forbidden):
    """The access token was not accepted. `code` is JWT_INVALID or JWT_EXPIRED, as in the data factory's contract."""

    def __init__(self, code: str, message: str):
        super().__init__(message, code=code)
        self.code = code


@dataclass(frozen=True)
class Person:
    """Somebody who acts.

    id             the user name.
    serial_number  the serialNumber in the subject of their certificate; None: they cannot sign.
    """

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    serial_number: str | None = None

    def has_role(self, *roles: str) -> bool:
        """Whether they have any of these roles."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Person("system", "Ratchet", frozenset(ROLES))


def add(tx: Connection, person: Person, password: str | None, clock: Clock | None = None) -> None:
    """Make a person known. Without a password nobody can log in by that name (people from elsewhere, tests).

    Raises Refused: name taken or reserved, unknown role, empty password.
    """
    _check(tx, person)
    row = {
        "id": person.id,
        "name": person.name,
        "password_hash": None if password is None else _hash(password),
        "roles": sorted(person.roles),
        "groups": sorted(person.groups),
        "serial_number": person.serial_number,
        "created_at": (clock or SystemClock()).now(),
    }
    tx.execute(insert(people).values(row))


def find(tx: Connection, person_id: str) -> Person | None:
    row = tx.execute(select(people).where(people.c.id == person_id)).one_or_none()
    return _person(row) if row else None


def all(tx: Connection) -> Sequence[Person]:
    """Everybody, by user name."""
    return [_person(row) for row in tx.execute(select(people).order_by(people.c.id))]


def set_password(tx: Connection, person_id: str, password: str) -> None:
    """Raises NotFound for an unknown user name, Refused for an empty password."""
    changed = tx.execute(update(people).where(people.c.id == person_id).values(password_hash=_hash(password)))
    if not changed.rowcount:
        raise NotFound(f'There is no person with the user name "{person_id}".')


def authenticate(tx: Connection, person_id: str, password: str) -> Person:
    """The person of this name and password. Raises LoginRefused, after the same time and in the same words whatever was wrong."""
    row = tx.execute(select(people).where(people.c.id == person_id)).one_or_none()
    known = row is not None and row.password_hash is not None
    matches = _matches(row.password_hash if row is not None and known else _nobody(), password)
    if row is None or not known or not matches:
        raise LoginRefused()
    return _person(row)


def _check(tx: Connection, person: Person) -> None:
    if not person.id.strip() or person.id != person.id.strip():
        raise Refused(f'"{person.id}" is no user name: it must not be empty, nor begin or end with a space.')
    if unknown := person.roles.difference(ROLES):
        raise Refused(f"{person.id}: there is no role {', '.join(sorted(unknown))}. Roles are {', '.join(ROLES)}.")
    if person.id == SYSTEM.id:
        raise Refused(f'The user name "{SYSTEM.id}" is what Ratchet itself acts under. Choose another one.')
    if find(tx, person.id):
        raise Refused(f'There is already a person with the user name "{person.id}". Choose another one.')


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.name, frozenset(row.roles), frozenset(row.groups), row.serial_number)


def _hash(password: str) -> str:
    if not password:
        raise Refused("The password is empty. Give one.")
    return _hasher.hash(password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False


@cache
def _nobody() -> str:
    """A hash that an unknown name is checked against, so that it takes as long as a known one."""
    return _hasher.hash("nobody's password")


class Tokens:
    """Access tokens: JSON Web Tokens (RFC 7519) signed with HS256, with the claims that the data factory's contract asks for."""

    def __init__(self, key: bytes, clock: Clock):
        if len(key) < SHORTEST_TOKEN_KEY:
            raise ValueError(f"a token key needs {SHORTEST_TOKEN_KEY} bytes (RFC 7518, 3.2); this one has {len(key)}")
        self._key = OctKey.import_key(key)
        self._clock = clock

    def issue(self, person: Person, seconds: int = TOKEN_SECONDS) -> str:
        """A token that speaks for this person for so many seconds."""
        now = self._clock.now()
        claims = {
            "sub": person.id,
            "name": person.name,
            "fullName": person.name,
            "roles": sorted(person.roles),
            "groups": sorted(person.groups),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=seconds)).timestamp()),
        }
        drfo = {"drfo": person.serial_number} if person.serial_number else {}
        return jwt.encode({"alg": _ALGORITHM}, claims | drfo, self._key, algorithms=[_ALGORITHM])

    def read(self, token: str) -> Person:
        """The person that the token speaks for. Raises TokenRefused: JWT_EXPIRED, or JWT_INVALID for everything else."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            self._rules().validate(claims)
        except ExpiredTokenError as error:
            raise TokenRefused("JWT_EXPIRED", "The access token has expired. Log in again.") from error
        except (JoseError, ValueError) as error:
            raise TokenRefused("JWT_INVALID", "The access token was not issued here, or was changed. Log in again.") from error
        return _claimed(claims)

    def _rules(self) -> jwt.JWTClaimsRegistry:
        required: Any = {"essential": True}
        now = int(self._clock.now().timestamp())
        return jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_SECONDS, exp=required, iat=required, sub=required)


def _claimed(claims: dict[str, Any]) -> Person:
    roles, groups = (frozenset(claims.get(name) or ()) for name in ("roles", "groups"))
    return Person(claims["sub"], claims.get("name", claims["sub"]), roles, groups, claims.get("drfo"))
