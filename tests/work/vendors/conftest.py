"""A connected company that keeps vendors in step both ways, on both databases."""

from collections.abc import Iterator

import pytest

from ml_connector.store.database import Database
from vendor_scenes import Vendors
from world import build_world


@pytest.fixture
def vendors(database: Database) -> Iterator[Vendors]:
    """The demo company, whose vendors Basware and QuickBooks both have."""
    made = Vendors(build_world(database, company="empty"))
    yield made
    assert made.world.check() == []
