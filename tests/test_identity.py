"""People, logins and access tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import Connection, Engine, select

from engine import db, identity
from engine.clock import TestClock
from engine.errors import Forbidden, NotFound, Refused
from engine.identity import LoginRefused, Person, TokenRefused, Tokens

OLENA = Person("olena", "Олена Officer", frozenset({"officer"}), frozenset({"board", "head-office"}), "TINUA-1")
KEY = b"k" * 32


@pytest.fixture
def database() -> Engine:
    engine = db.open_database("sqlite://")
    identity.people.create(engine)
    return engine


@pytest.fixture
def tx(database: Engine) -> Iterator[Connection]:
    with db.begin(database) as tx:
        yield tx


def test_a_person_comes_back_whole(tx: Connection) -> None:
    identity.add(tx, OLENA, "secret")
    assert identity.find(tx, "olena") == OLENA
    assert identity.find(tx, "Olena") is None


def test_all_are_sorted(tx: Connection) -> None:
    for name in ("zoe", "ann", "max"):
        identity.add(tx, Person(name, name), None)
    assert [person.id for person in identity.all(tx)] == ["ann", "max", "zoe"]


def test_roles() -> None:
    assert OLENA.has_role("officer") and OLENA.has_role("admin", "officer")
    assert not OLENA.has_role("admin") and not OLENA.has_role()
    assert identity.SYSTEM.has_role("admin")


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (Person("", "x"), "no user name"),
        (Person(" olena", "x"), "no user name"),
        (Person("olena", "x", frozenset({"boss"})), "there is no role boss"),
        (Person("system", "x"), "Ratchet itself"),
        (Person("taken", "x"), "already"),
    ],
)
def test_people_who_cannot_be_added(person: Person, said: str, tx: Connection) -> None:
    identity.add(tx, Person("taken", "first"), None)
    with pytest.raises(Refused, match=said):
        identity.add(tx, person, "secret")


def test_empty_password_is_refused(tx: Connection) -> None:
    with pytest.raises(Refused, match="password is empty"):
        identity.add(tx, OLENA, "")


def test_login(tx: Connection) -> None:
    identity.add(tx, OLENA, "пароль with spaces ")
    assert identity.authenticate(tx, "olena", "пароль with spaces ") == OLENA


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("olena", "wrong"),
        ("olena", ""),
        ("olena", "SECRET"),
        ("OLENA", "secret"),
        ("nobody", "secret"),
        ("keyless", ""),
        ("keyless", "nobody's password"),
        ("nobody", "nobody's password"),
        ("' OR 1=1 --", "x"),
        ("system", ""),
        ("", ""),
    ],
)
def test_login_is_refused_in_the_same_words(name: str, password: str, tx: Connection) -> None:
    identity.add(tx, OLENA, "secret")
    identity.add(tx, Person("keyless", "No Password"), None)
    with pytest.raises(LoginRefused) as caught:
        identity.authenticate(tx, name, password)
    assert caught.value.message == "This user name and password do not go together. Check both and try again."
    assert caught.value.facts == {}


def test_unknown_names_cost_a_hash_too(tx: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes the time is the hash, so one must be computed whoever asks."""
    identity.add(tx, OLENA, "secret")
    checked: list[str] = []
    original = identity._matches

    def noting(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return original(password_hash, password)

    monkeypatch.setattr(identity, "_matches", noting)
    for name in ("olena", "nobody"):
        with pytest.raises(LoginRefused):
            identity.authenticate(tx, name, "wrong")
    assert len(checked) == 2 and all(hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for hashed in checked)


def test_passwords_are_stored_as_salted_hashes(tx: Connection) -> None:
    for name in ("ann", "max"):
        identity.add(tx, Person(name, name), "secret")
    hashes = set(tx.scalars(select(identity.people.c.password_hash)))
    assert len(hashes) == 2 and not any("secret" in each for each in hashes)


def test_new_password(tx: Connection) -> None:
    identity.add(tx, OLENA, "old")
    identity.set_password(tx, "olena", "new")
    assert identity.authenticate(tx, "olena", "new") == OLENA
    with pytest.raises(LoginRefused):
        identity.authenticate(tx, "olena", "old")
    with pytest.raises(NotFound, match="nobody"):
        identity.set_password(tx, "nobody", "new")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def tokens(clock: TestClock) -> Tokens:
    return Tokens(KEY, clock)


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def test_token_carries_the_person(tokens: Tokens) -> None:
    assert tokens.read(tokens.issue(OLENA)) == OLENA
    nobody = Person("max", "Max")
    assert tokens.read(tokens.issue(nobody)) == nobody


def test_claims_are_those_of_the_contract(tokens: Tokens, clock: TestClock) -> None:
    now = int(clock.now().timestamp())
    assert claims_of(tokens.issue(OLENA, 60)) == {
        "sub": "olena",
        "name": "Олена Officer",
        "fullName": "Олена Officer",
        "roles": ["officer"],
        "groups": ["board", "head-office"],
        "drfo": "TINUA-1",
        "iat": now,
        "exp": now + 60,
    }
    assert "drfo" not in claims_of(tokens.issue(Person("max", "Max")))


def refused(tokens: Tokens, token: str) -> str:
    with pytest.raises(TokenRefused) as caught:
        tokens.read(token)
    assert isinstance(caught.value, Forbidden)
    return caught.value.code


def test_token_expires(tokens: Tokens, clock: TestClock) -> None:
    token = tokens.issue(OLENA, 60)
    clock.advance(timedelta(seconds=59))
    assert tokens.read(token) == OLENA
    clock.advance(timedelta(seconds=60))
    assert refused(tokens, token) == "JWT_EXPIRED"


def test_token_of_a_server_with_a_faster_clock(clock: TestClock) -> None:
    ahead = TestClock(clock.now() + timedelta(seconds=3))
    assert Tokens(KEY, clock).read(Tokens(KEY, ahead).issue(OLENA)) == OLENA
    ahead.advance(timedelta(hours=1))
    assert refused(Tokens(KEY, clock), Tokens(KEY, ahead).issue(OLENA)) == "JWT_INVALID"


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_forged_tokens(tokens: Tokens, clock: TestClock) -> None:
    good = tokens.issue(OLENA)
    head, body, seal = good.split(".")
    admin = encoded(claims_of(good) | {"roles": ["admin"]})
    forged = [
        "",
        ".",
        "..",
        "a.b.c",
        "Bearer " + good,
        "\x00",
        "é" * 50,
        good[:-2],
        good + "x",
        f"{head}.{body}.",
        f"{head}.{admin}.{seal}",
        f"{encoded({'alg': 'none'})}.{admin}.",
        f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{admin}.{seal}",
        f"{encoded({'typ': 'JWT'})}.{body}.{seal}",
        f"{encoded({'alg': ['HS256']})}.{body}.{seal}",
        Tokens(b"other key" * 8, clock).issue(OLENA),
    ]
    assert {token: refused(tokens, token) for token in forged} == dict.fromkeys(forged, "JWT_INVALID")


@pytest.mark.parametrize("missing", ["sub", "exp", "iat"])
def test_token_without_a_needed_claim(missing: str, tokens: Tokens) -> None:
    claims = {name: value for name, value in claims_of(tokens.issue(OLENA)).items() if name != missing}
    assert refused(tokens, jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(KEY))) == "JWT_INVALID"


def test_token_by_another_algorithm_with_our_key(tokens: Tokens) -> None:
    claims = claims_of(tokens.issue(OLENA))
    token = jwt.encode({"alg": "HS384"}, claims, OctKey.import_key(KEY * 2), algorithms=["HS384"])
    assert refused(tokens, token) == "JWT_INVALID"


def test_short_keys_are_refused(clock: TestClock) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(b"short", clock)
