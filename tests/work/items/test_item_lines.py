"""Rows of Basware on items of QuickBooks: what both sides' own books say of pieces, prices, amounts and customers."""

from decimal import Decimal

import pytest

from ml_connector.model.holds import Cause
from ml_connector.store import drift_cases
from ml_connector.work.jobs import Job
from ml_connector.work.lists import refresh_lists
from ml_connector.work.mapping_proposals import proposals
from ml_connector.work.views import document_view


def gross(shop, number):
    return Decimal(str(shop.world.in_basware(number)["grossSum"]))


def test_a_bill_has_the_pieces_and_the_price_of_basware_and_its_sum_to_the_cent(shop):
    toner, advice = shop.item("Toner"), shop.item("Advice", "Service")
    shop.map("T-1", toner)
    shop.map("S-1", advice)
    shop.invoice(
        "I-1",
        {"net": "250.00", "productCode": "T-1", "matchedQuantity": 5, "orderedNetPrice": 50},
        {"net": "99.95", "productCode": "S-1"},
        {"net": "10.00"},
    )
    assert shop.pieces("I-1") == [
        (toner, 5, 50, Decimal(250)),
        (advice, 1, Decimal("99.95"), Decimal("99.95")),
    ]
    kind, bill = shop.world.only_transaction("I-1")
    assert (kind, Decimal(str(bill["TotalAmt"]))) == ("Bill", gross(shop, "I-1"))
    assert shop.world.state("I-1") == "confirmed"


def test_stock_that_is_bought_and_given_back_is_counted_by_quickbooks(shop):
    chair = shop.item("Chair", "Inventory")
    shop.map("C-1", chair)
    shop.invoice("I-1", {"net": "1000.01", "productCode": "C-1", "matchedQuantity": 3000})
    assert shop.on_hand(chair) == 3000
    shop.invoice("I-2", {"net": "-10.00", "productCode": "C-1", "matchedQuantity": -30})
    assert shop.world.only_transaction("I-2")[0] == "VendorCredit"
    assert shop.on_hand(chair) == 2970
    totals = [sum(Decimal(str(one["Amount"])) for one in shop.lines(number)) for number in ("I-1", "I-2")]
    assert totals == [gross(shop, "I-1"), -gross(shop, "I-2")]


def test_a_corrected_quantity_alone_changes_the_bill(shop):
    chair = shop.item("Chair", "Inventory")
    shop.map("C-1", chair)
    shop.invoice("I-1", {"net": "100.00", "productCode": "C-1", "matchedQuantity": 5})
    rows = [one | {"matchedQuantity": 4} for one in shop.world.in_basware("I-1")["codingRows"]]
    shop.world.send_again("I-1", codingRows=rows)
    shop.world.settle()
    assert shop.pieces("I-1") == [(chair, 4, 25, Decimal(100))]
    assert shop.on_hand(chair) == 4


def test_an_item_made_inactive_holds_the_next_invoice_until_it_is_active_again(shop):
    toner = shop.item("Toner")
    shop.map("T-1", toner)
    shop.world.act("inactivate", entity="Item", id=toner)
    shop.invoice("I-1", {"net": "10.00", "productCode": "T-1"})
    assert shop.world.causes("I-1") == [Cause.ITEM_INACTIVE]
    assert shop.world.posted("I-1") == []

    shop.world.act("activate", entity="Item", id=toner)
    shop.world.settle()
    assert shop.pieces("I-1") == [(toner, 1, 10, Decimal(10))]


def test_a_product_nobody_mapped_waits_is_proposed_by_its_sku_and_goes_on_once_mapped(shop):
    toner = shop.item("Toner black", Sku="T-1")
    shop.invoice("I-1", {"net": "10.00", "productCode": "T-1"})
    assert shop.world.causes("I-1") == [Cause.ITEM_NOT_MAPPED]
    (proposed,) = [one for one in proposals(shop.world.desk()) if one.dimension == "item"]
    assert (proposed.target_id, proposed.confidence, proposed.why) == (toner, "certain", "same SKU")

    shop.map("T-1", "T-1")
    shop.world.settle()
    assert shop.pieces("I-1") == [(toner, 1, 10, Decimal(10))]


@pytest.mark.parametrize(("kind", "how"), [("Category", "is a category"), ("Service", "has no expense account")])
def test_what_cannot_be_bought_is_held_before_quickbooks_refuses_it(shop, kind, how):
    body = {"ExpenseAccountRef": None} | ({"IncomeAccountRef": {"value": "43"}} if kind == "Service" else {})
    made = shop.world.act(
        "enter", entity="Item", body={"Name": "Hours", "Type": kind, **{k: v for k, v in body.items() if v}}
    )
    refresh_lists(shop.world.desk())
    shop.map("H-1", str(made["Id"]))
    shop.invoice("I-1", {"net": "10.00", "productCode": "H-1"})
    (hold,) = shop.world.row("I-1").holds
    assert hold.cause is Cause.ITEM_NOT_PURCHASABLE
    assert how in hold.facts["why"]


