"""The SQL connectors on the engine's own database, in the step's own transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from engine import db
from engine.delegates.connector import ConnectorError
from engine.expressions.spin import JsonNode
from tests.delegates.sql_calls import CONNECTION, JOB_TYPES, TYPES, both, call, database, run, simple, undone, world

INSERT, READ, UPDATE, DELETE = (f"postgresql.{name}-data" for name in ("insert", "read", "update", "delete"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with database(request.param, tmp_path_factory.mktemp("own")) as url:
        engine = db.open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def tx(own: Engine) -> Iterator[Connection]:
    with undone(own) as connection:
        connection.exec_driver_sql(
            "CREATE TABLE BeneficialOwner (customerId VARCHAR, individual VARCHAR, organization VARCHAR, share VARCHAR)"
        )
        connection.exec_driver_sql(
            "CREATE TABLE person (id integer PRIMARY KEY, name varchar(40), born date, height numeric(5, 2), active boolean)"
        )
        rows = "(1, 'Ann', '1980-02-03', 170.5, true), (2, 'Bob', '1990-01-01', 180, false), (3, '100%_Bo', NULL, NULL, NULL)"
        connection.exec_driver_sql(f"INSERT INTO person VALUES {rows}".replace("%", "%%" if own.dialect.name == "postgresql" else "%"))
        yield connection


def ids(tx: Connection, filters: Any, **more: Any) -> list[int]:
    data = {"tableName": "person", "columnNames": ["id"], "filters": filters, "orderBy": [{"sortOn": "id"}], **more}
    return [row["id"] for row in run(tx, READ, data)]


def test_the_seed_stores_and_queries_a_beneficial_owner(tx: Connection) -> None:
    row = {"customerId": "C-1", "individual": "Ann", "organization": "ACME", "share": "25"}
    assert run(tx, INSERT, {"tableName": "BeneficialOwner", "dataToInsert": [row]}) == "1 row(s) inserted successfully"
    data = {
        "tableName": "BeneficialOwner",
        "columnNames": None,
        "filters": simple("customerId", "=", "C-1"),
        "orderBy": None,
        "limit": None,
    }
    folded = {"postgresql": str.lower}.get(tx.dialect.name, str)
    assert run(tx, READ, data) == [{folded(key): value for key, value in row.items()}]


def test_no_rows_are_an_empty_list(tx: Connection) -> None:
    assert run(tx, READ, {"tableName": "BeneficialOwner"}) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, [1, 2, 3]),
        ({}, [1, 2, 3]),
        (simple("id", "=", 1), [1]),
        (simple("id", "==", "1"), [1]),
        (simple("ID", " Equals ", Decimal("1")), [1]),
        (simple("born", "=", "1980-02-03"), [1]),
        (simple("born", "=", date(1980, 2, 3)), [1]),
        (simple("height", "=", 170.5), [1]),
        (simple("height", ">", "170.5"), [2]),
        (simple("id", "<>", 1), [2, 3]),
        (simple("id", "not equals", 1), [2, 3]),
        (simple("id", "notequals", "1"), [2, 3]),
        (simple("id", "<", 2), [1]),
        (simple("id", "less than", 2), [1]),
        (simple("id", "lessthanorequals", 2), [1, 2]),
        (simple("id", "lessthan or equals", 2), [1, 2]),
        (simple("id", "greaterthan", 2), [3]),
        (simple("id", "greater than or equals", 2), [2, 3]),
        (simple("id", "greaterthanorequals", 2), [2, 3]),
        (simple("name", "like", "%n%"), [1]),
        (simple("name", "startswith", "A"), [1]),
        (simple("name", "starts with", "100%"), [3]),
        (simple("name", "starts with", "1%"), []),
        (simple("name", "ends with", "_Bo"), [3]),
        (simple("name", "endsWith", "ob"), [2]),
        (simple("id", "in", [1, 3]), [1, 3]),
        (simple("id", "in", ["1", "3"]), [1, 3]),
        (simple("id", "in", 2), [2]),
        (simple("id", "in", []), []),
        (simple("id", "not in", [1, 3]), [2]),
        (simple("id", "notin", []), [1, 2, 3]),
        (simple("born", "in", ["1980-02-03", None]), [1, 3]),
        (simple("born", "not in", ["1980-02-03", None]), [2]),
        (simple("id", "between", [2, 3]), [2, 3]),
        (simple("born", "between", ["1980-01-01", "1981-01-01"]), [1]),
        (simple("born", "=", None), [3]),
        (simple("born", "<>", None), [1, 2]),
        (simple("born", "is", None), [3]),
        (simple("born", "is", "not null"), [1, 2]),
        (simple("active", "is", True), [1]),
        (simple("active", "=", True), [1]),
        ({**simple("id", "=", 1), "logicalOperator": "NOT"}, [2, 3]),
        ({"FILTER": {"COLNAME": "id", "Operator": "=", "VALUE": 1}}, [1]),
        (both("AND", simple("id", ">", 1), simple("id", "<", 3)), [2]),
        (both("or", simple("id", "=", 1), simple("id", "=", 3)), [1, 3]),
        (both("not", simple("id", ">", 1), simple("id", "<", 3)), [1, 3]),
        (both("nand", simple("id", ">", 1), simple("id", "<", 3)), [1, 3]),
        (both("nor", simple("id", "=", 1), simple("id", "=", 3)), [2]),
        (
            both("and", both("or", simple("id", "=", 1), simple("id", "=", 3)), {**simple("name", "=", "Ann"), "logicalOperator": "not"}),
            [3],
        ),
        (both("and", both("nor", simple("id", "=", 1), both("nand", simple("id", "=", 2), simple("name", "=", "Bob")))), [2]),
        ({"filterList": [], **simple("id", "=", 2)}, [2]),
        ({**both("or", simple("id", "=", 2)), **simple("id", "=", 1)}, [2]),
    ],
)
def test_filters(tx: Connection, filters: Any, expected: list[int]) -> None:
    assert ids(tx, filters) == expected


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"other": 1}, "Map can have keys - filter, logicalOperator and filterList"),
        ({"logicalOperator": "and"}, "Map should have key - filter"),
        ({"filter": {}}, "Map should have key - filter"),
        ([simple("id", "=", 1)], "filter should be a map"),
        ({"filter": {"colName": "id", "operator": "="}}, "missing: value"),
        (simple(" ", "=", 1), "Column Name can not be null or blank"),
        (simple("id", None, 1), "Operator can't be null"),  # type: ignore[arg-type]
        (simple("id", "!=", 1), "Invalid Operator type"),
        (simple("id", "= 1 OR 1 =", 1), "Invalid Operator type"),
        (simple("id", "like", None), "Value can't be null"),
        (simple("id", "in", None), "Value can't be null"),
        (simple("id", "between", [1]), "between needs a list of two values"),
        (simple("id", "is", "1"), "is needs null"),
        (both("xor", simple("id", "=", 1)), "Invalid Logical operator type, it can be - and, or, nor, nand/not"),
        ({"filterList": [simple("id", "=", 1)]}, "Invalid Logical operator type"),
        ({"filterList": {"a": 1}, "logicalOperator": "and"}, "filterList should be a list"),
    ],
)
def test_filters_that_cannot_be_read(tx: Connection, filters: Any, message: str) -> None:
    with pytest.raises(ConnectorError, match="Invalid filter: ") as refused:
        ids(tx, filters)
    assert message in refused.value.message


def test_filters_nested_without_end_are_refused(tx: Connection) -> None:
    filters = simple("id", "=", 1)
    for _ in range(60):
        filters = both("and", filters)
    with pytest.raises(ConnectorError, match="nested more than 50 times"):
        ids(tx, filters)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("desc", [3, 2, 1]),
        ("D", [3, 2, 1]),
        ("Descending", [3, 2, 1]),
        ("asc", [1, 2, 3]),
        (None, [1, 2, 3]),
        ("; DROP TABLE person", [1, 2, 3]),
    ],
)
def test_order(tx: Connection, order: str | None, expected: list[int]) -> None:
    assert ids(tx, None, orderBy=[{"sortOn": " "}, {"sortOn": "id", "order": order}]) == expected


@pytest.mark.parametrize(("limit", "count"), [(2, 2), ("2", 2), (Decimal(1), 1), (0, 3), (-1, 3), (None, 3)])
def test_limit(tx: Connection, limit: Any, count: int) -> None:
    assert len(ids(tx, None, limit=limit)) == count


def test_columns_of_later_rows_come_from_the_first_one(tx: Connection) -> None:
    rows = [{"id": 10, "name": "X"}, {"id": 11}, {"name": "Z", "id": 12, "unknown": 1}]
    assert run(tx, INSERT, {"tableName": "person", "dataToInsert": rows}) == "3 row(s) inserted successfully"
    assert [
        row["name"] for row in run(tx, READ, {"tableName": "person", "filters": simple("id", ">=", 10), "orderBy": [{"sortOn": "id"}]})
    ] == [
        "X",
        None,
        "Z",
    ]


def test_many_rows_at_once(tx: Connection) -> None:
    rows = [{"id": number, "name": f"n{number}"} for number in range(100, 20_100)]
    assert run(tx, INSERT, {"tableName": "person", "dataToInsert": rows}) == "20000 row(s) inserted successfully"
    assert len(ids(tx, simple("id", ">=", 100))) == 20_000


def test_values_become_what_the_column_is(tx: Connection) -> None:
    row = {"id": "7", "name": 5, "born": "2024-02-29", "height": Decimal("1.25"), "active": None}
    run(tx, INSERT, {"tableName": "person", "dataToInsert": [row]})
    [found] = run(tx, READ, {"tableName": "person", "filters": simple("id", "=", 7)})
    assert (found["id"], found["name"], found["born"], float(found["height"]), found["active"]) == (7, "5", "2024-02-29", 1.25, None)


def test_what_is_no_scalar_is_stored_as_json(tx: Connection) -> None:
    for number, value in enumerate([{"a": [1, Decimal("2.5")]}, [1, "x"], JsonNode.of({"b": None}), datetime(2024, 1, 2, 3, 4, 5)]):
        run(tx, INSERT, {"tableName": "BeneficialOwner", "dataToInsert": [{"customerId": str(number), "share": value}]})
    rows = run(tx, READ, {"tableName": "BeneficialOwner", "columnNames": ["share"], "orderBy": [{"sortOn": "customerId"}]})
    assert [row["share"].replace("T", " ") for row in rows] == ['{"a": [1, 2.5]}', '[1, "x"]', '{"b": null}', "2024-01-02 03:04:05"]


def test_update(tx: Connection) -> None:
    data = {"tableName": "person", "updateMap": {"name": "O'Neil", "born": None}, "filters": simple("id", "<", 3)}
    assert run(tx, UPDATE, data) == "2 row(s) updated successfully"
    assert ids(tx, both("and", simple("name", "=", "O'Neil"), simple("born", "=", None))) == [1, 2]
    assert run(tx, UPDATE, {"tableName": "person", "updateMap": {"name": "x"}, "filters": None}) == "3 row(s) updated successfully"


def test_delete(tx: Connection) -> None:
    assert run(tx, DELETE, {"tableName": "person", "filters": simple("id", "in", [1, 99])}) == "1 row(s) deleted successfully"
    assert ids(tx, None) == [2, 3]


@pytest.mark.parametrize("filters", [None, {}])
def test_delete_without_filters_is_refused(tx: Connection, filters: Any) -> None:
    with pytest.raises(ConnectorError, match="filters can't be null or empty"):
        run(tx, DELETE, {"tableName": "person", "filters": filters})


def test_changes_of_the_first_rows_only(tx: Connection) -> None:
    order = [{"sortOn": "id", "order": "desc"}]
    change = {"tableName": "person", "updateMap": {"name": "last"}, "filters": simple("id", ">", 0), "orderBy": order, "limit": 1}
    assert run(tx, "mysql.update-data", change) == "1 row(s) updated successfully"
    assert ids(tx, simple("name", "=", "last")) == [3]
    assert run(tx, "mssql.delete-data", {"tableName": "person", "filters": simple("id", ">", 1), "top": 1, "orderBy": order}).startswith(
        "1 row"
    )
    assert ids(tx, None) == [1, 2]
    assert (
        run(tx, "oracledb.update-data", {"tableName": "person", "updateMap": {"name": "all"}, "limit": 5})
        == "2 row(s) updated successfully"
    )


def test_the_step_stays_in_the_callers_transaction(own: Engine) -> None:
    with db.begin(own) as tx:
        tx.exec_driver_sql("CREATE TABLE kept (id integer PRIMARY KEY)")
    with undone(own) as tx:
        run(tx, INSERT, {"tableName": "kept", "dataToInsert": [{"id": 1}]})
    with undone(own) as tx:
        assert run(tx, READ, {"tableName": "kept"}) == []
        tx.exec_driver_sql("INSERT INTO kept VALUES (5)")
        with pytest.raises(ConnectorError, match=r"(?i)unique"):
            run(tx, INSERT, {"tableName": "kept", "dataToInsert": [{"id": 6}, {"id": 5}]})
        assert run(tx, READ, {"tableName": "kept"}) == [{"id": 5}]


def test_a_failure_speaks_in_the_drivers_words_without_values(tx: Connection) -> None:
    with pytest.raises(ConnectorError) as failed:
        run(tx, INSERT, {"tableName": "person", "dataToInsert": [{"id": 1, "name": "a secret name"}]})
    assert failed.value.message.endswith("(postgresql.insert-data, table 'person')")
    assert "INSERT" not in failed.value.message and "a secret name" not in failed.value.message
    assert failed.value.code in ("23505", "SQLITE_CONSTRAINT_PRIMARYKEY")
    assert failed.value.__cause__ is None


def test_secrets_are_put_in_and_never_shown(tx: Connection) -> None:
    run(tx, INSERT, {"tableName": "person", "dataToInsert": [{"id": 50, "name": "{{secrets.OWNER}}"}]})
    assert ids(tx, simple("name", "=", "Ann")) == [1, 50]
    with pytest.raises(ConnectorError) as failed:
        run(tx, READ, {"tableName": "secrets.TRADES_PASSWORD"})
    assert "pa55-word" not in str(failed.value) and "•••" in str(failed.value)


@pytest.mark.parametrize(
    "table",
    [
        "ratchet_person",
        "Ratchet_Person",
        "person_hst",
        "PERSON_HST",
        "public.ratchet_job",
        "sqlite_master",
        "pg_authid",
        "procrastinate_jobs",
        "pg_catalog.pg_class",
        "information_schema.tables",
        "alembic_version",
        "pragma_table_list",
    ],
)
@pytest.mark.parametrize("operation", ["read", "insert", "update", "delete"])
def test_the_engines_own_tables_are_refused(tx: Connection, table: str, operation: str) -> None:
    data = {"dataToInsert": [{"id": 1}], "updateMap": {"id": 1}, "filters": simple("id", "=", 1)}
    with pytest.raises(ConnectorError, match="belongs to the engine"):
        run(tx, f"postgresql.{operation}-data", {"tableName": table, **data})


HOSTILE = [
    "person; DROP TABLE person",
    "person--",
    "person/**/",
    '"person"',
    "'person'",
    "`person`",
    "[person]",
    "person person",
    "(SELECT 1)",
    "a.b.c",
    "person\x00",
    "person\n;",
    "1person",
    ".",
    "",
    "*, name",
    "p%s",
    "p:name",
    "p?",
    "x" * 200,
    None,
    5,
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "data",
    [
        {"tableName": 0},
        {"columnNames": [0]},
        {"filters": {"filter": {"colName": 0, "operator": "=", "value": 1}}},
        {"orderBy": [{"sortOn": 0}]},
    ],
)
def test_hostile_names_are_refused_when_reading(tx: Connection, name: Any, data: Any) -> None:
    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: put(item) for key, item in value.items()}
        return [put(item) for item in value] if isinstance(value, list) else (name if value == 0 else value)

    if "orderBy" in data and not name:
        return  # a blank sortOn is passed over
    with pytest.raises(ConnectorError):
        run(tx, READ, {"tableName": "person", **put(data)})


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused_when_writing(tx: Connection, name: Any) -> None:
    for operation, data in (
        (INSERT, {"dataToInsert": [{name: 1}]}),
        (UPDATE, {"updateMap": {name: 1}}),
        (UPDATE, {"updateMap": {"name": 1}, "filters": simple(name, "=", 1)}),
        (DELETE, {"filters": simple(name, "=", 1)}),
        (INSERT, {"tableName": name, "dataToInsert": [{"id": 1}]}),
    ):
        with pytest.raises(ConnectorError):
            run(tx, operation, {"tableName": "person", **data})
    assert ids(tx, None) == [1, 2, 3]


HOSTILE_VALUES = ["' OR '1'='1", "x'; DROP TABLE person; --", '"', "\\", "\\' OR 1=1 --", "%s %(a)s :b ? {0}", "%", "𝔘", "a\nb"]


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_hostile_values_are_only_values(tx: Connection, value: str) -> None:
    run(tx, INSERT, {"tableName": "person", "dataToInsert": [{"id": 9, "name": value}]})
    assert ids(tx, simple("name", "=", value)) == [9]
    assert ids(tx, simple("name", "in", [value])) == [9]
    assert ids(tx, simple("name", "starts with", value)) == [9]
    assert ids(tx, simple("name", "ends with", value)) == [9]
    run(tx, UPDATE, {"tableName": "person", "updateMap": {"name": value + "!"}, "filters": simple("name", "=", value)})
    assert ids(tx, simple("name", "=", value + "!")) == [9]
    assert run(tx, DELETE, {"tableName": "person", "filters": simple("name", "=", value + "!")}) == "1 row(s) deleted successfully"
    assert ids(tx, None) == [1, 2, 3]


@pytest.mark.parametrize("value", ["\ud800", 10**400, float("inf"), "x" * 100_000])
def test_values_that_a_driver_cannot_send_break_nothing(tx: Connection, value: Any) -> None:
    with contextlib.suppress(ConnectorError):
        run(tx, INSERT, {"tableName": "person", "dataToInsert": [{"id": 9, "name": value}]})
    assert ids(tx, simple("id", "<", 4)) == [1, 2, 3]


def test_a_column_given_twice_is_refused(tx: Connection) -> None:
    with pytest.raises(ConnectorError, match="given twice"):
        run(tx, INSERT, {"tableName": "person", "dataToInsert": [{"id": 1, "ID": 2}]})


def test_reserved_words_are_quoted_as_they_fold(tx: Connection) -> None:
    tx.exec_driver_sql('CREATE TABLE "order" ("user" varchar(10), "group" integer)')
    run(tx, INSERT, {"tableName": "Order", "dataToInsert": [{"USER": "ann", "Group": 1}]})
    assert run(tx, READ, {"tableName": "ORDER", "columnNames": ["User"], "filters": simple("user", "=", "ann")}) == [{"user": "ann"}]
    assert run(tx, UPDATE, {"tableName": "order", "updateMap": {"user": "bob"}, "filters": simple("group", "=", 1)}).startswith("1 ")
    with pytest.raises(ConnectorError):
        run(tx, DELETE, {"tableName": "order", "filters": simple("select", "=", "select")})


def test_columns_called_like_parameters(tx: Connection) -> None:
    tx.exec_driver_sql("CREATE TABLE odd (a$b integer, param_1 integer, value_0 integer, value_1 integer)")
    run(tx, INSERT, {"tableName": "odd", "dataToInsert": [{"value_1": 1, "a$b": 2, "param_1": 3, "value_0": 4}, {"value_1": 2}]})
    filters = both("and", simple("param_1", "=", 3), simple("a$b", "in", [2, 3]))
    run(tx, UPDATE, {"tableName": "odd", "updateMap": {"param_1": 30, "a$b": 20, "value_0": 40}, "filters": filters})
    first = {"tableName": "odd", "filters": simple("value_1", "=", 1)}
    assert run(tx, READ, first) == [{"a$b": 20, "param_1": 30, "value_0": 40, "value_1": 1}]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"operation": None}, "Unknown operation"),
        ({"operation": "postgresql.drop-everything"}, "Unknown operation 'postgresql.drop-everything': write one of postgresql.read-data"),
        ({"operation": "mysql.read-data"}, "Unknown operation"),
        ({"operation": "read-data"}, "Unknown operation"),
        ({"data": None}, "data: must not be null"),
        ({"data": {"databaseName": " ", "tableName": "t"}}, "data.databaseName: must not be blank"),
        ({"data": {"databaseName": "trades", "tableName": None}}, "data.tableName: must not be blank"),
        ({"databaseConnection": None}, "databaseConnection: must not be null"),
        ({"databaseConnection": {**CONNECTION, "host": None}}, "databaseConnection.host: must not be blank"),
        ({"databaseConnection": {**CONNECTION, "password": ""}}, "databaseConnection.password: must not be blank"),
        ({"databaseConnection": {**CONNECTION, "port": "5432/x"}}, "Port must be a number"),
        ({"databaseConnection": {**CONNECTION, "port": "99999"}}, "Port must be a number up to 65535"),
    ],
)
def test_incomplete_inputs(tx: Connection, inputs: Any, message: str) -> None:
    wanted = call(tx, READ, {"tableName": "person"})
    broken = type(wanted)(tx, {**wanted.inputs, **inputs}, wanted.origin, "root", wanted.world, "k")
    with pytest.raises(ConnectorError) as refused:
        JOB_TYPES[TYPES["postgresql"]](broken)
    assert message in refused.value.message


@pytest.mark.parametrize("rows", [None, [], [{}], [None], {"id": 1}, "id", [{"id": 1}, 5]])
def test_rows_that_are_none(tx: Connection, rows: Any) -> None:
    with pytest.raises(ConnectorError, match="dataToInsert"):
        run(tx, INSERT, {"tableName": "person", "dataToInsert": rows})


@pytest.mark.parametrize("changes", [None, {}, [], "x"])
def test_changes_that_are_none(tx: Connection, changes: Any) -> None:
    with pytest.raises(ConnectorError, match="updateMap"):
        run(tx, UPDATE, {"tableName": "person", "updateMap": changes})


@pytest.mark.parametrize(
    ("connections", "host", "name"),
    [
        ({"db.example.com:5432/trades": "sqlite:///:registry:"}, "DB.Example.com", "Trades"),
        ({"DB.EXAMPLE.COM:5432/trades": ":registry:"}, "db.example.com", "trades"),
        ({"*": ":registry:"}, "anywhere", "any"),
    ],
)
def test_a_connection_mapped_to_the_registry(tx: Connection, connections: dict[str, str], host: str, name: str) -> None:
    wanted = {"world": world(connections), "connection": {**CONNECTION, "host": host}}
    assert len(run(tx, READ, {"tableName": "person", "databaseName": name}, **wanted)) == 3


def test_the_engines_own_url_is_its_own_connection(tx: Connection) -> None:
    url = tx.engine.url.render_as_string(hide_password=False)
    run(tx, INSERT, {"tableName": "person", "dataToInsert": [{"id": 70}]})
    assert ids(tx, simple("id", "=", 70)) == [70]
    assert len(run(tx, READ, {"tableName": "person"}, world=world({"*": url}))) == 4


def test_own_sqlite_connector(tx: Connection) -> None:
    assert len(run(tx, "sqlite.read-data", {"tableName": "person", "databaseName": "here"}, world=world({"here": ":registry:"}))) == 3
    with pytest.raises(ConnectorError, match="add 'elsewhere' to the connections"):
        run(tx, "sqlite.read-data", {"tableName": "person", "databaseName": "elsewhere"}, world=world({}))


def test_result_values_are_json(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url, undone(db.open_database(url)) as tx:
        tx.exec_driver_sql(
            "CREATE TABLE kinds (u uuid, b bytea, j jsonb, t timestamptz, h time, i interval, a int[], n numeric, f float8, r inet)"
        )
        tx.exec_driver_sql(
            "INSERT INTO kinds VALUES ('7d0c3a6e-0000-4000-8000-000000000001', '\\x00ff', '{\"a\": [1.5]}', '2024-01-02T03:04:05Z',"
            " '10:00', '1 hour', '{1,2}', 1.50, 'NaN', '10.0.0.1')"
        )
        [row] = run(tx, READ, {"tableName": "kinds"})
    assert row["u"] == "7d0c3a6e-0000-4000-8000-000000000001"
    assert (row["b"], row["j"], row["h"], row["a"]) == ("AP8=", {"a": [1.5]}, "10:00:00", [1, 2])
    assert row["t"].startswith("2024-01-02T") and row["i"] == "1:00:00"
    assert (row["n"], row["f"], row["r"]) == (Decimal("1.50"), "nan", "10.0.0.1")
