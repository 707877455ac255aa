"""What an administrator of one company may not do to the others, nor to whoever runs the installation."""

from collections.abc import Iterator
from typing import Any

import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store import connections
from ml_connector.store.database import Database
from ml_connector.work.settings import decode_settings
from programs import token_for
from visits import Visit, VisitAs
from world import World, build_world

THEIRS = "https://collects-secrets.example/oauth2/v1/tokens/bearer"


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty", mapping=False)
        database.close()


def stored(world: World) -> str:
    with world.database.read() as tx:
        return connections.get(tx, world.connection_id).settings


def save(visit: Visit, name: str, text: str) -> int:
    fields: dict[str, Any] = {f"set:{name}": text}
    return visit.post("/c/demo/settings", subject="policy", reason="why not", **fields).status_code


@pytest.mark.parametrize("name", ["quickbooks.token_url", "basware.base_url", "basware.extracts.spool"])
def test_where_secrets_and_files_go_is_not_one_companys_to_change(world: World, visit: VisitAs, name: str) -> None:
    """The keys of an app may be those of several companies, and nobody is ever shown them: they could be sent out this way."""
    before, boss = stored(world), visit(world, Role.ADMINISTRATOR)
    token = token_for(world.app, Role.ADMINISTRATOR, world.connection_id)

    assert save(boss, name, THEIRS) == 422
    answer = boss.client.post(
        "/api/v1/connections/demo/settings", headers={"Authorization": f"Bearer {token}"},
        json={"settings": {name: THEIRS}, "reason": "mine"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "administers every connection" in answer.json()["detail"]
    assert stored(world) == before


def test_whoever_administers_every_connection_may(world: World, visit: VisitAs) -> None:
    everywhere: Visit = visit(world, Role.ADMINISTRATOR, everywhere=True)

    assert save(everywhere, "quickbooks.token_url", THEIRS) == 303
    assert decode_settings(stored(world)).quickbooks.token_url == THEIRS
