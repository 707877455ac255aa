"""The registry of connections with their secrets and leases, and what is kept of everything done for them: audit, calls."""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import (
    ConnectionState,
    System,
)

connections = Table(
    "connections",
    metadata,
    Column("id", Key, primary_key=True),
    required("name", Key),
    required("state", Choice(ConnectionState)),
    required("state_reason", Words),
    required("settings", Words),
    required("realm_hash", Key),
    required("company_code", Key),
    required("created_at", Instant),
    required("updated_at", Instant),
    optional("paused_at", Instant),
    required("paused_by", Words),
    required("pause_reason", Words),
    optional("setup_since", Instant),
    UniqueConstraint("name"),
    Index(
        "ux_connections_companies",
        "realm_hash",
        "company_code",
        unique=True,
        sqlite_where=text("realm_hash <> ''"),
        postgresql_where=text("realm_hash <> ''"),
    ),
)

secrets = Table(
    "secrets",
    metadata,
    scope(),
    required("field", Key),
    required("envelope", Words),
    required("version", Integer),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "field"),
)

leases = Table(
    "leases",
    metadata,
    scope(),
    required("name", Key),
    required("holder", Words),
    required("fence", RowId),
    required("until", Instant),
    PrimaryKeyConstraint("connection_id", "name"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("at", Instant),
    required("actor", Words),
    required("action", Words),
    required("subject", Key),
    required("before", Words),
    required("after", Words),
    required("reason", Words),
    required("request_id", Words),
    required("trace", Words),
    Index("ix_audit_subject", "connection_id", "subject", "id"),
    Index("ix_audit_newest", "connection_id", "id"),
    Index("ix_audit_actor", "connection_id", "actor", "id"),
    Index("ix_audit_action", "connection_id", "action", "id"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("at", Instant),
    required("system", Choice(System)),
    required("method", Words),
    required("path", Words),
    required("status", Integer),
    required("trace", Words),
    required("request_id", Words),
    required("milliseconds", Integer),
    Index("ix_calls_newest", "connection_id", "id"),
    Index("ix_calls_request", "connection_id", "request_id"),
)
