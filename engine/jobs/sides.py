"""The only place that decides which side of the wake-up port serves a database."""

from __future__ import annotations

from importlib.util import find_spec

from sqlalchemy import Engine as Database

from engine.jobs.embedded import Embedded
from engine.jobs.wakeup import Wakeup


def side_for(database: Database) -> Wakeup:
    """Procrastinate on PostgreSQL, with its tables at its present version; elsewhere, and where it is not installed, threads."""
    if (database.dialect.name, database.dialect.driver) == ("postgresql", "psycopg") and find_spec("procrastinate"):
        from engine.jobs.procrastinate import Procrastinate, prepare

        prepare(database)
        return Procrastinate()
    return Embedded()
