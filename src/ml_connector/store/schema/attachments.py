"""The table of documents' files: what Basware lists, and how far each has come on its way to QuickBooks."""

from sqlalchemy import Boolean, Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.attachments import FileState
from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope

attachments = Table(
    "attachments",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("code", Key),
    required("filename", Words),
    required("category", Words),
    required("confidential", Boolean),
    required("state", Choice(FileState)),
    required("size", RowId),
    required("quickbooks_id", Words),
    required("attached_to", Words),
    required("sending_to", Words),
    required("copies", Integer),
    required("request_id", Words),
    required("problem", Words),
    required("tries", Integer),
    optional("next_at", Instant),
    optional("sent_at", Instant),
    required("noted_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "invoice_id", "code"),
    Index("ix_attachments_state", "connection_id", "state", "next_at"),
    Index("ix_attachments_noted_at", "connection_id", "noted_at", "invoice_id", "code"),
)
