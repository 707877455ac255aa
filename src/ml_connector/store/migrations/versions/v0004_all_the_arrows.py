"""Everything else that moves: what Basware is to hold, payments, attachments, orders, vendors both ways."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
_MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables, by subject."""
    _outgoing()
    _attachments()
    _taken_orders()
    _order_links()
    _codes()
    _payments()
    _vendors()
    _withdrawals()
    _drift()
    _credits()
    _accruals()
    # Whether anything was written since the payments were looked at last is asked after every change in QuickBooks.
    op.create_index("ix_books_updated_at", "books", ["connection_id", "updated_at"])
    op.create_index("ix_links_updated_at", "links", ["connection_id", "updated_at"])


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size", _COUNT, nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("attached_to", sa.Text(), nullable=False),
        sa.Column("sending_to", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("noted_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "invoice_id", "code", name="pk_attachments"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_attachments_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_attachments_state", "attachments", ["connection_id", "state", "next_at"])


def _drift() -> None:
    op.create_table(
        "drift_cases",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("quickbooks_type", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("noticed_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "kind", "invoice_id", "part", name="pk_drift_cases"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_drift_cases_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_drift_cases_state", "drift_cases", ["connection_id", "state"])


def _outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("accepted_digest", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("accepted_number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", _COUNT, nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("salt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "resource", "external_code", name="pk_outgoing"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_outgoing_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_outgoing_state", "outgoing", ["connection_id", "resource", "state", "rank"])
    op.create_index("ix_outgoing_request_id", "outgoing", ["connection_id", "request_id"])
    op.create_index("ix_outgoing_external_code", "outgoing", ["connection_id", "external_code"])
    op.create_index("ix_outgoing_bundle", "outgoing", ["connection_id", "resource", "bundle"])
    op.create_index("ix_outgoing_subject", "outgoing", ["connection_id", "subject"])


def _codes() -> None:
    op.create_table(
        "given_codes",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "kind", "quickbooks_id", name="pk_given_codes"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_given_codes_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_given_codes_code", "given_codes", ["connection_id", "kind", "code"])
    op.create_table(
        "listed_records",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("read_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "resource", "external_code", name="pk_listed_records"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_listed_records_connection_id", ondelete="RESTRICT"
        ),
    )


def _payments() -> None:
    op.create_table(
        "payment_documents",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("told_digest", sa.Text(), nullable=False),
        sa.Column("tried_digest", sa.Text(), nullable=False),
        sa.Column("open_code", sa.Text(), nullable=False),
        sa.Column("last_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("told_at", _INSTANT, nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "invoice_id", name="pk_payment_documents"),
        _of_connection("payment_documents"),
    )
    op.create_index("ix_payment_documents_dirty", "payment_documents", ["connection_id", "dirty", "invoice_id"])
    op.create_index("ix_payment_documents_state", "payment_documents", ["connection_id", "state", "invoice_id"])
    op.create_table(
        "payment_parts",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("quickbooks_type", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "invoice_id", "part", name="pk_payment_parts"),
        _of_connection("payment_parts"),
    )
    op.create_table(
        "payment_versions",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "payment_id", name="pk_payment_versions"),
        _of_connection("payment_versions"),
    )
    op.create_table(
        "payment_lines",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "payment_id", "line", name="pk_payment_lines"),
        _of_connection("payment_lines"),
    )
    op.create_index("ix_payment_lines_target", "payment_lines", ["connection_id", "target_type", "target_id"])


def _of_connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["connection_id"], ["connections.id"], name=f"fk_{table}_connection_id", ondelete="RESTRICT"
    )


def _taken_orders() -> None:
    op.create_table(
        "taken_orders",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), nullable=False),
        sa.Column("inbox_id", _COUNT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("sent_keys", sa.Text(), nullable=False),
        sa.Column("line_ids", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "external_code", name="pk_taken_orders"),
        _of_connection("taken_orders"),
    )
    op.create_index("ix_taken_orders_state", "taken_orders", ["connection_id", "state"])


def _vendors() -> None:
    op.create_table(
        "vendor_pairs",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("external_code", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("apart", sa.Text(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("bank_found", sa.Text(), nullable=False),
        sa.Column("bank_found_at", _INSTANT, nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "code", name="pk_vendor_pairs"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_vendor_pairs_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_vendor_pairs_quickbooks_id", "vendor_pairs", ["connection_id", "quickbooks_id"])
    op.create_index("ix_vendor_pairs_state", "vendor_pairs", ["connection_id", "state"])


def _withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("inbox_id", _COUNT, nullable=False),
        sa.Column("came_from", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("noticed_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "invoice_id", "round", name="pk_withdrawals"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_withdrawals_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_withdrawals_state", "withdrawals", ["connection_id", "state"])


def _order_links() -> None:
    op.create_table(
        "order_links",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("order_line_id", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(
            "connection_id", "invoice_id", "part", "order_id", "order_line_id", name="pk_order_links"
        ),
        _of_connection("order_links"),
    )
    op.create_index("ix_order_links_state", "order_links", ["connection_id", "state"])


def _accruals() -> None:
    words = (
        "sending", "answered", "content_hash", "invoice_number", "supplier", "fingerprint", "ending", "posting",
        "quickbooks_id", "reversal_id", "reversal_date", "note",
    )  # fmt: skip
    op.create_table(
        "accruals",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("inbox_id", _COUNT, nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("held_since", _INSTANT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        sa.Column("noted_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "invoice_id", "number", name="pk_accruals"),
        _of_connection("accruals"),
        sa.ForeignKeyConstraint(
            ["connection_id", "inbox_id"],
            ["inbox.connection_id", "inbox.id"],
            name="fk_accruals_inbox",
            ondelete="RESTRICT",
        ),
    )
    op.create_index("ix_accruals_state", "accruals", ["connection_id", "state"])


def _credits() -> None:
    op.create_table(
        "credit_applications",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("credit_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("named_bum_id", sa.Text(), nullable=False),
        sa.Column("named_number", sa.Text(), nullable=False),
        sa.Column("supplier_code", sa.Text(), nullable=False),
        sa.Column("amount", _MONEY, nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("noted_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "credit_id", name="pk_credit_applications"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_credit_applications_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_credit_applications_state", "credit_applications", ["connection_id", "state"])
    op.create_index("ix_credit_applications_invoice", "credit_applications", ["connection_id", "invoice_id"])
