"""A connected company whose changes are followed, on both databases, with what its QuickBooks announces."""

from collections.abc import Iterator

import pytest

from announcements import Mailbag
from followed import Followed
from ml_connector.store.database import Database
from world import build_world


@pytest.fixture
def followed(database: Database) -> Iterator[Followed]:
    """The demo company with everything read once, a day without changes later."""
    world = build_world(database, company="empty")
    both = Followed(world, Mailbag(world))
    both.read()
    assert both.differences() == []
    world.clock.advance(600)
    yield both
    assert world.quickbooks.check(world.realm_id) == []
