"""The table of what Basware is to hold: one row for each record we keep there, with the newest body and how far it has come."""

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.holds import Hold
from ml_connector.store.columns import Choice, Instant, Json, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import OutgoingState

outgoing = Table(
    "outgoing",
    metadata,
    scope(),
    required("resource", Key),
    required("external_code", Key),
    required("subject", Key),
    required("name", Words),
    required("body", Words),
    required("digest", Key),
    required("accepted_digest", Words),
    required("number", Words),
    required("accepted_number", Words),
    required("state", Choice(OutgoingState)),
    required("rank", RowId),
    required("bundle", Key),
    required("holds", Json(tuple[Hold, ...])),
    required("problem", Words),
    required("request_id", Key),
    required("salt", Integer),
    required("tries", Integer),
    optional("next_at", Instant),
    optional("sent_at", Instant),
    optional("settled_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "resource", "external_code"),
    Index("ix_outgoing_state", "connection_id", "resource", "state", "rank"),
    Index("ix_outgoing_waiting", "connection_id", "state"),
    Index("ix_outgoing_request_id", "connection_id", "request_id"),
    Index("ix_outgoing_external_code", "connection_id", "external_code"),
    Index("ix_outgoing_bundle", "connection_id", "resource", "bundle"),
    Index("ix_outgoing_subject", "connection_id", "subject"),
)
