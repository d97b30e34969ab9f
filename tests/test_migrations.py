"""The migrations make exactly the tables that the code describes, once, on both databases."""

from __future__ import annotations

from threading import Thread

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from engine import core, db, migrations
from engine.db import OWN_PREFIX
from tests.conftest import on_both

assert core  # brings all tables' owners in


def _is_ours(name: str) -> bool:
    return name.startswith(OWN_PREFIX) and name != f"{OWN_PREFIX}version"


@on_both
def test_migrations_and_code_agree(database_url: str) -> None:
    database = db.open_database(database_url)
    migrations.upgrade(database)
    with db.read(database) as tx:
        options = {"include_name": lambda name, kind, _: kind != "table" or _is_ours(name)}
        found = compare_metadata(MigrationContext.configure(tx, opts=options), db.metadata)
    database.dispose()
    assert found == []


@on_both
def test_two_processes_may_upgrade_at_once(database_url: str) -> None:
    databases = [db.open_database(database_url) for _ in range(3)]
    errors: list[Exception] = []

    def upgrade(database: object) -> None:
        try:
            migrations.upgrade(database)  # type: ignore[arg-type]
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=upgrade, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.dispose()
    assert errors == []
