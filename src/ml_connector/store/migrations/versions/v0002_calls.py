"""The log of calls to both systems: which, when, how it ended, and by which reference their support finds it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table."""
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "calls",
        sa.Column("id", counter, autoincrement=True, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("connection_id", "system", "method", "path", "trace", "request_id")
        ),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_calls_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_calls_newest", "calls", ["connection_id", "id"])
