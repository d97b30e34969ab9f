"""Camunda's own SQL connector, and written statements in general: on SQLite, PostgreSQL and MariaDB, as own and as foreign databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from engine import db
from engine.delegates import connector
from engine.delegates.call import Call
from engine.delegates.connector import ConnectorError
from engine.delegates.foreign import Foreign
from engine.delegates.sql import JOB_TYPES
from engine.delegates.sql.jdbc import TYPE
from engine.errors import BpmnError
from engine.secrets import MASK
from tests.delegates.sql_calls import call, database, undone, world
from tests.delegates.test_sql import HOSTILE_VALUES

URI = {"authType": "uri", "uri": "jdbc:postgresql://db.example.com:5432/trades", "uriProperties": {"user": "u", "password": "secrets.TRADES_PASSWORD"}}
KEY = "db.example.com:5432/trades"


def ask(tx: Connection, query: str, variables: Any = None, returns: bool = True, key: str = "k", **changes: Any) -> Any:
    data = {"query": query, "variables": variables, "returnResults": returns}
    made = call(tx, "", {}, key, world=changes.get("world"), headers=changes.get("headers", {}))
    inputs = {"database": changes.get("database", "POSTGRESQL"), "connection": changes.get("connection", URI), "data": data}
    given = Call(tx, inputs, made.origin, "root", made.world, key, made.headers, changes.get("secret", ("connection.uriProperties",)))
    return connector.run(JOB_TYPES[TYPE], given) if made.headers else JOB_TYPES[TYPE](given)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A foreign database of each kind, in which the table book is."""
    with database(request.param, tmp_path) as url:
        engine = create_engine(url)
        with engine.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE book (id varchar(40) PRIMARY KEY, copies integer CHECK (copies > 0), facts JSON)")
        engine.dispose()
        pools = Foreign()
        yield {"world": world({KEY: url}, pools)}
        pools.close()


