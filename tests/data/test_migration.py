from __future__ import annotations

import re

import pytest

from engine.data import columns, migration, rows
from engine.data.schema import Registry, apply_tables
from engine.data.values import kind_of
from engine.errors import DeploymentRefused

PET = """CREATE TABLE pet (
    pet_id uuid PRIMARY KEY,
    name varchar(20) NOT NULL UNIQUE,
    legs smallint DEFAULT 4 CHECK (legs > 0),
    weight numeric(5, 2),
    born date
);"""


@pytest.fixture
def pet(tx, stamp):
    apply_tables(tx, PET)
    return rows.create(tx, Registry.reflect(tx).resource("pet"), {"name": "Rex", "weight": "1.25", "born": "2020-02-29"}, stamp)


def deploy(tx, sql, previous=PET):
    changes = migration.plan(tx, sql, "tables.sql", previous)
    apply_tables(tx, sql, "tables.sql", changes)
    return [str(change) for change in changes]


def refused(tx, sql, previous=PET):
    with pytest.raises(DeploymentRefused) as found:
        migration.plan(tx, sql, "tables.sql", previous)
    return [(problem.line, problem.message) for problem in found.value.problems]


def kinds(tx, table):
    return {column.name: kind_of(column.type) for column in columns.read(tx)[table]}


def test_the_same_again_is_no_change(tx, pet):
    assert migration.plan(tx, PET, "tables.sql", PET) == []
    assert migration.plan(tx, PET.replace("varchar(20)", "character varying( 20 )"), "tables.sql", PET) == []


def test_a_new_column_is_in_history_too(tx, pet, stamp):
    changes = deploy(tx, PET.replace("born date", "born date,\n    chip varchar(15) NOT NULL DEFAULT 'none'"))
    assert changes == ["table pet: the column chip is new (varchar(15))"]
    resource = Registry.reflect(tx).resource("pet")
    assert rows.read(tx, resource, pet)["chip"] == "none"
    rows.change(tx, resource, pet, {"chip": "x"}, stamp)
    assert tx.exec_driver_sql("SELECT chip FROM pet_hst ORDER BY ddm_hst_id").scalars().all() == [None, "x"]


def test_types_that_hold_more(tx, pet, stamp):
    wider = PET.replace("varchar(20)", "varchar(50)").replace("smallint", "bigint").replace("numeric(5, 2)", "numeric(9, 4)")
    assert deploy(tx, wider) == [
        "table pet: the column name becomes varchar(50); it was " + ("varchar(20)" if tx.dialect.name == "sqlite" else "character varying(20)"),
        "table pet: the column legs becomes bigint; it was smallint",
        "table pet: the column weight becomes numeric(9, 4); it was " + ("numeric(5, 2)" if tx.dialect.name == "sqlite" else "numeric(5,2)"),
    ]
    for table in ("pet", "pet_hst"):
        assert {name: size for name, (_, size) in kinds(tx, table).items() if name in ("name", "weight")} == {"name": (50,), "weight": (9, 4)}
    resource = Registry.reflect(tx).resource("pet")
    rows.change(tx, resource, pet, {"name": "R" * 50, "legs": 2**40}, stamp)
    assert rows.read(tx, resource, pet)["legs"] == 2**40 and migration.plan(tx, wider, "tables.sql", PET) == []


def test_a_column_that_may_be_empty_now(tx, pet, stamp):
    assert deploy(tx, PET.replace("NOT NULL UNIQUE", "UNIQUE")) == ["table pet: the column name may be empty"]
    resource = Registry.reflect(tx).resource("pet")
    rows.change(tx, resource, pet, {"name": None}, stamp)
    assert not resource.columns["name"].not_null and rows.read(tx, resource, pet)["name"] is None


def test_the_other_rules_hold_after_a_change(tx, pet, stamp):
    deploy(tx, PET.replace("varchar(20) NOT NULL", "varchar(30)"))
    resource = Registry.reflect(tx).resource("pet")
    for payload, constraint in (({"name": "Rex"}, "unique"), ({"name": "Max", "legs": 0}, "check")):
        with pytest.raises(Exception, match=constraint):
            rows.create(tx, resource, payload, stamp)


def test_a_new_table_that_a_new_column_leads_to(tx, pet, stamp):
    sql = PET.replace("born date", "born date,\n owner_id uuid REFERENCES owner (owner_id)") + "CREATE TABLE owner (owner_id uuid PRIMARY KEY);"
    deploy(tx, sql + "CREATE INDEX pet_of_owner ON pet (owner_id);")
    registry = Registry.reflect(tx)
    owner = rows.create(tx, registry.resource("owner"), {}, stamp)
    rows.change(tx, registry.resource("pet"), pet, {"ownerId": owner}, stamp)
    assert rows.read(tx, registry.resource("pet"), pet)["ownerId"] == owner


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        (",\n    born date", "", "column born is gone .*ALTER TABLE pet DROP COLUMN born"),
        ("varchar(20)", "varchar(10)", "name is .*20.* would become varchar\\(10\\)"),
        ("varchar(20)", "integer", "may not hold what is in it"),
        ("smallint", "boolean", "may not hold"),
        ("numeric(5, 2)", "numeric(5, 3)", "may not hold"),
        ("numeric(5, 2)", "integer", "may not hold"),
        ("born date", "born date NOT NULL", "must not be empty any more"),
        ("born date", "born date,\n    chip text NOT NULL", "new column chip must not be empty"),
    ],
)
def test_what_could_lose_data_is_refused(tx, pet, was, becomes, told):
    ((line, message),) = refused(tx, PET.replace(was, becomes))
    assert line == 1
    assert re.search(told, message), message


def test_a_column_that_somebody_added_by_hand_is_left_alone(tx, pet):
    tx.exec_driver_sql("ALTER TABLE pet ADD COLUMN by_hand text")
    assert migration.plan(tx, PET, "tables.sql", PET) == []


def test_rules_are_told_and_left_alone(tx, pet):
    changed = PET.replace("CHECK (legs > 0)", "CHECK (legs > 1)").replace("born date", "born date, CHECK (weight > 0)")
    told = deploy(tx, changed)
    assert [text.partition(";")[0] for text in told] == [
        "table pet: the rules of the column legs are others now", "table pet: CHECK (WEIGHT > 0) is new",
    ]  # fmt: skip
    assert migration.plan(tx, changed, "tables.sql", changed) == []


@pytest.mark.parametrize("column", ["n serial", "n integer GENERATED ALWAYS AS (legs * 2) STORED", '"group" text', "n text DEFAULT 'a,b(c'"])
def test_spellings_that_are_no_change(tx, column):
    sql = PET.replace("born date", f"born date, {column}")
    apply_tables(tx, sql)
    assert migration.plan(tx, sql, "tables.sql", sql) == []
