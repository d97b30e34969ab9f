"""Who wakes up when a job is due: a port of three methods with two sides. The table `ratchet_job` is the truth; a side only brings its
jobs to the engine's verb `run_job`, once or more often, which does each of them once.

The side is installed on the database that it serves, so that whoever writes a job there tells it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection
from sqlalchemy import Engine as Database

from engine.clock import Clock

if TYPE_CHECKING:
    from engine.jobs.table import Job

_OPTION = "ratchet_wakeup"


class Runner(Protocol):
    """The engine, as far as a side needs it."""

    database: Database
    clock: Clock

    def run_job(self, job_id: str) -> bool:
        """Do a job when it is due; whether something was done. Raises only when the database is lost."""
        ...


class Wakeup(Protocol):
    """A side of the port."""

    def deferred(self, tx: Connection, jobs: Sequence[Job]) -> None:
        """Jobs of ours were written, on this transaction."""
        ...

    def run(self, engine: Runner, concurrency: int = 1) -> None:
        """Bring what is due to the engine, so many jobs at a time, until `stop`; then finish what is in hand."""
        ...

    def stop(self) -> None:
        """Let `run` come to its end; from any thread, also before it began."""
        ...


def install(database: Database, side: Wakeup) -> None:
    """From now on tell this side of the jobs that are written to the database."""
    database.update_execution_options(**{_OPTION: side})


def installed(database: Database) -> Wakeup | None:
    found: Wakeup | None = database.get_execution_options().get(_OPTION)
    return found


def tell(tx: Connection, jobs: Sequence[Job]) -> None:
    """Tell whoever wakes up here of jobs that were written."""
    side: Wakeup | None = tx.get_execution_options().get(_OPTION)
    if side is not None and jobs:
        side.deferred(tx, jobs)
