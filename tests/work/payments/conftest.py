"""A connected company whose payments Basware is told of, on both databases."""

from collections.abc import Iterator

import pytest

from ml_connector.store.database import Database
from payday import Payday
from world import build_world


@pytest.fixture
def payday(database: Database) -> Iterator[Payday]:
    """The demo company, everything read once."""
    made = Payday(build_world(database, company="empty"))
    made.follow()
    yield made
    assert made.world.check() == []
