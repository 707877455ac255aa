"""A connected company whose payments Basware is told of, on both databases."""

from collections.abc import Iterator

import pytest

from frozen import copied
from ml_connector.store.database import Database
from payday import Payday
from world import World, build_world


@pytest.fixture
def payday(database: Database) -> Iterator[Payday]:
    """The demo company, everything read once."""

    def followed() -> World:
        made = Payday(build_world(database, company="empty"))
        made.follow()
        return made.world

    made = Payday(copied(database, "everything read once", followed))
    yield made
    assert made.world.check() == []
