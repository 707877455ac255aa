"""The table of documents that Basware takes back."""

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import DocumentState, WithdrawalState

withdrawals = Table(
    "withdrawals",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("round", Integer),
    required("state", Choice(WithdrawalState)),
    required("status", Words),
    required("inbox_id", RowId),
    required("came_from", Choice(DocumentState)),
    required("decision", Words),
    required("fingerprint", Words),
    required("tries", Integer),
    required("outcome", Words),
    required("noticed_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "invoice_id", "round"),
    Index("ix_withdrawals_state", "connection_id", "state"),
)
