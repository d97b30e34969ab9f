"""The only place for the history tables: `<table>_hst` gets a row for every change, and the database itself lets nobody change it again.

A history row is the row as it became (for a deletion: as it last was), copied by the database, and who did what, when, from which process,
under which signatures. The names of those columns are the contract's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from sqlalchemy import BigInteger, Connection, Integer, MetaData, Table, Text, bindparam, insert, select
from sqlalchemy import Column as SqlColumn

from engine.data.columns import AsDeclared, Declared
from engine.data.ddl import HISTORY_SUFFIX
from engine.data.errors import DataError
from engine.data.origin import Stamp
from engine.db import Moment
from engine.errors import Refused
from engine.prepared import Prepared

Operation = Literal["I", "U", "D"]
ORDER = "ddm_hst_id"

_SYSTEM: dict[str, Callable[[Stamp], Any]] = {
    "ddm_created_at": lambda s: s.at,
    "curr_user": lambda s: s.origin.person.serial_number or s.origin.person.id,
    "source_system": lambda s: s.origin.source_system,
    "source_application": lambda s: s.origin.source_application,
    "source_process": lambda s: s.origin.process,
    "source_process_definition_id": lambda s: s.origin.process_definition_id,
    "source_process_instance_id": lambda s: s.origin.process_instance_id,
    "business_activity": lambda s: s.origin.activity,
    "source_activity_instance_id": lambda s: s.origin.activity_instance_id,
    "digital_sign": lambda s: s.signed.key,
    "digital_sign_derived": lambda s: s.signed.derived_key,
    "ddm_digital_sign_checksum": lambda s: s.checksum,
    "ddm_digital_sign_derived_checksum": lambda s: s.derived_checksum,
}
_OPERATION = "ddm_dml_op"
ABOUT = (_OPERATION, *_SYSTEM)


class Clash(Refused):
    """A table has columns that its history needs for itself."""


def statement(table: Table, history: Table | None, key: SqlColumn[Any]) -> Prepared:
    """The statement that `record` runs for a table, to be built once. `DataError` RUNTIME_ERROR where the table has no history."""
    if history is None:
        raise DataError("RUNTIME_ERROR", f"Table {table.name} has no history table beside it: deploy its tables.sql first.")
    given = [bindparam(f"{name}_", type_=_types().get(name)) for name in ABOUT]
    wanted = select(*table.c, *given).where(key == bindparam("of_row"))
    return Prepared(insert(history).from_select([*table.c.keys(), *ABOUT], wanted), kept=False)


def record(tx: Connection, copy: Prepared, id: str, operation: Operation, about: Mapping[str, Any]) -> int:
    """Copy the row with this id into its history; gives how many rows there were (0 when the row does not exist)."""
    return copy.run(tx, {**about, f"{_OPERATION}_": operation, "of_row": id})


def told(stamp: Stamp) -> dict[str, Any]:
    """What `record` writes about a change beside the row."""
    return {f"{name}_": value(stamp) for name, value in _SYSTEM.items()}


def _types() -> dict[str, Any]:
    return {"ddm_created_at": Moment()}


def ensure(tx: Connection, table: str, found: Mapping[str, list[Declared]]) -> None:
    """Create the history table of `table`, or add the columns that the table has gained since; a row's history is found by an index."""
    if clash := {column.name for column in found[table]} & {ORDER, _OPERATION, *_SYSTEM}:
        raise Clash(f"Table {table}: {', '.join(sorted(clash))} are columns of every history table; give them other names.")
    history, quote = _table(table + HISTORY_SUFFIX, found[table]), tx.dialect.identifier_preparer.quote
    if history.name not in found:
        history.create(tx)
        for guard in _GUARDS[tx.dialect.name]:
            tx.exec_driver_sql(guard.format(quoted=quote(history.name), name=history.name), **_NO_PARAMETERS)
    present = {column.name for column in found.get(history.name, found[table])}
    for column in found[table]:
        if column.name not in present:
            tx.exec_driver_sql(f"ALTER TABLE {quote(history.name)} ADD COLUMN {quote(column.name)} {column.type}", **_NO_PARAMETERS)
    [key] = [column.name for column in found[table] if column.in_key]
    by_row = f"CREATE INDEX IF NOT EXISTS {quote(history.name + '_of_row')} ON {quote(history.name)} ({quote(key)})"
    tx.exec_driver_sql(by_row, **_NO_PARAMETERS)


_NO_PARAMETERS: dict[str, Any] = {"execution_options": {"no_parameters": True}}


def _table(name: str, columns: list[Declared]) -> Table:
    return Table(
        name,
        MetaData(),
        SqlColumn(ORDER, BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        *(SqlColumn(column.name, AsDeclared(column.type)) for column in columns),
        SqlColumn(_OPERATION, Text, nullable=False),
        *(SqlColumn(system, _types().get(system, Text), nullable=system != "ddm_created_at") for system in _SYSTEM),
    )


_REFUSAL = "history is append-only"
_SQLITE_GUARD = "CREATE TRIGGER \"{name}_no_%s\" BEFORE %s ON {quoted} BEGIN SELECT RAISE(ABORT, '%s'); END"
_GUARDS = {
    "sqlite": [_SQLITE_GUARD % (verb, verb, _REFUSAL) for verb in ("UPDATE", "DELETE")],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION ratchet_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
        "CREATE TRIGGER ratchet_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {quoted} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ratchet_append_only()",
    ],
}
