"""The only place that creates the registry's tables: what a `tables.sql` declares, and a history table beside each.

Tables that exist are changed by `migration` alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.data import columns, ddl, history, migration
from engine.data.columns import Declared
from engine.data.ddl import Statement
from engine.data.migration import Change
from engine.db import savepoint
from engine.errors import DeploymentRefused, Problem


def apply_tables(tx: Connection, sql: str, file: str = "tables.sql", changes: Sequence[Change] = ()) -> list[str]:
    """Create the tables and indexes of a tables.sql that are missing, and give the names of the tables that are new.

    Existing tables are changed by `changes` alone. Every table whose primary key is `<table>_id` gets its history table `<table>_hst`.
    `DeploymentRefused` names the line of a statement that is not allowed or that the database does not accept; then nothing was created.
    """
    declared, before = ddl.statements(sql, file), _known(columns.read(tx))
    preparer = tx.dialect.identifier_preparer
    keywords = {one.name.lower() for one in declared} & preparer.reserved_words
    missing = [one for one in declared if one.creates == "index" or one.name.lower() not in before]
    with savepoint(tx, "ratchet_tables"):
        for creates in ("table", "index"):
            for statement in (one for one in missing if one.creates == creates):
                _create(tx, statement, statement.text_for(keywords, preparer.quote_identifier), file)
            migration.apply(tx, changes if creates == "table" else ())
        _add_history(tx, [one.name for one in declared if one.creates == "table"])
    return [one.name for one in missing if one.creates == "table"]


def _known(found: dict[str, list[Declared]]) -> set[str]:
    return {name.lower() for name in found}


def _create(tx: Connection, statement: Statement, text: str, file: str) -> None:
    try:
        tx.exec_driver_sql(text, execution_options={"no_parameters": True})
    except DBAPIError as error:
        raise DeploymentRefused([Problem(file, statement.line, statement.name, str(error.orig))]) from error


def _add_history(tx: Connection, names: list[str]) -> None:
    found = columns.read(tx)
    by_name = {name.lower(): name for name in found}
    for name in dict.fromkeys(by_name[name.lower()] for name in names):
        if [column.name for column in found[name] if column.in_key] == [f"{name}_id"]:
            history.ensure(tx, name, found)
