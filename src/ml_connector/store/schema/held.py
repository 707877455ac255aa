"""The causes that hold documents, one row for each, so that forty causes are shown without reading the documents they hold."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table

from ml_connector.store.columns import Instant, Key, Money, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope

held_causes = Table(
    "held_causes",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("card", Key),
    required("cause", Key),
    required("subject", Words),
    required("seq", RowId),
    Column("total", Money, nullable=True),
    required("currency", Words),
    optional("since", Instant),
    PrimaryKeyConstraint("connection_id", "invoice_id", "card"),
    ForeignKeyConstraint(
        ["connection_id", "invoice_id"],
        ["documents.connection_id", "documents.invoice_id"],
        name="fk_held_causes_documents",
        ondelete="CASCADE",
    ),
    Index("ix_held_causes_card", "connection_id", "card", "seq"),
    Index("ix_held_causes_rank", "connection_id", "card", "currency", "since", "total"),
)
