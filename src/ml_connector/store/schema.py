"""The tables, in one place. Every one but the registry of connections is scoped to a connection, by foreign key.

`migrations/` holds the same as steps; a test keeps the two equal. Nothing here says what a state means to the business:
the modules beside this one do.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ml_connector.model.holds import Hold
from ml_connector.model.mapping import Condition, Dimension
from ml_connector.model.postings import Decision
from ml_connector.store.columns import Choice, Instant, Json, Key, Money, RowId, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class ConnectionState(StrEnum):
    """Whether a connection works: `sign-in needed` waits for a person at QuickBooks, `paused` for the one who paused it."""

    ACTIVE = "active"
    SIGN_IN_NEEDED = "sign-in needed"
    PAUSED = "paused"


class DocumentState(StrEnum):
    """How far an invoice has come, from its arrival to Basware's being told."""

    RECEIVED = "received"
    HELD = "held"
    VENDOR_PENDING = "vendor pending"
    POSTING = "posting"
    POSTED = "posted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    IGNORED = "ignored"


class System(StrEnum):
    """The system an intent writes to."""

    QUICKBOOKS = "quickbooks"
    BASWARE = "basware"


class Operation(StrEnum):
    """What an intent does there."""

    CREATE = "create"
    UPDATE = "update"
    CREATE_VENDOR = "create vendor"
    TRANSFER_RESPONSE = "transfer response"


WRITES = frozenset({Operation.CREATE, Operation.UPDATE})
"""The operations that make or change a document's transaction."""


class IntentState(StrEnum):
    """How far a write has come. `unclear`: it was sent and no answer ever came; only a look-up or a replay may settle it."""

    PROPOSED = "proposed"
    READY = "ready"
    SENDING = "sending"
    UNCLEAR = "unclear"
    DONE = "done"
    REFUSED = "refused"


class BatchState(StrEnum):
    """How far one call with several intents has come."""

    SENDING = "sending"
    UNCLEAR = "unclear"
    DONE = "done"


def _scope() -> Column[str]:
    return Column("connection_id", Key, ForeignKey("connections.id", ondelete="RESTRICT"), nullable=False)


def _required(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


connections = Table(
    "connections",
    metadata,
    Column("id", Key, primary_key=True),
    _required("name", Key),
    _required("state", Choice(ConnectionState)),
    _required("state_reason", Words),
    _required("settings", Words),
    _required("realm_hash", Key),
    _required("company_code", Key),
    _required("created_at", Instant),
    _required("updated_at", Instant),
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
    _scope(),
    _required("field", Key),
    _required("envelope", Words),
    _required("version", Integer),
    _required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "field"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _scope(),
    _required("feed", Key),
    _required("external_id", Key),
    _required("content_hash", Key),
    _required("last_updated", Key),
    _required("payload", Words),
    _required("problem", Words),
    _required("received_at", Instant),
    UniqueConstraint("connection_id", "feed", "external_id", "content_hash", "last_updated", name="uq_inbox_content"),
    UniqueConstraint("connection_id", "id"),
)

documents = Table(
    "documents",
    metadata,
    _scope(),
    _required("invoice_id", Key),
    _required("round", Integer),
    _required("state", Choice(DocumentState)),
    _required("inbox_id", RowId),
    _required("content_hash", Key),
    _required("last_updated", Words),
    _required("acknowledged", Boolean),
    _required("company_code", Words),
    _required("invoice_number", Words),
    _required("supplier_code", Words),
    _required("supplier_name", Words),
    _required("currency", Words),
    Column("total", Money, nullable=True),
    _required("kind", Words),
    _required("plan", Words),
    _required("holds", Json(tuple[Hold, ...])),
    Column("held_since", Instant, nullable=True),
    Column("decision", Json(Decision), nullable=True),
    _required("note", Words),
    _required("attempt", Integer),
    _required("seq", RowId),
    _required("updated_at", Instant),
    _required("created_at", Instant),
    PrimaryKeyConstraint("connection_id", "invoice_id"),
    UniqueConstraint("connection_id", "seq"),
    ForeignKeyConstraint(
        ["connection_id", "inbox_id"],
        ["inbox.connection_id", "inbox.id"],
        name="fk_documents_inbox",
        ondelete="RESTRICT",
    ),
    Index("ix_documents_state", "connection_id", "state", "seq"),
    Index("ix_documents_invoice_number", "invoice_number", postgresql_using="hash"),
)

links = Table(
    "links",
    metadata,
    _scope(),
    _required("kind", Key),
    _required("basware_id", Key),
    _required("part", Integer),
    _required("quickbooks_type", Key),
    _required("quickbooks_id", Key),
    _required("sync_token", Words),
    _required("doc_number", Words),
    _required("txn_date", Words),
    Column("amount", Money, nullable=True),
    _required("currency", Words),
    _required("content_hash", Words),
    _required("agreed", Words),
    _required("created_at", Instant),
    _required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "kind", "basware_id", "part"),
    UniqueConstraint(
        "connection_id", "kind", "quickbooks_type", "quickbooks_id", "basware_id", name="uq_links_quickbooks"
    ),
)

