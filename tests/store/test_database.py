"""Opening, migrating and sharing the database."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from ml_connector.store.columns import Money
from ml_connector.store.database import Database, latest_revision
from ml_connector.store.errors import (
    DatabaseOutdatedError,
    DatabaseTooNewError,
    DatabaseUnavailableError,
)
from ml_connector.store.schema import metadata


def test_the_migrations_make_exactly_the_tables_the_program_works_with(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
