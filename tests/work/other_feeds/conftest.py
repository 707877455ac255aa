"""A connected demo company with the feeds switched on, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from feed_scenes import with_feeds
from ml_connector.store.database import Database
from ml_connector.work.feed_settings import ExtractsSettings, NetworkSettings
from world import World, build_world


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    """The demo company with Network and Data Access switched on; nothing waits in either."""
    made = build_world(database, company="empty", mapping=False)
    with_feeds(
        made,
        network=NetworkSettings(enabled=True),
        extracts=ExtractsSettings(enabled=True, spool=str(tmp_path / "spool")),
    )
    yield made
    assert made.network_seen.problems() == []
