"""The client and the translation against a QuickBooks nobody here wrote for them: the twin's demo company."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ml_connector.model.books import Books, TransactionType
from ml_connector.model.postings import Posting, PostingLine, Side
from ml_connector.quickbooks.auth import refresh
from ml_connector.quickbooks.client import QuickBooksClient, make_http
from ml_connector.quickbooks.errors import CompanyReadOnly, Refused
from ml_connector.quickbooks.faults import duplicate_target
from ml_connector.quickbooks.queries import numbers_in
from ml_connector.quickbooks.translation import (
    BOOK_ENTITIES,
    books_from,
    existing_transaction,
    posting_body,
    update_body,
)
from ml_connector.quickbooks.wire import BatchItem, Operation, batch_body, encode
from twins.clock import Clock
from twins.demo_company.firm import quickbooks_seed
from twins.quickbooks.twin import QuickBooksTwin
from twins.transport import TwinTransport

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NUMBER = "O'Neil\\7"


class Company:
    """The demo company in the twin, our client for it, and what the client read of its books."""

    def __init__(self) -> None:
        self.clock = Clock(NOW, running=False)
        self.twin = QuickBooksTwin(self.clock)
        self.seed = quickbooks_seed()
        self.twin.add_company(self.seed)
        self.http = make_http(transport=TwinTransport({"qbo.test": self.twin}, clock=self.clock))
        self.tokens: list[str] = []
        self.client = QuickBooksClient(
            self.http,
            base_url="https://qbo.test",
            realm_id=self.seed["realm_id"],
            access_token=self._token,
            budget=self,
        )
        self.books = self._read_books()

    @contextmanager
    def slot(self, *, batch: bool, reads: int) -> Iterator[None]:
        self.clock.advance(0.2)
        yield

    def throttled(self, retry_after: float | None) -> None:
        self.clock.advance(retry_after or 60)

    def _token(self, force: bool) -> str:
        if force or not self.tokens:
            tokens = refresh(
                self.http,
                token_url="https://qbo.test/oauth2/v1/tokens/bearer",
                client_id=self.seed["client_id"],
                client_secret=self.seed["client_secret"],
                refresh_token=self.seed["refresh_token"],
                now=self.clock.now(),
            )
            self.tokens.append(tokens.access_token)
        return self.tokens[-1]

    def _read_books(self) -> Books:
        records: dict[str, list[dict[str, Any]]] = {
            entity: list(self.client.query_all(entity)) for entity in BOOK_ENTITIES
        }
        return books_from(
            {**records, "Preferences": [self.client.preferences()], "CompanyInfo": [self.client.company_info()]}
        )

    def posting(self, kind: TransactionType = TransactionType.BILL, **more: Any) -> Posting:
        """A transaction of 30.10 on two lines, on the first vendor, accounts, locations and classes in use."""
        books = self.books
        vendor = next(one.id for one in books.vendors.values() if one.active)
        payable = next(one.id for one in books.accounts.values() if one.type == "Accounts Payable")
        expense = next(one.id for one in books.accounts.values() if one.type == "Expense" and one.active)
        locations = [one.id for one in books.locations.values() if one.active]
        class_id = next(one.id for one in books.classes.values() if one.active)
        journal = kind is TransactionType.JOURNAL_ENTRY
        side = Side.DEBIT if journal else None
        lines = [
            PostingLine(
                amount=Decimal(amount),
                account_id=expense,
                class_id=class_id,
                side=side,
                location_id=location if journal else "",
            )
            for amount, location in zip(("10.05", "20.05"), locations, strict=False)
        ]
        if journal:
            lines.append(PostingLine(amount=Decimal("30.10"), account_id=payable, side=Side.CREDIT, vendor_id=vendor))
        values: dict[str, Any] = {
            "type": kind, "vendor_id": vendor, "txn_date": date(2026, 10, 5), "doc_number": NUMBER, "memo": "Basware [bw:x/0]",
            "currency": "USD", "total": Decimal("30.10"), "payable_account_id": payable, "lines": tuple(lines),
            "location_id": "" if journal else locations[0],
        }  # fmt: skip
        return Posting(**{**values, **more})


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.mark.parametrize("kind", list(TransactionType))
def test_each_kind_is_posted_found_by_its_number_and_updated(company: Company, kind: TransactionType) -> None:
    posting = company.posting(kind)
    company.twin.switches.additive_share = 1.0
    item = BatchItem(b_id="1", operation=Operation.CREATE, entity=kind.value, body=posting_body(posting))
    (answer,) = company.client.send_batch(batch_body([item]), "batch-1").items
    assert answer.faults == ()

    ((record,),) = company.client.batch_queries(numbers_in(kind.value, [NUMBER]))
    found = existing_transaction(kind, record, payable_account_ids={posting.payable_account_id}, home_currency="USD")
    assert (found.vendor_id, found.total, found.memo) == (posting.vendor_id, posting.total, posting.memo)
    assert not found.settled

    changed = msgspec.structs.replace(posting, memo="changed [bw:x/0]", txn_date=date(2026, 10, 6))
    updated, _ = company.client.send(kind.value, encode(update_body(changed, record)), "update-1")
    assert (updated["PrivateNote"], updated["TxnDate"], updated["SyncToken"]) == ("changed [bw:x/0]", "2026-10-06", "1")
    assert company.twin.check(company.seed["realm_id"]) == []


def test_the_same_batch_sent_twice_is_one_bill(company: Company) -> None:
    body = batch_body(
        [BatchItem(b_id="1", operation=Operation.CREATE, entity="Bill", body=posting_body(company.posting()))]
    )
    assert company.client.send_batch(body, "batch-1").items == company.client.send_batch(body, "batch-1").items
    (rows,) = company.client.batch_queries(numbers_in("Bill", [NUMBER]))
    assert len(rows) == 1


def test_a_number_used_twice_is_refused_by_name_unless_it_was_allowed(company: Company) -> None:
    body = encode(posting_body(company.posting()))
    first, _ = company.client.send("Bill", body, "r-1")
    with pytest.raises(Refused) as caught:
        company.client.send("Bill", body, "r-2")
    assert duplicate_target(caught.value.faults[0]) == (TransactionType.BILL, first["Id"])
    second, _ = company.client.send("Bill", body, "r-3", include="allowduplicatedocnum")
    assert second["Id"] != first["Id"]


def test_changes_bring_what_was_posted(company: Company) -> None:
    record, _ = company.client.send("Bill", encode(posting_body(company.posting())), "r-1")
    changes = company.client.changes(["Bill", "Vendor"], company.clock.now() - timedelta(minutes=1))
    assert record["Id"] in [row["Id"] for row in changes.records["Bill"]]
    assert NOW <= changes.time <= company.clock.now()


def test_an_hour_later_the_token_is_renewed_without_anybody_noticing(company: Company) -> None:
    company.clock.advance(3601)
    assert company.client.query("select * from Term")
    assert len(company.tokens) == 2


def test_a_company_without_subscription_is_told_from_other_refusals(company: Company) -> None:
    company.twin.switches.read_only = True
    with pytest.raises(CompanyReadOnly):
        company.client.send("Bill", encode(posting_body(company.posting())), "r-1")
