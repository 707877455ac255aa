"""Looking for documents: by what a person knows of them, a page at a time, in one connection only."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.rules.calendar import span_of_day
from ml_connector.store import document_rounds, document_search, documents, inbox, links
from ml_connector.store.database import Database, Tx
from ml_connector.store.document_search import DocumentFilter, Order
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import DocumentState


def arrive(tx: Tx, connection_id: str, invoice_id: str, now: datetime, **facts: Any) -> None:
    inbox_id, _ = inbox.store(
        tx, connection_id, feed="documents", external_id=invoice_id, content_hash="c", last_updated="c", payload="{}",
        received_at=now,
    )  # fmt: skip
    known = {"company_code": "100", "supplier_code": "S1", "supplier_name": "Acme", "currency": "USD"}
    document = AccountingDocument(
        invoice_id=invoice_id, processing_status="WaitingForTransfer", content_hash="c", **(known | facts)
    )  # fmt: skip
    document_rounds.upsert_received(
        tx, connection_id, invoice_id=invoice_id, inbox_id=inbox_id, content_hash="c", last_updated="c",
        acknowledged=True, facts=document, now=now,
    )  # fmt: skip


@pytest.fixture
def filled(database: Database, north: str, south: str, now: datetime) -> Database:
    """Three invoices in the north, one with the same number in the south."""
    with database.write() as tx:
        arrive(
            tx, north, "a", now, invoice_number="INV-4711", supplier_name="Müller & Söhne GmbH", gross_sum=Decimal("100"),
            invoice_date=date(2026, 10, 1), order_numbers=("PO-7",),
        )  # fmt: skip
        arrive(
            tx, north, "b", now, invoice_number="100%_off", supplier_code="S2", gross_sum=Decimal("-100.00"),
            invoice_date=date(2026, 10, 31), rows=(CodingRow(row_index=1, order_number="PO-71"),),
        )  # fmt: skip
        arrive(tx, north, "c", now, invoice_number="C-1", gross_sum=Decimal("100.01"))
        documents.set_state(tx, north, "c", DocumentState.HELD, now)
        posted = LinkRow(
            kind="invoice", basware_id="b", quickbooks_type="VendorCredit", quickbooks_id="977", doc_number="100_off-1"
        )
        links.put(tx, north, posted, now)
        arrive(tx, south, "z", now, invoice_number="INV-4711")
    return database


def ids(rows: Iterable[documents.DocumentRow]) -> list[str]:
    return [row.invoice_id for row in rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (DocumentFilter(), ["c", "b", "a"]),
        (DocumentFilter(text="4711"), ["a"]),
        (DocumentFilter(text="MÜLLER & s"), ["a"]),
        (DocumentFilter(text="s2"), ["b"]),
        (DocumentFilter(text="0%_o"), ["b"]),
        (DocumentFilter(text="%"), ["b"]),
        (DocumentFilter(text="977"), ["b"]),
        (DocumentFilter(text="100_off-1"), ["b"]),
        (DocumentFilter(amount=Decimal("100.0")), ["b", "a"]),
        (DocumentFilter(amount=Decimal("-100.01")), ["c"]),
        (DocumentFilter(order="PO-7"), ["b", "a"]),
        (DocumentFilter(order=" PO-7 "), ["a"]),
        (DocumentFilter(since=date(2026, 10, 31)), ["b"]),
        (DocumentFilter(until=date(2026, 10, 31)), ["b", "a"]),
        (DocumentFilter(posted=span_of_day(date(2026, 11, 2), "UTC")), ["b"]),
        (DocumentFilter(posted=span_of_day(date(2026, 11, 2), "UTC"), text="4711"), []),
        (DocumentFilter(posted=span_of_day(date(2026, 11, 3), "UTC")), []),
        (DocumentFilter(posted=span_of_day(date(2026, 11, 1), "UTC")), []),
        (DocumentFilter(states=frozenset({DocumentState.HELD})), ["c"]),
        (DocumentFilter(states=frozenset({DocumentState.HELD}), text="4711"), []),
    ],
)
def test_a_document_is_found_by_what_a_person_knows_of_it(
    filled: Database, north: str, wanted: DocumentFilter, found: list[str]
) -> None:
    with filled.read() as tx:
        assert ids(document_search.found(tx, north, wanted, limit=10)) == found


def test_pages_follow_each_other_in_both_directions(filled: Database, north: str) -> None:
    with filled.read() as tx:
        first = document_search.found(tx, north, DocumentFilter(), limit=2)
        second = document_search.found(tx, north, DocumentFilter(), limit=2, below=first[-1].seq)
        back = document_search.found(tx, north, DocumentFilter(), limit=2, above=second[0].seq)
    assert [ids(first), ids(second), ids(back)] == [["c", "b"], ["a"], ["c", "b"]]


def test_states_are_counted_in_one_connection_only(filled: Database, north: str, south: str) -> None:
    with filled.read() as tx:
        assert document_search.state_counts(tx, north) == {DocumentState.RECEIVED: 2, DocumentState.HELD: 1}
        assert document_search.state_counts(tx, south) == {DocumentState.RECEIVED: 1}


def test_a_document_sent_again_is_found_by_its_new_number_only(filled: Database, north: str, now: datetime) -> None:
    with filled.write() as tx:
        inbox_id, _ = inbox.store(
            tx, north, feed="documents", external_id="a", content_hash="d", last_updated="d", payload="{}", received_at=now
        )  # fmt: skip
        facts = AccountingDocument(
            invoice_id="a", company_code="100", supplier_code="S1", currency="USD", processing_status="", content_hash="d",
            invoice_number="NEW-1",
        )  # fmt: skip
        document_rounds.upsert_received(
            tx, north, invoice_id="a", inbox_id=inbox_id, content_hash="d", last_updated="d", acknowledged=True, facts=facts,
            now=now,
        )  # fmt: skip
        assert ids(document_search.found(tx, north, DocumentFilter(text="new-1"), limit=5)) == ["a"]
        assert document_search.found(tx, north, DocumentFilter(text="4711"), limit=5) == []


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (Order.OLDEST, ["a", "b", "c"]),
        (Order.AMOUNT, ["c", "b", "a"]),
        (Order.INVOICE_DATE, ["b", "a", "c"]),
    ],
)  # fmt: skip
def test_documents_are_listed_in_another_order_a_page_at_a_time(
    filled: Database, north: str, order: Order, found: list[str]
) -> None:
    with filled.read() as tx:
        listed = document_search.ordered(tx, north, DocumentFilter(), order)
        pages = [listed.read(tx, limit=2, offset=start) for start in (0, 2)]
        shown = [document_search.these(tx, north, page) for page in pages]
    assert [ids(page) for page in shown] == [found[:2], found[2:]]
