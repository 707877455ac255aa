"""What is to be written, stored before it is sent, and the calls it goes in."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import (
    BatchState,
    IntentState,
    Operation,
    System,
)

batches = Table(
    "batches",
    metadata,
    scope(),
    required("id", Key),
    required("system", Choice(System)),
    required("body", Words),
    required("state", Choice(BatchState)),
    required("worker", Words),
    required("sent_at", Instant),
    required("trace", Words),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "id"),
    Index("ix_batches_state", "connection_id", "system", "state"),
)

intents = Table(
    "intents",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("id", Key),
    required("system", Choice(System)),
    required("operation", Choice(Operation)),
    Column("invoice_id", Key, nullable=True),
    required("subject", Key),
    required("round", Integer),
    required("part", Integer),
    required("entity", Words),
    required("body", Words),
    required("request_id", Words),
    required("include", Words),
    required("state", Choice(IntentState)),
    Column("batch_id", Key, nullable=True),
    required("position", Integer),
    required("attempts", Integer),
    required("result", Words),
    required("fault", Words),
    required("created_at", Instant),
    required("updated_at", Instant),
    UniqueConstraint("connection_id", "id"),
    ForeignKeyConstraint(
        ["connection_id", "batch_id"],
        ["batches.connection_id", "batches.id"],
        name="fk_intents_batches",
        ondelete="RESTRICT",
    ),
    Index("ix_intents_state", "connection_id", "system", "state", "seq"),
    Index("ix_intents_invoice", "connection_id", "invoice_id"),
    Index("ix_intents_subject", "connection_id", "operation", "subject"),
    Index("ix_intents_batch", "connection_id", "batch_id"),
)
