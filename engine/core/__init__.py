"""The engine's front: what a person or program can do, one method each, one transaction each.

Every verb reads from top to bottom: look up, check, do, save. The verbs of one noun stand in one module; `Engine` is all of them.
`open` builds everything from a `Config`; nothing below knows how.
"""

from __future__ import annotations

from engine import db, migrations
from engine.clock import Clock, SystemClock
from engine.config import Config
from engine.core.clearing import Clearing
from engine.core.decisions import Decisions
from engine.core.factory import DataFactory
from engine.core.instances import Instances
from engine.core.kernel import Unsuccessful
from engine.core.migrating import Migrating, Planned
from engine.core.operations import Operations, Outcome
from engine.core.people import People
from engine.core.user_tasks import Signing, Submitted, TaskForm, UserTasks
from engine.core.vault import Vault
from engine.core.work import Work
from engine.jobs import sides, wakeup
from engine.runtime.deployments import SourceFile

__all__ = ["Engine", "Outcome", "Planned", "Signing", "SourceFile", "Submitted", "TaskForm", "Unsuccessful", "open"]


class Engine(Clearing, Decisions, Instances, Operations, Migrating, UserTasks, Work, DataFactory, People, Vault):
    """One database and everything that runs in it."""


def open(config: Config, clock: Clock | None = None) -> Engine:
    """The engine over a database, brought to the present version of its tables first."""
    database = db.open_database(config.database_url)
    migrations.upgrade(database)
    wakeup.install(database, sides.side_for(database))
    return Engine(database, config, clock or SystemClock())
