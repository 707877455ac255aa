"""What Basware's codes become, and every change of it."""

from sqlalchemy import (
    Boolean,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    text,
)

from ml_connector.model.mapping import Condition, Dimension
from ml_connector.store.columns import Choice, Instant, Json, Key, Words
from ml_connector.store.schema.base import metadata, required, scope

mappings = Table(
    "mappings",
    metadata,
    scope(),
    required("id", Key),
    required("dimension", Choice(Dimension)),
    required("code", Key),
    required("conditions", Json(tuple[Condition, ...])),
    required("target_id", Words),
    required("target_name", Words),
    required("is_default", Boolean),
    required("priority", Integer),
    required("note", Words),
    required("updated_at", Instant),
    required("updated_by", Words),
    PrimaryKeyConstraint("connection_id", "id"),
    Index(
        "ux_mappings_code",
        "connection_id",
        "dimension",
        "code",
        unique=True,
        sqlite_where=text("code <> ''"),
        postgresql_where=text("code <> ''"),
    ),
    Index(
        "ux_mappings_default",
        "connection_id",
        "dimension",
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    ),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    scope(),
    required("version", Integer),
    required("changed_at", Instant),
    required("changed_by", Words),
    required("reason", Words),
    required("change", Words),
    PrimaryKeyConstraint("connection_id", "version"),
)
