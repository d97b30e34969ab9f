"""Statements that every step runs: compiled once for each kind of database, then run on the driver's own cursor.

The only place that goes past SQLAlchemy's execution, which costs more than the database itself does. What is prepared is an ordinary Core
statement whose values are all `bindparam`s; types, quoting and the errors that are raised stay SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

Row = dict[str, Any]
_Convert = Callable[[Any], Any] | None


class Prepared:
    """One statement. `rows` and `first` give dicts by column name; `run` writes, once for each set of values."""

    def __init__(self, statement: Any, column_keys: Sequence[str] | None = None):
        self._statement, self._column_keys = statement, column_keys
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Connection, **values: Any) -> list[Row]:
        compiled = self._for(tx.dialect)
        cursor = compiled.execute(tx, [values])
        found = [compiled.row(row) for row in cursor.fetchall()]
        cursor.close()
        return found

    def first(self, tx: Connection, **values: Any) -> Row | None:
        compiled = self._for(tx.dialect)
        cursor = compiled.execute(tx, [values])
        row = cursor.fetchone()
        cursor.close()
        return compiled.row(row) if row is not None else None

    def run(self, tx: Connection, *sets: Mapping[str, Any]) -> int:
        """How many rows were touched, where it ran once."""
        cursor = self._for(tx.dialect).execute(tx, sets)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None or found.dialect is not dialect:
            found = self._compiled[dialect.name] = _Compiled(self._statement, dialect, self._column_keys)
        return found


def say(tx: Connection, text: str) -> None:
    """Run a statement without values or results: a transaction or savepoint begins or ends."""
    with _errors(tx.dialect, text):
        tx.connection.cursor().execute(text)


@contextmanager
def _errors(dialect: Dialect, text: str) -> Iterator[None]:
    """What the driver raises is raised as SQLAlchemy would; the values are not told."""
    known: Any = dialect.loaded_dbapi.Error
    try:
        yield
    except known as error:
        raise DBAPIError.instance(text, None, error, known, hide_parameters=True, dialect=dialect) from error


def insertion(table: Table) -> Prepared:
    """Rows with a value for each column but those that the database numbers itself."""
    names = [column.name for column in table.columns if column.autoincrement is not True]
    return Prepared(insert(table).inline(), names)


class _Compiled:
    """A statement for one dialect, with the conversions of its values and results."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, column_keys: Sequence[str] | None):
        compiled: Any = statement.compile(dialect=dialect, column_keys=column_keys)
        self.dialect, self._text = dialect, str(compiled)
        named = {name: bind for bind, name in compiled.bind_names.items()}
        self._by_position = compiled.positiontup is not None
        self._binds: list[tuple[str, _Convert]] = [
            (name, named[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in compiled.positiontup or named
        ]
        self._fixed = {name: bind.value for name, bind in named.items() if bind.value is not None and not bind.required}
        columns = getattr(statement, "selected_columns", ())
        self._names = [column.key for column in columns]
        self._results: list[_Convert] = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]

    def execute(self, tx: Connection, sets: Sequence[Mapping[str, Any]]) -> Any:
        cursor = tx.connection.cursor()
        given = [self._given(values) for values in sets]
        with _errors(self.dialect, self._text):
            cursor.execute(self._text, given[0]) if len(given) == 1 else cursor.executemany(self._text, given)
        return cursor

    def row(self, values: Sequence[Any]) -> Row:
        read = zip(self._names, self._results, values, strict=True)
        return {name: value if convert is None else convert(value) for name, convert, value in read}

    def _given(self, values: Mapping[str, Any]) -> Any:
        given = {**self._fixed, **values} if self._fixed else values
        if self._by_position:
            return [given[name] if convert is None else convert(given[name]) for name, convert in self._binds]
        return {name: given[name] if convert is None else convert(given[name]) for name, convert in self._binds}


@contextmanager
def _pipeline(tx: Connection) -> Iterator[None]:
    driver: Any = tx.connection.driver_connection
    with driver.pipeline():
        yield


def together(tx: Connection) -> Any:
    """A block of writes that need not wait for each other's answers: one way to the server and back."""
    return _pipeline(tx) if tx.dialect.driver == "psycopg" else nullcontext()
