"""The tables of payments: what each payment settles, which versions were looked at, what Basware was told of a document."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.holds import Hold
from ml_connector.store.columns import Choice, Instant, Json, Key, Money, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import PaymentState

payment_documents = Table(
    "payment_documents",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("state", Choice(PaymentState)),
    required("dirty", Boolean),
    required("wanted", Boolean),
    required("picture", Words),
    required("digest", Words),
    required("told", Words),
    required("told_digest", Words),
    required("tried_digest", Words),
    required("open_code", Key),
    required("last_code", Key),
    required("number", Integer),
    required("round", Integer),
    required("holds", Json(tuple[Hold, ...])),
    required("tries", Integer),
    optional("next_at", Instant),
    optional("told_at", Instant),
    required("updated_at", Instant),
    required("paid_on", Words),
    required("paid_rank", RowId),
    PrimaryKeyConstraint("connection_id", "invoice_id"),
    Index("ix_payment_documents_dirty", "connection_id", "dirty", "invoice_id"),
    Index("ix_payment_documents_changed", "connection_id", "updated_at", "invoice_id", "state"),
    Index("ix_payment_documents_paid_on", "connection_id", "paid_on", "invoice_id", "state"),
    Index("ix_payment_documents_paid_rank", "connection_id", "paid_rank", "invoice_id", "state"),
    Index("ix_payment_documents_state", "connection_id", "state", "invoice_id"),
)

payment_parts = Table(
    "payment_parts",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("part", Integer),
    required("quickbooks_type", Key),
    required("quickbooks_id", Key),
    required("sync_token", Words),
    required("deleted", Boolean),
    PrimaryKeyConstraint("connection_id", "invoice_id", "part"),
)

payment_versions = Table(
    "payment_versions",
    metadata,
    scope(),
    required("payment_id", Key),
    required("sync_token", Words),
    required("deleted", Boolean),
    PrimaryKeyConstraint("connection_id", "payment_id"),
)

payment_lines = Table(
    "payment_lines",
    metadata,
    scope(),
    required("payment_id", Key),
    required("line", Integer),
    required("target_type", Key),
    required("target_id", Key),
    Column("amount", Money, nullable=False),
    PrimaryKeyConstraint("connection_id", "payment_id", "line"),
    Index("ix_payment_lines_target", "connection_id", "target_type", "target_id"),
)
