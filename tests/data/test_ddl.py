from __future__ import annotations

import pytest

from engine.data import ddl
from engine.errors import DeploymentRefused


def test_statements_with_their_lines():
    sql = """-- first; not a statement
CREATE TABLE a (
  a_id uuid PRIMARY KEY, -- the key; of a
  note text DEFAULT 'semi;colon''s'
);

/* a block;
   of two lines */ create unique index IF NOT EXISTS "a;b" on a (note)"""
    found = ddl.statements(sql)
    assert [(one.creates, one.name, one.line) for one in found] == [("table", "a", 2), ("index", "a;b", 8)]
    assert "semi;colon''s" in found[0].text and "the key" not in found[0].text


def test_nothing_at_all():
    assert ddl.statements(" ; -- only a comment\n;") == []


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE a",
        "INSERT INTO a VALUES (1)",
        "CREATE TABLE a AS SELECT 1",
        "CREATE TEMP TABLE a (b text)",
        "CREATE TABLE other.a (b text)",
        "CREATE VIEW a AS SELECT 1",
        "CREATE TRIGGER t BEFORE UPDATE ON a BEGIN SELECT 1; END",
        "COMMENT ON TABLE a IS 'x'",
        "ATTACH DATABASE 'x' AS y",
        "CREATE INDEX ON a (b)",
        "CREATE/**/TABLE ratchet_person (a text)",
        'CREATE TABLE "ratchet_person" (a text)',
        "CREATE TABLE Ratchet_x (a text)",
        "CREATE TABLE a (b text REFERENCES ratchet_person (id))",
        'CREATE TABLE a (b text REFERENCES "ratchet_person" (id))',
        "CREATE INDEX i ON ratchet_person (id)",
        "CREATE TABLE sqlite_x (a text)",
        "CREATE TABLE person_hst (a text)",
        "PRAGMA foreign_keys = OFF",
    ],
)
def test_what_does_not_belong_there(sql):
    with pytest.raises(DeploymentRefused) as refused:
        ddl.statements("CREATE TABLE fine (a text);\n\n" + sql, "tables.sql")
    assert refused.value.problems[0].line == 3 and str(refused.value.problems[0]).startswith("tables.sql:3")


def test_all_problems_at_once():
    with pytest.raises(DeploymentRefused) as refused:
        ddl.statements("DROP TABLE a;\nDROP TABLE b;")
    assert [problem.line for problem in refused.value.problems] == [1, 2]


def test_a_keyword_is_quoted_where_it_names_a_table():
    (one,) = ddl.statements("CREATE TABLE transaction (a text REFERENCES order (b) ON DELETE CASCADE, note text DEFAULT 'ON transaction')")
    text = one.text_for({"transaction", "order"}, '"{}"'.format)
    assert text == (
        'CREATE TABLE IF NOT EXISTS "transaction" (a text REFERENCES "order" (b) ON DELETE CASCADE, note text DEFAULT \'ON transaction\')'
    )
