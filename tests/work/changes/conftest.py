"""A connected company whose changes are followed, on both databases, with what its QuickBooks announces."""

from collections.abc import Iterator

import pytest

from announcements import Mailbag
from followed import Followed
from frozen import copied
from ml_connector.store.database import Database
from world import World, build_world


@pytest.fixture
def followed(database: Database) -> Iterator[Followed]:
    """The demo company with everything read once, a day without changes later."""

    def read_once() -> World:
        made = build_world(database, company="empty")
        Followed(made, None).read()
        return made

    world = copied(database, "QuickBooks followed, read once", read_once)
    both = Followed(world, Mailbag(world))
    assert both.differences() == []
    world.clock.advance(600)
    yield both
    assert world.quickbooks.check(world.realm_id) == []
