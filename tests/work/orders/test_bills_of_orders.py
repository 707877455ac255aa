"""Invoices that Basware matched with an order: their bills are linked to it in QuickBooks, and a link that is missing is seen."""

import pytest
from tests.work.orders.conftest import PAPER

from ml_connector.store import alerts
from ml_connector.work.feeds.shown import order_link_list
from ml_connector.work.jobs import Job
from ml_connector.work.order_links import ALERT, accept_links
from paperwork import invoice, line


def matched(buyer, number, *nets, order="1005", order_line="1", account="6110"):
    """Approve an invoice whose rows Basware matched with a line of an order, and post it."""
    document = invoice(number, *(line(net, account=account) for net in nets))
    for row in document["codingRows"]:
        row |= {"orderNumber": order, "orderLineNumber": order_line}
    buyer.world.approve(document)
    buyer.do(Job.CHANGES)
    buyer.world.settle()
    return buyer.world.only_transaction(number)[1]


def links_of(bill):
    return [(link["TxnId"], link["TxnLineId"]) for one in bill["Line"] for link in one["LinkedTxn"]]


def alerted(buyer):
    with buyer.world.database.read() as tx:
        return [one.message for one in alerts.listing(tx, buyer.world.connection_id) if one.kind == ALERT]


def states(buyer):
    return [one.state for one in order_link_list(buyer.world.desk()).page()]


def test_a_bill_is_linked_to_the_order_line_its_row_was_matched_with(buyer):
    order = buyer.order({"account": "55", "amount": 300}, {"account": "56", "amount": 200})
    bill = matched(buyer, "B-1", "200.00", order_line="2", account="6120")

    second = buyer.in_quickbooks(order)["Line"][1]["Id"]
    assert links_of(bill) == [(order, second)]
    assert bill["LinkedTxn"] == [{"TxnId": order, "TxnType": "PurchaseOrder"}]
    assert states(buyer) == ["linked"]
    assert alerted(buyer) == []


