"""The table of vendor credits that are to be applied to the bills they name."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table

from ml_connector.model.credits import CreditOrigin, CreditState
from ml_connector.store.columns import Choice, Instant, Key, Money, Words
from ml_connector.store.schema.base import metadata, required, scope

credit_applications = Table(
    "credit_applications",
    metadata,
    scope(),
    required("credit_id", Key),
    required("invoice_id", Key),
    required("origin", Choice(CreditOrigin)),
    required("state", Choice(CreditState)),
    required("bill_id", Words),
    required("named_bum_id", Words),
    required("named_number", Words),
    required("supplier_code", Words),
    Column("amount", Money, nullable=True),
    required("payment_id", Words),
    required("why", Words),
    required("fingerprint", Words),
    required("tries", Integer),
    required("noted_at", Instant),
    required("updated_at", Instant),
    PrimaryKeyConstraint("connection_id", "credit_id"),
    Index("ix_credit_applications_state", "connection_id", "state"),
    Index("ix_credit_applications_invoice", "connection_id", "invoice_id"),
)
