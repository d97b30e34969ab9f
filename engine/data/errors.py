"""The only place for the data factory's error codes, and for what a database's refusal means among them.

The codes, their HTTP status and the shape of `details` are the contract that models and REST clients rely on.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError

from engine.errors import Refused
from engine.expressions.json_text import written

STATUS = {
    "CLIENT_ERROR": 400,
    "CSV_ENCODING_ERROR": 400,
    "CSV_PARSING_ERROR": 400,
    "FILE_NOT_FOUND": 400,
    "HEADERS_ARE_MISSING": 400,
    "INVALID_HEADER_VALUE": 400,
    "METHOD_ARGUMENT_TYPE_MISMATCH": 400,
    "AUTHENTICATION_FAILED": 401,
    "FORBIDDEN_OPERATION": 403,
    "JWT_INVALID": 403,
    "JWT_EXPIRED": 403,
    "NOT_FOUND": 404,
    "CONSTRAINT_ERROR": 409,
    "PRECONDITION_FAILED": 412,
    "SIGNATURE_VIOLATION": 412,
    "CSV_VALIDATION_ERROR": 422,
    "LIST_SIZE_VALIDATION_ERROR": 422,
    "VALIDATION_ERROR": 422,
    "FILE_WAS_CHANGED": 500,
    "RUNTIME_ERROR": 500,
    "PROCEDURE_ERROR": 500,
    "THIRD_PARTY_SERVICE_UNAVAILABLE": 500,
}


class DataError(Refused):
    """The data factory refused a request: `code` and `details` are its contract, `status` the HTTP status that goes with the code."""

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None, **facts: Any):
        super().__init__(message, **facts)
        self.code = code
        self.status = STATUS[code]
        self.details = details

    @property
    def fields(self) -> dict[str, list[str]]:
        """The messages by field path, as a form shows them; empty unless this is about fields."""
        found: dict[str, list[str]] = {}
        for error in (self.details or {}).get("errors", []):
            found.setdefault(error["field"], []).append(error["message"])
        return found


class FieldError(NamedTuple):
    """One field that cannot be taken: where it is in the payload, what was given, and why not."""

    field: str
    value: Any
    message: str


def invalid(errors: Iterable[FieldError], code: str = "VALIDATION_ERROR") -> DataError:
    """VALIDATION_ERROR for these fields; each value is told as text, as the contract has it."""
    listed = [{"value": _told(e.value), "field": e.field, "message": e.message} for e in errors]
    told = "; ".join(f"{e['field']}: {e['message']}" for e in listed)
    return DataError(code, f"Some fields need correcting: {told}", {"errors": listed})


def unbound(errors: Iterable[FieldError]) -> DataError:
    """CLIENT_ERROR for fields of a query that cannot be read."""
    return invalid(errors, "CLIENT_ERROR")


def _told(value: Any) -> str | None:
    return value if isinstance(value, str | None) else written(value)


_CONSTRAINTS = {
    "not null": "a field that must not be empty is empty",
    "foreign key": "it refers to a record that does not exist, or a record that others refer to would disappear",
    "unique": "there is a record with the same value already",
    "check": "a value is outside what the table allows",
    "exclusion": "it overlaps a record that exists",
    "integrity": "it breaks a rule of the table",
    "restrict": "other records refer to this one",
}

_SQLITE = {
    "SQLITE_CONSTRAINT_NOTNULL": "not null",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key",
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_ROWID": "unique",
    "SQLITE_CONSTRAINT_CHECK": "check",
    "SQLITE_CONSTRAINT_DATATYPE": "check",
    "SQLITE_CONSTRAINT": "integrity",
}

_SQLSTATE = {
    "23502": "not null",
    "23503": "foreign key",
    "23505": "unique",
    "23514": "check",
    "23P01": "exclusion",
    "23000": "integrity",
    "23001": "restrict",
}

_OTHER_STATES = {
    "42501": ("FORBIDDEN_OPERATION", "The database does not permit this on table {table}."),
    "20003": ("FORBIDDEN_OPERATION", "The database does not permit this on table {table}."),
    "20002": ("PROCEDURE_ERROR", "The database refused the change of table {table}: {text}"),
    "P0001": ("PROCEDURE_ERROR", "The database refused the change of table {table}: {text}"),
    "SQLITE_CONSTRAINT_TRIGGER": ("PROCEDURE_ERROR", "The database refused the change of table {table}: {text}"),
}

_UNREADABLE_VALUE = "22"


def from_database(error: DBAPIError, table: str) -> DataError | None:
    """What the contract calls a database's refusal; None for a failure that is not about the data (a lost connection, a lock).

    A CONSTRAINT_ERROR has the fact `columns`: the SQL names of the columns that the database blames, empty where it names none.
    """
    raw = error.orig
    state, text = _state(raw), str(raw).splitlines()[0]
    constraint = _SQLITE.get(state) or _SQLSTATE.get(state)
    if "FOREIGN KEY constraint failed" in text:
        constraint = "foreign key"
    if constraint:
        message = f"Table {table} does not accept this ({constraint}): {_CONSTRAINTS[constraint]}. The database says: {text}"
        return DataError("CONSTRAINT_ERROR", message, {"constraint": constraint}, table=table, columns=_columns(raw))
    if state in _OTHER_STATES:
        code, message = _OTHER_STATES[state]
        return DataError(code, message.format(table=table, text=text), table=table)
    if len(state) == 5 and state.startswith(_UNREADABLE_VALUE):
        return invalid([FieldError(table, None, text)])
    return None


_BLAMED = re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (?P<sqlite>[^\n]+)|Key \((?P<postgresql>[^)]+)\)=")


def _columns(raw: BaseException | None) -> list[str]:
    """SQLite names columns in its message ("t.a, t.b"), PostgreSQL in its diagnosis, or in the detail "Key (a, b)=(…)"."""
    diagnosis = getattr(raw, "diag", None)
    if diagnosis and diagnosis.column_name:
        return [diagnosis.column_name]
    found = _BLAMED.search((diagnosis.message_detail or "") if diagnosis else str(raw))
    listed = (found["sqlite"] or found["postgresql"]).split(", ") if found else []
    return [name.rpartition(".")[2] for name in listed]


def _state(raw: BaseException | None) -> str:
    """PostgreSQL's five-character SQLSTATE, or SQLite's name of the extended result code."""
    name = raw.sqlite_errorname if isinstance(raw, sqlite3.Error) else getattr(raw, "sqlstate", None)
    return name or ""
