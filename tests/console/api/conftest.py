"""A world that is served, and programs that call its API."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from programs import Program, token_for
from visits import FAST
from web import served
from world import World, build_world

Calling = Callable[..., Program]
"""`calling(Role.ACCOUNTANT)`: a program with a token of that role in the world's connection; without a role one without a token."""


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """The demo company, mapped, with no document waiting."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


@pytest.fixture
def calling(world: World) -> Iterator[Calling]:
    """Programs that call the served world."""
    object.__setattr__(world.app.identity, "passwords", FAST)
    with ExitStack() as opened:
        client = opened.enter_context(httpx2.Client(base_url=opened.enter_context(served(world.app)), trust_env=False))

        def program(role: Role | None = None, connection_id: str = "") -> Program:
            place = connection_id or world.connection_id
            return Program(client, token_for(world.app, role, place) if role else "")

        yield program