def test_a_line_on_an_item_is_billed_on_with_its_markup_and_so_is_one_on_an_account(shop):
    toner = shop.item("Toner")
    shop.map("T-1", toner)
    project = {"projectCode": "P-2601", "text1": "yes"}
    unmarked = {"net": "5.00", "projectCode": "P-2601"}
    shop.invoice("I-1", {"net": "50.00", "productCode": "T-1", **project}, {"net": "20.00", **project}, unmarked)
    details = [one[one["DetailType"]] for one in shop.lines("I-1")]
    assert [one["BillableStatus"] for one in details] == ["Billable", "Billable", "NotBillable"]
    assert [one.get("MarkupInfo", {}).get("Percent") for one in details] == [Decimal("12.5"), Decimal("12.5"), None]
    assert len({one["CustomerRef"]["value"] for one in details}) == 1


def test_a_billable_row_without_a_customer_waits_until_basware_names_one(shop):
    shop.invoice("I-1", {"net": "50.00", "text1": "yes"})
    assert shop.world.causes("I-1") == [Cause.BILLABLE_WITHOUT_CUSTOMER]
    assert shop.world.posted("I-1") == []
    rows = [one | {"projectCode": "P-2601"} for one in shop.world.in_basware("I-1")["codingRows"]]
    shop.world.send_again("I-1", codingRows=rows)
    shop.world.settle()
    assert [one["AccountBasedExpenseLineDetail"]["BillableStatus"] for one in shop.lines("I-1")] == ["Billable"]


def test_a_row_matched_with_an_order_line_of_an_item_is_linked_to_it(shop):
    toner, paper = shop.item("Toner"), shop.item("Paper")
    shop.map("T-1", toner)
    shop.map("P-1", paper)
    lines = [{"item": paper, "quantity": 10, "price": 5}, {"item": toner, "quantity": 10, "price": 50}]
    order = shop.world.act("create_order", vendor="101", lines=lines, number="1005")
    shop.do(Job.CHANGES)
    matched = {"orderNumber": "1005", "productCode": "T-1", "matchedQuantity": 4}
    shop.invoice("I-1", {"net": "200.00", **matched})
    (bill_line,) = shop.lines("I-1")
    assert bill_line["LinkedTxn"] == [
        {"TxnId": order["Id"], "TxnType": "PurchaseOrder", "TxnLineId": order["Line"][1]["Id"]}
    ]
    assert shop.pieces("I-1") == [(toner, 4, 50, Decimal(200))]
    now = next(
        one for one in shop.world.quickbooks.books(shop.world.realm_id)["PurchaseOrder"] if one["Id"] == order["Id"]
    )
    assert [one.get("Received") for one in now["Line"]] == [None, 4]


def test_pieces_that_somebody_changes_in_quickbooks_are_noticed(shop):
    toner = shop.item("Toner")
    shop.map("T-1", toner)
    shop.invoice("I-1", {"net": "100.00", "productCode": "T-1", "matchedQuantity": 5})
    bill = shop.world.only_transaction("I-1")[1]
    shop.do(Job.CHANGES)
    assert waiting(shop) == []

    detail = bill["Line"][0]["ItemBasedExpenseLineDetail"] | {"Qty": 4, "UnitPrice": 25}
    changed = [bill["Line"][0] | {"ItemBasedExpenseLineDetail": detail}]
    shop.world.act("edit", entity="Bill", id=bill["Id"], changes={"Line": changed})
    shop.world.clock.advance(120)
    shop.do(Job.CHANGES)
    assert waiting(shop) == [("quantity", "5", "4")]


def waiting(shop):
    with shop.world.database.read() as tx:
        cases = drift_cases.listing(tx, shop.world.connection_id)
    return [(one.field, one.ours, one.theirs) for case in cases for one in case.differences]


def test_the_purchase_of_stock_makes_no_held_document_be_planned_again(shop):
    """Each purchase moves the item's version in QuickBooks; nothing that waits depends on it."""
    chair = shop.item("Chair", "Inventory")
    shop.map("C-1", chair)
    before = shop.world.books()
    shop.invoice("I-1", {"net": "10.00", "productCode": "C-1", "matchedQuantity": 1})
    refresh_lists(shop.world.desk())
    assert shop.world.books().items == before.items


def test_people_see_item_pieces_and_markup_of_a_line(shop):
    toner = shop.item("Toner")
    shop.map("T-1", toner)
    marked = {"projectCode": "P-2601", "text1": "yes"}
    shop.invoice("I-1", {"net": "250.00", "productCode": "T-1", "matchedQuantity": 5, **marked})
    (posting,) = document_view(shop.world.desk(), shop.world.row("I-1")).postings
    (shown,) = posting.lines
    assert (shown.item, shown.account, shown.quantity, shown.unit_price) == (
        "Toner", "6110 Office Costs:Office Supplies", 5, 50,
    )  # fmt: skip
    assert (shown.billable, shown.markup_percent) == (True, Decimal("12.5"))
