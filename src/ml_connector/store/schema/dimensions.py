"""Tables of codes: which code each QuickBooks record has in Basware, and what Basware's lists hold."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from ml_connector.model.master_data import Choice as RecordChoice
from ml_connector.model.master_data import Kind
from ml_connector.store.columns import Choice, Instant, Key, Words
from ml_connector.store.schema.base import metadata, required, scope

given_codes = Table(
    "given_codes",
    metadata,
    scope(),
    required("kind", Choice(Kind)),
    required("quickbooks_id", Key),
    required("code", Key),
    required("external_code", Key),
    required("choice", Choice(RecordChoice)),
    required("why", Words),
    required("base", Words),
    required("given_by", Words),
    required("given_at", Instant),
    PrimaryKeyConstraint("connection_id", "kind", "quickbooks_id"),
    Index("ix_given_codes_code", "connection_id", "kind", "code"),
)

listed_records = Table(
    "listed_records",
    metadata,
    scope(),
    required("resource", Key),
    required("external_code", Key),
    required("body", Words),
    required("read_at", Instant),
    PrimaryKeyConstraint("connection_id", "resource", "external_code"),
)
