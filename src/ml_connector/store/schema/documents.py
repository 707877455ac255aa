"""Invoices from their arrival on: what arrived, how far each has come, and what it became in QuickBooks."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ml_connector.model.holds import Hold
from ml_connector.model.postings import ChosenDate, Decision, Keep, Release
from ml_connector.store.columns import Choice, Instant, Json, Key, Money, RowId, Words
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import (
    DocumentState,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("feed", Key),
    required("external_id", Key),
    required("content_hash", Key),
    required("last_updated", Key),
    required("payload", Words),
    required("problem", Words),
    required("received_at", Instant),
    UniqueConstraint("connection_id", "feed", "external_id", "content_hash", "last_updated", name="uq_inbox_content"),
    UniqueConstraint("connection_id", "id"),
)

documents = Table(
    "documents",
    metadata,
    scope(),
    required("invoice_id", Key),
    required("round", Integer),
    required("state", Choice(DocumentState)),
    required("inbox_id", RowId),
    required("content_hash", Key),
    required("last_updated", Words),
    required("acknowledged", Boolean),
    required("company_code", Words),
    required("invoice_number", Words),
    required("bum_id", Key),
    required("supplier_code", Words),
    required("supplier_name", Words),
    required("currency", Words),
    Column("total", Money, nullable=True),
    required("kind", Words),
    required("plan", Words),
    required("holds", Json(tuple[Hold, ...])),
    Column("held_since", Instant, nullable=True),
    Column("last_held_at", Instant, nullable=True),
    Column("decision", Json(Decision), nullable=True),
    required("note", Words),
    required("attempt", Integer),
    required("seq", RowId),
    required("updated_at", Instant),
    required("created_at", Instant),
    required("invoice_date", Words),
    required("orders", Words),
    required("contract", Key),
    required("searched", Words),
    required("proposal", Key),
    Column("release", Json(Release), nullable=True),
    Column("kept", Json(Keep), nullable=True),
    Column("chosen_date", Json(ChosenDate), nullable=True),
    PrimaryKeyConstraint("connection_id", "invoice_id"),
    UniqueConstraint("connection_id", "seq"),
    ForeignKeyConstraint(
        ["connection_id", "inbox_id"],
        ["inbox.connection_id", "inbox.id"],
        name="fk_documents_inbox",
        ondelete="RESTRICT",
    ),
    Index("ix_documents_state", "connection_id", "state", "seq"),
    # Everything lists are filtered by, so that a search reads this and not the documents with their plans.
    Index("ix_documents_search", "connection_id", "seq", "state", "invoice_date", "total", "orders", "searched"),
    Index("ix_documents_bum_id", "connection_id", "bum_id"),
    Index(
        "ix_documents_contract",
        "connection_id",
        "contract",
        sqlite_where=text("contract <> ''"),
        postgresql_where=text("contract <> ''"),
    ),
    Index("ix_documents_money", "connection_id", "state", "currency", "total"),
    Index("ix_documents_invoice_date", "connection_id", "invoice_date", "state", "currency", "total"),
    Index("ix_documents_last_held_at", "connection_id", "last_held_at"),
    Index("ix_documents_invoice_number", "invoice_number", postgresql_using="hash"),
)

links = Table(
    "links",
    metadata,
    scope(),
    required("kind", Key),
    required("basware_id", Key),
    required("part", Integer),
    required("quickbooks_type", Key),
    required("quickbooks_id", Key),
    required("sync_token", Words),
    required("doc_number", Words),
    required("txn_date", Words),
    Column("amount", Money, nullable=True),
    required("currency", Words),
    required("content_hash", Words),
    required("agreed", Words),
    required("created_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "kind", "basware_id", "part"),
    UniqueConstraint(
        "connection_id", "kind", "quickbooks_type", "quickbooks_id", "basware_id", name="uq_links_quickbooks"
    ),
    Index("ix_links_updated_at", "connection_id", "updated_at"),
    Index("ix_links_created_at", "connection_id", "kind", "part", "created_at", "basware_id"),
    Index("ix_links_number", "connection_id", "doc_number"),
    Index("ix_links_quickbooks_id", "connection_id", "quickbooks_id"),
)
