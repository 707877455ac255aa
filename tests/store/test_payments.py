"""What changed about payments is a query: which versions were looked at, whom a payment concerns; nothing of other connections."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from ml_connector.store import books, payments
from ml_connector.store import links as link_store
from ml_connector.store.books import BookRow
from ml_connector.store.database import Database
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import PaymentState

ENTRY, BILL = ("JournalEntry", "77"), ("Bill", "145")


def payment(token: str = "0", *, deleted: bool = False) -> BookRow:
    return BookRow(quickbooks_id="9", payload="{}", sync_token=token, deleted=deleted)


def linked(tx, connection: str, now: datetime, *, invoice: str = "I-1", target=BILL) -> None:
    link = LinkRow(kind="invoice", basware_id=invoice, quickbooks_type=target[0], quickbooks_id=target[1])
    link_store.put(tx, connection, link, now)


def test_a_payment_is_unseen_until_its_version_was_looked_at_and_again_in_the_next(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        books.put_many(tx, north, payments.PAYMENT, [payment()], now)
        (unseen,) = payments.unseen_payments(tx, north, 10)
        payments.see_payment(tx, north, unseen, [(BILL, Decimal("5.00"))])
        assert payments.unseen_payments(tx, north, 10) == []
        books.put_many(tx, north, payments.PAYMENT, [payment("1")], now)
        assert [row.sync_token for row in payments.unseen_payments(tx, north, 10)] == ["1"]
        payments.see_payment(tx, north, payment("1"), [])
        books.mark_deleted(tx, north, payments.PAYMENT, ["9"], now, now)
        assert [row.deleted for row in payments.unseen_payments(tx, north, 10)] == [True]


def test_a_payment_concerns_what_it_settled_before_too(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        linked(tx, north, now, invoice="I-1", target=ENTRY)
        linked(tx, north, now, invoice="I-2", target=BILL)
        assert payments.see_payment(tx, north, payment(), [(ENTRY, Decimal(5))]) == {ENTRY}
        moved = payments.see_payment(tx, north, payment("1"), [(BILL, Decimal(5))])
        assert moved == {ENTRY, BILL}
        assert payments.documents_with(tx, north, moved) == {"I-1", "I-2"}
        assert payments.settling(tx, north, moved) == {BILL: {"9"}}


def test_a_transaction_is_looked_at_again_when_it_is_linked_to_another_document(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        books.put_many(tx, north, "Bill", [BookRow(quickbooks_id="145", payload="{}", sync_token="0")], now)
        assert payments.unseen_parts(tx, north, 10) == []
        linked(tx, north, now)
        payments.see_parts(tx, north, payments.unseen_parts(tx, north, 10))
        assert not payments.anything_unseen(tx, north)
        linked(tx, north, now, invoice="I-2")
        assert [part.invoice_id for part in payments.unseen_parts(tx, north, 10)] == ["I-2"]


@pytest.mark.parametrize("sending", ["", "code"])
def test_a_document_is_changed_only_while_the_expected_response_is_on_its_way(
    database: Database, north: str, now: datetime, sending: str
) -> None:
    with database.write() as tx:
        payments.look_again(tx, north, ["I-1"], now)
        payments.change(tx, north, "I-1", now, open_code=sending)
        assert payments.change(tx, north, "I-1", now, sending, dirty=False)
        assert not payments.change(tx, north, "I-1", now, "another", dirty=True)
        assert bool(payments.to_look_at(tx, north, "", 10)) is False


def test_payments_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        books.put_many(tx, north, payments.PAYMENT, [payment()], now)
        books.put_many(tx, north, "Bill", [BookRow(quickbooks_id="145", payload="{}", sync_token="0")], now)
        linked(tx, north, now)
        assert not payments.anything_unseen(tx, south)
        payments.see_payment(tx, north, payment(), [(BILL, Decimal(5))])
        payments.look_again(tx, north, ["I-1"], now)
        payments.change(tx, north, "I-1", now, state=PaymentState.EARLIER, dirty=False)
        assert payments.documents_with(tx, south, [BILL]) == set()
        assert payments.settling(tx, south, [BILL]) == {}
        assert payments.links_of(tx, south, ["I-1"]) == {}
        assert payments.get(tx, south, "I-1") is None
        assert payments.to_look_at(tx, south, "", 10) == []
        assert payments.want_earlier(tx, south, now) == []
        assert payments.counts(tx, south) == {}
        assert payments.ordered(south).read(tx) == []
        assert payments.due(tx, south, 10) == []
        assert payments.wake(tx, south, now) == 0
        assert not payments.change(tx, south, "I-1", now, dirty=True)
        assert payments.want_earlier(tx, north, now) == ["I-1"]


def test_after_a_look_only_what_was_written_since_is_read_and_nothing_new_is_missed(
    database: Database, north: str, now: datetime
) -> None:
    later = now + timedelta(days=1)
    with database.write() as tx:
        books.put_many(tx, north, payments.PAYMENT, [payment()], now)
        books.put_many(tx, north, "Bill", [BookRow(quickbooks_id="145", payload="{}", sync_token="0")], now)
        linked(tx, north, now)
        assert payments.anything_unseen(tx, north)
        payments.see_payment(tx, north, payment(), [(BILL, Decimal(5))])
        payments.see_parts(tx, north, payments.unseen_parts(tx, north, 10))
        payments.note_looked(tx, north, later, later)
        assert not payments.anything_unseen(tx, north)

        linked(tx, north, later, invoice="I-2")
        assert payments.anything_unseen(tx, north), "a bill that was there before belongs to a document now"
        payments.see_parts(tx, north, payments.unseen_parts(tx, north, 10))
        books.put_many(tx, north, "Bill", [BookRow(quickbooks_id="145", payload="{}", sync_token="1")], later)
        assert payments.anything_unseen(tx, north), "the bill changed"
        payments.see_parts(tx, north, payments.unseen_parts(tx, north, 10))
        books.put_many(tx, north, payments.PAYMENT, [payment("1")], later)
        assert payments.anything_unseen(tx, north), "a payment changed"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_whether_anything_is_unseen_is_found_by_index(database: Database, north: str, now: datetime) -> None:
    """On SQLite alone: PostgreSQL chooses a plan by the number of rows, and has the same index."""
    indexes = ("ix_books_updated_at", "ix_books_updated_at", "ix_links_updated_at")
    with database.read() as tx:
        for query, index in zip(payments.unseen_since(north, now), indexes, strict=True):
            text = str(query.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True}))
            plan = [str(row.detail) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
            assert any(index in step for step in plan), plan
            assert not any(step.startswith("SCAN") for step in plan), plan
