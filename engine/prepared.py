"""Statements that every step runs: compiled once for each kind of database, then run on the driver's own cursor.

The only place that goes past SQLAlchemy's execution, which costs more than the database itself does. What is prepared is an ordinary Core
statement whose values are all `bindparam`s; types, quoting and the errors that are raised stay SQLAlchemy's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Insert, Table, Update, bindparam, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

Row = dict[str, Any]
MOST_AT_ONCE, MOST_JOINED, MOST_VALUES = 32, 16, 1000
_BATCH = "ratchet_batch"
_JOINING = frozenset({"psycopg"})  # drivers of servers to which each statement is a way of its own
_PLACE = re.compile(r"\$(\d+)")
_Convert = Callable[[Any], Any] | None


class Prepared:
    """One statement. `rows` and `first` give dicts by column name; `run` writes, once for each set of values.

    `kept` says that a server may keep it prepared, too: not where a model may alter the table.
    """

    def __init__(self, statement: Any, column_keys: Sequence[str] | None = None, kept: bool = True):
        self._statement, self._column_keys, self._kept = statement, column_keys, kept
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Connection, **values: Any) -> list[Row]:
        return self.ask(tx, **values).rows()

    def first(self, tx: Connection, **values: Any) -> Row | None:
        return self.ask(tx, **values).first()

    def ask(self, tx: Connection, **values: Any) -> Answer:
        """The same in two steps: within `together` the answer is waited for only when it is read."""
        compiled = self._for(tx.dialect)
        return Answer(compiled, compiled.execute(tx, [values]))

    def run(self, tx: Connection, *sets: Mapping[str, Any]) -> int:
        """How many rows were touched, where it ran once; within `in_one` that is not known."""
        compiled = self._for(tx.dialect)
        if compiled.joins and _BATCH in tx.info:
            tx.info[_BATCH] += [(compiled, compiled.given(values)) for values in sets]
            return -1
        _send(tx)
        cursor = compiled.execute(tx, sets)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None or found.dialect is not dialect:
            found = self._compiled[dialect.name] = _Compiled(self._statement, dialect, self._column_keys, self._kept)
        return found


@lru_cache(maxsize=512)
def for_model(statement: Any) -> Prepared:
    """A statement on a model's own tables, which is built once and handed over again."""
    return Prepared(statement, kept=False)


class Answer:
    """The rows that a statement gave, to be read once."""

    def __init__(self, compiled: _Compiled, cursor: Any):
        self._compiled, self._cursor = compiled, cursor

    def rows(self) -> list[Row]:
        found = [self._compiled.row(row) for row in self._cursor.fetchall()]
        self._cursor.close()
        return found

    def first(self) -> Row | None:
        row = self._cursor.fetchone()
        self._cursor.close()
        return self._compiled.row(row) if row is not None else None


def say(tx: Connection, text: str) -> None:
    """Run a statement without values or results: a transaction or savepoint begins or ends."""
    cursor = tx.connection.cursor()
    try:
        cursor.execute(text)
    except _driver(tx.dialect) as error:
        raise _as_sqlalchemy(tx.dialect, text, error) from error
    finally:
        cursor.close()  # see `_Compiled.execute`


def _driver(dialect: Dialect) -> type[Exception]:
    """What the driver's errors have in common."""
    found: Any = dialect.loaded_dbapi
    return found.Error  # type: ignore[no-any-return]


def _as_sqlalchemy(dialect: Dialect, text: str, error: Exception) -> BaseException:
    """A driver's error as SQLAlchemy would raise it; the values are not told."""
    return DBAPIError.instance(text, None, error, _driver(dialect), hide_parameters=True, dialect=dialect)


class Insertion:
    """Rows with a value for each column but those that the database numbers itself."""

    def __init__(self, table: Table):
        self._table = table
        self._columns = [column for column in table.columns if column.autoincrement is not True]
        self._one = Prepared(insert(table).inline(), [column.name for column in self._columns])
        self._many: dict[int, Prepared] = {}

    def run(self, tx: Connection, *rows: Mapping[str, Any]) -> None:
        """Where each statement is a message to a server, some rows are one statement."""
        if tx.dialect.driver != "psycopg" or not 1 < len(rows) <= MOST_AT_ONCE:
            self._one.run(tx, *rows)
            return
        if len(rows) not in self._many:
            self._many[len(rows)] = Prepared(insert(self._table).inline().values([self._row(number) for number in range(len(rows))]))
        self._many[len(rows)].run(tx, {f"{name}__{number}": value for number, row in enumerate(rows) for name, value in row.items()})

    def _row(self, number: int) -> dict[str, Any]:
        return {column.name: bindparam(f"{column.name}__{number}", type_=column.type) for column in self._columns}


def _converter(type: TypeEngine[Any], dialect: Dialect) -> _Convert:
    """How a value is given to the driver; the last moment is remembered, for a verb writes the same one many times."""
    convert: _Convert = type.dialect_impl(dialect).bind_processor(dialect)
    if convert is None or not isinstance(getattr(type, "impl", type), DateTime):
        return convert
    last: tuple[Any, Any] = (None, convert(None))

    def remembering(value: Any) -> Any:
        nonlocal last
        known, given = last
        if known is not value:
            given = convert(value)
            last = value, given
        return given

    return remembering


