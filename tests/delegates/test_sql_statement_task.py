"""`ratchet:sql`: statements in our own name, mostly in the engine's own database, where much must not be reached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from engine import db
from engine.delegates import DELEGATES, JOB_TYPES, connector
from engine.delegates.call import Call
from engine.delegates.connector import ConnectorError
from engine.delegates.foreign import Foreign
from engine.expressions.typed import Typed
from tests.delegates.sql_calls import call, database, undone, world
from tests.delegates.test_sql import HOSTILE_VALUES

TYPE = "ratchet:sql"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with database(request.param, tmp_path_factory.mktemp("own")) as url:
        engine = db.open_database(url)
        with db.begin(engine) as tx:
            tx.exec_driver_sql("CREATE TABLE book (id varchar(40) PRIMARY KEY, copies integer CHECK (copies > 0))")
            tx.exec_driver_sql("CREATE TABLE book_hst (id varchar(40))")
            tx.exec_driver_sql("CREATE TABLE ratchet_secret (name text)")
            tx.exec_driver_sql("INSERT INTO ratchet_secret VALUES ('top')")
        yield engine
        engine.dispose()


@pytest.fixture
def tx(own: Engine) -> Iterator[Connection]:
    with undone(own) as connection:
        yield connection


def made(tx: Connection, statement: str, headers: dict[str, str] | None = None, inputs: dict[str, Any] | None = None, **changes: Any) -> Call:
    """A call whose statement stands in the header; `inputs` are what the model gives, `sight` all other variables."""
    given = call(tx, "", {}, changes.get("key", "k"), world=changes.get("world"))
    inputs, declared = inputs or {}, frozenset(inputs or {})
    there = {"statement": statement} if statement else {}
    return Call(tx, {**changes.get("sight", {}), **inputs}, given.origin, "root", given.world, given.key, {**there, **(headers or {})},
                (), declared, changes.get("written", frozenset()))  # fmt: skip


def ask(tx: Connection, statement: str, **given: Any) -> Any:
    return JOB_TYPES[TYPE](made(tx, statement, **given))


def test_variables_in_sight_are_bound(tx: Connection) -> None:
    sight = {"bookId": "B-1", "copies": Typed(3), "ids": ["B-1", "B-2"], "secret": "never"}
    assert ask(tx, "INSERT INTO book VALUES (:bookId, :copies)", sight=sight) == {"rows": [], "count": 1}
    found = {"rows": [{"id": "B-1", "copies": 3}], "count": 1}
    assert ask(tx, "SELECT * FROM book WHERE id IN (<ids>)", sight=sight) == found
    assert ask(tx, "SELECT * FROM book WHERE id = :x", inputs={"variables": {"x": "B-1"}}, sight=sight) == found
    assert ask(tx, "SELECT * FROM book WHERE id = ?", inputs={"variables": ["B-1"]}) == found
    with pytest.raises(ConnectorError, match="no variable bookId"):
        ask(tx, "SELECT * FROM book WHERE id = :bookId", inputs={"variables": {}}, sight=sight)


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_hostile_values_are_only_values(tx: Connection, value: str) -> None:
    ask(tx, "INSERT INTO book (id) VALUES (:v), ('other')", sight={"v": value})
    assert ask(tx, "SELECT id FROM book WHERE id = :v", sight={"v": value})["rows"] == [{"id": value}]
    assert ask(tx, "DELETE FROM book WHERE id IN (<v>)", sight={"v": [value]})["count"] == 1


def test_it_is_part_of_the_step(own: Engine) -> None:
    with undone(own) as tx:
        ask(tx, "INSERT INTO book VALUES ('undone', 1)")
        with pytest.raises(ConnectorError, match=r"(?i)check.*\(in: INSERT INTO book"):
            ask(tx, "INSERT INTO book VALUES ('bad', 0)")
        assert ask(tx, "SELECT count(*) AS n FROM book")["rows"] == [{"n": 1}], "only the failed statement is undone"
    with db.begin(own) as tx:
        assert ask(tx, "SELECT id FROM book")["rows"] == []


def test_results_by_headers(tx: Connection) -> None:
    headers = {"resultVariable": "found", "resultExpression": "={n: rows[1].n}"}
    made_call = made(tx, "SELECT 5 AS n", headers)
    assert connector.run(JOB_TYPES[TYPE], made_call) == {"found": {"rows": [{"n": 5}], "count": 1}, "n": 5}


def test_as_a_delegate_of_camunda_7(tx: Connection) -> None:
    inputs = {"statement": Typed("SELECT :n AS n"), "n": Typed("7")}
    answer = DELEGATES["ratchetSql"](made(tx, "", inputs=inputs, written=frozenset({"statement"})))
    assert answer["rows"].value in ([{"n": "7"}], [{"n": 7}])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sight": {"statement": "DELETE FROM book"}}, "must not be blank"),  # what somebody typed into a form
        ({"inputs": {"statement": "SELECT 1"}}, "write it as plain text"),  # an expression of the model
        ({"inputs": {"statement": " "}, "written": frozenset({"statement"})}, "must not be blank"),
    ],
)
def test_no_variable_has_a_part_in_the_statement(tx: Connection, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConnectorError, match=message):
        ask(tx, "", **given)


def test_no_variable_chooses_the_database(tx: Connection) -> None:
    assert ask(tx, "SELECT 1 AS n", sight={"connection": "elsewhere", "variables": {"n": 1}})["rows"] == [{"n": 1}]


REFUSED = [
    "SELECT * FROM ratchet_secret",
    'SELECT * FROM "ratchet_secret"',
    "SELECT * FROM RATCHET_secret",
    "SELECT * FROM main.ratchet_secret",
    "SELECT * FROM 'ratchet_secret'",
    "SELECT * FROM [ratchet_secret]",
    "SELECT * FROM `ratchet_secret`",
    "SELECT (SELECT name FROM ratchet_secret)",
    "WITH x AS (SELECT * FROM/**/ratchet_secret) SELECT * FROM x",
    "SELECT 1 -- \n FROM ratchet_secret",
    "INSERT INTO book_hst VALUES ('x')",
    'DELETE FROM "book_hst"',
    "DROP TABLE book_hst",
    "CREATE TABLE book2_hst (id int)",
    "ALTER TABLE book RENAME TO ratchet_x",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_table_info('book')",
    "SELECT * FROM pg_class",
    "SELECT pg_sleep(1)",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM alembic_version",
    "SELECT * FROM procrastinate_jobs",
    "SELECT query_to_xml('select * from ' || 'ratch' || 'et_secret', true, true, '')",
    "SELECT \"query_to_xml\"('x', true, true, '')",
    "SELECT set_config('search_path', 'x', false)",
    "SELECT * FROM dblink('host=x', 'y') AS t(a int)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT load_extension('x')",
    "SELECT * FROM U&\"\\0072atchet_secret\"",
    "SELECT 1; DROP TABLE book",
    "SELECT 1; SELECT 2",
    "DO $$ BEGIN EXECUTE 'DROP TABLE rat' || 'chet_secret'; END $$",
    "EXECUTE x",
    "PREPARE x AS SELECT 1",
    "COPY book FROM PROGRAM 'id'",
    "COPY book TO '/x'",
    "SET search_path = x",
    "RESET ALL",
    "CALL x()",
    "GRANT ALL ON book TO public",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TRIGGER t AFTER INSERT ON book BEGIN SELECT 1; END",
    "CREATE RULE r AS ON INSERT TO book DO NOTHING",
    "CREATE EXTENSION dblink",
    "CREATE SCHEMA x",
    "DROP SCHEMA public CASCADE",
    "CREATE TEMP TABLE book (id int)",
    "SELECT 1 INTO TEMP book",
    "CREATE DATABASE x",
    "ATTACH DATABASE 'x' AS y",
    "DETACH DATABASE main",
    "PRAGMA table_info(book)",
    "VACUUM",
    "REINDEX",
    "LOCK TABLE book",
    "LISTEN x",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT x",
    "RELEASE ratchet_step",
    "END",
    "EXPLAIN ANALYZE DELETE FROM book",
    ";",
    "/* /* */ */ DROP TABLE ratchet_secret",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_out_of_reach_in_the_own_database(tx: Connection, statement: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        ask(tx, statement)
    assert refused.value.code in ("Forbidden", "InvalidInput"), refused.value
    assert tx.exec_driver_sql("SELECT count(*) FROM ratchet_secret").scalar() == 1


@pytest.mark.parametrize("statement", ["SELECT 1;", "/* a */ SELECT 1 -- b", "(SELECT 1)", "VALUES (1)", "WITH x AS (SELECT 1) SELECT * FROM x"])
def test_what_may_run(tx: Connection, statement: str) -> None:
    if not (tx.dialect.name == "sqlite" and statement.startswith("(")):
        assert ask(tx, statement)["count"] == 1


def test_tables_can_be_made_and_changed(tx: Connection) -> None:
    ask(tx, "CREATE TABLE shelf (id integer, label varchar(20))")
    ask(tx, "CREATE UNIQUE INDEX shelf_id ON shelf (id)")
    ask(tx, "ALTER TABLE shelf ADD COLUMN room varchar(20)")
    assert ask(tx, "INSERT INTO shelf VALUES (1, 'a', 'b') RETURNING id") == {"rows": [{"id": 1}], "count": 1}
    ask(tx, "DROP TABLE shelf")


def test_another_database(tx: Connection, tmp_path: Path) -> None:
    pools = Foreign()
    with database("mysql", tmp_path) as url:
        there = {"inputs": {"connection": "ledger"}, "world": world({"ledger": url}, pools)}
        ask(tx, "CREATE TABLE `entry` (id int)", **there)
        for _ in range(2):
            assert ask(tx, "INSERT INTO `entry` VALUES (:n) # :no", sight={"n": 1}, **there)["count"] == 1
        assert ask(tx, "SELECT * FROM `entry`", **there)["rows"] == [{"id": 1}]
        with pytest.raises(ConnectorError, match="belongs to the engine"):
            ask(tx, "DELETE FROM ratchet_effect", **there)
        pools.close()
    with pytest.raises(ConnectorError, match="add 'nowhere' to the connections"):
        ask(tx, "SELECT 1", inputs={"connection": "nowhere"}, world=world({}))
    with pytest.raises(ConnectorError, match="ConnectionError: Unable to connect"):
        ask(tx, "SELECT 1", headers={"connection": "jdbc:mysql://127.0.0.1:1/x"}, world=world({}, Foreign()))


def test_a_slow_statement_is_ended_and_the_step_goes_on(tx: Connection) -> None:
    slow = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "postgresql": "SELECT count(*) FROM generate_series(1, 1000000000)",
    }[tx.dialect.name]
    with pytest.raises(ConnectorError, match=r"timeout|interrupted"):
        ask(tx, slow, headers={"jobTimeout": "PT0.3S"})
    assert ask(tx, "SELECT 1 AS n")["rows"] == [{"n": 1}]
