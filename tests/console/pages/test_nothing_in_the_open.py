"""What lets somebody in, or opens something, stands nowhere in the database as it is: in no row, and in nothing a row left behind.

Credentials of both vendors are tests/system/test_secrets.py.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import SqliteFiles
from ml_connector.app.messenger import Messenger
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from programs import token_for
from visits import VisitAs
from world import World, build_world

PASSWORD = "seven grey herons at dawn"
TARGET = "mailto://clerk:letter-box-key@mail.example.com"


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty", mapping=False)
        database.close()


def test_a_stolen_copy_of_the_database_lets_nobody_in(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)
    world.app.messenger = Messenger(private=True)
    link = re.search(
        r"/welcome/([\w-]+)", boss.post("/people", login="cy@example.com", connection="demo", role="viewer").text
    )
    assert link is not None
    newcomer = visit(world)
    newcomer.client.cookies.clear()
    newcomer.get(f"/welcome/{link[1]}")
    newcomer.get("/welcome")
    entered = newcomer.post("/welcome", password=PASSWORD, again=PASSWORD)
    assert entered.status_code == 303
    again = re.search(r"/welcome/([\w-]+)", boss.post("/people/cy@example.com/reset").text)
    token = re.search(
        r"mlc_[\w-]{20,}", boss.post("/me/tokens", name="x", connection="*", role="administrator", days=9).text
    )
    assert again is not None
    assert token is not None
    assert boss.post("/c/demo/messages", address=TARGET).status_code == 303
    program = token_for(world.app, Role.ADMINISTRATOR)
    headers = {"Authorization": f"Bearer {program}", "Idempotency-Key": "a-key-of-the-callers"}
    invited = boss.client.post("/api/v1/people", headers=headers, json={"login": "di@example.com", "roles": []}).json()[
        "link"
    ]
    boss.post("/c/demo/connection/connect")

    secrets = {
        "a password": PASSWORD, "a session": newcomer.secret, "the administrator's session": boss.secret,
        "a link": link[1], "a link to reset": again[1], "a link of the API": invited.rpartition("/")[2],
        "a token": token[0], "a program's token": program, "a target's password": "letter-box-key",
    }  # fmt: skip
    with world.database.read() as tx:
        file = Path(str(tx.engine.url.database))
    stored = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert boss.login.encode() in stored
    assert [name for name, secret in secrets.items() if secret.encode() in stored] == []
    assert all(len(secret) > 10 for secret in secrets.values())
