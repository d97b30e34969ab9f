"""What alter-table becomes on each database, by its text: no server of SQL Server or Oracle ever ran."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.ddl import alter_table, create_table
from engine.delegates.sql.names import Names

DIALECTS = {"mssql": mssql.dialect(), "oracle": oracle.dialect(), "mysql": mysql.dialect(), "postgresql": postgresql.dialect()}
COLUMNS = [{"colName": "a", "dataType": "int"}, {"colName": "b", "dataType": "varchar(5)", "constraint": "NOT NULL"}]
CONSTRAINTS = [{"name": "UNIQUE", "symbol": "one", "definition": "a, b"}, {"name": "CHECK", "symbol": "two", "definition": "a > 0"}]


def sql(kind: str, method: str, **data: Any) -> str:
    statement = alter_table(Names(DIALECTS[kind]), {"tableName": "shop.book", "method": method, **data})
    assert isinstance(statement.sql, str)
    return statement.sql


@pytest.mark.parametrize(
    ("kind", "method", "data", "text"),
    [
        ("mssql", "RENAME_TABLE", {"newTableName": "tome"}, "EXEC sp_rename 'shop.book', 'tome'"),
        ("oracle", "rename table", {"newTableName": "tome"}, "ALTER TABLE SHOP.BOOK RENAME TO TOME"),
        ("mssql", "renameColumn", {"newColumnDetail": {"oldColName": "a", "newColName": "b"}}, "EXEC sp_rename 'shop.book.a', 'b', 'COLUMN'"),
        ("oracle", "renameColumn", {"newColumnDetail": {"oldColName": "a", "newColName": "b"}}, "ALTER TABLE SHOP.BOOK RENAME COLUMN A TO B"),
        ("mssql", "ADD_COLUMN", {"columnsDetails": COLUMNS}, "ALTER TABLE shop.book ADD a int, b varchar(5) NOT NULL"),
        ("oracle", "ADD_COLUMN", {"columnsDetails": COLUMNS}, "ALTER TABLE SHOP.BOOK ADD (A int, B varchar(5) NOT NULL)"),
        ("mysql", "ADD_COLUMN", {"columnsDetails": COLUMNS}, "ALTER TABLE shop.book ADD COLUMN a int, ADD COLUMN b varchar(5) NOT NULL"),
        ("mssql", "MODIFY_COLUMN", {"modifyColumnsDetails": COLUMNS[1]}, "ALTER TABLE shop.book ALTER COLUMN b varchar(5) NOT NULL"),
        ("mssql", "MODIFY_COLUMN", {"modifyColumnsDetails": COLUMNS[1:]}, "ALTER TABLE shop.book ALTER COLUMN b varchar(5) NOT NULL"),
        ("oracle", "MODIFY_COLUMN", {"modifyColumnsDetails": COLUMNS}, "ALTER TABLE SHOP.BOOK MODIFY (A int, B varchar(5) NOT NULL)"),
        ("mssql", "ADD_CONSTRAINT", {"constraintDetails": CONSTRAINTS}, "ALTER TABLE shop.book ADD CONSTRAINT one UNIQUE (a, b), CONSTRAINT two CHECK (a > 0)"),
        ("mssql", "ADD_CONSTRAINT", {"constraintDetails": [{"name": "DEFAULT", "symbol": "d", "definition": "'x' FOR b"}]}, "ALTER TABLE shop.book ADD CONSTRAINT d DEFAULT 'x' FOR b"),
        ("oracle", "ADD_CONSTRAINT", {"constraintDetails": CONSTRAINTS}, "ALTER TABLE SHOP.BOOK ADD CONSTRAINT ONE UNIQUE (A, B) ADD CONSTRAINT TWO CHECK (A > 0)"),
        ("mssql", "DROP_COLUMN", {"dropColumnsList": ["a", "b"]}, "ALTER TABLE shop.book DROP COLUMN a, b"),
        ("oracle", "DROP_COLUMN", {"dropColumnsList": ["a", "b"]}, "ALTER TABLE SHOP.BOOK DROP (A, B)"),
        ("mssql", "DROP_CONSTRAINT", {"dropConstraintsList": ["one", "two"]}, "ALTER TABLE shop.book DROP CONSTRAINT one, two"),
        ("oracle", "DROP_CONSTRAINT", {"dropConstraintsList": ["one", "two"]}, "ALTER TABLE SHOP.BOOK DROP CONSTRAINT ONE DROP CONSTRAINT TWO"),
        ("mssql", "ENABLE_CONSTRAINT", {"constraintName": "one"}, "ALTER TABLE shop.book CHECK CONSTRAINT one"),
        ("mssql", "disable constraint", {"constraintName": "one"}, "ALTER TABLE shop.book NOCHECK CONSTRAINT one"),
        ("oracle", "ENABLE_CONSTRAINT", {"constraintName": "one"}, "ALTER TABLE SHOP.BOOK ENABLE CONSTRAINT ONE"),
        ("oracle", "DISABLE_CONSTRAINT", {"constraintName": "one"}, "ALTER TABLE SHOP.BOOK DISABLE CONSTRAINT ONE"),
        ("postgresql", "DROP", {"dropEntityDetails": [{"entityToDrop": "Default", "name": "a"}, {"entityToDrop": "IDENTITY", "name": "b"}]},
         "ALTER TABLE shop.book ALTER COLUMN a DROP DEFAULT, ALTER COLUMN b DROP IDENTITY"),
        ("postgresql", "DROP", {"dropEntityDetails": [{"entityToDrop": "expression", "name": "a"}]}, "ALTER TABLE shop.book ALTER COLUMN a DROP EXPRESSION"),
    ],
)  # fmt: skip
def test_methods(kind: str, method: str, data: dict[str, Any], text: str) -> None:
    assert sql(kind, method, **data) == text


HOSTILE = "x'; DROP TABLE y; --"


@pytest.mark.parametrize("kind", ["mssql", "oracle"])
@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("renameTable", {"newTableName": HOSTILE}),
        ("renameTable", {"newTableName": "ratchet_x"}),
        ("renameColumn", {"newColumnDetail": {"oldColName": HOSTILE, "newColName": "b"}}),
        ("renameColumn", {"newColumnDetail": {"oldColName": "a", "newColName": HOSTILE}}),
        ("addColumn", {"columnsDetails": [{"colName": "a", "dataType": HOSTILE}]}),
        ("modifyColumn", {"modifyColumnsDetails": [{"colName": HOSTILE, "dataType": "int"}]}),
        ("addConstraint", {"constraintDetails": [{"name": "DEFAULT", "symbol": "d", "definition": "(SELECT 1) FOR b"}]}),
        ("addConstraint", {"constraintDetails": [{"name": "CHECK", "symbol": HOSTILE, "definition": "a > 0"}]}),
        ("dropColumn", {"dropColumnsList": ["a", HOSTILE]}),
        ("dropColumn", {"dropColumnsList": []}),
        ("dropConstraint", {"dropConstraintsList": [HOSTILE]}),
        ("enableConstraint", {"constraintName": HOSTILE}),
        ("disableConstraint", {}),
        ("drop", {"dropEntityDetails": [{"entityToDrop": "COLUMN", "name": "a"}]}),
        ("truncate", {}),
    ],
)
def test_hostile_or_broken_changes_are_refused(kind: str, method: str, data: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError):
        sql(kind, method, **data)


def test_what_is_said() -> None:
    said = alter_table(Names(DIALECTS["mssql"]), {"tableName": "t", "method": "DROP_COLUMN", "dropColumnsList": ["a"]})
    assert said.answer(None) == "Alter operation - DROP_COLUMN executed successfully"  # type: ignore[arg-type]
    made = create_table(Names(DIALECTS["oracle"]), {"tableName": "t", "columnsList": [{"colName": "a", "dataType": "number(5)"}]})
    assert made.sql == "CREATE TABLE T (A number(5))"
