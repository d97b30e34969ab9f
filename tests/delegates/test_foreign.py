"""Foreign databases: effects that happen exactly once, connections that fail fast and tell no password."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

from engine import db
from engine.delegates.connector import ConnectorError
from engine.delegates.foreign import MOST_POOLS, Foreign, once, read, refusal
from tests.delegates.sql_calls import CLOCK, CONNECTION, POSTGRES, database, run, simple, undone, world

KEY = "db.example.com:5432/trades"
ROW = {"tableName": "book", "dataToInsert": [{"id": "B-1"}]}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as found:
        engine = create_engine(found)
        with engine.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE book (id varchar(20), copies integer CHECK (copies > 0))")
        engine.dispose()
        yield found


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    pools = Foreign()
    yield pools
    pools.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_database(f"sqlite:///{tmp_path / 'own.db'}")
    yield engine
    engine.dispose()


def rows(foreign: Foreign, url: str, table: str = "book") -> list[Any]:
    return list(read(foreign(url), lambda tx: [tuple(row) for row in tx.exec_driver_sql(f"SELECT * FROM {table}")]))


def insert(own: Engine, foreign: Foreign, url: str, key: str, data: dict[str, Any] = ROW) -> Any:
    with db.begin(own) as tx:
        return run(tx, "postgresql.insert-data", data, key, world=world({KEY: url}, foreign))


def test_the_same_key_has_one_effect(own: Engine, foreign: Foreign, url: str) -> None:
    answers = [insert(own, foreign, url, "turn-1") for _ in range(3)]
    assert answers == ["1 row(s) inserted successfully"] * 3
    assert rows(foreign, url) == [("B-1", None)]
    [(key, result, at)] = rows(foreign, url, "ratchet_effect")
    assert (key, json.loads(result)) == ("turn-1", {"response": "1 row(s) inserted successfully"})
    assert str(at).startswith(str(CLOCK.now())[:19])


def test_other_keys_have_effects_of_their_own(own: Engine, foreign: Foreign, url: str) -> None:
    long = "x" * 500
    for key in ("turn-1", "turn-2", long, long + "y", long):
        insert(own, foreign, url, key)
    assert len(rows(foreign, url)) == 4


def test_a_crash_between_the_two_commits_repeats_nothing(own: Engine, foreign: Foreign, url: str) -> None:
    with undone(own) as tx:
        run(tx, "postgresql.insert-data", ROW, "turn-1", world=world({KEY: url}, foreign))
    assert rows(foreign, url) == [("B-1", None)]
    again = Foreign()
    assert insert(own, again, url, "turn-1") == "1 row(s) inserted successfully"
    assert rows(again, url) == [("B-1", None)]
    again.close()


def test_two_at_once_have_one_effect(foreign: Foreign, url: str) -> None:
    engine, start, ran = foreign(url), Barrier(8), []

    def work(tx: Any) -> dict[str, Any]:
        ran.append(1)
        tx.exec_driver_sql("INSERT INTO book (id) VALUES ('B-1')")
        return {"response": len(ran)}

    def attempt(_number: int) -> Any:
        start.wait()
        return once(engine, "turn-1", work, CLOCK)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, range(8)))
    assert answers == [{"response": 1}] * 8
    assert rows(foreign, url) == [("B-1", None)]


def test_a_failure_leaves_no_marker(own: Engine, foreign: Foreign, url: str) -> None:
    broken = {"tableName": "book", "dataToInsert": [{"id": "B-1", "copies": 1}, {"id": "B-2", "copies": 0}]}
    with pytest.raises(ConnectorError, match=r"(?i)check"):
        insert(own, foreign, url, "turn-1", broken)
    assert rows(foreign, url) == [] and rows(foreign, url, "ratchet_effect") == []
    insert(own, foreign, url, "turn-1")
    assert rows(foreign, url) == [("B-1", None)]


def test_updates_and_deletes_count_once(own: Engine, foreign: Foreign, url: str) -> None:
    there = world({KEY: url}, foreign)
    insert(own, foreign, url, "1")
    with db.begin(own) as tx:
        for _ in range(2):
            data = {"tableName": "book", "updateMap": {"id": "B-2"}, "filters": simple("id", "=", "B-1")}
            assert run(tx, "postgresql.update-data", data, "2", world=there) == "1 row(s) updated successfully"
        for _ in range(2):
            data = {"tableName": "book", "filters": simple("id", "=", "B-2")}
            assert run(tx, "postgresql.delete-data", data, "3", world=there) == "1 row(s) deleted successfully"


def test_reading_leaves_nothing(own: Engine, foreign: Foreign, url: str) -> None:
    with db.begin(own) as tx:
        assert run(tx, "postgresql.read-data", {"tableName": "book"}, world=world({KEY: url}, foreign)) == []
    with pytest.raises(Exception, match="ratchet_effect"):
        rows(foreign, url, "ratchet_effect")


def test_tables_are_made_once(own: Engine, foreign: Foreign, url: str) -> None:
    data = {"tableName": "shelf", "columnsList": [{"colName": "id", "dataType": "int"}]}
    with db.begin(own) as tx:
        for _ in range(2):
            assert run(tx, "postgresql.create-table", data, world=world({KEY: url}, foreign)) == "Table 'shelf' created successfully"


def test_a_table_altered_between_two_reads(own: Engine, foreign: Foreign, url: str) -> None:
    there = world({KEY: url}, foreign)
    with db.begin(own) as tx:
        for turn in range(12):
            assert run(tx, "postgresql.read-data", {"tableName": "book"}, world=there) == []
            columns = [{"colName": f"extra{turn}", "dataType": "int"}]
            run(
                tx,
                "postgresql.alter-table",
                {"tableName": "book", "method": "addColumn", "columnsDetails": columns},
                f"alter-{turn}",
                world=there,
            )


def test_without_the_right_to_create_the_marker_table(own: Engine, foreign: Foreign, tmp_path: Path, caplog: Any) -> None:
    with database("postgresql", tmp_path) as found:
        role = f"r{uuid4().hex}"
        owner = create_engine(found)
        with owner.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE book (id varchar(20), copies integer)")
            tx.exec_driver_sql(
                f"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT ON book TO {role}; REVOKE CREATE ON SCHEMA public FROM public"
            )
        limited = make_url(found).set(username=role).render_as_string(hide_password=False)
        with caplog.at_level(logging.WARNING):
            insert(own, foreign, limited, "turn-1")
            insert(own, foreign, limited, "turn-1")
        assert len(rows(foreign, limited)) == 2 and "not guarded" in caplog.text
        foreign.close()
        with owner.begin() as tx:
            tx.exec_driver_sql(f"DROP OWNED BY {role}; DROP ROLE {role}")
        owner.dispose()


def describe(url: str) -> dict[str, str]:
    found = make_url(url)
    port = str(found.port or found.query.get("port", 5432))
    return {"host": found.host or "localhost", "port": port, "username": str(found.username), "password": "secrets.TRADES_PASSWORD"}


def test_the_described_database_itself(own: Engine, foreign: Foreign, tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as found, db.begin(own) as tx:
        data = {"databaseName": str(make_url(found).database).upper(), "tableName": "pg_class", "columnNames": ["relname"], "limit": 1}
        assert len(run(tx, "postgresql.read-data", data, world=world({}, foreign), connection=describe(found))) == 1
        foreign.close()


def test_a_mapped_url_without_a_user_takes_the_models(own: Engine, foreign: Foreign, tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as found, db.begin(own) as tx:
        there = {KEY: make_url(found)._replace(username=None, password=None).render_as_string(hide_password=False)}
        model = {**CONNECTION, "username": str(make_url(found).username)}
        data = {"tableName": "pg_class", "columnNames": ["relname"], "limit": 1}
        assert len(run(tx, "postgresql.read-data", data, world=world(there, foreign), connection=model)) == 1
        foreign.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"database": "no_such_database"}, "InvalidDatabase: "),
        ({"username": "no_such_user"}, "InvalidUsername: "),
        ({"host": "127.0.0.1", "port": 1, "query": {}}, "ConnectionError: Unable to connect to DB "),
        ({"host": "no-such-host.invalid", "query": {}}, "ConnectionError: Unable to connect to DB "),
    ],
)
@pytest.mark.parametrize("operation", ["read", "insert"])
def test_connections_that_are_refused(own: Engine, foreign: Foreign, change: dict[str, Any], message: str, operation: str) -> None:
    there = make_url(POSTGRES or "postgresql+psycopg://ratchet@127.0.0.1/postgres")
    if "query" not in change and not POSTGRES:
        pytest.skip("RATCHET_TEST_POSTGRES is not set")
    wanted = there.set(password="pa55-word").set(**change).render_as_string(hide_password=False)
    with pytest.raises(ConnectorError) as refused, db.begin(own) as tx:
        run(tx, f"postgresql.{operation}-data", ROW, world=world({KEY: wanted}, foreign))
    assert refused.value.message.startswith(message)
    assert refused.value.code == message.partition(":")[0]
    assert "pa55-word" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            'connection failed: FATAL:  password authentication failed for user "ann" (pa55-word)',
            "AuthenticationError: Invalid username or password",
        ),
        ("(1045, \"Access denied for user 'ann'@'host' (using password: YES)\")", "AuthenticationError: Invalid username or password"),
        ("(1049, \"Unknown database 'x'\")", "InvalidDatabase: Database doesn't exist: (1049, \"Unknown database 'x'\")"),
        ("ORA-01017: invalid username/password; logon denied", "AuthenticationError: Invalid username or password"),
        ("timeout pa55-word\nexpired", "ConnectionError: Unable to connect to DB timeout *** expired"),
    ],
)
def test_what_drivers_say_becomes_the_contracts_words(said: str, message: str) -> None:
    assert refusal(make_url("postgresql://ann:pa55-word@h/d"), said).message == message


def test_a_missing_driver_says_what_to_install(own: Engine, foreign: Foreign) -> None:
    with (
        pytest.raises(ConnectorError, match=r"The driver for mssql \(pyodbc\) is not installed. Run: pip install 'pyodbc'"),
        db.begin(own) as tx,
    ):
        run(tx, "mssql.read-data", {"tableName": "t"}, world=world({}, foreign))
    with pytest.raises(ConnectorError, match="no kind of database that Ratchet knows"), db.begin(own) as tx:
        run(tx, "mssql.read-data", {"tableName": "t"}, world=world({"*": "nosuch://h/d"}, foreign))


def test_a_mapping_that_is_no_url(own: Engine, foreign: Foreign) -> None:
    with pytest.raises(ConnectorError, match="is mapped to something that is no database URL"), db.begin(own) as tx:
        run(tx, "mysql.read-data", {"tableName": "t"}, world=world({"*": "not a url"}, foreign))


def test_pools_are_kept_and_the_oldest_goes_first(foreign: Foreign) -> None:
    first = foreign("sqlite:///a")
    assert foreign("sqlite:///a") is first
    for number in range(MOST_POOLS):
        foreign(f"sqlite:///{number}")
    assert foreign("sqlite:///a") is not first
    assert foreign("sqlite:///31") is foreign("sqlite:///31")


def test_a_server_that_says_nothing_is_not_waited_for_by_everybody(own: Engine, foreign: Foreign) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql+psycopg://u:pa55-word@127.0.0.1:{silent.getsockname()[1]}/d?connect_seconds=2"
        begun = time.monotonic()
        for _ in range(5):
            with pytest.raises(ConnectorError, match="ConnectionError: Unable to connect to DB"), db.begin(own) as tx:
                run(tx, "postgresql.read-data", ROW, world=world({KEY: url}, foreign))
        assert 1 < time.monotonic() - begun < 6, "the first waits, the others do not"
