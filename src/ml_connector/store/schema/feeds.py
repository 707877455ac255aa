"""The tables of everything that comes in besides invoices: webhook deliveries, notices, polled feeds, Network, extracts."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from ml_connector.store.columns import Choice, Instant, Key, Money, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import (
    DeliveryOutcome,
    ExtractState,
    NetworkState,
    NoticeState,
    RequestState,
    System,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    required("system", Choice(System)),
    required("digest", Key),
    required("envelope", Words),
    required("token_hashes", Words),
    required("content_type", Words),
    required("format", Words),
    required("size", Integer),
    required("outcome", Choice(DeliveryOutcome)),
    required("events", Integer),
    required("problem", Words),
    required("times", Integer),
    required("received_at", Instant),
    required("last_received_at", Instant),
    UniqueConstraint("system", "digest"),
    Index("ix_deliveries_received_at", "received_at"),
)

webhook_forms = Table(
    "webhook_forms",
    metadata,
    scope(),
    required("system", Choice(System)),
    required("form", Key),
    required("pinned_at", Instant),
    PrimaryKeyConstraint("connection_id", "system"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("system", Choice(System)),
    required("event_id", Key),
    Column("delivery_id", RowId, ForeignKey("deliveries.id", ondelete="SET NULL"), nullable=True),
    required("entity", Key),
    required("entity_id", Key),
    required("operation", Words),
    required("merged_id", Words),
    optional("occurred_at", Instant),
    required("received_at", Instant),
    required("state", Choice(NoticeState)),
    required("problem", Words),
    optional("handled_at", Instant),
    UniqueConstraint("connection_id", "system", "event_id"),
    Index("ix_notices_state", "connection_id", "system", "state", "id"),
    Index("ix_notices_newest", "connection_id", "system", "id"),
    Index("ix_notices_record", "connection_id", "system", "entity", "entity_id"),
    Index("ix_notices_delivery", "delivery_id"),
)

cursors = Table(
    "cursors",
    metadata,
    scope(),
    required("feed", Key),
    required("cursor", Words),
    required("moved_at", Instant),
    PrimaryKeyConstraint("connection_id", "feed"),
)

copies = Table(
    "copies",
    metadata,
    scope(),
    required("feed", Key),
    required("external_id", Key),
    required("inbox_id", RowId),
    required("content_hash", Key),
    required("last_updated", Words),
    required("acknowledged", Boolean),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "feed", "external_id"),
    Index("ix_copies_acknowledged", "connection_id", "feed", "acknowledged"),
)

requests = Table(
    "requests",
    metadata,
    scope(),
    required("id", Key),
    required("request_id", Key),
    required("entity_type", Words),
    required("subject", Key),
    required("state", Choice(RequestState)),
    required("problem", Words),
    required("asked", Integer),
    optional("next_at", Instant),
    required("sent_at", Instant),
    optional("settled_at", Instant),
    required("acknowledged", Boolean),
    PrimaryKeyConstraint("connection_id", "id"),
    Index("ix_requests_state", "connection_id", "state", "sent_at", "id"),
    Index("ix_requests_request_id", "connection_id", "request_id"),
    Index("ix_requests_subject", "connection_id", "subject"),
)

request_outcomes = Table(
    "request_outcomes",
    metadata,
    scope(),
    required("request_id", Key),
    required("system", Key),
    required("external_code", Key),
    required("entity_type", Words),
    required("status", Words),
    required("category", Words),
    required("problem", Words),
    required("source", Words),
    required("last_updated", Words),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "request_id", "system", "external_code"),
)

network_documents = Table(
    "network_documents",
    metadata,
    scope(),
    required("bum_id", Key),
    required("kind", Words),
    required("number", Words),
    required("supplier_name", Words),
    required("order_number", Words),
    required("currency", Words),
    optional("total", Money),
    required("issue_date", Words),
    required("state", Choice(NetworkState)),
    required("inbox_id", RowId),
    optional("invoice_id", Key),
    required("matched_by", Words),
    required("problem", Words),
    required("tries", Integer),
    optional("confirmed_at", Instant),
    required("received_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "bum_id"),
    Index("ix_network_documents_state", "connection_id", "state"),
)

network_files = Table(
    "network_files",
    metadata,
    scope(),
    required("bum_id", Key),
    required("ref_id", Key),
    required("file_type", Words),
    required("name", Words),
    required("content_type", Words),
    required("size", Integer),
    required("digest", Words),
    optional("content", LargeBinary),
    required("problem", Words),
    PrimaryKeyConstraint("connection_id", "bum_id", "ref_id"),
)

extracts = Table(
    "extracts",
    metadata,
    scope(),
    required("extract_id", Key),
    required("name", Words),
    required("kind", Words),
    required("start_date", Words),
    required("end_date", Words),
    optional("as_of", Instant),
    required("state", Choice(ExtractState)),
    required("files", Integer),
    required("rows", Integer),
    required("problem", Words),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "extract_id"),
)

extract_files = Table(
    "extract_files",
    metadata,
    scope(),
    required("extract_id", Key),
    required("file_name", Key),
    required("table_name", Words),
    required("downloads", Integer),
    required("size", RowId),
    required("digest", Words),
    required("rows", Integer),
    optional("loaded_at", Instant),
    PrimaryKeyConstraint("connection_id", "extract_id", "file_name"),
)

extract_rows = Table(
    "extract_rows",
    metadata,
    scope(),
    required("table_name", Key),
    required("key", Key),
    required("payload", Words),
    required("extract_id", Key),
    optional("as_of", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "table_name", "key"),
)
