"""Databases and calls to try the SQL connectors on: SQLite always, PostgreSQL and MariaDB where the tests found them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from engine import db
from engine.clock import TestClock
from engine.data.origin import Origin
from engine.delegates.call import Call, World
from engine.delegates.foreign import Foreign
from engine.delegates.sql import JOB_TYPES
from engine.identity import Person, Tokens
from engine.secrets import Secrets

POSTGRES, MARIADB = os.environ.get("RATCHET_TEST_POSTGRES"), os.environ.get("RATCHET_TEST_MYSQL")
TYPES = {
    "postgresql": "com.infosys.camundaconnectors.db:postgresql:1",
    "mysql": "com.infosys.camundaconnectors.db:mysql:1",
    "mssql": "com.infosys.camundaconnectors.db:mssql:1",
    "oracledb": "com.infosys.camundaconnectors.db:oracle:1",
    "sqlite": "ratchet:sqlite",
}
CONNECTION = {"host": "db.example.com", "port": "5432", "username": "trades_app", "password": "secrets.TRADES_PASSWORD"}
REGISTRY = {"db.example.com:5432/trades": ":registry:"}
CLOCK = TestClock()


def world(connections: Mapping[str, str] = REGISTRY, foreign: Foreign | None = None) -> World:
    return World(
        registry=lambda tx: pytest.fail("the SQL connectors need no registry"),
        secrets=Secrets({"TRADES_PASSWORD": "pa55-word", "OWNER": "Ann"}),
        connections=connections,
        seal=None,
        tokens=Tokens(b"k" * 32, CLOCK),
        clock=CLOCK,
        foreign=foreign or Foreign(),
    )


def call(tx: Connection, operation: str, data: Mapping[str, Any], key: str = "k-1", **changes: Any) -> Call:
    """A call as the engine makes it. `changes` may give `world`, `connection`, `database` and `headers`."""
    inputs = {
        "operation": operation,
        "databaseConnection": changes.get("connection", CONNECTION),
        "data": {"databaseName": changes.get("database", "trades"), **data},
    }
    origin = Origin(Person("ann", "Ann", frozenset({"officer"}), frozenset(), None))
    return Call(tx, inputs, origin, "root-1", changes.get("world") or world(), key, changes.get("headers", {}), ("databaseConnection", "data"))


def run(tx: Connection, operation: str, data: Mapping[str, Any], key: str = "k-1", **changes: Any) -> Any:
    """The `response` of one connector call; the operation's prefix picks the connector."""
    answer = JOB_TYPES[TYPES[operation.partition(".")[0]]](call(tx, operation, data, key, **changes))
    assert answer.keys() == {"response"}
    return answer["response"]


def simple(column: str, operator: str, value: Any) -> dict[str, Any]:
    return {"filter": {"colName": column, "operator": operator, "value": value}}


def both(kind: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"logicalOperator": kind, "filterList": list(parts)}


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """A transaction of which nothing stays."""

    class Enough(Exception):
        pass

    with suppress(Enough), db.begin(engine) as tx:
        yield tx
        raise Enough


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of this kind, which is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / (uuid4().hex + '.db')}"
        return
    at, made, forced = (POSTGRES, "", " WITH (FORCE)") if kind == "postgresql" else (MARIADB, " CHARACTER SET utf8mb4", "")
    if not at:
        pytest.skip(f"{kind} is not installed here")
    name = f"t{uuid4().hex}"
    server = create_engine(at, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}{made}")
    yield make_url(at).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}{forced}")
    server.dispose()
