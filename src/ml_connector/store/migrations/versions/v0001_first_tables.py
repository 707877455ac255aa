"""The first tables: connections and their secrets, what arrived, documents, links, mapping, lists, the outbox, leases, audit.

A step is never edited once it was released. It names its types itself, because the program's own may change later.
"""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _big() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _counter(name: str) -> sa.Column[int]:
    return sa.Column(name, _big(), autoincrement=True, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    kind = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
    return sa.Column(name, kind, nullable=nullable)


def _money(name: str) -> sa.Column[Decimal]:
    return sa.Column(name, sa.Numeric().with_variant(sa.Text(), "sqlite"), nullable=True)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _connection(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_connection_id"
    return sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=name, ondelete="RESTRICT")


def upgrade() -> None:
    """Create everything."""
    _connections()
    _documents()
    _mapping_and_books()
    _outbox()
    _leases_and_audit()


def _unique_where(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _connections() -> None:
    op.create_table(
        "connections",
        *(_text(name) for name in ("id", "name", "state", "state_reason", "settings", "realm_hash", "company_code")),
        _instant("created_at"),
        _instant("updated_at"),
        _key("connections", "id"),
        sa.UniqueConstraint("name", name="uq_connections_name"),
    )
    _unique_where("ux_connections_companies", "connections", ["realm_hash", "company_code"], "realm_hash <> ''")
    op.create_table(
        "secrets",
        *(_text(name) for name in ("connection_id", "field", "envelope")),
        _number("version"),
        _instant("updated_at"),
        _key("secrets", "connection_id", "field"),
        _connection("secrets"),
    )


def _documents() -> None:
    content = ("connection_id", "feed", "external_id", "content_hash", "last_updated")
    op.create_table(
        "inbox",
        _counter("id"),
        *(_text(name) for name in (*content, "payload", "problem")),
        _instant("received_at"),
        _key("inbox", "id"),
        _connection("inbox"),
        sa.UniqueConstraint(*content, name="uq_inbox_content"),
        sa.UniqueConstraint("connection_id", "id", name="uq_inbox_connection_id_id"),
    )
    op.create_table(
        "documents",
        *(_text(name) for name in ("connection_id", "invoice_id", "state", "content_hash", "last_updated")),
        *(_text(name) for name in ("company_code", "invoice_number", "supplier_code", "supplier_name", "currency")),
        *(_text(name) for name in ("kind", "plan", "holds", "note")),
        _text("decision", nullable=True),
        _money("total"),
        *(_number(name) for name in ("round", "attempt")),
        *(sa.Column(name, _big(), nullable=False) for name in ("inbox_id", "seq")),
        _flag("acknowledged"),
        _instant("held_since", nullable=True),
        _instant("updated_at"),
        _instant("created_at"),
        _key("documents", "connection_id", "invoice_id"),
        _connection("documents"),
        sa.UniqueConstraint("connection_id", "seq", name="uq_documents_connection_id_seq"),
        sa.ForeignKeyConstraint(
            ["connection_id", "inbox_id"],
            ["inbox.connection_id", "inbox.id"],
            name="fk_documents_inbox",
            ondelete="RESTRICT",
        ),
    )
    op.create_index("ix_documents_state", "documents", ["connection_id", "state", "seq"])
    # A hash index takes a number of any length, which a supplier may well send.
    op.create_index("ix_documents_invoice_number", "documents", ["invoice_number"], postgresql_using="hash")
    op.create_table(
        "links",
        *(_text(name) for name in ("connection_id", "kind", "basware_id", "quickbooks_type", "quickbooks_id")),
        *(_text(name) for name in ("sync_token", "doc_number", "txn_date", "currency", "content_hash", "agreed")),
        _number("part"),
        _money("amount"),
        _instant("created_at"),
        _instant("updated_at"),
        _key("links", "connection_id", "kind", "basware_id", "part"),
        _connection("links"),
        sa.UniqueConstraint(
            "connection_id", "kind", "quickbooks_type", "quickbooks_id", "basware_id", name="uq_links_quickbooks"
        ),
    )


def _mapping_and_books() -> None:
    op.create_table(
        "mappings",
        *(_text(name) for name in ("connection_id", "id", "dimension", "code", "conditions")),
        *(_text(name) for name in ("target_id", "target_name", "note", "updated_by")),
        _flag("is_default"),
        _number("priority"),
        _instant("updated_at"),
        _key("mappings", "connection_id", "id"),
        _connection("mappings"),
    )
    _unique_where("ux_mappings_code", "mappings", ["connection_id", "dimension", "code"], "code <> ''")
    _unique_where("ux_mappings_default", "mappings", ["connection_id", "dimension"], "is_default")
    op.create_table(
        "mapping_versions",
        *(_text(name) for name in ("connection_id", "changed_by", "change")),
        _number("version"),
        _instant("changed_at"),
        _key("mapping_versions", "connection_id", "version"),
        _connection("mapping_versions"),
    )
    op.create_table(
        "books",
        *(_text(name) for name in ("connection_id", "entity", "quickbooks_id", "sync_token", "name", "payload")),
        _flag("active"),
        _instant("updated_at"),
        _key("books", "connection_id", "entity", "quickbooks_id"),
        _connection("books"),
    )
    op.create_table(
        "book_cursors",
        *(_text(name) for name in ("connection_id", "entity", "cursor")),
        _instant("refreshed_at"),
        _key("book_cursors", "connection_id", "entity"),
        _connection("book_cursors"),
    )


def _outbox() -> None:
    op.create_table(
        "batches",
        *(_text(name) for name in ("connection_id", "id", "system", "body", "state", "worker", "trace")),
        _instant("sent_at"),
        _instant("updated_at"),
        _key("batches", "connection_id", "id"),
        _connection("batches"),
    )
    op.create_index("ix_batches_state", "batches", ["connection_id", "system", "state"])
    op.create_table(
        "intents",
        _counter("seq"),
        *(_text(name) for name in ("connection_id", "id", "system", "operation", "subject", "entity", "body")),
        *(_text(name) for name in ("request_id", "include", "state", "result", "fault")),
        _text("invoice_id", nullable=True),
        _text("batch_id", nullable=True),
        *(_number(name) for name in ("round", "part", "position", "attempts")),
        _instant("created_at"),
        _instant("updated_at"),
        _key("intents", "seq"),
        _connection("intents"),
        sa.UniqueConstraint("connection_id", "id", name="uq_intents_connection_id_id"),
        sa.ForeignKeyConstraint(
            ["connection_id", "batch_id"],
            ["batches.connection_id", "batches.id"],
            name="fk_intents_batches",
            ondelete="RESTRICT",
        ),
    )
    op.create_index("ix_intents_state", "intents", ["connection_id", "system", "state", "seq"])
    op.create_index("ix_intents_invoice", "intents", ["connection_id", "invoice_id"])
    op.create_index("ix_intents_subject", "intents", ["connection_id", "operation", "subject"])
    op.create_index("ix_intents_batch", "intents", ["connection_id", "batch_id"])


def _leases_and_audit() -> None:
    op.create_table(
        "leases",
        *(_text(name) for name in ("connection_id", "name", "holder")),
        sa.Column("fence", _big(), nullable=False),
        _instant("until"),
        _key("leases", "connection_id", "name"),
        _connection("leases"),
    )
    op.create_table(
        "audit",
        _counter("id"),
        *(_text(name) for name in ("connection_id", "actor", "action", "subject", "before", "after")),
        *(_text(name) for name in ("reason", "request_id", "trace")),
        _instant("at"),
        _key("audit", "id"),
        _connection("audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["connection_id", "subject"])
    op.create_index("ix_audit_newest", "audit", ["connection_id", "id"])
