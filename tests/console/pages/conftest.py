"""Signs people in to a served world. What they then do with their browser is `bench/visits.py`."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from databases import SqliteFiles
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store.database import Database
from ml_connector.work.people.directory import Grant
from visits import FAST, Visit, VisitAs, signed_in
from web import served
from world import World, build_world


@pytest.fixture
def empty_world(sqlite: SqliteFiles) -> Iterator[World]:
    """A company in which nothing has happened yet."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


@pytest.fixture
def visit() -> Iterator[VisitAs]:
    """Signs people in. One server for each world; a world's person without any role is `visit(world)`.

    `everywhere` gives the roles in every connection, `elsewhere` in a connection of that id, instead of in the world's.
    """
    with ExitStack() as opened:
        served_at: dict[int, str] = {}

        def visit_as(world: World, *roles: Role, everywhere: bool = False, elsewhere: str = "") -> Visit:
            if id(world.app) not in served_at:
                object.__setattr__(world.app.identity, "passwords", FAST)
                served_at[id(world.app)] = opened.enter_context(served(world.app))
            place = EVERY_CONNECTION if everywhere else elsewhere or world.connection_id
            client = opened.enter_context(httpx2.Client(base_url=served_at[id(world.app)], trust_env=False, timeout=60))
            return signed_in(world.app, client, [Grant(connection_id=place, role=role) for role in roles])

        yield visit_as
