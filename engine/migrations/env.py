"""Alembic's entry: it is handed the connection, inside whose transaction the steps run."""

from alembic import context

from engine import db

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=db.metadata,
    version_table=f"{db.OWN_PREFIX}version",
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()