@pytest.fixture
def own() -> Iterator[Engine]:
    engine = db.open_database("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture
def tx(own: Engine) -> Iterator[Connection]:
    with undone(own) as connection:
        yield connection


def test_the_three_ways_to_bind(tx: Connection, there: dict[str, Any]) -> None:
    add = "INSERT INTO book (id, copies) VALUES (?, ?), (?, ?)"
    assert ask(tx, add, ["B-1", 1, "B-2", 2], returns=False, key="1", **there) == {"modifiedRows": 2}
    assert ask(tx, "INSERT INTO book (id, copies) VALUES (:id, :n)", {"id": "B-3", "n": None, "unused": 1}, False, "2", **there) == {"modifiedRows": 1}
    by_name = "SELECT id AS \"Id\" FROM book WHERE copies >= :least AND '?:x<y>%s' <> id -- :no ?\nORDER BY id"
    if there["world"].connections[KEY].startswith("mysql"):
        by_name = by_name.replace('"', "`")
    assert ask(tx, by_name, {"least": 2}, **there) == {"resultSet": [{"Id": "B-2"}]}
    several = "SELECT id FROM book WHERE id IN (<ids>) ORDER BY id"
    assert ask(tx, several, {"ids": ["B-3", "B-1"]}, **there) == {"resultSet": [{"id": "B-1"}, {"id": "B-3"}]}
    assert ask(tx, several, {"ids": []}, **there) == {"resultSet": []}
    assert ask(tx, "SELECT id FROM book", returns=False, **there) == {"modifiedRows": -1}


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_hostile_values_are_only_values(tx: Connection, there: dict[str, Any], value: str) -> None:
    ask(tx, "INSERT INTO book (id) VALUES (:id)", {"id": value}, False, "1", **there)
    ask(tx, "INSERT INTO book (id) VALUES ('other')", None, False, "2", **there)
    for query, variables in (("id = :v", {"v": value}), ("id = ?", [value]), ("id IN (<v>)", {"v": [value, "x"]})):
        assert ask(tx, f"SELECT id FROM book WHERE {query}", variables, **there) == {"resultSet": [{"id": value}]}


def test_json_columns_are_read(tx: Connection, there: dict[str, Any]) -> None:
    kind = make_url(there["world"].connections[KEY]).get_backend_name()
    ask(tx, "INSERT INTO book (id, facts) VALUES ('B-1', :facts)", {"facts": {"pages": [1, 2]}}, False, **there)
    [row] = ask(tx, "SELECT facts FROM book", **there)["resultSet"]
    assert row == {"facts": {"pages": [1, 2]} if kind == "postgresql" else '{"pages": [1, 2]}'}  # MariaDB's JSON is a text


def test_an_effect_happens_once(own: Engine, there: dict[str, Any]) -> None:
    for _ in range(3):
        with db.begin(own) as tx:
            answer = ask(tx, "INSERT INTO book (id) VALUES ('B-1')", None, False, "turn", **there)
        assert answer == {"modifiedRows": 1}
    with db.begin(own) as tx:
        assert ask(tx, "SELECT count(*) AS n FROM book", **there) == {"resultSet": [{"n": 1}]}


def test_results_are_kept_with_the_marker(own: Engine, tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        there, answers = {"world": world({KEY: url}, Foreign())}, []
        for _ in range(2):
            with db.begin(own) as tx:
                ask(tx, "CREATE TABLE IF NOT EXISTS book (id serial, price numeric)", None, False, "make", **there)
                answers.append(ask(tx, "INSERT INTO book (price) VALUES (1.10) RETURNING *", None, True, "turn", **there))
        assert answers[0] == answers[1] and str(answers[0]["resultSet"][0]["price"]) == "1.10"
        with db.begin(own) as tx:
            ask(tx, "CREATE FUNCTION add() RETURNS int LANGUAGE sql AS 'INSERT INTO book (price) VALUES (2) RETURNING id'", None, False, "f", **there)
            assert ask(tx, "SELECT add() AS id", **there) == {"resultSet": [{"id": 2}]}
            assert ask(tx, "SELECT count(*) AS n FROM book", **there) == {"resultSet": [{"n": 2}]}, "what a query calls stays"
        there["world"].foreign.close()


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("SELECT :a", {"b": 1}, "there is no variable a"),
        ("SELECT :a", None, "there is no variable a"),
        ("SELECT 1 WHERE 1 IN (:a)", {"a": [1]}, r"write IN \(<a>\)"),
        ("SELECT 1 WHERE 1 IN (<a>)", {"a": 1}, "is no list"),
        ("SELECT ?", [], "more than 0 question marks"),
        ("SELECT ?", [1, 2], "2 values for 1 question marks"),
        ("SELECT 'open", None, "not closed"),
        ("SELECT 1 /* open", None, "not closed"),
        (" -- nothing\n", None, "empty"),
        ("", None, "data.query: must not be blank"),
        ("SELECT 1", "text", "data.variables"),
        ("DELETE FROM book", None, r"Error while executing the query \[DELETE FROM book\]: Statement returned no results"),
        ("SELEKT 1", None, r"Error while executing the query \[SELEKT 1\]: "),
        ("SELECT * FROM nowhere", None, r"Error while executing the query \[SELECT \* FROM nowhere\]: "),
        ("SELECT * FROM ratchet_effect", None, "belongs to the engine"),
        ("COMMIT", None, "COMMIT is refused"),
        ("DELETE FROM book; COMMIT; DELETE FROM book", None, "COMMIT is refused"),
        ("/* x */ begin; select 1", None, "BEGIN is refused"),
        ("START  TRANSACTION", None, "START is refused"),
    ],
)
def test_what_cannot_run(tx: Connection, there: dict[str, Any], query: str, variables: Any, message: str) -> None:
    with pytest.raises(ConnectorError, match=message):
        ask(tx, query, variables, **there)


def test_nothing_stays_of_what_gave_no_result(tx: Connection, there: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError, match="no results"):
        ask(tx, "INSERT INTO book (id) VALUES ('B-1')", **there)
    assert ask(tx, "SELECT id FROM book", **there) == {"resultSet": []}


def test_headers(tx: Connection, there: dict[str, Any]) -> None:
    headers = {"resultVariable": "all", "resultExpression": "={n: resultSet[1].n, same: response.resultSet[1].n}"}
    assert ask(tx, "SELECT 7 AS n", headers=headers, **there) == {"all": {"resultSet": [{"n": 7}]}, "n": 7, "same": 7}
    wanted = '=if contains(error.message, "Error while executing") then bpmnError("BROKEN", error.code) else null'
    ask(tx, "INSERT INTO book (id, copies) VALUES ('a', 1)", None, False, "1", **there)
    with pytest.raises(BpmnError) as thrown:
        ask(tx, "INSERT INTO book (id, copies) VALUES ('a', 1)", None, False, "2", headers={"errorExpression": wanted}, **there)
    assert thrown.value.code == "BROKEN"


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(20)",
    "mysql": "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c",
}


