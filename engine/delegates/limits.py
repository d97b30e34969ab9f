"""The only place that ends statements which take too long, as each database does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection

STEPS_BETWEEN_LOOKS = 10_000


def limited(tx: Connection, seconds: float | None) -> AbstractContextManager[None]:
    """Within this, a statement on `tx` that takes longer fails with the database's own error; None: no limit."""
    way = _WAYS.get(tx.dialect.name)
    return way(tx, seconds) if way is not None and seconds else nullcontext()


@contextmanager
def _postgresql(tx: Connection, seconds: float) -> Iterator[None]:
    before = tx.exec_driver_sql("SHOW statement_timeout").scalar_one()
    _set_postgresql(tx, f"{max(int(seconds * 1000), 1)}ms")
    yield  # after a failure the savepoint or the transaction around takes it back
    _set_postgresql(tx, str(before))


def _set_postgresql(tx: Connection, value: str) -> None:
    tx.exec_driver_sql("SELECT set_config('statement_timeout', %s, true)", (value,))


@contextmanager
def _mysql(tx: Connection, seconds: float) -> Iterator[None]:
    """MariaDB limits every statement, MySQL only those that read."""
    known = getattr(tx.dialect, "is_mariadb", False)
    name, value = ("max_statement_time", f"{seconds:.3f}") if known else ("max_execution_time", str(max(int(seconds * 1000), 1)))
    tx.exec_driver_sql(f"SET SESSION {name} = {value}")
    try:
        yield
    finally:
        if not tx.invalidated:
            tx.exec_driver_sql(f"SET SESSION {name} = DEFAULT")


@contextmanager
def _sqlite(tx: Connection, seconds: float) -> Iterator[None]:
    raw: Any = tx.connection.driver_connection
    end = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _by_attribute(name: str, scale: int) -> Callable[[Connection, float], AbstractContextManager[None]]:
    @contextmanager
    def limit(tx: Connection, seconds: float) -> Iterator[None]:
        raw: Any = tx.connection.driver_connection
        setattr(raw, name, max(int(seconds * scale), 1))
        try:
            yield
        finally:
            setattr(raw, name, 0)

    return limit


_WAYS: dict[str, Callable[[Connection, float], AbstractContextManager[None]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mysql,
    "sqlite": _sqlite,
    "mssql": _by_attribute("timeout", 1),
    "oracle": _by_attribute("call_timeout", 1000),
}
