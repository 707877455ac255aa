"""The tables of what people are told outside the console: where to, what, and which causes they know of already."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint

from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope
from ml_connector.store.schema.states import MessageState

message_targets = Table(
    "message_targets",
    metadata,
    required("id", Key),
    required("connection_id", Key),
    required("shown", Words),
    required("envelope", Words),
    required("created_at", Instant),
    required("created_by", Words),
    PrimaryKeyConstraint("id"),
)
"""`connection_id` is empty for a target that is told of every connection."""

messages = Table(
    "messages",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("target_id", Key),
    required("cause", Key),
    required("title", Words),
    required("body", Words),
    required("state", Choice(MessageState)),
    required("tries", Integer),
    required("due_at", Instant),
    optional("taken_until", Instant),
    required("created_at", Instant),
    optional("sent_at", Instant),
    required("problem", Words),
    UniqueConstraint("connection_id", "target_id", "cause", name="uq_messages_cause"),
    Index("ix_messages_due", "state", "due_at"),
)

told_causes = Table(
    "told_causes",
    metadata,
    scope(),
    required("cause", Key),
    required("subject", Key),
    required("since", Instant),
    optional("over_at", Instant),
    PrimaryKeyConstraint("connection_id", "cause", "subject"),
)
