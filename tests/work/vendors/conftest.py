"""A connected company that keeps vendors in step both ways, on both databases."""

from collections.abc import Iterator

import pytest

from frozen import copied
from ml_connector.store.database import Database
from vendor_scenes import Vendors
from world import World, build_world


@pytest.fixture
def vendors(database: Database) -> Iterator[Vendors]:
    """The demo company, whose vendors Basware and QuickBooks both have."""
    made = Vendors(build_world(database, company="empty"))
    yield made
    assert made.world.check() == []


@pytest.fixture
def in_step(database: Database) -> Iterator[Vendors]:
    """The same company after its vendors were compared for the first time."""

    def compared() -> World:
        vendors = Vendors(build_world(database, company="empty"))
        vendors.sync()
        return vendors.world

    made = Vendors.already(copied(database, "vendors in step", compared))
    yield made
    assert made.world.check() == []
