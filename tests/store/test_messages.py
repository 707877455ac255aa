"""Messages and their targets on both databases: told once, taken by one, tried again, forgotten, and scoped."""

from datetime import datetime, timedelta

import pytest

from ml_connector.store import figures, messages
from ml_connector.store.database import Database
from ml_connector.store.messages import NewMessage, Standing, TargetRow
from ml_connector.store.schema import DocumentState, MessageState
from ml_connector.store.vault import Vault

MINUTE = timedelta(minutes=1)


def target(connection_id: str, now: datetime, name: str = "t1") -> TargetRow:
    return TargetRow(id=name, connection_id=connection_id, shown="Slack", created_at=now, created_by="anna")


def message(connection_id: str, cause: str, to: str = "t1") -> NewMessage:
    return NewMessage(connection_id=connection_id, target_id=to, cause=cause, title="T", body="B")


def test_an_address_is_sealed_for_its_place_and_found_again(
    database: Database, vault: Vault, north: str, now: datetime
) -> None:
    with database.write() as tx:
        messages.add_target(tx, vault, target(north, now), "slack://secret")
        messages.add_target(tx, vault, target("", now, "t2"), "mailto://secret")
    with database.read() as tx:
        found = {one.id: messages.address(tx, vault, one.id) for one in messages.targets(tx)}
        assert {name: secret.reveal() for name, secret in found.items() if secret} == {
            "t1": "slack://secret", "t2": "mailto://secret",
        }  # fmt: skip
        assert messages.address(tx, vault, "t3") is None


def test_a_message_is_stored_once_taken_by_one_and_tried_again_when_it_is_due(
    database: Database, north: str, south: str, now: datetime
) -> None:
    with database.write() as tx:
        assert messages.add(tx, message(north, "alert 1"), now)
        assert not messages.add(tx, message(north, "alert 1"), now)
        assert messages.add(tx, message(south, "alert 1"), now)
        assert messages.known_causes(tx, north, ["alert 1", "alert 2"]) == {("t1", "alert 1")}
        first, second = messages.due(tx, now)
        assert (first.connection_id, second.connection_id) == (north, south)
        assert messages.take(tx, first.id, now, now + 5 * MINUTE)
        assert not messages.take(tx, first.id, now, now + 5 * MINUTE)
        assert [one.id for one in messages.due(tx, now)] == [second.id]
        assert [one.id for one in messages.due(tx, now + 6 * MINUTE)] == [first.id, second.id]
        messages.failed(tx, first.id, "no answer", now + MINUTE)
        messages.sent(tx, second.id, now)
        assert messages.due(tx, now) == []
        assert [(one.tries, one.problem) for one in messages.due(tx, now + MINUTE)] == [(1, "no answer")]
        assert messages.waiting_by_connection(tx) == {north: 1}
        assert messages.standing(tx, ["t1", "t2"]) == {
            "t1": Standing(waiting=1, sent_at=now, problem="no answer"), "t2": Standing(),
        }  # fmt: skip


def test_what_is_over_is_forgotten_and_what_waits_is_not_unless_its_target_goes(
    database: Database, vault: Vault, north: str, now: datetime
) -> None:
    with database.write() as tx:
        messages.add_target(tx, vault, target(north, now), "slack://secret")
        for cause in ("a", "b", "c"):
            messages.add(tx, message(north, cause), now)
        newest = messages.listing(tx, north)
        messages.sent(tx, newest[0].id, now)
        messages.failed(tx, newest[1].id, "gone", None)
        assert {one.state for one in messages.listing(tx, north)} == set(MessageState)
        assert messages.forget_before(tx, now + MINUTE) == 2
        messages.remove_target(tx, "t1")
        assert messages.listing(tx, north) == []
        assert messages.targets(tx) == []


def test_causes_are_new_once_and_again_after_they_were_over_for_each_connection(
    database: Database, north: str, south: str, now: datetime
) -> None:
    one = ("vendor-unknown", "x" * 300)
    with database.write() as tx:
        assert messages.note_causes(tx, north, [one], now) == [one]
        assert messages.note_causes(tx, south, [one], now) == [one]
        assert messages.note_causes(tx, north, [one], now) == []
        assert messages.note_causes(tx, north, [], now) == []
        assert messages.note_causes(tx, north, [one], now) == [one]


@pytest.mark.parametrize("states", [list(DocumentState), [DocumentState.HELD]])
def test_figures_of_no_documents_are_none(
    database: Database, north: str, now: datetime, states: list[DocumentState]
) -> None:
    with database.read() as tx:
        assert figures.oldest(tx, north, states) is None
        assert figures.held_together(tx, north) == []
        assert figures.posted_since(tx, north, now) == (0, {})