mappings = Table(
    "mappings",
    metadata,
    _scope(),
    _required("id", Key),
    _required("dimension", Choice(Dimension)),
    _required("code", Key),
    _required("conditions", Json(tuple[Condition, ...])),
    _required("target_id", Words),
    _required("target_name", Words),
    _required("is_default", Boolean),
    _required("priority", Integer),
    _required("note", Words),
    _required("updated_at", Instant),
    _required("updated_by", Words),
    PrimaryKeyConstraint("connection_id", "id"),
    Index(
        "ux_mappings_code",
        "connection_id",
        "dimension",
        "code",
        unique=True,
        sqlite_where=text("code <> ''"),
        postgresql_where=text("code <> ''"),
    ),
    Index(
        "ux_mappings_default",
        "connection_id",
        "dimension",
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    ),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    _scope(),
    _required("version", Integer),
    _required("changed_at", Instant),
    _required("changed_by", Words),
    _required("change", Words),
    PrimaryKeyConstraint("connection_id", "version"),
)

books = Table(
    "books",
    metadata,
    _scope(),
    _required("entity", Key),
    _required("quickbooks_id", Key),
    _required("sync_token", Words),
    _required("active", Boolean),
    _required("name", Words),
    _required("payload", Words),
    _required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "entity", "quickbooks_id"),
)

book_cursors = Table(
    "book_cursors",
    metadata,
    _scope(),
    _required("entity", Key),
    _required("refreshed_at", Instant),
    _required("cursor", Words),
    PrimaryKeyConstraint("connection_id", "entity"),
)

batches = Table(
    "batches",
    metadata,
    _scope(),
    _required("id", Key),
    _required("system", Choice(System)),
    _required("body", Words),
    _required("state", Choice(BatchState)),
    _required("worker", Words),
    _required("sent_at", Instant),
    _required("trace", Words),
    _required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "id"),
    Index("ix_batches_state", "connection_id", "system", "state"),
)

intents = Table(
    "intents",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=True),
    _scope(),
    _required("id", Key),
    _required("system", Choice(System)),
    _required("operation", Choice(Operation)),
    Column("invoice_id", Key, nullable=True),
    _required("subject", Key),
    _required("round", Integer),
    _required("part", Integer),
    _required("entity", Words),
    _required("body", Words),
    _required("request_id", Words),
    _required("include", Words),
    _required("state", Choice(IntentState)),
    Column("batch_id", Key, nullable=True),
    _required("position", Integer),
    _required("attempts", Integer),
    _required("result", Words),
    _required("fault", Words),
    _required("created_at", Instant),
    _required("updated_at", Instant),
    UniqueConstraint("connection_id", "id"),
    ForeignKeyConstraint(
        ["connection_id", "batch_id"],
        ["batches.connection_id", "batches.id"],
        name="fk_intents_batches",
        ondelete="RESTRICT",
    ),
    Index("ix_intents_state", "connection_id", "system", "state", "seq"),
    Index("ix_intents_invoice", "connection_id", "invoice_id"),
    Index("ix_intents_subject", "connection_id", "operation", "subject"),
    Index("ix_intents_batch", "connection_id", "batch_id"),
)

leases = Table(
    "leases",
    metadata,
    _scope(),
    _required("name", Key),
    _required("holder", Words),
    _required("fence", RowId),
    _required("until", Instant),
    PrimaryKeyConstraint("connection_id", "name"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _scope(),
    _required("at", Instant),
    _required("actor", Words),
    _required("action", Words),
    _required("subject", Key),
    _required("before", Words),
    _required("after", Words),
    _required("reason", Words),
    _required("request_id", Words),
    _required("trace", Words),
    Index("ix_audit_subject", "connection_id", "subject"),
    Index("ix_audit_newest", "connection_id", "id"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _scope(),
    _required("at", Instant),
    _required("system", Choice(System)),
    _required("method", Words),
    _required("path", Words),
    _required("status", Integer),
    _required("trace", Words),
    _required("request_id", Words),
    _required("milliseconds", Integer),
    Index("ix_calls_newest", "connection_id", "id"),
)
