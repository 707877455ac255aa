"""Purchase orders in another currency than the company's, both ways, with the invoices that are matched with them; each story
ends by comparing both books from the twins' own data."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.work.orders.conftest import PAPER, Buyer, Purchasing

from databases import SqliteFiles
from ml_connector.store.database import Database
from ml_connector.work.feeds.shown import order_link_list
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import MatchingOrdersSettings
from order_books import billed_differences, given_differences, taken_differences
from paperwork import line
from twins.demo_company.chart import BASWARE_ACCOUNTS
from twins.demo_company.currencies import rate
from twins.demo_company.documents import Invoice, accounting_document
from twins.demo_company.generator import Generated, Wishes, generate
from twins.demo_company.vendors import Supplier
from world import build_world

DAY = date(2026, 11, 5)


class Abroad:
    """A company with suppliers in euro, orders of which go both ways."""

    def __init__(self, database: Database, firm: Generated) -> None:
        self.world = build_world(database, company=(firm.quickbooks, {**firm.basware, "documents": []}))
        self.buyer = Buyer(self.world)
        self.purchasing = Purchasing(self.buyer)
        self.buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
        vendors = self.world.quickbooks.books(self.world.realm_id)["Vendor"]
        self.vendor: dict[str, Any] = next(one for one in vendors if one["CurrencyRef"]["value"] == "EUR")
        self.supplier = self.vendor["AcctNum"]

    def approve(self, number: str, net: str, *, order: str, order_line: str) -> None:
        """Approve an invoice in euro that was matched with a line of an order."""
        known = Supplier(
            self.supplier, self.vendor["Id"], self.vendor["DisplayName"], "NET30", "Paris", "", currency="EUR"
        )
        plain = Invoice(
            self.supplier, number, DAY, number, (line(net),), voucher_date=DAY, currency="EUR", rate=rate("EUR", DAY)
        )
        document = accounting_document(plain, known, BASWARE_ACCOUNTS, datetime(2026, 11, 19, 9, tzinfo=UTC))
        for row in document["codingRows"]:
            row |= {"orderNumber": order, "orderLineNumber": order_line}
        self.world.approve(document)

    def post(self) -> None:
        """Read QuickBooks' changes, and post and answer what is there."""
        self.buyer.do(Job.CHANGES)
        self.world.settle()
        self.world.clock.advance(61)
        self.buyer.do(Job.CHANGES)

    def bill(self, number: str) -> dict[str, Any]:
        kind, bill = self.world.only_transaction(number)
        assert (kind, bill["CurrencyRef"]["value"]) == ("Bill", "EUR")
        return bill

    def links(self) -> list[tuple[str, str, Decimal]]:
        return sorted((one.invoice_number, one.state, one.amount) for one in order_link_list(self.world.desk()).page())


@pytest.fixture
def abroad(fast_files: SqliteFiles) -> Iterator[Abroad]:
    with fast_files.fresh() as url:
        database = Database.open(url)
        made = Abroad(database, generate(Wishes(1, seed=23, vendors=30, foreign=0.6)))
        yield made
        assert made.world.check() == []
        database.close()


def test_an_order_in_euro_goes_to_basware_and_the_invoices_matched_with_it_come_back_linked(abroad: Abroad):
    buyer = abroad.buyer
    order = buyer.order({"account": "55", "amount": 300}, {"account": "55", "amount": 200}, vendor=abroad.vendor["Id"])
    buyer.carry()
    assert (buyer.heads()["1005"]["currencyCode"], buyer.heads()["1005"]["supplierCode"]) == ("EUR", abroad.supplier)
    assert {one["currencyCode"] for one in buyer.lines()} == {"EUR"}
    assert given_differences(abroad.world) == []

    abroad.approve("E-1", "300.00", order="1005", order_line="1")
    abroad.approve("E-2", "200.00", order="1005", order_line="2")
    abroad.post()
    assert abroad.links() == [("E-1", "linked", 300), ("E-2", "linked", 200)]
    assert Decimal(str(abroad.bill("E-1")["ExchangeRate"])) == rate("EUR", DAY)
    assert billed_differences(abroad.world) == []
    assert buyer.in_quickbooks(order)["POStatus"] == "Closed"
    buyer.carry()
    assert given_differences(abroad.world) == []


def test_an_order_in_euro_of_basware_is_one_in_quickbooks_and_its_invoices_are_linked(abroad: Abroad):
    purchasing = abroad.purchasing
    purchasing.order(
        "PO-E", PAPER, supplierCode=abroad.supplier, purchaseCurrency="EUR", companyCurrency="USD",
        exchangeRateComp=Decimal("1.0842"),
    )  # fmt: skip
    purchasing.carry()
    (order,) = purchasing.books
    assert (order["CurrencyRef"]["value"], Decimal(str(order["ExchangeRate"])), order["TotalAmt"]) == (
        "EUR",
        Decimal("1.0842"),
        200,
    )
    assert taken_differences(abroad.world) == []

    abroad.approve("E-1", "150.00", order="PO-E", order_line="1")
    abroad.post()
    assert abroad.links() == [("E-1", "linked", 150)]
    assert billed_differences(abroad.world) == []
    assert purchasing.books[0]["POStatus"] == "Open"

    purchasing.act(
        "change_purchase_order", "PO-E", lines={purchasing.lines("PO-E")[0]["externalCode"]: {"quantity": 9}}
    )
    purchasing.carry()
    assert purchasing.books[0]["TotalAmt"] == 180
    assert taken_differences(abroad.world) == []
    assert billed_differences(abroad.world) == []
