"""The table of Basware's purchase orders on their way into QuickBooks."""

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.holds import Hold
from ml_connector.store.columns import Choice, Instant, Json, Key, RowId
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import TakenState

taken_orders = Table(
    "taken_orders",
    metadata,
    scope(),
    required("external_code", Key),
    required("inbox_id", RowId),
    required("state", Choice(TakenState)),
    required("holds", Json(tuple[Hold, ...])),
    required("sent_keys", Json(tuple[str, ...])),
    required("line_ids", Json(dict[str, str])),
    required("tries", Integer),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "external_code"),
    Index("ix_taken_orders_state", "connection_id", "state"),
)
