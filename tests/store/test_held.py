"""Causes of held documents, counted and added up by the database; and how many documents were posted or began to wait each day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from ml_connector.model.holds import Cause, Hold
from ml_connector.store import documents, held, history, links
from ml_connector.store.database import Database
from ml_connector.store.held import card_of
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import DocumentState, VendorState
from ml_connector.store.vendor_pairs import VendorPair, put_many

Arrive = Callable[..., int]

INACTIVE = Hold(cause=Cause.VENDOR_INACTIVE, subject="Redfern Couriers", facts={"vendor": "Redfern Couriers (113)"})
UNMAPPED = Hold(cause=Cause.ACCOUNT_NOT_MAPPED, subject="6470", rows=(1,))


def hold(database: Database, connection_id: str, invoice_id: str, *holds: Hold, at: datetime) -> None:
    with database.write() as tx:
        moved = documents.set_state(
            tx, connection_id, invoice_id, DocumentState.HELD, at, holds=holds, held_since=at, plan="{}"
        )
    assert moved


def test_a_cause_is_counted_once_for_each_document_whatever_rows_it_names(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        for number in ("1", "2"):
            arrive(tx, north, number, number=f"A{number}")
    again = Hold(cause=UNMAPPED.cause, subject=UNMAPPED.subject, rows=(2,))
    hold(database, north, "1", UNMAPPED, again, INACTIVE, at=now)
    hold(database, north, "2", UNMAPPED, at=now - timedelta(days=1))
    with database.read() as tx:
        found = {one.cause: one for one in held.totals(tx, north, HeldIn.DOCUMENTS)}
        listed = held.members(tx, north, HeldIn.DOCUMENTS, "account-not-mapped", "6470")
    assert found["account-not-mapped"].number == 2
    assert found["account-not-mapped"].since == now - timedelta(days=1)
    assert found["vendor-inactive"].number == 1
    assert [one.number for one in listed] == ["A1", "A2"]


@pytest.mark.parametrize("state", [DocumentState.RECEIVED, DocumentState.POSTING, DocumentState.IGNORED])
def test_a_document_that_goes_on_has_no_causes_any_more(
    database: Database, north: str, arrive: Arrive, now: datetime, state: DocumentState
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
    hold(database, north, "1", UNMAPPED, at=now)
    with database.write() as tx:
        documents.set_state(tx, north, "1", state, now, expected={DocumentState.HELD})
    with database.read() as tx:
        assert held.totals(tx, north, HeldIn.DOCUMENTS) == []


def test_a_document_held_for_something_else_changes_its_card(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
    hold(database, north, "1", UNMAPPED, at=now)
    hold(database, north, "1", INACTIVE, at=now)
    with database.read() as tx:
        assert [one.cause for one in held.totals(tx, north, HeldIn.DOCUMENTS)] == ["vendor-inactive"]
        assert held.members(tx, north, HeldIn.DOCUMENTS, "account-not-mapped", "6470") == []


def test_causes_are_scoped(database: Database, north: str, south: str, arrive: Arrive, now: datetime) -> None:
    with database.write() as tx:
        arrive(tx, north, "1")
    hold(database, north, "1", UNMAPPED, at=now)
    with database.read() as tx:
        assert held.totals(tx, south, HeldIn.DOCUMENTS) == []
        assert held.members(tx, south, HeldIn.DOCUMENTS, "account-not-mapped", "6470") == []
        assert held.suppliers(tx, south, "account-not-mapped", "6470") == {}
        assert held.holds_of(tx, south, HeldIn.DOCUMENTS, ["1"]) == {}
        assert history.days(tx, south, [now - timedelta(days=1), now + timedelta(days=1)])[0].held == 0


def test_vendors_wait_as_cards_too_even_with_marks_no_database_likes(
    database: Database, north: str, now: datetime
) -> None:
    bank = Hold(cause=Cause.VENDOR_BANK_CHANGED, subject='vendor V-1 "\x00\\', facts={"vendor": "\x00"})
    waiting = [
        VendorPair(code="V-1", name="One", state=VendorState.LINKED, holds=(bank,)),
        VendorPair(code="V-2", name="Two", state=VendorState.LINKED),
    ]
    with database.write() as tx:
        put_many(tx, north, waiting, now)
    with database.read() as tx:
        [only] = held.totals(tx, north, HeldIn.VENDORS)
        listed = held.members(tx, north, HeldIn.VENDORS, only.cause, only.subject)
    assert (only.number, only.money, only.subject) == (1, {}, 'vendor V-1 "\ufffd\\')
    assert [one.key for one in listed] == ["V-1"]
    assert only.card == card_of("vendor-bank-changed", 'vendor V-1 "\ufffd\\')


def test_days_count_what_was_posted_and_what_began_to_wait_even_after_it_went_on(
    database: Database, north: str, arrive: Arrive, now: datetime
) -> None:
    with database.write() as tx:
        for number in ("1", "2"):
            arrive(tx, north, number)
        for part in (0, 1):
            one = LinkRow(
                kind="invoice", basware_id="2", part=part, quickbooks_type="Bill", quickbooks_id=f"9{part}",
                amount=Decimal("10.10"), currency="USD",
            )  # fmt: skip
            links.put(tx, north, one, now)
    hold(database, north, "1", UNMAPPED, at=now - timedelta(days=1))
    with database.write() as tx:
        documents.set_state(tx, north, "1", DocumentState.POSTED, now, held_since=None, holds=())
    bounds = [now - timedelta(days=2, minutes=1), now - timedelta(hours=1), now + timedelta(hours=1)]
    with database.read() as tx:
        found = history.days(tx, north, bounds)
        today = history.posted_since(tx, north, bounds[1])
    assert [(one.posted, one.held) for one in found] == [(0, 1), (1, 0)]
    assert today == (1, {"USD": Decimal("20.20")})


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_waits_is_found_by_an_index_of_what_waits(database: Database, north: str) -> None:
    """Of a hundred thousand payments a few wait: reading all of them for these took most of a page's time.

    On SQLite alone: PostgreSQL chooses a plan by the number of rows, and has the same indexes.
    """
    asked: list[tuple[str, Any]] = []
    indexes = {
        HeldIn.DOCUMENTS: "ix_held_causes_rank", HeldIn.VENDORS: "ix_vendor_pairs_held",
        HeldIn.ORDERS: "ix_taken_orders_state", HeldIn.RECORDS: "ix_outgoing_waiting",
        HeldIn.PAYMENTS: "ix_payment_documents_state",
    }  # fmt: skip
    with database.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        for where, index in indexes.items():
            asked.clear()
            held.totals(tx, north, where)
            ((statement, values),) = asked
            plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [str(row.detail) for row in plan]
            assert index in steps[0], (where, steps)
            assert not any(step.startswith("SCAN") for step in steps), (where, steps)
