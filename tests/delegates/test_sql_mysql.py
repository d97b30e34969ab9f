"""The MySQL connector against a real MariaDB: the one that RATCHET_TEST_MYSQL names, else the one that the tests start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

from engine import db
from engine.delegates.connector import ConnectorError
from engine.delegates.foreign import Foreign
from tests.delegates.sql_calls import both, database, run, simple, undone, world
from tests.delegates.test_sql import HOSTILE_VALUES

pytestmark = pytest.mark.slow

COLUMNS = [
    {"colName": "id", "dataType": "int", "constraints": ["AUTO_INCREMENT", "PRIMARY KEY"]},
    {"colName": "fullName", "dataType": "varchar(40)", "constraints": "NOT NULL DEFAULT 'nobody' CHECK (char_length(trim(fullName)) > 0)"},
    {"colName": "born", "dataType": "date"},
    {"colName": "key", "dataType": "enum('a','b')"},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database whose user has a password."""
    with database("mysql", tmp_path_factory.mktemp("mysql")) as url:
        yield url


@pytest.fixture
def foreign(server: str) -> Iterator[Foreign]:
    engine = create_engine(server)
    with engine.begin() as tx:
        tx.exec_driver_sql("DROP TABLE IF EXISTS person, people, ratchet_effect")
    engine.dispose()
    pools = Foreign()
    yield pools
    pools.close()


@pytest.fixture
def tx() -> Iterator[Connection]:
    with undone(db.open_database("sqlite://")) as connection:
        yield connection


@pytest.fixture
def there(server: str, foreign: Foreign) -> dict[str, Any]:
    url = make_url(server)
    model = {"host": "127.0.0.1", "port": str(url.port), "username": url.username, "password": url.password}
    return {"world": world({}, foreign), "connection": model, "database": url.database}


def test_every_operation(tx: Connection, there: dict[str, Any]) -> None:
    def ask(operation: str, key: str = "k", **data: Any) -> Any:
        return run(tx, f"mysql.{operation}", {"tableName": "person", **data}, key, **there)

    rows = [{"fullName": name, "born": f"200{number}-01-01", "key": "a"} for number, name in enumerate(("Ann", "Bob", "Cid"))]
    last = {"orderBy": [{"sortOn": "id", "order": "desc"}], "limit": 1}
    assert ask("create-table", columnsList=COLUMNS) == "Table 'person' created successfully"
    assert ask("insert-data", "1", dataToInsert=rows) == "3 row(s) inserted successfully"
    assert ask("insert-data", "1", dataToInsert=rows) == "3 row(s) inserted successfully"
    assert ask("read-data", filters=simple("id", "=", "2")) == [{"id": 2, "fullName": "Bob", "born": "2001-01-01", "key": "a"}]
    assert ask("update-data", "2", updateMap={"key": "b"}, filters=simple("key", "=", "a"), **last) == "1 row(s) updated successfully"
    assert [row["id"] for row in ask("read-data", filters=simple("key", "=", "b"))] == [3]
    assert ask("update-data", "2b", updateMap={"key": "b"}, limit=2).startswith("2 row(s)")
    assert (
        ask("delete-data", "3", filters=both("or", simple("id", "=", 1), simple("id", "=", 3)), **last) == "1 row(s) deleted successfully"
    )
    assert [row["id"] for row in ask("read-data", orderBy=[{"sortOn": "id"}])] == [1, 2]
    modified = [{"colName": "fullName", "dataType": "varchar(80)", "constraint": "NOT NULL"}]
    assert ask("alter-table", method="MODIFY_COLUMN", modifyColumnsDetails=modified) == "Alter query executed successfully"
    assert ask("alter-table", method="renameTable", newTableName="people") == "Alter query executed successfully"
    with pytest.raises(ConnectorError, match=r"Unable to insert data into the table: Table '\w+.person' doesn't exist"):
        ask("insert-data", "4", dataToInsert=rows)


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_hostile_values_are_only_values(tx: Connection, there: dict[str, Any], value: str) -> None:
    def ask(operation: str, key: str = "k", **data: Any) -> Any:
        return run(tx, f"mysql.{operation}", {"tableName": "person", **data}, key, **there)

    ask("create-table", columnsList=[{"colName": "name", "dataType": "varchar(40)"}])
    ask("insert-data", "1", dataToInsert=[{"name": value}, {"name": "other"}])
    for filters in (simple("name", "=", value), simple("name", "in", [value]), simple("name", "starts with", value)):
        assert ask("read-data", filters=filters) == [{"name": value}]
    assert ask("delete-data", "2", filters=simple("name", "=", value), limit=9) == "1 row(s) deleted successfully"
    assert ask("read-data") == [{"name": "other"}]


def test_create_database(tx: Connection, there: dict[str, Any], server: str) -> None:
    data = {"databaseName": "ratchet_made_here"}
    assert run(tx, "mysql.create-database", data, **there) == "Database 'ratchet_made_here' created successfully"
    with pytest.raises(ConnectorError, match="exists"):
        run(tx, "mysql.create-database", data, **there)
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP DATABASE ratchet_made_here")
    engine.dispose()


@pytest.mark.parametrize(
    ("change", "name", "message"),
    [
        ({"password": "wr0ng-word"}, None, "AuthenticationError: Invalid username or password"),
        ({}, "nowhere", "InvalidDatabase: Database doesn't exist"),
        ({"port": "1"}, None, "ConnectionError: Unable to connect to DB"),
    ],
)
def test_connections_that_are_refused(tx: Connection, there: dict[str, Any], change: dict[str, str], name: str | None, message: str) -> None:
    described = {**there, "connection": {**there["connection"], **change}}
    with pytest.raises(ConnectorError) as refused:
        run(tx, "mysql.read-data", {"tableName": "person"}, **{**described, "database": name or described["database"]})
    assert refused.value.message.startswith(message)
    assert "word" not in refused.value.message.replace("password", "")
