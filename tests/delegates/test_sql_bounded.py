"""How each database changes at most so many rows, down to the SQL: also for those that no test server stands for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.names import Names
from engine.delegates.sql.request import OPERATIONS
from tests.delegates.sql_calls import simple

CHANGE = {"tableName": "shop.Book", "filters": simple("Id", ">", 1), "orderBy": [{"sortOn": "Id", "order": "d"}], "updateMap": {"Order": 1}}


def sql(operation: str, dialect: Dialect, data: dict[str, Any]) -> str:
    statement = OPERATIONS[operation].build(Names(dialect), data).sql
    return " ".join(str(statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})).split())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (
            sqlite.dialect(),
            "DELETE FROM shop.Book WHERE shop.Book.rowid IN"
            " (SELECT shop.Book.rowid FROM shop.Book WHERE shop.Book.Id > ? ORDER BY shop.Book.Id DESC LIMIT ? OFFSET ?)",
        ),
        (
            postgresql.dialect(),
            "DELETE FROM shop.book WHERE shop.book.ctid IN"
            " (SELECT shop.book.ctid FROM shop.book WHERE shop.book.id > %(param_1)s ORDER BY shop.book.id DESC LIMIT %(param_2)s::INTEGER)",
        ),
        (mysql.dialect(), "DELETE FROM shop.Book WHERE shop.Book.Id > %s ORDER BY shop.Book.Id DESC LIMIT 2"),
        (
            mssql.dialect(),
            "WITH chosen AS (SELECT TOP 2 * FROM shop.Book WHERE shop.Book.Id > :param_2 ORDER BY shop.Book.Id DESC) DELETE FROM chosen",
        ),
        (
            oracle.dialect(),
            "DELETE FROM SHOP.BOOK WHERE SHOP.BOOK.rowid IN (SELECT SHOP.BOOK.rowid FROM SHOP.BOOK"
            " WHERE SHOP.BOOK.ID > :param_1 ORDER BY SHOP.BOOK.ID DESC FETCH FIRST 2 ROWS ONLY)",
        ),
    ],
)
def test_delete(dialect: Dialect, expected: str) -> None:
    assert sql("delete-data", dialect, {**CHANGE, "limit": 2}).replace("__[POSTCOMPILE_param_1]", "2") == expected


@pytest.mark.parametrize(
    ("dialect", "start"),
    [
        (sqlite.dialect(), 'UPDATE shop.Book SET "Order"=? WHERE'),
        (postgresql.dialect(), 'UPDATE shop.book SET "order"=%(value_0)s WHERE'),
        (mysql.dialect(), "UPDATE shop.Book SET `Order`=%s WHERE"),
        (mssql.dialect(), "WITH chosen AS (SELECT TOP 1 *"),
        (oracle.dialect(), 'UPDATE SHOP.BOOK SET "ORDER"=:'),
    ],
)
def test_update(dialect: Dialect, start: str) -> None:
    assert sql("update-data", dialect, {**CHANGE, "top": "1"}).startswith(start)


@pytest.mark.parametrize("limit", [None, 0, -5, "0"])
def test_without_a_limit_all_rows_are_meant(limit: Any) -> None:
    assert sql("delete-data", mysql.dialect(), {**CHANGE, "limit": limit}) == "DELETE FROM shop.Book WHERE shop.Book.Id > %s"


def test_all_rows_of_a_table_up_to_a_limit() -> None:
    change = {"tableName": "book", "updateMap": {"a": 1}, "limit": 3}
    assert sql("update-data", mysql.dialect(), change) == "UPDATE book SET a=%s WHERE true LIMIT 3"


@pytest.mark.parametrize("limit", ["1; DROP TABLE x", 1.5, [1], "ten"])
def test_limits_that_are_no_number(limit: Any) -> None:
    with pytest.raises(ConnectorError, match="limit should be a whole number"):
        sql("delete-data", mysql.dialect(), {**CHANGE, "limit": limit})
