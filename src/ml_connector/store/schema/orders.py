"""Tables of purchase orders: those of Basware on their way into QuickBooks, and the links of bills to orders."""

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.holds import Hold
from ml_connector.store.columns import Choice, Instant, Json, Key, Money, RowId, Words
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import OrderLinkState, TakenState

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

order_links = Table(
    "order_links",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("part", Integer),
    required("order_id", Key),
    required("order_line_id", Key),
    required("bill_id", Key),
    required("amount", Money),
    required("state", Choice(OrderLinkState)),
    required("why", Words),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "invoice_id", "part", "order_id", "order_line_id"),
    Index("ix_order_links_state", "connection_id", "state"),
)
