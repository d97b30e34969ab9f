"""The tables of Ratchet itself, version by version (Alembic). The registry's tables are not ours: `engine.data` looks after them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from engine import db

HEAD = "0002"
HERE = Path(__file__).parent


def upgrade(database: Engine) -> None:
    """Bring the tables to the present version; several processes may start at once."""
    with db.read(database) as tx:
        current = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE}).get_current_revision()
    if current == HEAD:
        return
    config = Config()
    config.set_main_option("script_location", str(HERE))
    with db.begin(database) as tx:
        db.one_at_a_time(tx, MIGRATING)
        config.attributes["connection"] = tx
        command.upgrade(config, "head")


VERSION_TABLE = f"{db.OWN_PREFIX}version"
MIGRATING = 7282438
