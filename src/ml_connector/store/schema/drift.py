"""Cases of posted transactions and of accruals that somebody changed or deleted in QuickBooks."""

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.drift import Difference, DriftKind, DriftState
from ml_connector.store.columns import Choice, Instant, Json, Key, Words
from ml_connector.store.schema.base import metadata, optional, required, scope

drift_cases = Table(
    "drift_cases",
    metadata,
    scope(),
    required("kind", Key),
    required("invoice_id", Key),
    required("part", Integer),
    required("quickbooks_type", Words),
    required("quickbooks_id", Key),
    required("what", Choice(DriftKind)),
    required("state", Choice(DriftState)),
    required("differences", Json(tuple[Difference, ...])),
    required("sync_token", Words),
    optional("changed_at", Instant),
    required("changed_by", Words),
    required("reason", Words),
    required("decided_by", Words),
    optional("decided_at", Instant),
    required("problem", Words),
    required("noticed_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "kind", "invoice_id", "part"),
    Index("ix_drift_cases_state", "connection_id", "state"),
)
