"""create-table, alter-table and create-database, and the little grammar that reads what a model may write in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import make_url

from engine import db
from engine.delegates.connector import ConnectorError
from engine.delegates.foreign import Foreign
from engine.delegates.sql import grammar
from engine.delegates.sql.names import Names
from tests.delegates.sql_calls import database, run, simple, undone, world

PLAIN = Names(postgresql.dialect(), own=True)
COLUMNS = [
    {"constraints": ["NOT NULL", "PRIMARY KEY"], "dataType": "int", "colName": "empid"},
    {"Datatype": "varchar(50)", "ColName": "empName", "constraints": "DEFAULT 'it''s; --%'"},
    {"datatype": "int", "colname": "empNumber", "constraints": ["CHECK (empNumber > 0 AND empNumber < 10)", None, ""]},
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with database(request.param, tmp_path_factory.mktemp("own")) as url:
        engine = db.open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def tx(own: Engine) -> Iterator[Connection]:
    with undone(own) as connection:
        yield connection


def test_create_table(tx: Connection) -> None:
    data = {"tableName": "testRio", "columnsList": COLUMNS}
    assert run(tx, "postgresql.create-table", data) == "Table 'testRio' created successfully"
    run(tx, "postgresql.insert-data", {"tableName": "TESTRIO", "dataToInsert": [{"empId": 1, "empNumber": 3}]})
    folded = {"postgresql": str.lower}.get(tx.dialect.name, str)
    assert run(tx, "postgresql.read-data", {"tableName": "testrio"}) == [
        {"empid": 1, folded("empName"): "it's; --%", folded("empNumber"): 3}
    ]
    with pytest.raises(ConnectorError, match=r"(?i)check"):
        run(tx, "postgresql.insert-data", {"tableName": "testRio", "dataToInsert": [{"empid": 2, "empNumber": 11}]})
    with pytest.raises(ConnectorError, match="already exists"):
        run(tx, "postgresql.create-table", data)


@pytest.mark.parametrize(
    "column",
    [
        {"colName": "a) AS SELECT 1 --", "dataType": "int"},
        {"colName": "a", "dataType": "int); DROP TABLE x"},
        {"colName": "a", "dataType": "int, b int"},
        {"colName": "a", "dataType": "int) AS (SELECT 1"},
        {"colName": "a", "dataType": "int /* */"},
        {"colName": "a", "dataType": ""},
        {"colName": "a"},
        {"colName": "a", "dataType": "int", "constraints": {"a": 1}},
        {"colName": "a", "dataType": "int", "constraints": "NOT NULL, b int"},
        {"colName": "a", "dataType": "int", "constraints": "CHECK ((SELECT count(*) FROM ratchet_person) > 0)"},
        {"colName": "a", "dataType": "int", "constraints": "DEFAULT pg_sleep(100)"},
        {"colName": "a", "dataType": "int", "constraints": "CHECK (pg_read_file('/etc/passwd') = '')"},
        {"colName": "a", "dataType": "int", "constraints": "REFERENCES ratchet_person(id)"},
        {"colName": "a", "dataType": "int", "constraints": "REFERENCES person_hst"},
        {"colName": "a", "dataType": "int", "constraints": "CHECK (a > 0"},
        {"colName": "a", "dataType": "int", "constraints": "CHECK a > 0)"},
        {"colName": "a", "dataType": "int", "constraints": "DEFAULT 'x\\' OR 1"},
        {"colName": "a", "dataType": "int", "constraints": "DEFAULT 'open"},
        {"colName": "a", "dataType": "int", "constraints": "-- comment"},
        {},
    ],
)
def test_hostile_or_broken_columns_are_refused(tx: Connection, column: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError):
        run(tx, "postgresql.create-table", {"tableName": "x", "columnsList": [column]})


@pytest.mark.parametrize("columns", [None, [], "id int", [None]])
def test_columns_that_are_none(tx: Connection, columns: Any) -> None:
    with pytest.raises(ConnectorError, match="columnsList"):
        run(tx, "postgresql.create-table", {"tableName": "x", "columnsList": columns})


@pytest.mark.parametrize("name", ["ratchet_x", "x_hst", "sqlite_x", "pg_x"])
def test_own_names_cannot_be_made(tx: Connection, name: str) -> None:
    run(tx, "postgresql.create-table", {"tableName": "plain", "columnsList": COLUMNS})
    with pytest.raises(ConnectorError, match="belongs to the engine"):
        run(tx, "postgresql.create-table", {"tableName": name, "columnsList": COLUMNS})
    with pytest.raises(ConnectorError, match="belongs to the engine"):
        run(tx, "postgresql.alter-table", {"tableName": "plain", "method": "renameTable", "newTableName": name})
    with pytest.raises(ConnectorError, match="belongs to the engine"):
        run(tx, "postgresql.alter-table", {"tableName": name, "method": "renameTable", "newTableName": "plain"})


def test_alter_table_as_every_database_can(tx: Connection) -> None:
    def alter(table: str, method: str, **data: Any) -> None:
        said = run(tx, "postgresql.alter-table", {"tableName": table, "method": method, **data})
        assert said == "Alter query executed successfully"

    run(tx, "postgresql.create-table", {"tableName": "testRio", "columnsList": COLUMNS})
    alter("testRio", "RENAME_TABLE", newTableName="Rio")
    alter("Rio", "rename column", newColumnDetail={"oldColName": "empName", "NEWCOLNAME": "fullName"})
    alter("rio", "addColumn", columnsDetails=[{"colName": "kit", "dataType": "varchar(40)", "constraint": "DEFAULT 'x' NOT NULL"}])
    alter("Rio", "drop", dropEntityDetails=[{"EntityToDrop": "Column", "Name": "empNumber"}])
    run(tx, "postgresql.insert-data", {"tableName": "rio", "dataToInsert": [{"empid": 1, "fullName": "Ann"}]})
    [row] = run(tx, "postgresql.read-data", {"tableName": "rio"})
    assert {key.lower(): value for key, value in row.items()} == {"empid": 1, "fullname": "Ann", "kit": "x"}


def test_alter_table_on_postgresql(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url, undone(db.open_database(url)) as tx:
        run(
            tx,
            "postgresql.create-table",
            {"tableName": "boss", "columnsList": [{"colName": "id", "dataType": "int", "constraints": "PRIMARY KEY"}]},
        )
        columns = [{"colName": name, "dataType": kind} for name, kind in (("empid", "int"), ("seconds", "varchar(20)"), ("boss_id", "int"))]
        run(tx, "postgresql.create-table", {"tableName": "emp", "columnsList": columns})
        added = [
            {"name": "Unique", "sYmbol": "UC_Seconds", "Definition": "seconds, boss_id"},
            {"Name": "Primary Key", "Symbol": "PK", "Definition": "empid"},
            {
                "Name": "Foreign Key",
                "Symbol": "FK_boss",
                "Definition": "(boss_id) REFERENCES boss(id) ON DELETE SET NULL ON UPDATE CASCADE",
            },
            {"name": "CHECK", "symbol": "ch_id", "Definition": "empid>0 AND length(seconds) < 5"},
        ]
        run(tx, "postgresql.alter-table", {"tableName": "emp", "method": "ADD_CONSTRAINT", "constraintDetails": added})
        run(tx, "postgresql.insert-data", {"tableName": "emp", "dataToInsert": [{"empid": 1, "seconds": "12"}]})
        for row in ({"empid": 1, "seconds": "13"}, {"empid": -1, "seconds": "14"}, {"empid": 2, "seconds": "15", "boss_id": 9}):
            with pytest.raises(ConnectorError):
                run(tx, "postgresql.insert-data", {"tableName": "emp", "dataToInsert": [row]})
        dropped = [{"EntityToDrop": "Constraint", "Name": name} for name in ("UC_Seconds", "FK_boss", "ch_id")]
        run(tx, "postgresql.alter-table", {"tableName": "emp", "method": "drop", "dropEntityDetails": dropped})
        modified = [{"colName": "seconds", "dataType": "int", "expression": "seconds::integer"}, {"colName": "empid", "dataType": "bigint"}]
        run(tx, "postgresql.alter-table", {"tableName": "emp", "method": "modifyColumn", "modifyColumnsDetails": modified})
        assert run(tx, "postgresql.read-data", {"tableName": "emp"}) == [{"empid": 1, "seconds": 12, "boss_id": None}]


@pytest.mark.parametrize(
    "data",
    [
        {"method": "explode"},
        {"method": None},
        {"method": "renameTable", "newTableName": "x; DROP TABLE y"},
        {"method": "renameColumn", "newColumnDetail": {"oldColName": "a"}},
        {"method": "renameColumn", "newColumnDetail": {"oldColName": "a", "newColName": "b, DROP COLUMN c"}},
        {"method": "drop", "dropEntityDetails": [{"entityToDrop": "TABLE", "name": "x"}]},
        {"method": "drop", "dropEntityDetails": [{"entityToDrop": "COLUMN", "name": "x CASCADE"}]},
        {"method": "addConstraint", "constraintDetails": [{"name": "EXCLUDE", "symbol": "x", "definition": "a"}]},
        {"method": "addConstraint", "constraintDetails": [{"name": "CHECK", "symbol": "x", "definition": "(SELECT 1) = 1"}]},
        {"method": "addConstraint", "constraintDetails": [{"name": "CHECK", "symbol": "x", "definition": "a > 0), ADD CHECK (b > 0"}]},
        {
            "method": "addConstraint",
            "constraintDetails": [{"name": "FOREIGN KEY", "symbol": "x", "definition": "(a) REFERENCES ratchet_person"}],
        },
        {"method": "addConstraint", "constraintDetails": [{"name": "UNIQUE", "symbol": "x", "definition": "a); DROP TABLE x"}]},
        {"method": "modifyColumn", "modifyColumnsDetails": [{"colName": "a", "dataType": "int", "expression": "(SELECT 1)"}]},
        {"method": "modifyColumn", "modifyColumnsDetails": [{"colName": "a", "dataType": "int", "expression": "a, DROP b"}]},
        {"method": "modifyColumn", "modifyColumnsDetails": [{"colName": "a", "dataType": "int", "expression": "pg_catalog.pg_sleep(9)"}]},
    ],
)
def test_alterations_that_are_refused(tx: Connection, data: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError):
        run(tx, "postgresql.alter-table", {"tableName": "t", **data})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("varchar(50)", "varchar(50)"),
        ("NUMERIC ( 10 , 2 )", "NUMERIC(10, 2)"),
        ("timestamp with time zone", "timestamp with time zone"),
        ("int[]", "int[]"),
        ("int [3]", "int[3]"),
        ("enum('a','it''s')", "enum('a', 'it''s')"),
        ("varchar2(50 char)", "varchar2(50 char)"),
        ("int unsigned", "int unsigned"),
    ],
)
def test_data_types(text: str, written: str) -> None:
    assert grammar.data_type(text, PLAIN) == written


@pytest.mark.parametrize("text", ["my_type", "int 5", "'a'", "5", "int)", "(", "int primary key", "int default 5", "int -- x", "x" * 3000])
def test_data_types_that_are_not_known(text: str) -> None:
    with pytest.raises(ConnectorError, match="dataType"):
        grammar.data_type(text, PLAIN)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("not null unique", "NOT NULL UNIQUE"),
        ("AUTO_INCREMENT", "AUTO_INCREMENT"),
        ("IDENTITY(1,1)", "IDENTITY (1, 1)"),
        ("GENERATED BY DEFAULT AS IDENTITY", "GENERATED BY DEFAULT AS IDENTITY"),
        ("default -1.5 null", "DEFAULT -1.5 NULL"),
        ("DEFAULT CURRENT_TIMESTAMP", "DEFAULT CURRENT_TIMESTAMP"),
        ("DEFAULT now()", "DEFAULT now()"),
        ("CONSTRAINT Positive CHECK (lower(Name) in ('a', 'b'))", "CONSTRAINT positive CHECK (lower(name) in('a', 'b'))"),
        ("REFERENCES shop.Item (Id) ON DELETE CASCADE", "REFERENCES shop.item (id) ON DELETE CASCADE"),
    ],
)
def test_constraints(text: str, written: str) -> None:
    assert grammar.constraints(text, PLAIN) == written


def test_names_fold_as_the_database_folds_them() -> None:
    assert [Names(kind.dialect()).relation("Shop.Order").text for kind in (postgresql, mysql, sqlite)] == [
        'shop."order"',
        "Shop.`Order`",
        'Shop."Order"',
    ]
    assert PLAIN.relation("Розрахунок").text == "Розрахунок"


def test_a_database_cannot_be_made_inside_a_transaction(tx: Connection) -> None:
    with pytest.raises(ConnectorError, match="cannot be part of a transaction"):
        run(tx, "postgresql.create-database", {})


def test_create_database_on_a_server(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url, undone(db.open_database("sqlite://")) as tx:
        name = f"{make_url(url).database}_new"
        there, foreign = {"*": url}, Foreign()
        said = run(tx, "postgresql.create-database", {"databaseName": name.upper()}, world=world(there, foreign))
        assert said == f"Database '{name.upper()}' created successfully"
        foreign.close()
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
        server.dispose()


def test_what_another_database_calls_its_own_is_not_refused_there(tx: Connection, tmp_path: Path) -> None:
    foreign = Foreign()
    there = world({"*": f"sqlite:///{tmp_path / 'other.db'}"}, foreign)
    run(tx, "postgresql.create-table", {"tableName": "person_hst", "columnsList": COLUMNS}, world=there)
    assert run(
        tx, "postgresql.delete-data", {"tableName": "person_hst", "filters": simple("empid", "=", 1)}, key="2", world=there
    ).startswith("0 row")
    with pytest.raises(ConnectorError, match="belongs to the engine"):
        run(tx, "postgresql.read-data", {"tableName": "ratchet_effect"}, world=there)
    foreign.close()
