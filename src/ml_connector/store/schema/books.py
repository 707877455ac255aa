"""Copies of QuickBooks' records, how far each list was read, and which versions are our own."""

from sqlalchemy import (
    Boolean,
    Index,
    PrimaryKeyConstraint,
    Table,
)

from ml_connector.store.columns import Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required, scope

books = Table(
    "books",
    metadata,
    scope(),
    required("entity", Key),
    required("quickbooks_id", Key),
    required("sync_token", Words),
    required("version", RowId),
    required("active", Boolean),
    required("deleted", Boolean),
    required("merged_into", Words),
    required("last_updated", Words),
    optional("as_of", Instant),
    required("name", Words),
    required("number", Words),
    required("vendor_id", Words),
    required("day", Words),
    required("total", Words),
    required("payload", Words),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "entity", "quickbooks_id"),
    Index("ix_books_updated_at", "connection_id", "updated_at"),
    Index("ix_books_number", "connection_id", "entity", "number"),
    Index("ix_books_vendor_id", "connection_id", "entity", "vendor_id", "day"),
    Index("ix_books_day", "connection_id", "entity", "day"),
    Index("ix_books_total", "connection_id", "entity", "total"),
)

own_writes = Table(
    "own_writes",
    metadata,
    scope(),
    required("entity", Key),
    required("quickbooks_id", Key),
    required("sync_token", Key),
    required("written_at", Instant),
    PrimaryKeyConstraint("connection_id", "entity", "quickbooks_id", "sync_token"),
)

book_cursors = Table(
    "book_cursors",
    metadata,
    scope(),
    required("entity", Key),
    required("refreshed_at", Instant),
    required("cursor", Words),
    required("progress", Words),
    required("problem", Words),
    PrimaryKeyConstraint("connection_id", "entity"),
)
