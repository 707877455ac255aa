"""Invoices as they arrive, arrive again, move on and are found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.postings import Decision
from ml_connector.store import document_lists, document_rounds, documents, inbox
from ml_connector.store.database import Database, Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.errors import DocumentAmbiguousError, ValueRefusedError
from ml_connector.store.schema import DocumentState

Arrive = Callable[..., document_rounds.Arrival]
UNREADABLE = Hold(cause=Cause.UNREADABLE_DOCUMENT)


def one(tx: Tx, connection_id: str, invoice_id: str) -> DocumentRow:
    row = documents.get(tx, connection_id, invoice_id)
    assert row is not None
    return row


def test_what_arrives_twice_is_kept_once(database: Database, north: str, south: str, now: datetime) -> None:
    arrival = {
        "feed": "documents", "external_id": "1", "content_hash": "h", "last_updated": "u",
        "payload": '{"total": 1.10,  "odd": "\\u0000"}', "received_at": now,
    }  # fmt: skip
    with database.write() as tx:
        first, is_new = inbox.store(tx, north, **arrival)  # type: ignore[arg-type]
        again, is_new_again = inbox.store(tx, north, **arrival)  # type: ignore[arg-type]
        changed, changed_is_new = inbox.store(tx, north, **(arrival | {"content_hash": "h2"}))  # type: ignore[arg-type]
        theirs, theirs_is_new = inbox.store(tx, south, **arrival)  # type: ignore[arg-type]
        latest = inbox.latest(tx, north, "documents", "1")
        texts = inbox.payloads(tx, north, [first, changed, theirs])
    assert (is_new, is_new_again, changed_is_new, theirs_is_new) == (True, False, True, True)
    assert first == again
    assert latest is not None
    assert latest.id == changed
    assert texts == {first: arrival["payload"], changed: arrival["payload"]}


def test_a_new_invoice_waits_to_be_planned(database: Database, north: str, arrive: Arrive) -> None:
    with database.write() as tx:
        assert arrive(tx, north, "1", number="INV-7", total="-12.30").is_new
        row = one(tx, north, "1")
    assert (row.state, row.round, row.attempt, row.acknowledged) == (DocumentState.RECEIVED, 1, 0, False)
    assert (row.invoice_number, row.total, row.supplier_code) == ("INV-7", Decimal("-12.30"), "S1")
    assert (row.plan, row.holds, row.held_since, row.decision) == ("", (), None, None)


def test_an_invoice_nobody_can_read_is_held_at_once(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1", holds=(UNREADABLE,))
        row = one(tx, north, "1")
    assert (row.state, row.holds, row.held_since, row.total) == (DocumentState.HELD, (UNREADABLE,), now, None)


def test_the_same_arrival_again_changes_nothing(database: Database, north: str, arrive: Arrive, now: datetime) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        documents.set_state(tx, north, "1", DocumentState.CONFIRMED, now)
        before = one(tx, north, "1")
        again = arrive(tx, north, "1")
        assert (again.is_new, again.is_new_round, again.content_changed) == (False, False, False)
        assert one(tx, north, "1") == before


@pytest.mark.parametrize("state", sorted(document_rounds.ENDED))
def test_a_finished_invoice_sent_again_starts_its_next_round(
    database: Database, north: str, arrive: Arrive, now: datetime, state: DocumentState
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1", total="1.00")
        documents.set_state(
            tx, north, "1", state, now, plan="{}", kind="Bill", attempt=2, acknowledged=True, note="n",
            holds=(UNREADABLE,), held_since=now, decision=Decision(reason="r"),
        )  # fmt: skip
        again = arrive(tx, north, "1", content="second", total="2.00")
        row = one(tx, north, "1")
    assert (again.is_new, again.is_new_round, again.content_changed) == (False, True, True)
    assert (row.state, row.round, row.attempt, row.acknowledged) == (DocumentState.RECEIVED, 2, 0, False)
    assert (row.plan, row.kind, row.note, row.holds, row.held_since, row.decision) == ("", "", "", (), None, None)
    assert (row.total, row.content_hash) == (Decimal("2.00"), "second")


@pytest.mark.parametrize("state", sorted(document_rounds.WAITING))
def test_a_waiting_invoice_that_changed_is_planned_anew_in_the_same_round(
    database: Database, north: str, arrive: Arrive, now: datetime, state: DocumentState
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        documents.set_state(tx, north, "1", state, now, plan="{}", attempt=1, decision=Decision(reason="r"))
        again = arrive(tx, north, "1", content="second")
        row = one(tx, north, "1")
    assert (again.is_new_round, again.content_changed) == (False, True)
    assert (row.state, row.round, row.attempt, row.plan) == (DocumentState.RECEIVED, 1, 1, "")
    assert row.decision == Decision(reason="r")


def test_a_held_invoice_that_stays_unreadable_is_held_since_the_first_time(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1", holds=(UNREADABLE,))
        documents.set_columns(tx, north, "1", now, held_since=now - timedelta(days=9))
        arrive(tx, north, "1", content="second", holds=(UNREADABLE,))
        assert one(tx, north, "1").held_since == now - timedelta(days=9)


@pytest.mark.parametrize("state", [DocumentState.POSTING, DocumentState.POSTED])
def test_an_invoice_being_posted_keeps_its_state_when_it_changes_and_starts_over_afterwards(
    database: Database, north: str, arrive: Arrive, now: datetime, state: DocumentState
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        documents.set_state(tx, north, "1", state, now, plan="{}", kind="Bill", attempt=1)
        again = arrive(tx, north, "1", content="second")
        row = one(tx, north, "1")
        assert (again.is_new_round, again.content_changed) == (False, True)
        assert (row.state, row.round, row.plan, row.content_hash) == (state, 1, "{}", "second")
        assert not document_rounds.next_round(tx, north, "1", now, expected={DocumentState.HELD})
        assert document_rounds.next_round(tx, north, "1", now, expected={state})
        row = one(tx, north, "1")
    assert (row.state, row.round, row.plan, row.attempt) == (DocumentState.RECEIVED, 2, "", 0)


def test_a_document_that_moved_meanwhile_is_left_alone(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        assert documents.set_state(
            tx, north, "1", DocumentState.POSTING, now, expected={DocumentState.RECEIVED}, kind="Bill"
        )
        assert not documents.set_state(
            tx, north, "1", DocumentState.HELD, now, expected={"received", "held"}, kind="None"
        )
        row = one(tx, north, "1")
        assert (row.state, row.kind) == (DocumentState.POSTING, "Bill")
        assert documents.set_state(tx, north, "1", DocumentState.IGNORED, now)
        assert not documents.set_state(tx, north, "2", DocumentState.IGNORED, now)


def test_only_the_columns_named_for_it_can_be_changed_along(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        with pytest.raises(ValueError, match="cannot be set here: total"):
            documents.set_state(tx, north, "1", DocumentState.HELD, now, total=Decimal(1))  # type: ignore[call-arg]
        with pytest.raises(ValueError, match="cannot be set here: seq"):
            documents.set_columns(tx, north, "1", now, seq=1)  # type: ignore[call-arg]
        with pytest.raises(ValueError, match="gone"):
            documents.in_state(tx, north, "gone")
        with pytest.raises(ValueRefusedError):
            documents.set_state(tx, north, "1", "gone", now)  # type: ignore[arg-type]


def test_documents_are_worked_on_in_the_order_they_came(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        for invoice_id in ("z", "a", "m"):
            arrive(tx, north, invoice_id)
        documents.set_state(tx, north, "a", DocumentState.HELD, now)
        arrive(tx, north, "z", content="second")
        both = documents.in_state(tx, north, {DocumentState.RECEIVED, DocumentState.HELD})
        assert [row.invoice_id for row in both] == ["z", "a", "m"]
        assert [row.invoice_id for row in documents.in_state(tx, north, "received")] == ["z", "m"]
        (first,) = documents.in_state(tx, north, {"received", "held"}, limit=1)
        rest = documents.in_state(tx, north, {"received", "held"}, after_seq=first.seq)
        assert [row.invoice_id for row in rest] == ["a", "m"]


def test_documents_are_listed_by_page_state_and_text(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        for number in range(5):
            arrive(
                tx, north, str(number), number=f"INV_{number}", supplier="Müller & Co" if number % 2 else "100% Wool"
            )
        documents.set_state(tx, north, "3", DocumentState.HELD, now)

        def found(states: str | None = None, text: str | None = None, limit: int = 9, offset: int = 0) -> list[str]:
            rows = document_lists.listing(tx, north, states=states, text=text, limit=limit, offset=offset)
            return [row.invoice_id for row in rows]

        assert found() == ["0", "1", "2", "3", "4"]
        assert found(limit=2, offset=1) == ["1", "2"]
        assert found(states="held") == ["3"]
        assert found(text="& co") == ["1", "3"]
        assert found(text="inv_2") == ["2"]
        assert found(text="100% w") == ["0", "2", "4"]
        assert found(text="1%") == []


def test_a_person_names_a_document_by_id_or_number(database: Database, north: str, arrive: Arrive) -> None:
    with database.write() as tx:
        arrive(tx, north, "id-1", number="A-1", supplier="Acme")
        arrive(tx, north, "id-2", number="A-2", supplier="Acme")
        arrive(tx, north, "id-3", number="A-2", supplier="Bolt")
        arrive(tx, north, "A-1", number="X")

        def named(text: str) -> str | None:
            row = documents.find(tx, north, text)
            return row.invoice_id if row else None

        assert named("id-2") == "id-2"
        assert named("A-1") == "A-1"  # an id wins over a number
        assert named("X") == "A-1"
        assert named("nothing") is None
        with pytest.raises(DocumentAmbiguousError, match=r"id-2 \(Acme\), id-3 \(Bolt\)"):
            documents.find(tx, north, "A-2")


def test_acknowledging_is_noted(database: Database, north: str, arrive: Arrive, now: datetime) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
        assert documents.set_acknowledged(tx, north, "1", now)
        assert one(tx, north, "1").acknowledged
        assert not documents.set_acknowledged(tx, north, "2", now)
