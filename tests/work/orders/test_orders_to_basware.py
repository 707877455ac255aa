"""Purchase orders of QuickBooks in Basware's own books: whole, once, and kept as they are in QuickBooks."""

from decimal import Decimal

import msgspec
import pytest
from tests.work.orders.conftest import BEACON

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.rules.causes import describe
from ml_connector.store import mappings
from ml_connector.store.schema import OutgoingState
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import MatchingOrdersSettings
from ml_connector.work.registry import enabled_jobs
from ml_connector.work.vendors import decisions
from twins.faults import FaultKind, FaultRule
from vendor_scenes import Vendors

NOT_TAKEN = [Cause.RECORD_REFUSED.value]


def test_an_order_is_in_basware_with_its_head_first_and_its_lines_after(buyer):
    toner = buyer.item()
    buyer.order({"item": toner, "quantity": 10, "price": 50}, {"account": "55", "amount": 120, "description": "Paper"})
    buyer.carry()

    head = buyer.heads()["1005"]
    assert (head["supplierCode"], head["companyCode"], head["currencyCode"]) == ("V-10011", "US10", "USD")
    assert (head["supplierName"], head["sourceSystem"]) == ("Beacon Office Supply Co.", "QuickBooks")
    assert head["organizationElementCode"] == "US10"
    assert not head["isClosed"]
    by_item, by_sum = buyer.lines()
    assert (by_item["matchingMode"], by_item["quantity"], by_item["netPrice"], by_item["netSum"]) == (
        "Standard",
        10,
        50,
        500,
    )
    assert (by_sum["matchingMode"], by_sum["quantity"], by_sum["netSum"], by_sum["description"]) == (
        "Blanket",
        1,
        120,
        "Paper",
    )
    assert [line["orderLineCoding"][0]["accountCode"] for line in (by_item, by_sum)] == ["6110", "6110"]
    assert by_item["isDeleted"] is False
    order = [one.entity_type for one in buyer.tenant.intake.requests.values()]
    assert order == ["MatchingOrder", "MatchingOrderLine"]


def test_a_line_of_an_item_names_its_product_by_sku_and_by_name(buyer):
    buyer.order({"item": buyer.item("Toner", Sku="T-9"), "quantity": 2, "price": 50})
    buyer.carry()
    (sent,) = buyer.lines()
    assert (sent["productCode"], sent["productName"]) == ("T-9", "Toner")


def test_a_line_has_the_tax_code_that_basware_has_for_that_of_quickbooks(buyer):
    buyer.world.map(Dimension.TAX_CODE, "ST-NYC", "TAX")
    detail = {"AccountRef": {"value": "55"}, "TaxCodeRef": {"value": "TAX"}}
    line = {"Amount": 80, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    head = {"VendorRef": {"value": "101"}, "APAccountRef": {"value": "33"}, "DocNumber": "2001"}
    buyer.world.act("enter", entity="PurchaseOrder", body={**head, "Line": [line]})
    buyer.carry()
    (sent,) = buyer.lines("2001")
    assert sent["taxCode"] == "ST-NYC"


def test_lines_wait_until_purchase_to_pay_has_taken_their_head(buyer):
    buyer.order()
    buyer.do(Job.CHANGES)
    buyer.do(Job.MASTER_DATA)
    buyer.do(Job.MASTER_DATA)

    assert buyer.posts() == []
    assert [row.state.value for row in buyer.rows("matchingOrders")] == ["sent"]


def test_nothing_is_sent_again_when_nothing_changed(buyer):
    buyer.order()
    buyer.carry()
    calls = len(buyer.tenant.intake.requests)
    buyer.carry()

    assert len(buyer.tenant.intake.requests) == calls == 2


def test_lines_of_one_order_share_one_post_and_another_orders_lines_have_their_own(buyer):
    for number in ("1", "2", "3"):
        buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7}, number=number)
    buyer.carry()

    assert [len(one.items) for one in buyer.posts()] == [2, 2, 2]
    for post in buyer.posts():
        assert len({item.entity["orderExternalCode"] for item in post.items}) == 1


def test_an_order_of_more_than_a_hundred_lines_goes_in_several_posts(buyer):
    buyer.order(*({"account": "55", "amount": n} for n in range(1, 231)))
    buyer.carry()

    assert [len(one.items) for one in buyer.posts()] == [100, 100, 30]
    assert [line["netSum"] for line in buyer.lines()] == list(range(1, 231))


