"""The chains over a connection's audit and over that of people: what every entry was when it was sealed, each link over the one
before it."""

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from ml_connector.store.columns import Key, RowId
from ml_connector.store.schema.base import metadata, required, scope

audit_chain = Table(
    "audit_chain",
    metadata,
    scope(),
    required("position", RowId),
    required("audit_id", RowId),
    required("hash", Key),
    PrimaryKeyConstraint("connection_id", "position"),
    UniqueConstraint("connection_id", "audit_id"),
)

people_audit_chain = Table(
    "people_audit_chain",
    metadata,
    required("position", RowId),
    required("audit_id", RowId),
    required("hash", Key),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("audit_id"),
)
