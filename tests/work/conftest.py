"""A connected demo company for the tests of single jobs."""

from collections.abc import Iterator

import pytest

from databases import SqliteFiles
from ml_connector.store.database import Database
from world import World, build_world


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """The demo company, mapped, with no document waiting."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()