def test_a_statement_that_takes_too_long_is_ended(tx: Connection, there: dict[str, Any]) -> None:
    kind = make_url(there["world"].connections[KEY]).get_backend_name()
    with pytest.raises(ConnectorError, match=r"(?i)timeout|interrupted|max_statement_time|exceeded"):
        ask(tx, SLOW[kind], headers={"jobTimeout": "PT0.3S"}, **there)
    assert ask(tx, "SELECT 1 AS n", **there) == {"resultSet": [{"n": 1}]}, "the connection is good again"
    with pytest.raises(ConnectorError, match="jobTimeout"):
        ask(tx, "SELECT 1", headers={"jobTimeout": "soon"}, **there)


def test_a_timeout_of_the_connection(tx: Connection, tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        mapped = make_url(url).update_query_dict({"statement_seconds": "1"}).render_as_string(hide_password=False)
        with pytest.raises(ConnectorError, match="statement timeout"):
            ask(tx, "SELECT pg_sleep(20)", world=world({KEY: mapped}, Foreign()))
        wrong = make_url(url).update_query_dict({"connect_seconds": "x"}).render_as_string(hide_password=False)
        with pytest.raises(ConnectorError, match="connect_seconds is 'x'"):
            ask(tx, "SELECT 1", world=world({KEY: wrong}, Foreign()))


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_jdbc_url_leads_there_itself(tx: Connection, tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        at = make_url(url)
        place = f"{at.host}:{at.port}/{at.database}"
        scheme = {"postgresql": "postgresql", "mysql": "mariadb"}[kind]
        connection = {"authType": "uri", "uri": f"jdbc:{scheme}://{place}?user={at.username}&password={at.password or ''}&connectTimeout=7000"}
        if kind == "postgresql":
            connection["uri"] = connection["uri"].replace("7000", "7") + "&ApplicationName=trades&sslmode=disable"
        pools = Foreign()
        assert ask(tx, "SELECT 1 AS n", connection=connection, world=world({}, pools)) == {"resultSet": [{"n": 1}]}
        detailed = {"authType": "detailed", "host": at.host, "port": str(at.port), "username": at.username, "password": at.password,
                    "databaseName": at.database, "properties": {"connectTimeout": "7"}}  # fmt: skip
        name = {"postgresql": "POSTGRESQL", "mysql": "MARIADB"}[kind]
        assert ask(tx, "SELECT 1 AS n", connection=detailed, database=name, world=world({}, pools)) == {"resultSet": [{"n": 1}]}
        chosen = {**detailed, "host": "nowhere.invalid"}
        inputs = {"data": {"query": "SELECT 1 AS n", "returnResults": True}, "connection": chosen, "configuration": detailed, "database": name}
        made = call(tx, "", {}, world=world({}, pools))
        assert JOB_TYPES[TYPE](Call(tx, inputs, made.origin, "r", made.world, "k")) == {"resultSet": [{"n": 1}]}
        pools.close()


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_tls_that_the_server_has_not(tx: Connection, tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        mapped = make_url(url).update_query_dict({"tls": "require"}).render_as_string(hide_password=False)
        with pytest.raises(ConnectorError, match=r"(?i)ssl|tls") as refused:
            ask(tx, "SELECT 1", world=world({KEY: mapped}, Foreign()))
        assert "pa55-word" not in refused.value.message


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (None, "connection: must not be null"),
        ({"authType": "uri", "uri": ""}, "the URL must begin with one of jdbc:postgresql"),
        ({"authType": "uri", "uri": "postgresql://h/d"}, "the URL must begin with"),
        ({"authType": "detailed", "host": "h"}, "connection.port must not be blank"),
        ({"authType": "uri", "uri": "jdbc:postgresql://127.0.0.1:1/d?user=u&password=secrets.TRADES_PASSWORD"}, "Cannot create the Database connection: ConnectionError"),
        ({"authType": "uri", "uri": "jdbc:sqlserver://h:1;databaseName=d"}, "Cannot find class: The driver for mssql"),
    ],
)
def test_connections_that_cannot_be(tx: Connection, connection: Any, message: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        ask(tx, "SELECT 1", connection=connection, world=world({}, Foreign()), secret=("connection",))
    assert message in refused.value.message and "pa55-word" not in refused.value.message


def test_no_secret_in_an_error(tx: Connection, there: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError) as refused:
        ask(tx, "SELECT * FROM nowhere WHERE 'secrets.TRADES_PASSWORD' = ''", secret=("connection", "data"), **there)
    assert "pa55-word" not in str(refused.value)
    with pytest.raises(ConnectorError) as refused:
        ask(tx, "SELECT * FROM secrets.TRADES_PASSWORD", secret=("connection", "data"), **there)
    assert "pa55" not in str(refused.value).replace(MASK, "") or "pa55-word" not in str(refused.value)
