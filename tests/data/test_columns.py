from __future__ import annotations

from engine.data import columns


def test_columns_as_declared(tx):
    tx.exec_driver_sql("CREATE TABLE a (b varchar(20) NOT NULL, c timestamp, a_id uuid, PRIMARY KEY (a_id, b))")
    tx.exec_driver_sql("CREATE VIEW v AS SELECT b FROM a")
    found = columns.read(tx)
    assert "v" not in found
    assert [(c.name, c.not_null, c.in_key) for c in found["a"]] == [
        ("b", True, True),
        ("c", False, False),
        ("a_id", found["a"][2].not_null, True),
    ]
    assert [c.type.replace("character varying", "varchar").removesuffix(" without time zone") for c in found["a"]] == [
        "varchar(20)",
        "timestamp",
        "uuid",
    ]
    assert "ratchet_document" in found


def test_generated_columns_are_left_out(tx):
    tx.exec_driver_sql("CREATE TABLE a (b integer, twice integer GENERATED ALWAYS AS (b * 2) STORED)")
    assert [c.name for c in columns.read(tx)["a"]] == ["b"]
