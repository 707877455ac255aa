"""The tables that keep a connection going: jobs and their timing, token chains, people signing in, alerts, request budgets."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    text,
)

from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import ChainState, Priority, Severity

jobs = Table(
    "jobs",
    metadata,
    scope(),
    required("job", Key),
    optional("due_at", Instant),
    optional("again_at", Instant),
    optional("planned_from", Instant),
    optional("asked_at", Instant),
    required("asked_by", Words),
    required("despite", Words),
    required("backfill_from", Words),
    optional("started_at", Instant),
    optional("finished_at", Instant),
    optional("succeeded_at", Instant),
    optional("current_to", Instant),
    required("failures", Integer),
    required("cut_offs", Integer),
    optional("retry_at", Instant),
    required("problem", Words),
    required("outcome", Words),
    optional("paused_at", Instant),
    required("paused_by", Words),
    required("pause_reason", Words),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "job"),
)

token_chains = Table(
    "token_chains",
    metadata,
    scope(),
    required("state", Choice(ChainState)),
    required("generation", RowId),
    required("connected_at", Instant),
    optional("refreshed_at", Instant),
    optional("rotated_at", Instant),
    optional("access_expires_at", Instant),
    optional("refresh_expires_at", Instant),
    optional("hard_expires_at", Instant),
    required("refreshes", RowId),
    required("rotations", RowId),
    required("failures", Integer),
    optional("retry_at", Instant),
    required("problem", Words),
    required("begun_with", Words),
    PrimaryKeyConstraint("connection_id"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    scope(),
    required("ticket_hash", Key),
    optional("state_hash", Key),
    required("session_hash", Key),
    required("redirect_uri", Words),
    required("asked_by", Words),
    required("created_at", Instant),
    optional("opened_at", Instant),
    required("expires_at", Instant),
    optional("used_at", Instant),
    required("outcome", Words),
    PrimaryKeyConstraint("ticket_hash"),
    Index("ux_sign_ins_state", "state_hash", unique=True),
    Index("ix_sign_ins_session", "session_hash"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("kind", Key),
    required("subject", Key),
    required("severity", Choice(Severity)),
    required("message", Words),
    required("raised_at", Instant),
    required("last_seen_at", Instant),
    required("times", Integer),
    optional("cleared_at", Instant),
    Index(
        "ux_alerts_open",
        "connection_id",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)

budgets = Table(
    "budgets",
    metadata,
    required("key", Key),
    optional("quiet_until", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("key"),
)

budget_slots = Table(
    "budget_slots",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    required("key", Key),
    required("at", Double),
    required("batch", Boolean),
    required("priority", Choice(Priority)),
    required("started", Boolean),
    Index("ix_budget_slots_at", "key", "at"),
)

meters = Table(
    "meters",
    metadata,
    scope(),
    required("app_hash", Key),
    required("day", Key),
    required("priority", Choice(Priority)),
    required("reads", RowId),
    required("read_calls", RowId),
    required("writes", RowId),
    required("refused", RowId),
    required("stretch", Double),
    PrimaryKeyConstraint("connection_id", "app_hash", "day", "priority"),
    Index("ix_meters_app", "app_hash", "day"),
)
