"""What all table definitions share: the one registry of tables, and two kinds of column."""

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData

from ml_connector.store.columns import Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def scope() -> Column[str]:
    """The connection a row belongs to."""
    return Column("connection_id", Key, ForeignKey("connections.id", ondelete="RESTRICT"), nullable=False)


def required(name: str, kind: Any) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, nullable=False)


def optional(name: str, kind: Any) -> Column[Any]:
    """A column that may be empty."""
    return Column(name, kind, nullable=True)