def test_dimensions_of_a_line_are_coded_as_basware_knows_them(buyer):
    buyer.order()
    line = {
        "Amount": 80,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": {"value": "55"},
            "ClassRef": {"value": "5000000000000142206"},
            "CustomerRef": {"value": "202"},
        },
    }
    buyer.world.act(
        "enter",
        entity="PurchaseOrder",
        body={"VendorRef": {"value": "101"}, "APAccountRef": {"value": "33"}, "DocNumber": "2001", "Line": [line]},
    )
    buyer.carry()

    (sent,) = buyer.lines("2001")
    coding = sent["orderLineCoding"][0]
    assert (coding["accountCode"], coding["businessUnitCode"], coding["projectCode"]) == ("6110", "FIRM", "P-2601")
    assert coding["allocatedQuantity"] == 1
    assert coding["netTotal"] == 80


def test_a_changed_line_alone_is_sent_again(buyer):
    order = buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7})
    buyer.carry()
    lines = buyer.in_quickbooks(order)["Line"]
    lines[1]["Amount"] = Decimal(9)
    buyer.edit(order, Line=lines)
    buyer.carry()

    assert [line["netSum"] for line in buyer.lines()] == [5, 9]
    assert [len(one.items) for one in buyer.posts()] == [2, 1]


def test_a_removed_line_is_marked_deleted_in_basware(buyer):
    order = buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7})
    buyer.carry()
    buyer.edit(order, Line=buyer.in_quickbooks(order)["Line"][:1])
    buyer.carry()

    assert [(line["netSum"], line["isDeleted"]) for line in buyer.lines()] == [(5, False), (7, True)]


def test_an_order_closed_in_quickbooks_is_closed_in_basware_and_a_reopened_one_open_again(buyer):
    order = buyer.order()
    buyer.carry()
    buyer.world.act("close_order", id=order)
    buyer.carry()
    assert (buyer.heads()["1005"]["isClosed"], buyer.lines()[0]["isClosed"]) == (True, True)

    buyer.world.act("reopen_order", id=order)
    buyer.carry()
    assert (buyer.heads()["1005"]["isClosed"], buyer.lines()[0]["isClosed"]) == (False, False)


def test_a_deleted_order_is_closed_in_basware_and_its_lines_are_deleted(buyer):
    order = buyer.order()
    buyer.carry()
    buyer.world.act("delete", entity="PurchaseOrder", id=order)
    buyer.carry()

    assert buyer.heads()["1005"]["isClosed"] is True
    assert [line["isDeleted"] for line in buyer.lines()] == [True]


def test_an_order_that_was_closed_before_it_was_ever_given_stays_away(buyer):
    buyer.world.act("close_order", id=buyer.order())
    buyer.carry()

    assert buyer.heads() == {}


def test_orders_from_before_the_agreed_day_stay_away(buyer):
    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True, since="2026-11-01"))
    buyer.order(number="old", date="2026-10-31")
    buyer.order(number="new", date="2026-11-01")
    buyer.carry()

    assert set(buyer.heads()) == {"new"}


def test_what_people_billed_in_quickbooks_before_goes_along_as_history_once(buyer):
    toner = buyer.item()
    order = buyer.order({"item": toner, "quantity": 10, "price": 50})
    bill(buyer, order, toner, pieces=4)
    buyer.carry()
    assert (buyer.lines()[0]["invoicedQuantity"], buyer.lines()[0]["invoicedNetSum"]) == (4, 200)

    bill(buyer, order, toner, pieces=1)
    buyer.carry()
    assert buyer.lines()[0]["invoicedQuantity"] == 4


def bill(buyer, order, item, pieces):
    """Somebody types a bill for part of an order into QuickBooks."""
    link = {"TxnId": order, "TxnType": "PurchaseOrder"}
    detail = {"ItemRef": {"value": item}, "Qty": pieces, "UnitPrice": 50}
    line = {
        "Amount": pieces * 50,
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": detail,
        "LinkedTxn": [{**link, "TxnLineId": buyer.in_quickbooks(order)["Line"][0]["Id"]}],
    }
    body = {"VendorRef": {"value": "101"}, "DocNumber": f"typed {pieces}", "Line": [line], "LinkedTxn": [link]}
    assert buyer.world.act("enter", entity="Bill", body=body)["LinkedTxn"]


# Orders that wait


def test_an_order_of_a_vendor_without_a_supplier_code_waits_and_goes_once_there_is_one(buyer):
    vendor = buyer.world.act("create_vendor", name="Fresh Paper Ltd")["Id"]
    buyer.order(vendor=vendor)
    buyer.carry()
    assert buyer.causes() == [Cause.ORDER_VENDOR_UNKNOWN.value]
    assert buyer.heads() == {}

    buyer.world.act("edit_vendor", id=vendor, changes={"AcctNum": "V-10012"})
    buyer.carry()
    assert buyer.heads()["1005"]["supplierCode"] == "V-10012"


