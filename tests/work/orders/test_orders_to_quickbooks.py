"""Purchase orders of Basware in QuickBooks' own books: once, as they are in Basware, and closed with them."""

from decimal import Decimal

import msgspec
import pytest
from tests.work.orders.conftest import PAPER

from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import Sources
from ml_connector.work.feeds.shown import order_list, orders_named, retry_order
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import MatchingOrdersSettings, OrdersFeed
from twins.faults import FaultKind, FaultRule


def test_an_order_of_basware_is_in_quickbooks_with_its_vendor_lines_and_sums(purchasing):
    purchasing.order(orderCreationTime="2026-11-17T08:30:00Z")
    purchasing.carry()

    (order,) = purchasing.books
    assert (order["DocNumber"], order["VendorRef"]["value"], order["TotalAmt"]) == ("PO-A", "101", 200)
    assert order["TxnDate"] == "2026-11-17"
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
    lines = {"lines": {one["externalCode"]: {"quantity": 11} for one in purchasing.lines()[:1]}}
    purchasing.act("change_purchase_order", **lines)
    purchasing.carry()

    (after,) = purchasing.books
    assert [line["Id"] for line in after["Line"]] == ids
    assert [line["Amount"] for line in after["Line"]] == [220, 200]


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


def test_a_line_added_by_an_update_without_an_answer_is_there_once(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("change_purchase_order", new_lines=[{**PAPER, "description": "Ink"}])
    purchasing.buyer.do(Job.ORDERS)
    lost = FaultRule(kind=FaultKind.LOST_AFTER, path="/batch$", method="POST", times=1)
    purchasing.world.quickbooks_faults.add(lost)
    for _ in range(4):
        purchasing.world.clock.advance(200)
        purchasing.carry()

    (order,) = purchasing.books
    assert [line["Description"] for line in order["Line"]] == ["Paper", "Ink"]
    assert purchasing.states() == {"PO-A": "done"}


def test_an_order_that_was_refused_is_tried_as_often_again_after_it_changed_in_basware(purchasing):
    purchasing.order()
    purchasing.buyer.do(Job.ORDERS)
    purchasing.world.act("inactivate", entity="Account", id="55")
    for _ in range(4):
        purchasing.buyer.do(Job.INVOICES)
        purchasing.buyer.do(Job.ORDERS)
    assert purchasing.books == []

    purchasing.world.act("activate", entity="Account", id="55")
    purchasing.act("change_purchase_order", changes={"purpose": "Once more"})
    purchasing.carry()
    assert purchasing.states() == {"PO-A": "done"}


def test_an_order_that_basware_opens_again_is_open_in_quickbooks(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("close_purchase_order")
    purchasing.carry()
    purchasing.reopen()
    purchasing.carry()
    assert [order["POStatus"] for order in purchasing.books] == ["Open"]


def test_an_order_that_a_person_closed_in_quickbooks_stays_closed_when_basware_changes_it(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.world.act("close_order", id=purchasing.books[0]["Id"])
    purchasing.act("change_purchase_order", changes={"purpose": "Spring"})
    purchasing.carry()
    assert [order["POStatus"] for order in purchasing.books] == ["Closed"]
    assert "Spring" in purchasing.books[0]["PrivateNote"]


def test_an_order_whose_supplier_is_linked_later_goes_on_by_itself(purchasing):
    purchasing.order(supplierCode="V-77777")
    purchasing.carry()
    assert purchasing.causes() == ["vendor-unknown"]

    purchasing.world.map(Dimension.VENDOR, "V-77777", "101")
    purchasing.carry()
    assert [order["VendorRef"]["value"] for order in purchasing.books] == ["101"]
    assert purchasing.causes() == []


def test_a_new_number_in_basware_renames_the_order_in_quickbooks(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("change_purchase_order", changes={"orderNumber": "PO-NEW"})
    purchasing.carry()
    assert [order["DocNumber"] for order in purchasing.books] == ["PO-NEW"]


def test_numbers_and_texts_that_are_too_long_for_quickbooks_are_shortened_and_the_number_is_in_the_memo(purchasing):
    number = "PO-2026-11-NORTHEAST-OFFICE-0001"
    purchasing.order("PO-A", {**PAPER, "description": "Paper " * 333}, orderNumber=number, purpose="Spring " * 200)
    purchasing.carry()
    (order,) = purchasing.books
    assert len(order["DocNumber"]) == 21
    assert number in order["PrivateNote"]
    assert len(order["Line"][0]["Description"]) <= 4000


def test_a_cancelled_order_that_was_billed_in_part_is_closed_and_its_bill_keeps_its_link(purchasing):
    purchasing.order()
    purchasing.carry()
    (order,) = purchasing.books
    bill = purchasing.bill(order, 80)
    purchasing.act("cancel_purchase_order")
    purchasing.carry()

    (order,) = purchasing.books
    assert order["POStatus"] == "Closed"
    assert [line["Amount"] for line in order["Line"]] == [200]
    assert purchasing.links_of(bill) == [(order["Id"], order["Line"][0]["Id"])]


def test_a_line_without_quantity_or_sum_is_left_out_and_an_order_of_nothing_else_is_not_made(purchasing):
    nothing = {**PAPER, "quantity": 0, "netUnitPrice": Decimal(0)}
    purchasing.order("PO-A", PAPER, nothing)
    purchasing.order("PO-B", nothing)
    purchasing.carry()
    assert [[line["Amount"] for line in order["Line"]] for order in purchasing.books] == [[200]]
    assert purchasing.states() == {"PO-A": "done", "PO-B": "nothing"}


def test_an_order_in_another_currency_than_its_vendors_waits_with_that_cause(purchasing):
    purchasing.order(purchaseCurrency="EUR", exchangeRateComp=Decimal("1.1"))
    purchasing.carry()
    assert purchasing.books == []
    assert purchasing.causes() == ["currency-not-enabled", "payable-account-missing"]


def test_held_orders_are_found_behind_any_number_of_others(purchasing):
    purchasing.order("PO-A", supplierCode="V-1")
    purchasing.order("PO-B")
    purchasing.carry()
    held = order_list(purchasing.world.desk(), state="held").page(limit=1)
    assert [line.number for line in held] == ["PO-A"]


def test_a_coding_row_that_the_mapping_leads_to_an_item_makes_a_line_of_the_item(purchasing):
    world = purchasing.world
    toner = purchasing.buyer.item("Toner")
    sources = Sources(item="dimCode1")
    world.change_settings(
        lambda known: msgspec.structs.replace(known, policy=msgspec.structs.replace(known.policy, sources=sources))
    )
    purchasing.buyer.do(Job.CHANGES)
    world.map(Dimension.ITEM, "T-1", toner)
    purchasing.order("PO-A", {**PAPER, "coding": [{"dimCode1": "T-1"}]})
    purchasing.carry()

    (order,) = purchasing.books
    detail = order["Line"][0]["ItemBasedExpenseLineDetail"]
    assert (detail["ItemRef"]["value"], detail["Qty"], detail["UnitPrice"]) == (toner, 10, 20)
    assert order["TotalAmt"] == 200
