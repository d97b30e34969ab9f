"""Databases to try the data factory on: SQLite always, PostgreSQL when RATCHET_TEST_POSTGRES names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from engine import db
from engine.data import declarations
from engine.data.origin import UNSIGNED, Origin, Stamp
from engine.data.schema import Registry, apply_tables
from engine.identity import Person

POSTGRES = "RATCHET_TEST_POSTGRES"
NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
OFFICER = Person("olena", "Olena Kovalenko", frozenset({"officer"}), frozenset(), "3010203040")
ORIGIN = Origin(OFFICER, "Low-code Platform", "ratchet", "add-profile", "add-profile:1", "i-1", "createProfile", "createProfile:7")
STAMP = Stamp(ORIGIN, NOW, UNSIGNED)

TABLES = """
-- people; and what they studied
CREATE TABLE person_profile (
    person_profile_id uuid PRIMARY KEY,
    last_name varchar(40) NOT NULL,
    first_name text,
    birthday date,
    tax_number varchar(12) UNIQUE,
    height numeric(5, 2) CHECK (height > 0),
    children integer,
    active boolean DEFAULT true,
    registered_at timestamp,
    seen_at timestamp with time zone,
    wakes_at time,
    settings json /* anything; really */
);
CREATE TABLE person_edu_profile (
    person_edu_profile_id uuid PRIMARY KEY,
    person_profile_id uuid NOT NULL REFERENCES person_profile (person_profile_id)
);
CREATE TABLE orders (
    orders_id uuid PRIMARY KEY,
    orders_type varchar(20) NOT NULL,
    orders_number text,
    orders_date timestamp,
    person_profile_id uuid REFERENCES person_profile (person_profile_id)
);
CREATE TABLE transaction (
    transaction_id uuid PRIMARY KEY,
    note text,
    person_edu_profile_id uuid REFERENCES person_edu_profile (person_edu_profile_id),
    orders_id uuid REFERENCES orders (orders_id)
);
CREATE INDEX orders_of_person ON orders (person_profile_id);
CREATE TABLE BeneficialOwner (customerId VARCHAR, individual VARCHAR, organization VARCHAR, share VARCHAR);
"""

NESTED = """
nested:
  nested-transaction-entity:
    table: transaction
    links:
      person_edu_profile_id: {table: person_edu_profile}
      orders_id: {table: orders}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def tx(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """An empty database, in a transaction that is undone."""
    if request.param == "postgresql" and POSTGRES not in os.environ:
        pytest.skip(f"{POSTGRES} is not set")
    engine = db.open_database("sqlite://" if request.param == "sqlite" else os.environ[POSTGRES])
    with db.read(engine) as tx:
        if request.param == "postgresql":
            schema = f"test_{uuid4().hex}"
            tx.exec_driver_sql(f"CREATE SCHEMA {schema}")
            tx.exec_driver_sql(f"SET LOCAL search_path = {schema}")
        db.metadata.create_all(tx)
        yield tx
        if request.param == "postgresql":
            tx.rollback()
    engine.dispose()


@pytest.fixture
def registry(tx: Connection) -> Registry:
    apply_tables(tx, TABLES)
    return Registry.reflect(tx, declarations.read(NESTED))


@pytest.fixture
def stamp() -> Stamp:
    return STAMP
