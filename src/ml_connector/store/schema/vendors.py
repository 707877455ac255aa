"""The table of vendors that both systems have, or are to have: which is which, what they agreed on, what waits for a person."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, text

from ml_connector.model.holds import Hold
from ml_connector.store.columns import Choice, Instant, Json, Key, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import VendorState

vendor_pairs = Table(
    "vendor_pairs",
    metadata,
    scope(),
    required("code", Key),
    required("external_code", Key),
    required("quickbooks_id", Key),
    required("name", Words),
    required("state", Choice(VendorState)),
    required("why", Words),
    required("memory", Words),
    required("candidates", Words),
    required("apart", Words),
    required("holds", Json(tuple[Hold, ...])),
    required("bank", Words),
    required("bank_found", Words),
    optional("bank_found_at", Instant),
    required("changed_by", Words),
    required("created_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "code"),
    Index("ix_vendor_pairs_quickbooks_id", "connection_id", "quickbooks_id"),
    Index("ix_vendor_pairs_state", "connection_id", "state"),
    Index("ix_vendor_pairs_changed", "connection_id", "updated_at", "code"),
    Index(
        "ix_vendor_pairs_held",
        "connection_id",
        "code",
        sqlite_where=text("holds <> '[]'"),
        postgresql_where=text("holds <> '[]'"),
    ),
)