def test_an_order_that_is_billed_in_parts_stays_open_until_all_is_billed(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    matched(buyer, "B-1", "100.00")
    assert buyer.in_quickbooks(order)["POStatus"] == "Open"
    matched(buyer, "B-2", "200.00")
    assert buyer.in_quickbooks(order)["POStatus"] == "Closed"
    assert states(buyer) == ["linked", "linked"]


def test_a_bill_over_what_is_left_of_its_order_is_posted_and_the_missing_link_is_told(buyer):
    buyer.order({"account": "55", "amount": 300})
    matched(buyer, "B-1", "250.00")
    bill = matched(buyer, "B-2", "100.00")

    assert links_of(bill) == []
    assert buyer.world.state("B-2") == "confirmed"
    assert sorted(states(buyer)) == ["dropped", "linked"]
    (message,) = alerted(buyer)
    assert "over-billed" in message
    assert "50" in message


def test_a_bill_of_a_closed_order_is_posted_and_the_missing_link_is_told(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    buyer.world.act("close_order", id=order)
    bill = matched(buyer, "B-1", "100.00")

    assert links_of(bill) == []
    assert "order 1005 is closed" in alerted(buyer)[0]


def test_a_link_that_a_person_makes_after_reopening_the_order_ends_the_alert(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    buyer.world.act("close_order", id=order)
    bill = matched(buyer, "B-1", "100.00")
    buyer.world.act("reopen_order", id=order)
    link = {"TxnId": order, "TxnType": "PurchaseOrder"}
    new = {name: value for name, value in bill["Line"][0].items() if name not in {"Id", "LineNum"}}
    new["LinkedTxn"] = [{**link, "TxnLineId": buyer.in_quickbooks(order)["Line"][0]["Id"]}]
    buyer.world.act("edit", entity="Bill", id=bill["Id"], changes={"Line": [new], "LinkedTxn": [link]})
    buyer.do(Job.CHANGES)
    buyer.do(Job.INVOICES)

    assert states(buyer) == ["linked"]
    assert alerted(buyer) == []


def test_a_person_may_say_that_a_bill_stays_without_its_link(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    buyer.world.act("close_order", id=order)
    matched(buyer, "B-1", "100.00")
    assert accept_links(buyer.world.desk(), buyer.world.row("B-1").invoice_id, actor="Kim", reason="old order") == 1

    assert states(buyer) == ["accepted"]
    assert alerted(buyer) == []


@pytest.mark.parametrize(("order", "order_line"), [("9999", "1"), ("1005", "7")])
def test_an_order_or_line_quickbooks_does_not_have_leaves_the_bill_as_it_would_be(buyer, order, order_line):
    buyer.order({"account": "55", "amount": 300})
    bill = matched(buyer, "B-1", "100.00", order=order, order_line=order_line)
    assert links_of(bill) == []
    assert order_link_list(buyer.world.desk()).page() == []


def test_an_order_of_another_vendor_with_the_same_number_is_not_billed(buyer):
    buyer.order({"account": "55", "amount": 300}, vendor="102")
    assert links_of(matched(buyer, "B-1", "100.00")) == []


def test_of_two_rows_on_one_line_the_one_that_quickbooks_leaves_out_is_told(buyer):
    order = buyer.order({"account": "55", "amount": 100})
    bill = matched(buyer, "B-1", "60.00", "60.00")

    assert links_of(bill) == [(order, buyer.in_quickbooks(order)["Line"][0]["Id"])]
    (link,) = order_link_list(buyer.world.desk()).page()
    assert (link.state, link.amount) == ("dropped", 120)
    assert link.why.startswith("only 60.00 of 120.00 is linked")
    assert len(alerted(buyer)) == 1


def test_an_order_without_a_number_is_found_by_the_id_that_basware_was_given(buyer):
    order = buyer.order()
    buyer.edit(order, DocNumber="")
    buyer.carry()
    assert set(buyer.heads()) == {order}

    bill = matched(buyer, "B-1", "100.00", order=order)
    assert [linked for linked, _ in links_of(bill)] == [order]


def test_freight_beside_what_was_ordered_takes_nothing_of_the_order(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    document = invoice("B-1", line("300.00"), line("20.00", account="6120"), changes={"orderNumbers": ["1005"]})
    buyer.world.approve(document)
    buyer.do(Job.CHANGES)
    buyer.world.settle()

    _, bill = buyer.world.only_transaction("B-1")
    assert links_of(bill) == [(order, buyer.in_quickbooks(order)["Line"][0]["Id"])]
    assert bill["Line"][0]["LinkedTxn"]


def test_an_alert_about_a_bill_ends_when_the_bill_is_deleted_in_quickbooks(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    buyer.world.act("close_order", id=order)
    bill = matched(buyer, "B-1", "100.00")
    assert len(alerted(buyer)) == 1

    buyer.world.act("delete", entity="Bill", id=bill["Id"])
    buyer.do(Job.CHANGES)
    buyer.do(Job.INVOICES)
    assert alerted(buyer) == []
    assert states(buyer) == []


def test_an_invoice_that_basware_corrects_keeps_its_links_with_the_new_amount(buyer):
    order = buyer.order({"account": "55", "amount": 300})
    matched(buyer, "B-1", "100.00")
    corrected = invoice("B-1", line("150.00"))
    for row in corrected["codingRows"]:
        row |= {"orderNumber": "1005", "orderLineNumber": "1"}
    buyer.world.send_again("B-1", **{name: corrected[name] for name in ("codingRows", "netSum", "grossSum")})
    buyer.world.settle()

    _, bill = buyer.world.only_transaction("B-1")
    assert links_of(bill) == [(order, buyer.in_quickbooks(order)["Line"][0]["Id"])]
    (link,) = order_link_list(buyer.world.desk()).page()
    assert (link.state, link.amount) == ("linked", 150)


def test_an_order_that_came_from_basware_is_linked_by_the_numbers_of_its_lines_there(purchasing):
    purchasing.order("PO-A", PAPER, {**PAPER, "coding": [{"accountCode": "6120"}]})
    purchasing.carry()
    bill = matched(purchasing.buyer, "B-1", "100.00", order="PO-A", order_line="2", account="6120")
    (order,) = purchasing.books
    assert links_of(bill) == [(order["Id"], order["Line"][1]["Id"])]
    assert states(purchasing.buyer) == ["linked"]


def test_an_invoice_stays_with_its_line_when_another_line_is_taken_out_of_the_order(buyer):
    order = buyer.order({"account": "55", "amount": 300}, {"account": "55", "amount": 200})
    buyer.carry()
    first, second = buyer.in_quickbooks(order)["Line"]
    buyer.edit(order, Line=[second])

    assert links_of(matched(buyer, "B-1", "100.00", order_line="2")) == [(order, second["Id"])]
    assert links_of(matched(buyer, "B-2", "50.00", order_line="1")) == [], f"line {first['Id']} is gone"


def test_a_line_of_basware_that_gets_another_number_is_the_same_line_in_quickbooks(purchasing):
    purchasing.order("PO-A", PAPER, {**PAPER, "description": "Ink"})
    purchasing.carry()
    (before,) = purchasing.books
    purchasing.bill(before, 50)
    first, second = purchasing.lines()
    numbers = {first["externalCode"]: {"orderLineNumber": 2}, second["externalCode"]: {"orderLineNumber": 1}}
    purchasing.act("change_purchase_order", lines=numbers)
    purchasing.carry()

    (order,) = purchasing.books
    assert [line["Id"] for line in order["Line"]] == [line["Id"] for line in before["Line"]]
    bill = matched(purchasing.buyer, "B-1", "100.00", order="PO-A", order_line="1")
    assert links_of(bill) == [(order["Id"], order["Line"][1]["Id"])]


def test_a_number_that_a_removed_line_of_basware_handed_on_links_no_bill_to_another_account(purchasing):
    purchasing.order("PO-A", PAPER, {**PAPER, "coding": [{"accountCode": "6120"}]})
    purchasing.carry()
    first, second = purchasing.lines()
    changes = {first["externalCode"]: {"lineStatus": "Deleted"}, second["externalCode"]: {"orderLineNumber": 1}}
    purchasing.act("change_purchase_order", lines=changes)
    purchasing.carry()
    (order,) = purchasing.books
    assert len(order["Line"]) == 1

    assert links_of(matched(purchasing.buyer, "B-1", "100.00", order="PO-A", account="6110")) == []
    linked = matched(purchasing.buyer, "B-2", "100.00", order="PO-A", account="6120")
    assert links_of(linked) == [(order["Id"], order["Line"][0]["Id"])]


def test_a_coding_row_that_is_taken_out_leaves_the_other_ones_line_in_quickbooks_as_it_is(purchasing):
    split = [{"accountCode": code, "splitPercent": 50} for code in ("6110", "6120")]
    purchasing.order("PO-A", {**PAPER, "coding": split})
    purchasing.carry()
    (before,) = purchasing.books
    (line,) = purchasing.lines()
    rest = [{**line["codingRows"][1], "splitPercent": 100}]
    purchasing.act("change_purchase_order", lines={line["externalCode"]: {"codingRows": rest}})
    purchasing.carry()

    (order,) = purchasing.books
    assert [(one["Id"], one["Amount"]) for one in order["Line"]] == [(before["Line"][1]["Id"], 200)]
