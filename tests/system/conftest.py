"""Worlds for the system tests: both twins, the product and a clock in one process, built by `bench/world.py`."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from databases import SqliteFiles, sqlite_files
from ml_connector.store.database import Database
from online import Online
from twins.postman import HttpSender
from web import served
from world import Build, World, build_world


@pytest.fixture(scope="session")
def fast_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteFiles]:
    """SQLite files in memory where there is room, for whatever is the same on every database."""
    memory = Path("/dev/shm")
    folder = memory if memory.is_dir() else tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(dir=folder) as own, sqlite_files(Path(own)) as files:
        yield files


@pytest.fixture
def one_database(fast_files: SqliteFiles) -> Iterator[Database]:
    """A fresh SQLite database."""
    with fast_files.fresh() as url:
        database = Database.open(url)
        yield database
        database.close()


@pytest.fixture
def build(one_database: Database) -> Iterator[Build]:
    """Makes a world of the test's own; see `build_world`. Without further words: the demo company, nothing approved yet.

    Whatever a test did, the books of QuickBooks have to add up in the end, and no request to the Network shared its id.
    """
    made: list[World] = []

    def make(**choices: object) -> World:
        made.append(build_world(one_database, **({"company": "empty"} | choices)))
        return made[-1]

    yield make
    assert [sentence for world in made for sentence in world.quickbooks.check(world.realm_id)] == []
    assert [sentence for world in made for sentence in world.network_seen.problems()] == []


@pytest.fixture
def world(build: Build) -> World:
    """The demo company, mapped, with no document waiting."""
    return build()


@pytest.fixture
def online(world: World) -> Iterator[Online]:
    """The demo company with our server running, so that both twins deliver to it."""
    with ExitStack() as stack:
        sender = HttpSender()
        stack.callback(sender.close)
        yield Online(world, stack.enter_context(served(world.app)), sender)
