"""The first tables."""

import sqlalchemy as sa
from alembic import op

from engine import db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "ratchet_definition",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("deployed_at", db.Moment(), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "version"),
    )
    op.create_table(
        "ratchet_document",
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("person", sa.String(length=100), nullable=True),
        sa.Column("created_at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "ratchet_failure",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index("ratchet_failure_of_instance", "ratchet_failure", ["instance_id"], unique=False)
    op.create_table(
        "ratchet_form",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("schema", db.Json, nullable=False),
        sa.Column("deployed_at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", "version"),
    )
    op.create_index("ratchet_form_by_hash", "ratchet_form", ["key", "sha256"], unique=False)
    op.create_table(
        "ratchet_history",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entered_at", db.Moment(), nullable=False),
        sa.Column("left_at", db.Moment(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ratchet_history_of_instance", "ratchet_history", ["instance_id"], unique=False)
    op.create_index("ratchet_history_of_token", "ratchet_history", ["token_id"], unique=False)
    op.create_table(
        "ratchet_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("headers", db.Json, nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("due_at", db.Moment(), nullable=False),
        sa.Column("locked_by", sa.Text(), nullable=True),
        sa.Column("locked_until", db.Moment(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ratchet_job_due", "ratchet_job", ["kind", "due_at"], unique=False)
    op.create_index("ratchet_job_of_instance", "ratchet_job", ["instance_id"], unique=False)
    op.create_table(
        "ratchet_message",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("variables", db.Json, nullable=False),
        sa.Column("reached", db.Json, nullable=False),
        sa.Column("expires_at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ratchet_message_by_key", "ratchet_message", ["name", "key"], unique=False)
    op.create_table(
        "ratchet_person",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("roles", db.Json, nullable=False),
        sa.Column("groups", db.Json, nullable=False),
        sa.Column("serial_number", sa.String(length=100), nullable=True),
        sa.Column("created_at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "ratchet_registry",
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("tables", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("folder"),
    )
    op.create_table(
        "ratchet_signing_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("data", db.Json, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", db.Moment(), nullable=False),
        sa.Column("used_at", db.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "ratchet_submission",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("data", db.Json, nullable=False),
        sa.Column("submitted_at", db.Moment(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("signatory", db.Json, nullable=True),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("ratchet_submission_of_element", "ratchet_submission", ["instance_id", "element_id"], unique=False)
    op.create_table(
        "ratchet_subscription",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("token_id"),
    )
    op.create_index("ratchet_subscription_by_key", "ratchet_subscription", ["name", "key"], unique=False)
    op.create_index("ratchet_subscription_of_instance", "ratchet_subscription", ["instance_id"], unique=False)
    op.create_table(
        "ratchet_task",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("candidate_users", db.Json, nullable=False),
        sa.Column("candidate_groups", db.Json, nullable=False),
        sa.Column("prefill", db.Json, nullable=False),
        sa.Column("draft", db.Json, nullable=True),
        sa.Column("created_at", db.Moment(), nullable=False),
        sa.Column("due_at", db.Moment(), nullable=True),
        sa.Column("follow_up_at", db.Moment(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("completed_at", db.Moment(), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ratchet_task_by_state", "ratchet_task", ["state", "assignee"], unique=False)
    op.create_index("ratchet_task_of_instance", "ratchet_task", ["instance_id"], unique=False)
    op.create_table(
        "ratchet_variable",
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", db.Json, nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "scope", "name"),
    )
    op.create_table(
        "ratchet_warning",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", db.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ratchet_warning_of_instance", "ratchet_warning", ["instance_id"], unique=False)
    op.create_table(
        "ratchet_instance",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tokens", db.Json, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", db.Moment(), nullable=False),
        sa.Column("ended_at", db.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["ratchet_definition.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ratchet_instance_by_key", "ratchet_instance", ["business_key"], unique=False)
    op.create_index("ratchet_instance_of_definition", "ratchet_instance", ["definition_id", "state"], unique=False)
