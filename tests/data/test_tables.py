from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from engine.data import columns
from engine.data.schema import apply_tables
from engine.db import savepoint
from engine.errors import DeploymentRefused, Refused

PET = "CREATE TABLE pet (pet_id uuid PRIMARY KEY, name varchar(20) NOT NULL UNIQUE);"


def names(tx, table):
    return [column.name for column in columns.read(tx)[table]]


def test_a_table_gets_its_history(tx):
    assert apply_tables(tx, PET) == ["pet"]
    assert names(tx, "pet_hst")[:4] == ["ddm_hst_id", "pet_id", "name", "ddm_dml_op"]
    declared = {column.name: column.type for column in columns.read(tx)["pet_hst"]}
    assert declared["name"] in ("varchar(20)", "character varying(20)")


def test_applying_again_changes_nothing(tx):
    apply_tables(tx, PET)
    tx.exec_driver_sql("INSERT INTO pet VALUES ('3fa85f64-5717-4562-b3fc-2c963f66afa6', 'Rex')")
    assert apply_tables(tx, PET.replace("pet ", "PET ") + "CREATE INDEX named ON pet (name)") == []
    assert tx.exec_driver_sql("SELECT name FROM pet").scalar_one() == "Rex"


def test_a_table_without_such_a_key_has_no_history(tx):
    apply_tables(tx, "CREATE TABLE BeneficialOwner (customerId VARCHAR, share VARCHAR); CREATE TABLE x (id uuid PRIMARY KEY)")
    found = {name.lower() for name in columns.read(tx)}
    assert {"beneficialowner", "x"} <= found and not any(name.endswith("_hst") for name in found)
    tx.exec_driver_sql("INSERT INTO BeneficialOwner (customerId, share) VALUES ('C-1', '25')")
    assert tx.exec_driver_sql("SELECT share FROM BeneficialOwner").scalar_one() == "25"


def test_a_column_that_came_later_is_in_history_too(tx):
    apply_tables(tx, PET)
    tx.exec_driver_sql("ALTER TABLE pet ADD COLUMN born date")
    apply_tables(tx, PET)
    assert "born" in names(tx, "pet_hst")


def test_a_name_that_is_a_keyword(tx):
    sql = """CREATE TABLE transaction (transaction_id uuid PRIMARY KEY);
        CREATE TABLE "order" (order_id uuid PRIMARY KEY, transaction_id uuid REFERENCES transaction (transaction_id));
        CREATE INDEX i ON transaction (transaction_id);"""
    apply_tables(tx, sql)
    assert {"transaction", "transaction_hst", "order", "order_hst"} <= set(columns.read(tx))


def test_percent_and_colon_are_only_text(tx):
    apply_tables(tx, "CREATE TABLE pet (pet_id uuid PRIMARY KEY, share text DEFAULT '100% :now %s' CHECK (share LIKE '%'))")
    tx.exec_driver_sql("INSERT INTO pet (pet_id) VALUES ('3fa85f64-5717-4562-b3fc-2c963f66afa6')")
    assert tx.exec_driver_sql("SELECT share FROM pet").scalar_one() == "100% :now %s"


def test_a_broken_statement_undoes_the_others(tx):
    with pytest.raises(DeploymentRefused) as refused:
        apply_tables(tx, PET + "\nCREATE TABLE broken (\n  oops oops oops oops(\n);", "processes/tables.sql")
    assert (refused.value.problems[0].line, refused.value.problems[0].element) == (2, "broken")
    assert "pet" not in columns.read(tx)
    apply_tables(tx, PET)


def test_a_column_that_history_needs_for_itself(tx):
    with pytest.raises(Refused, match="digital_sign are columns of every history table"):
        apply_tables(tx, "CREATE TABLE pet (pet_id uuid PRIMARY KEY, digital_sign text)")
    assert "pet" not in columns.read(tx)


@pytest.mark.parametrize("sql", ["DELETE FROM pet_hst", "UPDATE pet_hst SET name = 'Max'"])
def test_history_cannot_be_changed(tx, sql):
    apply_tables(tx, PET)
    tx.exec_driver_sql("INSERT INTO pet_hst (pet_id, name, ddm_dml_op, ddm_created_at) VALUES (NULL, 'Rex', 'I', '2026-01-01')")
    with pytest.raises(DBAPIError, match="append-only"), savepoint(tx):
        tx.exec_driver_sql(sql)
    assert tx.exec_driver_sql("SELECT name FROM pet_hst").scalar_one() == "Rex"