class _Compiled:
    """A statement for one dialect, with the conversions of its values and results."""

    def __init__(self, statement: ClauseElement, dialect: Dialect, column_keys: Sequence[str] | None, kept: bool):
        style, self._cursor, options = _WAYS.get(dialect.driver, _COMMON)
        self._options = options if kept else {}
        positional: Any = type(dialect)
        compiled: Any = statement.compile(dialect=positional(paramstyle=style), column_keys=column_keys)
        self.dialect, self._text, self._error = dialect, str(compiled), _driver(dialect)
        self.joins = dialect.driver in _JOINING and isinstance(statement, (Insert, Update))
        named = {name: bind for bind, name in compiled.bind_names.items()}
        self._order: list[str] = compiled.positiontup
        self._converted = _needed(_converter(named[name].type, dialect) for name in self._order)
        self._fixed = {name: bind.value for name, bind in named.items() if bind.value is not None and not bind.required}
        columns = getattr(statement, "selected_columns", ())
        self._names = [column.key for column in columns]
        self._read = _needed(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)

    def text_from(self, place: int) -> tuple[str, int]:
        """The statement with its placeholders numbered on from a place, and the place after them."""
        return _PLACE.sub(lambda found: f"${place + int(found[1])}", self._text), place + len(self._order)

    def execute(self, tx: Connection, sets: Sequence[Mapping[str, Any]]) -> Any:
        cursor = self._cursor(tx.connection)
        given = [self.given(values) for values in sets]
        try:
            cursor.execute(self._text, given[0], **self._options) if len(given) == 1 else cursor.executemany(self._text, given)
        except self._error as error:
            # an error keeps its frames, and so the cursor, in a circle: left open, it would be collected in any thread, which then waits
            # for this connection while this one may wait for the lock that thread holds
            cursor.close()
            raise _as_sqlalchemy(self.dialect, self._text, error) from error
        return cursor

    def row(self, values: Sequence[Any]) -> Row:
        row = dict(zip(self._names, values, strict=True))
        for number, convert in self._read:
            row[self._names[number]] = convert(values[number])
        return row

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        named = {**self._fixed, **values} if self._fixed else values
        given = [named[name] for name in self._order]
        for number, convert in self._converted:
            given[number] = convert(given[number])
        return given


def _needed(converts: Iterable[_Convert]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Those of some conversions that are any, with their places."""
    return [(number, convert) for number, convert in enumerate(converts) if convert is not None]


def _psycopg_cursor(connection: Any) -> Any:
    """One that takes the server's own placeholders and reads no text of ours."""
    from psycopg import RawCursor  # comes with the extra [postgres]

    return RawCursor(connection.driver_connection)


_Way = tuple[Any, Callable[[Any], Any], dict[str, Any]]
_COMMON: _Way = ("qmark", lambda connection: connection.cursor(), {})
_WAYS: dict[str, _Way] = {"psycopg": ("numeric_dollar", _psycopg_cursor, {"prepare": True})}


@contextmanager
def _pipeline(tx: Connection) -> Iterator[None]:
    driver: Any = tx.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except _driver(tx.dialect) as error:
        raise _as_sqlalchemy(tx.dialect, "several statements", error) from error


def in_one(tx: Connection) -> Any:
    """A block of inserts and updates of different rows, which a server is given as one statement where that saves ways to it and back."""
    return _joined(tx) if tx.dialect.driver in _JOINING else nullcontext()


@contextmanager
def _joined(tx: Connection) -> Iterator[None]:
    tx.info[_BATCH] = []
    try:
        yield
        _send(tx)
    finally:
        del tx.info[_BATCH]


def _send(tx: Connection) -> None:
    """Run what has been collected: each as a part of the last one's WITH, as far as one statement takes values."""
    collected = tx.info.get(_BATCH)
    while collected:
        count = _fitting(collected)
        batch, collected[:count] = collected[:count], []
        text, values = _with(tuple(compiled for compiled, _ in batch)), [value for _, given in batch for value in given]
        try:
            _psycopg_cursor(tx.connection).execute(text, values, prepare=True)
        except _driver(tx.dialect) as error:
            raise _as_sqlalchemy(tx.dialect, text, error) from error


def _fitting(collected: list[tuple[_Compiled, list[Any]]]) -> int:
    values = 0
    for number, (_, given) in enumerate(collected[:MOST_JOINED]):
        values += len(given)
        if values > MOST_VALUES:
            return max(number, 1)
    return min(len(collected), MOST_JOINED)


@lru_cache(maxsize=1024)
def _with(batch: tuple[_Compiled, ...]) -> str:
    """`WITH s0 AS (…), s1 AS (…) …`, the placeholders numbered through."""
    texts, place = [], 0
    for compiled in batch:
        text, place = compiled.text_from(place)
        texts.append(text)
    named = ", ".join(f"s{number} AS ({text})" for number, text in enumerate(texts[:-1]))
    return f"WITH {named} {texts[-1]}" if named else texts[-1]


def together(tx: Connection) -> Any:
    """A block of statements that need not wait for each other's answers: one way to the server and back.

    What fails is told when the block ends, or when an answer is read.
    """
    return _pipeline(tx) if tx.dialect.driver == "psycopg" else nullcontext()