def test_an_order_for_an_account_without_a_code_waits_with_the_line_that_names_it(buyer):
    account = buyer.world.act("enter", entity="Account", body={"Name": "Ink", "AccountType": "Expense"})["Id"]
    buyer.order({"account": "55", "amount": 5}, {"account": account, "amount": 7})
    buyer.carry()

    (row,) = buyer.rows("matchingOrders")
    assert [(hold.cause, hold.rows) for hold in row.holds] == [(Cause.ORDER_CODE_MISSING, (2,))]
    assert buyer.posts() == []


def test_of_two_orders_with_one_number_the_older_goes_and_the_other_waits(buyer):
    first = buyer.order(number="77")
    second = buyer.order({"account": "55", "amount": 1}, number="77")
    buyer.carry()

    assert [(row.subject, row.state.value) for row in buyer.rows("matchingOrders")] == [
        (f"PurchaseOrder {first}", "done"),
        (f"PurchaseOrder {second}", "held"),
    ]
    assert buyer.causes() == [Cause.ORDER_NUMBER_TAKEN.value]


def test_a_waiting_order_that_is_deleted_in_quickbooks_is_forgotten(buyer):
    vendor = buyer.world.act("create_vendor", name="Fresh Paper Ltd")["Id"]
    order = buyer.order(vendor=vendor)
    buyer.carry()
    buyer.world.act("delete", entity="PurchaseOrder", id=order)
    buyer.carry()

    assert buyer.rows("matchingOrders") == []


@pytest.mark.parametrize(("act", "deleted"), [("close_order", False), ("delete", True)])
def test_an_order_that_is_over_is_closed_in_basware_even_while_a_code_is_missing(buyer, act, deleted):
    order = buyer.order()
    buyer.carry()
    with buyer.world.database.write() as tx:
        mappings.replace_all(tx, buyer.world.connection_id, [], by="Kim", now=buyer.world.clock.now())
    buyer.world.act(act, id=order, **({"entity": "PurchaseOrder"} if deleted else {}))
    buyer.carry()

    assert buyer.heads()["1005"]["isClosed"] is True
    assert [(line["isClosed"], line["isDeleted"]) for line in buyer.lines()] == [(True, deleted)]


def test_the_number_of_a_deleted_order_stays_taken_and_the_cause_says_so(buyer):
    first = buyer.order(number="77")
    buyer.carry()
    buyer.world.act("delete", entity="PurchaseOrder", id=first)
    second = buyer.order(number="77")
    buyer.carry()
    assert buyer.causes() == [Cause.ORDER_NUMBER_TAKEN.value]
    (hold,) = [hold for row in buyer.rows("matchingOrders") for hold in row.holds]
    assert "was deleted in QuickBooks" in describe(hold).sentence

    buyer.edit(second, DocNumber="78")
    buyer.carry()
    assert buyer.causes() == []
    assert buyer.heads()["78"]["isClosed"] is False


def test_an_order_that_people_copied_from_one_of_basware_is_given_as_theirs(purchasing):
    buyer = purchasing.buyer
    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    purchasing.order()
    purchasing.carry()
    (original,) = purchasing.books
    buyer.order(number="2001", note=original["PrivateNote"])
    buyer.carry()
    assert set(buyer.heads()) == {"2001"}


def test_an_order_with_another_number_in_quickbooks_has_it_in_basware_and_is_the_same_order(buyer):
    order = buyer.order(number="77")
    buyer.carry()
    code = buyer.heads()["77"]["externalCode"]
    buyer.edit(order, DocNumber="78")
    buyer.carry()
    assert {number: head["externalCode"] for number, head in buyer.heads().items()} == {"78": code}


# What Purchase-to-Pay refuses


def test_a_supplier_that_reaches_basware_after_its_order_heals_the_order_by_itself(buyer):
    vendor = buyer.world.act("create_vendor", name="Fresh Paper Ltd")["Id"]
    buyer.world.act("edit_vendor", id=vendor, changes={"AcctNum": "V-77777"})
    buyer.order(vendor=vendor)
    buyer.carry()
    assert buyer.causes() == NOT_TAKEN
    assert "Supplier V-77777 was not found" in buyer.rows("matchingOrders")[0].problem

    buyer.world.basware.act(
        "add_vendor",
        vendor={"vendorCode": "V-77777", "name": "Fresh Paper Ltd", "companies": [{"companyCode": "US10"}]},
    )
    buyer.world.clock.advance(900)
    buyer.carry()
    assert buyer.causes() == []
    assert len(buyer.lines()) == 1


def test_an_order_waits_for_its_vendor_until_basware_has_taken_it(buyer):
    vendors = Vendors(buyer.world)
    vendors.sync()
    vendors.basware("refuse_imports", message="Currency USD is not active", entity_type="Vendor", times=1)
    new = vendors.new_in_quickbooks("Harbor Paper LLC", number="V-777")
    buyer.order(vendor=new)
    vendors.sync()
    assert buyer.causes() == [Cause.ORDER_VENDOR_UNKNOWN.value]
    assert buyer.heads() == {}

    decisions.retry(buyer.world.desk(), "V-777", actor="anna")
    vendors.sync(3)
    assert buyer.causes() == []
    assert buyer.heads()["1005"]["supplierCode"] == "V-777"


