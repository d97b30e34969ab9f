"""What the tests of the data factory's delegates share: two tables, a world around them, and calls of delegates by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from engine import db
from engine.clock import TestClock
from engine.data import declarations
from engine.data.origin import Origin
from engine.data.schema import Registry, apply_tables
from engine.delegates import DELEGATES, JOB_TYPES, Call, World
from engine.identity import SYSTEM, Person, Tokens
from engine.seal import SystemSigner
from engine.secrets import Secrets

OFFICER = Person("olena", "Olena Kovalenko", frozenset({"officer"}), frozenset(), "3010203040")
TABLES = """
CREATE TABLE pet (pet_id uuid PRIMARY KEY, name varchar(20) NOT NULL, legs integer CHECK (legs > 0), owner_id uuid REFERENCES owner (owner_id));
CREATE TABLE owner (owner_id uuid PRIMARY KEY, name text);
CREATE TABLE deed (deed_id uuid PRIMARY KEY, text text);
"""
DECLARED = """
signatures: optional
nested: {pet-and-owner: {table: pet, links: {owner_id: {table: owner}}}}
search: {pet-by-name: {table: pet, where: {name: startsWith, legs: in}, sort: [name]}}
partial: {pet-name: {table: pet, columns: [name]}}
enums: {sort: {values: {A: First}}}
permissions: {deed: {read: [admin]}}
"""


@pytest.fixture
def tx() -> Iterator[Connection]:
    with db.read(db.open_database("sqlite://")) as tx:
        db.metadata.create_all(tx)
        apply_tables(tx, TABLES)
        yield tx


@pytest.fixture
def world(tx: Connection, tmp_path: Path) -> World:
    registry, clock = Registry.reflect(tx, declarations.read(DECLARED, TABLES)), TestClock()
    seal = SystemSigner.load(tmp_path / "seal", clock)
    connections = {"here": ":registry:", "there": "postgresql://elsewhere/x"}
    return World(lambda _: registry, Secrets(), connections, seal, Tokens(b"k" * 32, clock), clock, db.open_database)


@pytest.fixture
def run(tx: Connection, world: World) -> Callable[..., Any]:
    """run(name, **inputs) calls a delegate, or the job of that type, as the officer whom the token speaks for."""

    def call(name: str, **inputs: Any) -> Any:
        token = {"x_access_token": world.tokens.issue(OFFICER)}
        origin = Origin(SYSTEM, process="p", process_instance_id="i-1", activity="a", activity_instance_id="a:1")
        given = Call(tx, {**token, **inputs}, origin, "i-1", world, "i-1/a/1", declared=frozenset(inputs))
        return (DELEGATES.get(name) or JOB_TYPES[name])(replace(given, submitted=lambda id: {"of": id} if id in (None, "enter") else None))

    return call
