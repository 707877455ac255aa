"""The table of accruals: what stands in the books for invoices that are prebooked and not posted yet."""

from sqlalchemy import ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.holds import Hold
from ml_connector.store.columns import Choice, Instant, Json, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import AccrualState

accruals = Table(
    "accruals",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("number", Integer),
    required("state", Choice(AccrualState)),
    required("sending", Words),
    required("answered", Words),
    required("inbox_id", RowId),
    required("content_hash", Words),
    required("invoice_number", Words),
    required("supplier", Words),
    required("holds", Json(tuple[Hold, ...])),
    optional("held_since", Instant),
    required("fingerprint", Words),
    required("tries", Integer),
    required("ending", Words),
    required("posting", Words),
    required("quickbooks_id", Words),
    required("reversal_id", Words),
    required("reversal_date", Words),
    required("note", Words),
    required("noted_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "invoice_id", "number"),
    ForeignKeyConstraint(
        ["connection_id", "inbox_id"],
        ["inbox.connection_id", "inbox.id"],
        name="fk_accruals_inbox",
        ondelete="RESTRICT",
    ),
    Index("ix_accruals_state", "connection_id", "state"),
)
