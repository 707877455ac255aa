"""What people type is found whatever the case of its letters, in every list that is searched, on SQLite as on PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Boolean, Table, insert

from ml_connector.store import (
    accruals,
    attachments,
    books,
    copies,
    document_lists,
    document_rounds,
    document_search,
    extracts,
    outcome_lists,
    outgoing,
    schema,
    transaction_search,
    vendor_pairs,
)
from ml_connector.store.columns import Choice, Instant, Json, Words
from ml_connector.store.database import Database, Tx
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.payments import told
from ml_connector.store.transaction_search import Wanted

STORED = "MÜLLER Łódź Ørsted ÉCOLE 100%_A"
"""In the one row of each list, beside nothing else."""
TYPED = ("müller", "MÜLLER", "ŁÓDŹ", "øRSTED", "École", "łódź ørsted École 100%_a", "100%_a", "ü")
OTHERS = ("muller", "lodz", "müller łódź école", "Ü%r", "ö")


def filled(table: Table, **known: object) -> dict[str, Any]:
    """A row with what is known and something harmless in every other column that has to be filled."""
    row = dict[str, Any](known)
    for column in table.columns:
        if column.name in row or column.nullable or column.autoincrement is True:
            continue
        kind = column.type
        if isinstance(kind, Choice):
            row[column.name] = next(iter(kind.words.__members__.values()))
        elif isinstance(kind, Words):
            row[column.name] = ""
        elif isinstance(kind, Json):
            row[column.name] = ()
        elif isinstance(kind, Boolean):
            row[column.name] = False
        else:
            row[column.name] = known["now"] if isinstance(kind, Instant) else 0
    return {name: value for name, value in row.items() if name in table.columns}


def book(**known: object) -> tuple[Table, dict[str, object]]:
    return schema.books, {"entity": "Vendor", "quickbooks_id": "56", "active": True, **known}


Arrive = Callable[..., document_rounds.Arrival]
Found = Callable[[Tx, str, str], Sequence[object]]
"""What a list finds by a text."""
Rows = Sequence[tuple[Table, Mapping[str, object]]]

INVOICE = {"invoice_id": "i-1"}
LISTS: dict[str, tuple[Rows, Found]] = {
    "vendors": (
        [(schema.vendor_pairs, {"code": "V", "name": STORED})],
        lambda tx, own, text: vendor_pairs.ordered(own, text=text).read(tx),
    ),
    "documents": ([], lambda tx, own, text: document_search.found(tx, own, DocumentFilter(text=text), limit=9)),
    "documents at the command line": ([], lambda tx, own, text: document_lists.listing(tx, own, text=text, limit=9)),
    "payments": (
        [(schema.payment_documents, INVOICE | {"state": schema.PaymentState.DUE})],
        lambda tx, own, text: told.ordered(own, text=text).read(tx),
    ),
    "records for Basware": (
        [(schema.outgoing, {"external_code": "X", "name": STORED})],
        lambda tx, own, text: outgoing.ordered(own, text=text).read(tx),
    ),
    "bodies for Basware": (
        [(schema.outgoing, {"external_code": "X", "body": STORED})],
        lambda tx, own, text: outgoing.listing(tx, own, mentioning=text),
    ),
    "purchase orders": (
        [(schema.copies, {"feed": "orders", "external_id": STORED, "inbox_id": 1})],
        lambda tx, own, text: copies.listing(tx, own, "orders", text=text),
    ),
    "files": (
        [(schema.attachments, INVOICE | {"code": "F", "filename": STORED})],
        lambda tx, own, text: attachments.ordered(own, text=text).read(tx),
    ),
    "accruals": (
        [(schema.accruals, INVOICE | {"supplier": STORED, "inbox_id": 1})],
        lambda tx, own, text: accruals.ordered(own, text=text).read(tx),
    ),
    "outcomes": (
        [(schema.requests, {"id": "r", "problem": STORED})],
        lambda tx, own, text: outcome_lists.listing(tx, own, text=text),
    ),
    "rows of extracts": (
        [(schema.extract_rows, {"table_name": "t", "payload": STORED})],
        lambda tx, own, text: list(extracts.rows_of(tx, own, "t", text=text)),
    ),
    "records of QuickBooks": (
        [book(name=STORED)],
        lambda tx, own, text: books.search(tx, own, "Vendor", text, limit=9),
    ),
    "content of records of QuickBooks": (
        [book(payload=STORED)],
        lambda tx, own, text: books.search(tx, own, "Vendor", text, limit=9),
    ),
    "transactions by vendor": (
        [book(name=STORED), book(entity="Bill", quickbooks_id="7", vendor_id="56", payload="{}")],
        lambda tx, own, text: transaction_search.find(tx, own, ["Bill"], Wanted(text=text), limit=9)["Bill"],
    ),
    "transactions by number": (
        [book(entity="Bill", number=STORED.lower(), payload="{}")],
        lambda tx, own, text: transaction_search.find(tx, own, ["Bill"], Wanted(text=text), limit=9)["Bill"],
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_finds_what_is_typed_whatever_the_case_of_its_letters(
    database: Database, north: str, now: datetime, arrive: Arrive, name: str
) -> None:
    rows, found = LISTS[name]
    with database.write() as tx:
        arrive(tx, north, "i-1", supplier=STORED)
        for table, known in rows:
            tx.execute(insert(table).values(**filled(table, **known, connection_id=north, now=now)))
    with database.read() as tx:
        assert {text: len(found(tx, north, text)) for text in TYPED} == dict.fromkeys(TYPED, 1)
        assert {text: len(found(tx, north, text)) for text in OTHERS} == dict.fromkeys(OTHERS, 0)


def test_a_record_and_the_transactions_of_a_vendor_are_found_by_a_name_in_other_letters(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        for table, known in (book(name=STORED), book(entity="Bill", quickbooks_id="7", vendor_id="56", payload="{}")):
            tx.execute(insert(table).values(**filled(table, **known, connection_id=north, now=now)))
    for name, number in ((STORED.swapcase(), 1), ("MULLER Lodz", 0)):
        wanted = Wanted(vendor_name=name)
        with database.read() as tx:
            assert len(books.named(tx, north, "Vendor", [name, "Beacon"])) == number
            assert len(transaction_search.find(tx, north, ["Bill"], wanted, limit=9)["Bill"]) == number


@pytest.mark.parametrize("name", ["ΔΣ", "ΛΣΔ", "İSTANBUL", "ẞ&Co", "Ünal/50%_"])
def test_a_name_is_found_by_itself_and_by_its_beginning(
    database: Database, north: str, now: datetime, name: str
) -> None:
    row = filled(schema.vendor_pairs, code="V", name=f"{name}Ł", connection_id=north, now=now)
    with database.write() as tx:
        tx.execute(insert(schema.vendor_pairs).values(**row))
    with database.read() as tx:
        for text in (f"{name}Ł", name):
            assert vendor_pairs.ordered(north, text=text).read(tx) == ["V"], text
