"""Purchase orders of Basware in QuickBooks' own books: once, as they are in Basware, and closed with them."""

from decimal import Decimal
from typing import Any

import pytest

from ml_connector.model.mapping import Dimension
from ml_connector.work.feeds.shown import order_lines, orders_named, retry_order
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import MatchingOrdersSettings, OrdersFeed
from twins.faults import FaultKind, FaultRule

PAPER = {"quantity": 10, "netUnitPrice": Decimal(20), "description": "Paper", "coding": [{"accountCode": "6110"}]}


class Purchasing:
    """People order in Basware; the jobs bring it to QuickBooks."""

    def __init__(self, buyer: Any) -> None:
        self.buyer, self.world = buyer, buyer.world
        buyer.settings(orders=OrdersFeed(enabled=True, post=True))

    def order(self, code: str = "PO-A", *lines: dict[str, Any], **document: Any) -> str:
        """Order something in Basware; the order's code."""
        self.world.clock.advance(1)
        wanted = {"externalCode": code, "orderNumber": code, "supplierCode": "V-10011", **document}
        return str(self.world.basware.act("purchase_order", document=wanted, lines=list(lines) or [PAPER]))

    def act(self, action: str, code: str = "PO-A", **details: Any) -> None:
        """Do something with an order in Basware, which exports it again."""
        self.world.clock.advance(1)
        self.world.basware.act(action, order=code, **details)

    def carry(self) -> None:
        """Take orders over, plan them, and send what is ready."""
        self.buyer.do(Job.ORDERS)
        self.buyer.do(Job.INVOICES)

    @property
    def books(self) -> list[dict[str, Any]]:
        """Every purchase order in QuickBooks' own books."""
        return self.world.quickbooks.books(self.world.realm_id)["PurchaseOrder"]

    def states(self) -> dict[str, str]:
        """How far each order has come."""
        return {line.number: line.quickbooks for line in order_lines(self.world.desk())}

    def causes(self) -> list[str]:
        """Why orders wait."""
        return [cause for line in order_lines(self.world.desk()) for cause in line.causes]


@pytest.fixture
def purchasing(buyer):
    return Purchasing(buyer)


def test_an_order_of_basware_is_in_quickbooks_with_its_vendor_lines_and_sums(purchasing):
    purchasing.order()
    purchasing.carry()

    (order,) = purchasing.books
    assert (order["DocNumber"], order["VendorRef"]["value"], order["TotalAmt"]) == ("PO-A", "101", 200)
    assert order["POStatus"] == "Open"
    (line,) = order["Line"]
    assert line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == "55"
    assert line["Description"] == "Paper"
    assert purchasing.states() == {"PO-A": "done"}


def test_an_order_is_put_into_quickbooks_once_however_often_the_jobs_run(purchasing):
    purchasing.order()
    for _ in range(3):
        purchasing.carry()
    assert len(purchasing.books) == 1


def test_a_line_is_split_over_its_coding_rows_to_the_cent(purchasing):
    coding = [{"accountCode": code, "splitPercent": Decimal(share)} for code, share in
              (("6110", "33.33"), ("6120", "33.33"), ("6130", "33.34"))]  # fmt: skip
    purchasing.order("PO-A", {"quantity": 1, "netUnitPrice": Decimal("100.01"), "coding": coding})
    purchasing.carry()

    (order,) = purchasing.books
    assert len(order["Line"]) == 3
    assert order["TotalAmt"] == Decimal("100.01")


def test_a_change_in_basware_changes_the_order_and_keeps_its_lines_apart(purchasing):
    purchasing.order("PO-A", PAPER, {**PAPER, "description": "Ink"})
    purchasing.carry()
    (before,) = purchasing.books
    ids = [line["Id"] for line in before["Line"]]
    lines = {"lines": {one["externalCode"]: {"quantity": 11} for one in exported(purchasing)[:1]}}
    purchasing.act("change_purchase_order", **lines)
    purchasing.carry()

    (after,) = purchasing.books
    assert [line["Id"] for line in after["Line"]] == ids
    assert [line["Amount"] for line in after["Line"]] == [220, 200]


def exported(purchasing):
    """Lines of the order in Basware's own books."""
    stored = purchasing.buyer.tenant.intake.records("exportedPurchaseOrders").stored["PO-A"]
    return stored.entity["orderLines"]