def test_a_vendor_that_basware_has_can_be_ordered_from_while_its_last_change_is_refused(buyer):
    vendors = Vendors(buyer.world)
    vendors.sync()
    vendors.basware("refuse_imports", message="Currency USD is not active", entity_type="Vendor", times=1)
    vendors.act("edit", entity="Vendor", id=BEACON, changes={"PrimaryEmailAddr": {"Address": "new@beacon.test"}})
    buyer.order()
    vendors.sync(3)
    assert [row.name for row in buyer.rows("vendors") if row.state is OutgoingState.REFUSED] == [
        "Beacon Office Supply Co."
    ]
    assert "1005" in buyer.heads()


def test_a_line_that_is_refused_takes_its_siblings_down_and_all_go_once_it_is_put_right(buyer):
    order = buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7})
    buyer.world.basware.act(
        "refuse_imports", entity_type="MatchingOrderLine", message="Account 6120 is closed", times=1
    )
    buyer.carry(rounds=2)
    assert buyer.lines() == []
    assert {row.state.value for row in buyer.rows("matchingOrderLines")} == {"refused"}

    lines = buyer.in_quickbooks(order)["Line"]
    lines[1]["Amount"] = Decimal(8)
    buyer.edit(order, Line=lines)
    buyer.world.basware.act("accept_imports")
    buyer.carry()
    assert [line["netSum"] for line in buyer.lines()] == [5, 8]


@pytest.mark.parametrize("path", ["/v1/matchingOrders", "/v1/matchingOrderLines"])
def test_an_answer_that_gets_lost_leaves_one_order_and_no_question(buyer, path):
    buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7})
    buyer.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path=path, method="POST", times=1))
    buyer.carry(rounds=5)

    assert len(buyer.heads()) == 1
    assert [line["netSum"] for line in buyer.lines()] == [5, 7]
    assert {row.state.value for row in [*buyer.rows("matchingOrders"), *buyer.rows("matchingOrderLines")]} == {"done"}


def test_the_job_is_there_as_soon_as_orders_or_lists_are_to_be_given(buyer):
    settings = buyer.world.desk().settings
    off = msgspec.structs.replace(settings.basware, matching_orders=MatchingOrdersSettings())

    assert Job.MASTER_DATA in enabled_jobs(settings)
    assert Job.MASTER_DATA not in enabled_jobs(msgspec.structs.replace(settings, basware=off))


# Numbers that change hands


def test_a_line_keeps_its_number_in_basware_when_another_one_is_taken_out(buyer):
    order = buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7})
    buyer.carry()
    buyer.edit(order, Line=buyer.in_quickbooks(order)["Line"][1:])
    assert [line["LineNum"] for line in buyer.in_quickbooks(order)["Line"]] == [1]
    buyer.carry()

    kept = {line["lineNumber"]: (line["netSum"], line["isDeleted"]) for line in buyer.lines()}
    assert kept == {"1": (5, True), "2": (7, False)}


def test_two_orders_that_swap_their_numbers_have_them_swapped_in_basware(buyer):
    first = buyer.order({"account": "55", "amount": 5}, number="77")
    second = buyer.order({"account": "55", "amount": 7}, number="78")
    buyer.carry()
    codes = {number: head["externalCode"] for number, head in buyer.heads().items()}
    buyer.edit(first, DocNumber="79")
    buyer.edit(second, DocNumber="77")
    buyer.edit(first, DocNumber="78")
    buyer.carry(rounds=6)

    assert {number: head["externalCode"] for number, head in buyer.heads().items()} == {
        "77": codes["78"], "78": codes["77"],
    }  # fmt: skip
    assert buyer.causes() == []
    assert [line["netSum"] for line in (*buyer.lines("77"), *buyer.lines("78"))] == [7, 5]
    assert [one.problem for one in buyer.rows("matchingOrders")] == ["", ""]


def test_an_order_that_takes_over_a_number_follows_once_basware_has_let_go_of_it(buyer):
    first, second = buyer.order(number="77"), buyer.order(number="78")
    buyer.carry()
    codes = {number: head["externalCode"] for number, head in buyer.heads().items()}
    buyer.edit(second, DocNumber="79")
    buyer.edit(first, DocNumber="78")
    buyer.do(Job.CHANGES)
    buyer.do(Job.MASTER_DATA)
    assert buyer.causes() == [Cause.ORDER_NUMBER_TAKEN.value]

    buyer.carry(rounds=4)
    assert buyer.causes() == []
    assert {number: head["externalCode"] for number, head in buyer.heads().items()} == {
        "78": codes["77"], "79": codes["78"],
    }  # fmt: skip
