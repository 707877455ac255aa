"""Who is told, in the console: an address is added, tried out and removed, and never comes back to a page."""

from collections.abc import Iterator

import pytest

from databases import SqliteFiles
from ml_connector.app.messenger import Messenger
from ml_connector.model.people import Role
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.store.schema import Severity
from ml_connector.store.schema import messages as message_table
from ml_connector.work.messages.targets import target_lines
from receiver import receiving
from visits import VisitAs, text_of
from world import World, build_world


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


def test_an_address_is_added_tried_out_told_and_removed_without_being_shown(world: World, visit: VisitAs) -> None:
    world.app.messenger = Messenger(private=True)
    boss = visit(world, Role.ADMINISTRATOR)
    assert "Nobody is told" in text_of(boss.get("/c/demo/messages"))
    with receiving() as receiver:
        address = receiver.address.replace("json://", "json://user:geheim-password@")
        added = boss.post("/c/demo/messages", address=address)
        page = boss.follow(added)
        assert "JSON to 127.0.0.1 is told from now on" in text_of(page)
        assert "geheim" not in page.text + added.headers["set-cookie"]
        (line,) = target_lines(world.database)
        assert boss.post(f"/c/demo/messages/{line.id}/test").status_code == 303
        world.clock.advance(60)
        with world.database.write() as tx:
            alerts.raise_(
                tx, world.connection_id, kind="x", message="<b>Sign in</b>", severity=Severity.ERROR, now=world.clock.now()
            )  # fmt: skip
        world.app.courier().look()
        assert len(receiver.taken) == 2
        receiver.status = 500
        assert boss.post(f"/c/demo/messages/{line.id}/test").status_code == 422

    page = boss.get("/c/demo/messages")
    assert "&lt;b&gt;Sign in" in page.text
    assert "<b>Sign in" not in page.text
    assert boss.post(f"/c/demo/messages/{line.id}/remove").status_code == 303
    assert target_lines(world.database) == []


def test_the_table_for_spreadsheets_has_every_message(world: World, visit: VisitAs) -> None:
    now, many = world.clock.now(), 1_130
    with world.database.write() as tx:
        tx.execute(
            message_table.insert(),
            [
                {
                    "connection_id": world.connection_id, "target_id": "gone", "cause": f"x {number}", "title": f"Message {number}",
                    "body": "", "state": "sent", "tries": 1, "due_at": now, "created_at": now, "sent_at": now, "problem": "",
                }
                for number in range(many)
            ],
        )  # fmt: skip
    table = visit(world, Role.ADMINISTRATOR).table("/c/demo/messages?format=csv")
    assert [one["title"] for one in table] == [f"Message {number}" for number in reversed(range(many))]


def test_only_whoever_administers_sees_and_changes_who_is_told(world: World, visit: VisitAs) -> None:
    for role in (Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER):
        person = visit(world, role)
        assert person.get("/c/demo/messages").status_code == 403
        for path in ("/c/demo/messages", "/c/demo/messages/x/test", "/c/demo/messages/x/remove"):
            assert person.post(path, address="json://x").status_code == 403
    boss = visit(world, Role.ADMINISTRATOR)
    assert boss.post("/c/demo/messages", address="nonsense").status_code == 422
    assert boss.post("/c/demo/messages/x/test").status_code == 404
    assert boss.post("/c/demo/messages/x/remove").status_code == 422