def test_a_cancelled_order_is_closed_in_quickbooks(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("cancel_purchase_order")
    purchasing.carry()
    assert [order["POStatus"] for order in purchasing.books] == ["Closed"]


def test_a_closed_order_is_closed_in_quickbooks(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("close_purchase_order")
    purchasing.carry()
    assert [order["POStatus"] for order in purchasing.books] == ["Closed"]


def test_an_order_that_was_cancelled_before_it_ever_was_in_quickbooks_is_not_made(purchasing):
    purchasing.order()
    purchasing.act("cancel_purchase_order")
    purchasing.carry()
    assert purchasing.books == []
    assert purchasing.states() == {"PO-A": "nothing"}


def test_lines_that_people_added_in_quickbooks_stay(purchasing):
    purchasing.order()
    purchasing.carry()
    (order,) = purchasing.books
    added = {**order["Line"][0], "Amount": 5, "Description": "Freight"}
    added.pop("Id")
    added.pop("LineNum", None)
    purchasing.buyer.edit(order["Id"], Line=[*order["Line"], added])
    purchasing.act("change_purchase_order", changes={"purpose": "Spring"})
    purchasing.carry()

    (after,) = purchasing.books
    assert sorted(line["Amount"] for line in after["Line"]) == [5, 200]
    assert "Spring" in after["PrivateNote"]


def test_a_product_code_that_is_the_sku_of_an_item_makes_a_line_of_the_item_when_asked_for(purchasing):
    purchasing.buyer.settings(orders=OrdersFeed(enabled=True, post=True, items=True))
    item = purchasing.buyer.item("Toner", Sku="T-9")
    purchasing.order("PO-A", {**PAPER, "buyerProductCode": "T-9"})
    purchasing.carry()

    detail = purchasing.books[0]["Line"][0]["ItemBasedExpenseLineDetail"]
    assert (detail["ItemRef"]["value"], detail["Qty"], detail["UnitPrice"]) == (item, 10, 20)


def test_an_order_with_a_code_nobody_mapped_waits_and_goes_on_once_it_is_mapped(purchasing):
    purchasing.order("PO-A", {**PAPER, "coding": [{"accountCode": "9999"}]})
    purchasing.carry()
    assert purchasing.causes() == ["account-not-mapped"]
    assert purchasing.books == []

    purchasing.world.map(Dimension.ACCOUNT, "9999", "55")
    purchasing.carry()
    assert len(purchasing.books) == 1
    assert purchasing.causes() == []


def test_an_order_of_an_unknown_supplier_waits(purchasing):
    purchasing.order(supplierCode="V-1")
    purchasing.carry()
    assert purchasing.causes() == ["vendor-unknown"]


def test_what_quickbooks_refuses_waits_for_a_person_and_goes_on_when_tried_again(purchasing):
    purchasing.order()
    purchasing.buyer.do(Job.ORDERS)
    purchasing.world.act("inactivate", entity="Account", id="55")
    for _ in range(4):
        purchasing.buyer.do(Job.INVOICES)
        purchasing.buyer.do(Job.ORDERS)
    assert purchasing.books == []
    assert len(purchasing.causes()) == 1

    purchasing.world.act("activate", entity="Account", id="55")
    (found,) = orders_named(purchasing.world.desk(), "PO-A")
    assert retry_order(purchasing.world.desk(), found, "somebody")
    purchasing.carry()
    assert len(purchasing.books) == 1
    assert purchasing.causes() == []


@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE])
def test_a_lost_answer_leaves_one_order_in_quickbooks(purchasing, kind):
    purchasing.order()
    purchasing.buyer.do(Job.ORDERS)
    purchasing.world.quickbooks_faults.add(FaultRule(kind=kind, path="/batch$", method="POST", times=1))
    purchasing.buyer.do(Job.INVOICES)
    purchasing.world.clock.advance(200)
    purchasing.carry()
    purchasing.carry()
    assert len(purchasing.books) == 1
    assert purchasing.states() == {"PO-A": "done"}


def test_an_order_of_basware_is_not_given_back_to_basware(purchasing):
    purchasing.buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    purchasing.order()
    purchasing.carry()
    purchasing.buyer.carry()
    assert purchasing.buyer.heads() == {}
