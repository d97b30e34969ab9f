"""The only place that knows how each database alters a table: the methods of alter-table, and what each is called there (contract 1a)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.delegates.sql import grammar
from engine.delegates.sql.columns import Data, Row, column, invalid, keyed, name, needed, rows, texts
from engine.delegates.sql.names import Names, Relation

Method = Callable[[Relation, Data], str]


def _rename_table(relation: Relation, data: Data) -> str:
    return f"RENAME TO {_new_name(relation, data)}"


def _new_name(relation: Relation, data: Data) -> str:
    return relation.names.quoted(relation.names.relation(data.get("newTableName")).name)


def _rename_column(relation: Relation, data: Data) -> str:
    old, new = _old_and_new(relation, data)
    return f"RENAME COLUMN {old} TO {new}"


def _old_and_new(relation: Relation, data: Data) -> tuple[str, str]:
    row = keyed(data.get("newColumnDetail"), "newColumnDetail")
    return name(relation.names, row, "oldColName"), name(relation.names, row, "newColName")


def _rename_table_by_call(relation: Relation, data: Data) -> str:
    return f"EXEC sp_rename '{relation.text}', '{relation.names.relation(data.get('newTableName')).name}'"


def _rename_column_by_call(relation: Relation, data: Data) -> str:
    row = keyed(data.get("newColumnDetail"), "newColumnDetail")
    old, new = _old_and_new(relation, data)[0], relation.names.column(needed(row, "newColName"))
    return f"EXEC sp_rename '{relation.text}.{old}', '{new}', 'COLUMN'"


def _columns(relation: Relation, data: Data, key: str) -> list[str]:
    return [column(relation.names, row, "constraint") for row in rows(data, key)]


def _add_column(relation: Relation, data: Data) -> str:
    return ", ".join(f"ADD COLUMN {one}" for one in _columns(relation, data, "columnsDetails"))


def _add_column_once(relation: Relation, data: Data) -> str:
    return f"ADD {', '.join(_columns(relation, data, 'columnsDetails'))}"


def _add_column_in_brackets(relation: Relation, data: Data) -> str:
    return f"ADD ({', '.join(_columns(relation, data, 'columnsDetails'))})"


def _alter_column(relation: Relation, data: Data) -> str:
    return ", ".join(_altered(relation.names, row) for row in rows(data, "modifyColumnsDetails"))


def _altered(names: Names, row: Row) -> str:
    using = f" USING {grammar.check(row['expression'], names)}" if row.get("expression") else ""
    return f"ALTER COLUMN {name(names, row, 'colName')} TYPE {grammar.data_type(needed(row, 'dataType'), names)}{using}"


def _modify_column(relation: Relation, data: Data) -> str:
    return ", ".join(f"MODIFY COLUMN {one}" for one in _columns(relation, data, "modifyColumnsDetails"))


def _modify_in_brackets(relation: Relation, data: Data) -> str:
    return f"MODIFY ({', '.join(_columns(relation, data, 'modifyColumnsDetails'))})"


def _alter_one_column(relation: Relation, data: Data) -> str:
    """SQL Server changes one column at a time, which a model gives as a map."""
    given = data.get("modifyColumnsDetails")
    row = given[0] if isinstance(given, list | tuple) and len(given) == 1 else given
    return f"ALTER COLUMN {column(relation.names, keyed(row, 'modifyColumnsDetails'), 'constraint')}"


def _add_constraint(relation: Relation, data: Data) -> str:
    return ", ".join(f"ADD {one}" for one in _constraints(relation, data))


def _add_constraint_once(relation: Relation, data: Data) -> str:
    return f"ADD {', '.join(_constraints(relation, data))}"


def _add_constraint_each(relation: Relation, data: Data) -> str:
    return " ".join(f"ADD {one}" for one in _constraints(relation, data))


def _constraints(relation: Relation, data: Data) -> list[str]:
    return [_constraint(relation.names, row) for row in rows(data, "constraintDetails")]


def _constraint(names: Names, row: Row) -> str:
    kind = " ".join(str(row.get("name") or "").lower().split()).replace("primarykey", "primary key").replace("foreignkey", "foreign key")
    known = {**_CONSTRAINTS, **({"default": grammar.default_for} if names.dialect.name == "mssql" else {})}
    if kind not in known:
        raise invalid(f"name should be - {', '.join(known)}")
    definition = known[kind](needed(row, "definition"), names)
    named = "" if kind == "primary key" else f"CONSTRAINT {name(names, row, 'symbol')} "
    return f"{named}{kind.upper()} {definition}"


_CONSTRAINTS: dict[str, Callable[[Any, Names], str]] = {
    "unique": lambda text, names: f"({grammar.column_list(text, names)})",
    "primary key": lambda text, names: f"({grammar.column_list(text, names)})",
    "foreign key": grammar.foreign_key,
    "check": lambda text, names: f"({grammar.check(text, names)})",
}


def _drop(relation: Relation, data: Data) -> str:
    return ", ".join(_dropped(relation.names, row) for row in rows(data, "dropEntityDetails"))


def _dropped(names: Names, row: Row) -> str:
    kind, of_column = " ".join(str(row.get("entitytodrop") or "").upper().split()), names.dialect.name == "postgresql"
    if kind in _OF_COLUMN and of_column:
        return f"ALTER COLUMN {name(names, row, 'name')} DROP {kind}"
    if kind not in _DROPPED:
        raise invalid(f"'entityToDrop' should be one of {', '.join((*_DROPPED, *(_OF_COLUMN if of_column else ())))}")
    return f"DROP {kind}" if kind == "PRIMARY KEY" else f"DROP {kind} {name(names, row, 'name')}"


_DROPPED = ("COLUMN", "CONSTRAINT", "CHECK", "INDEX", "FOREIGN KEY", "PRIMARY KEY")
_OF_COLUMN = ("DEFAULT", "EXPRESSION", "IDENTITY")


def _listed(relation: Relation, data: Data, key: str) -> list[str]:
    return [relation.names.quoted(relation.names.column(text)) for text in texts(data, key)]


def _drop_columns(relation: Relation, data: Data) -> str:
    return f"DROP COLUMN {', '.join(_listed(relation, data, 'dropColumnsList'))}"


def _drop_columns_in_brackets(relation: Relation, data: Data) -> str:
    return f"DROP ({', '.join(_listed(relation, data, 'dropColumnsList'))})"


def _drop_constraints(relation: Relation, data: Data) -> str:
    return f"DROP CONSTRAINT {', '.join(_listed(relation, data, 'dropConstraintsList'))}"


def _drop_constraints_each(relation: Relation, data: Data) -> str:
    return " ".join(f"DROP CONSTRAINT {one}" for one in _listed(relation, data, "dropConstraintsList"))


def _switch(word: str) -> Method:
    return lambda relation, data: f"{word} CONSTRAINT {relation.names.quoted(relation.names.column(data.get('constraintName')))}"


PLAIN: Mapping[str, Method] = {
    "renametable": _rename_table,
    "renamecolumn": _rename_column,
    "addcolumn": _add_column,
    "modifycolumn": _alter_column,
    "addconstraint": _add_constraint,
    "drop": _drop,
}
_MYSQL = {**PLAIN, "modifycolumn": _modify_column}
METHODS: Mapping[str, Mapping[str, Method]] = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "mssql": {
        "renametable": _rename_table_by_call,
        "renamecolumn": _rename_column_by_call,
        "addcolumn": _add_column_once,
        "modifycolumn": _alter_one_column,
        "addconstraint": _add_constraint_once,
        "dropconstraint": _drop_constraints,
        "dropcolumn": _drop_columns,
        "enableconstraint": _switch("CHECK"),
        "disableconstraint": _switch("NOCHECK"),
    },
    "oracle": {
        "renametable": _rename_table,
        "renamecolumn": _rename_column,
        "addcolumn": _add_column_in_brackets,
        "modifycolumn": _modify_in_brackets,
        "addconstraint": _add_constraint_each,
        "dropconstraint": _drop_constraints_each,
        "dropcolumn": _drop_columns_in_brackets,
        "enableconstraint": _switch("ENABLE"),
        "disableconstraint": _switch("DISABLE"),
    },
}
