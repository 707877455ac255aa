"""What keeps connections going: jobs, token chains, sign-ins, alerts, budgets; and what comes in by webhook and poll."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
_MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables; to connections who paused them and why; to the cached records what tells a deleted one and the newest one."""
    _books()
    op.add_column("connections", sa.Column("paused_at", _INSTANT, nullable=True))
    op.add_column("connections", sa.Column("paused_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("connections", sa.Column("pause_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("connections", sa.Column("setup_since", _INSTANT, nullable=True))
    op.add_column("mapping_versions", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("bum_id", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_documents_bum_id", "documents", ["connection_id", "bum_id"])
    _connecting()
    _feeds()


def _books() -> None:
    op.add_column("books", sa.Column("version", _COUNT, nullable=False, server_default="0"))
    op.add_column("books", sa.Column("deleted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("books", sa.Column("merged_into", sa.Text(), nullable=False, server_default=""))
    op.add_column("books", sa.Column("last_updated", sa.Text(), nullable=False, server_default=""))
    op.add_column("books", sa.Column("as_of", _INSTANT, nullable=True))
    op.add_column("book_cursors", sa.Column("progress", sa.Text(), nullable=False, server_default=""))
    op.add_column("book_cursors", sa.Column("problem", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "own_writes",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "entity", "quickbooks_id", "sync_token", name="pk_own_writes"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_own_writes_connection_id", ondelete="RESTRICT"
        ),
    )


def _connecting() -> None:
    op.create_table(
        "jobs",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("again_at", _INSTANT, nullable=True),
        sa.Column("planned_from", _INSTANT, nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("despite", sa.Text(), nullable=False),
        sa.Column("backfill_from", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("succeeded_at", _INSTANT, nullable=True),
        sa.Column("current_to", _INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("cut_offs", sa.Integer(), nullable=False),
        sa.Column("retry_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("paused_at", _INSTANT, nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "job", name="pk_jobs"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_jobs_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "token_chains",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("generation", _COUNT, nullable=False),
        sa.Column("connected_at", _INSTANT, nullable=False),
        sa.Column("refreshed_at", _INSTANT, nullable=True),
        sa.Column("rotated_at", _INSTANT, nullable=True),
        sa.Column("access_expires_at", _INSTANT, nullable=True),
        sa.Column("refresh_expires_at", _INSTANT, nullable=True),
        sa.Column("hard_expires_at", _INSTANT, nullable=True),
        sa.Column("refreshes", _COUNT, nullable=False),
        sa.Column("rotations", _COUNT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("begun_with", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name="pk_token_chains"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_token_chains_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "sign_ins",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("ticket_hash", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=True),
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_hash", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_sign_ins_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ux_sign_ins_state", "sign_ins", ["state_hash"], unique=True)
    op.create_index("ix_sign_ins_session", "sign_ins", ["session_hash"])
    op.create_table(
        "alerts",
        sa.Column("id", _COUNT, autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("raised_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("cleared_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_alerts_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index(
        "ux_alerts_open",
        "alerts",
        ["connection_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "budgets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("quiet_until", _INSTANT, nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_budgets"),
    )
    op.create_table(
        "budget_slots",
        sa.Column("id", _COUNT, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("batch", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("started", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_slots"),
    )
    op.create_index("ix_budget_slots_at", "budget_slots", ["key", "at"])
    op.create_table(
        "meters",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("app_hash", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("reads", _COUNT, nullable=False),
        sa.Column("read_calls", _COUNT, nullable=False),
        sa.Column("writes", _COUNT, nullable=False),
        sa.Column("refused", _COUNT, nullable=False),
        sa.Column("stretch", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "app_hash", "day", "priority", name="pk_meters"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_meters_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_meters_app", "meters", ["app_hash", "day"])


def _feeds() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", _COUNT, autoincrement=True, nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("token_hashes", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("last_received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("system", "digest", name="uq_deliveries_system_digest"),
    )
    op.create_index("ix_deliveries_received_at", "deliveries", ["received_at"])
    op.create_table(
        "webhook_forms",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("pinned_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "system", name="pk_webhook_forms"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_webhook_forms_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "notices",
        sa.Column("id", _COUNT, autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", _COUNT, nullable=True),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("merged_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", _INSTANT, nullable=True),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("handled_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("connection_id", "system", "event_id", name="uq_notices_connection_id_system_event_id"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_notices_connection_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_notices_delivery_id", ondelete="SET NULL"),
    )
    op.create_index("ix_notices_delivery", "notices", ["delivery_id"])
    op.create_index("ix_notices_newest", "notices", ["connection_id", "system", "id"])
    op.create_index("ix_notices_record", "notices", ["connection_id", "system", "entity", "entity_id"])
    op.create_index("ix_notices_state", "notices", ["connection_id", "system", "state", "id"])
    op.create_table(
        "cursors",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("moved_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "feed", name="pk_cursors"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_cursors_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "copies",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("inbox_id", _COUNT, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("last_updated", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "feed", "external_id", name="pk_copies"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_copies_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_copies_acknowledged", "copies", ["connection_id", "feed", "acknowledged"])
    op.create_table(
        "requests",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "id", name="pk_requests"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_requests_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_requests_request_id", "requests", ["connection_id", "request_id"])
    op.create_index("ix_requests_state", "requests", ["connection_id", "state", "sent_at", "id"])
    op.create_index("ix_requests_subject", "requests", ["connection_id", "subject"])
    op.create_table(
        "request_outcomes",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("last_updated", sa.Text(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "request_id", "system", "external_code", name="pk_request_outcomes"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_request_outcomes_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "network_documents",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("bum_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier_name", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", _MONEY, nullable=True),
        sa.Column("issue_date", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("inbox_id", _COUNT, nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("matched_by", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "bum_id", name="pk_network_documents"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_network_documents_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_network_documents_state", "network_documents", ["connection_id", "state"])
    op.create_table(
        "network_files",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("bum_id", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Text(), nullable=False),
        sa.Column("file_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "bum_id", "ref_id", name="pk_network_files"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_network_files_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "extracts",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("extract_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Text(), nullable=False),
        sa.Column("end_date", sa.Text(), nullable=False),
        sa.Column("as_of", _INSTANT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "extract_id", name="pk_extracts"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_extracts_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "extract_files",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("extract_id", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("size", _COUNT, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "extract_id", "file_name", name="pk_extract_files"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_extract_files_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "extract_rows",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("extract_id", sa.Text(), nullable=False),
        sa.Column("as_of", _INSTANT, nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "table_name", "key", name="pk_extract_rows"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_extract_rows_connection_id", ondelete="RESTRICT"
        ),
    )
