"""The table of QuickBooks' list records that people want active again: who asked, why, and what became of it."""

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.store.columns import Choice, Instant, Key, Words
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import ReactivationState

reactivations = Table(
    "reactivations",
    metadata,
    scope(),
    required("entity", Key),
    required("quickbooks_id", Key),
    required("name", Words),
    required("state", Choice(ReactivationState)),
    required("reason", Words),
    required("asked_by", Words),
    required("asked_at", Instant),
    required("problem", Words),
    required("tries", Integer),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "entity", "quickbooks_id"),
    Index("ix_reactivations_state", "connection_id", "state"),
    Index("ix_reactivations_newest", "connection_id", "asked_at"),
)
