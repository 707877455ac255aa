"""Purchase orders: their numbers, the links bills make to them, when they close, and what is left to bill."""

from decimal import Decimal

import pytest

pytestmark = pytest.mark.row("Q8")
PAYABLE = {"APAccountRef": {"value": "31"}}


def order(qbo, *lines, vendor="50", **fields):
    given = lines or (qbo.line("500"),)
    return qbo.post("PurchaseOrder", qbo.bill(*given, vendor=vendor, **PAYABLE, **fields))


def pieces(qbo, count, price="50", item="40"):
    detail = {"ItemRef": {"value": item}, "Qty": Decimal(count), "UnitPrice": Decimal(price)}
    line = {"Amount": Decimal(count) * Decimal(price), "DetailType": "ItemBasedExpenseLineDetail"}
    return line | {"ItemBasedExpenseLineDetail": detail}


def link(order_id, line_id="1"):
    return {"TxnId": order_id, "TxnType": "PurchaseOrder", "TxnLineId": line_id}


def linking(qbo, order_id, *lines, **fields):
    """A bill that links its lines, given with the ids of the order's lines, in the way that holds."""
    linked = [line | {"LinkedTxn": [link(order_id, line_id)]} for line, line_id in lines]
    return qbo.bill(*linked, LinkedTxn=[{"TxnId": order_id, "TxnType": "PurchaseOrder"}], **fields)


def status(qbo, made):
    return qbo.get("PurchaseOrder", made["Id"])["POStatus"]


def test_a_linked_bill_shows_on_both_sides_and_closes_the_order_once_all_is_billed(qbo):
    made = order(qbo)
    assert made["POStatus"] == "Open"
    first = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("200"), "1")))
    assert first["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "PurchaseOrder"}]
    assert first["Line"][0]["LinkedTxn"] == [link(made["Id"])]
    assert status(qbo, made) == "Open"
    second = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("300"), "1")))
    closed = qbo.get("PurchaseOrder", made["Id"])
    assert (closed["POStatus"], closed["SyncToken"]) == ("Closed", "2")
    assert [each["TxnId"] for each in closed["LinkedTxn"]] == [first["Id"], second["Id"]]
    qbo.post("Bill", {"Id": second["Id"], "SyncToken": "0"}, operation="delete")
    assert status(qbo, made) == "Open"


def test_orders_stay_open_whatever_is_billed_when_switched(qbo):
    qbo.twin.switches.orders_close_when_billed = False
    made = order(qbo)
    qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("500"), "1")))
    assert status(qbo, made) == "Open"


BAD_LINKS = {
    "the line is missing": {"TxnLineId": None},
    "the line is wrong": {"TxnLineId": "99"},
    "the order is wrong": {"TxnId": "98765"},
    "the type is missing": {"TxnType": None},
    "the type is wrong": {"TxnType": "Estimate"},
}


@pytest.mark.parametrize("change", BAD_LINKS.values(), ids=BAD_LINKS.keys())
def test_a_link_that_does_not_name_all_three_is_dropped_and_the_bill_is_made(qbo, change):
    made = order(qbo)
    body = linking(qbo, made["Id"], (qbo.line("200"), "1"))
    body["Line"][0]["LinkedTxn"] = [
        {name: value for name, value in (link(made["Id"]) | change).items() if value is not None}
    ]
    bill = qbo.post("Bill", body)
    assert "LinkedTxn" not in bill
    assert bill["Line"][0]["LinkedTxn"] == []
    assert qbo.get("PurchaseOrder", made["Id"]) == made


def test_the_link_has_to_stand_in_the_head_too_unless_switched(qbo):
    made = order(qbo)
    body = linking(qbo, made["Id"], (qbo.line("200"), "1"))
    del body["LinkedTxn"]
    assert "LinkedTxn" not in qbo.post("Bill", body)
    qbo.twin.switches.order_link_needs_head = False
    assert qbo.post("Bill", body)["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "PurchaseOrder"}]


def test_a_link_in_the_head_alone_links_nothing(qbo):
    made = order(qbo)
    bill = qbo.post("Bill", qbo.bill(LinkedTxn=[{"TxnId": made["Id"], "TxnType": "PurchaseOrder"}]))
    assert "LinkedTxn" not in bill


def test_another_vendors_order_is_not_linked(qbo):
    made = order(qbo, vendor="51")
    assert "LinkedTxn" not in qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("200"), "1")))


def test_what_goes_beyond_the_order_is_not_linked(qbo):
    made = order(qbo)
    assert "LinkedTxn" not in qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("500.01"), "1")))
    bill = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("300"), "1"), (qbo.line("300"), "1")))
    assert [len(line["LinkedTxn"]) for line in bill["Line"]] == [1, 0]


def test_pieces_count_where_both_lines_count_them(qbo):
    made = order(qbo, pieces(qbo, 10))
    dearer = qbo.post("Bill", linking(qbo, made["Id"], (pieces(qbo, 9, price="60"), "1")))
    assert dearer["LinkedTxn"], "a higher price is no larger delivery"
    assert "LinkedTxn" not in qbo.post("Bill", linking(qbo, made["Id"], (pieces(qbo, 2), "1")))
    assert qbo.get("PurchaseOrder", made["Id"])["Line"][0]["Received"] == 9


def test_a_closed_order_takes_no_further_bill_but_keeps_those_it_has(qbo):
    made = order(qbo)
    first = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("500"), "1")))
    assert "LinkedTxn" not in qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("0"), "1")))
    assert qbo.post("Bill", first | {"PrivateNote": "its own bill keeps the link"})["LinkedTxn"] == first["LinkedTxn"]


def test_a_line_that_says_its_number_is_not_linked_unless_switched(qbo):
    made = order(qbo)
    body = linking(qbo, made["Id"], (qbo.line("200") | {"LineNum": 1}, "1"))
    assert "LinkedTxn" not in qbo.post("Bill", body)
    qbo.twin.switches.order_link_with_line_number = True
    assert "LinkedTxn" in qbo.post("Bill", body)


def test_a_line_that_was_there_is_linked_only_under_a_new_id(qbo):
    made = order(qbo)
    bill = qbo.post("Bill", qbo.bill(qbo.line("200")))
    body = linking(qbo, made["Id"], (qbo.line("200") | {"Id": "1"}, "1"), Id=bill["Id"])
    kept = qbo.post("Bill", body | {"SyncToken": "0"})
    assert "LinkedTxn" not in kept
    del body["Line"][0]["Id"]
    linked = qbo.post("Bill", body | {"SyncToken": kept["SyncToken"]})
    assert (linked["Line"][0]["Id"], linked["Line"][0]["LinkedTxn"]) == ("2", [link(made["Id"])])


def test_what_is_left_of_an_order_follows_from_the_bills_it_names(qbo):
    made = order(qbo, pieces(qbo, 10), pieces(qbo, 4))
    qbo.post("Bill", linking(qbo, made["Id"], (pieces(qbo, 3), "1"), (pieces(qbo, 4), "2")))
    qbo.post("Bill", linking(qbo, made["Id"], (pieces(qbo, 2), "1")))
    found = qbo.get("PurchaseOrder", made["Id"])
    left = {line["Id"]: line["ItemBasedExpenseLineDetail"]["Qty"] for line in found["Line"]}
    for bill in (qbo.get("Bill", each["TxnId"]) for each in found["LinkedTxn"]):
        for line in bill["Line"]:
            left[line["LinkedTxn"][0]["TxnLineId"]] -= line["ItemBasedExpenseLineDetail"]["Qty"]
    assert left == {"1": 5, "2": 0}
    assert [line.get("Received") for line in found["Line"]] == [5, 4]
    assert found["POStatus"] == "Open"


def test_a_bill_that_changes_moves_the_order_along(qbo):
    made = order(qbo)
    bill = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("500"), "1")))
    smaller = bill["Line"][0] | {"Amount": 499}
    changed = qbo.post("Bill", bill | {"Line": [smaller]})
    assert (changed["Line"][0]["LinkedTxn"], status(qbo, made)) == ([link(made["Id"])], "Open")
    qbo.post("Bill", changed | {"VendorRef": {"value": "51"}})
    assert "LinkedTxn" not in qbo.get("PurchaseOrder", made["Id"])


def test_an_order_that_loses_a_line_or_itself_leaves_its_bills(qbo):
    made = order(qbo, qbo.line("100"), qbo.line("200"))
    bill = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("100"), "1"), (qbo.line("50"), "2")))
    current = qbo.get("PurchaseOrder", made["Id"])
    qbo.post("PurchaseOrder", current | {"Line": current["Line"][1:]})
    assert [len(line["LinkedTxn"]) for line in qbo.get("Bill", bill["Id"])["Line"]] == [0, 1]
    token = qbo.get("PurchaseOrder", made["Id"])["SyncToken"]
    qbo.post("PurchaseOrder", {"Id": made["Id"], "SyncToken": token}, operation="delete")
    assert "LinkedTxn" not in qbo.get("Bill", bill["Id"])


def test_an_order_closed_by_hand_stays_closed_and_can_be_opened_again(qbo):
    made = order(qbo)
    qbo.act("close_order", id=made["Id"])
    assert "LinkedTxn" not in qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("200"), "1")))
    closed = qbo.get("PurchaseOrder", made["Id"])
    assert (closed["POStatus"], closed["ManuallyClosed"]) == ("Closed", True)
    qbo.act("reopen_order", id=made["Id"])
    assert "LinkedTxn" in qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("200"), "1")))


def test_an_order_written_back_as_read_is_not_closed_by_hand(qbo):
    made = order(qbo)
    bill = qbo.post("Bill", linking(qbo, made["Id"], (qbo.line("500"), "1")))
    closed = qbo.get("PurchaseOrder", made["Id"])
    assert qbo.post("PurchaseOrder", closed) == closed
    qbo.post("PurchaseOrder", closed | {"PrivateNote": "seen"})
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": bill["SyncToken"]}, operation="delete")
    assert status(qbo, made) == "Open"


def test_orders_are_numbered_unless_the_company_numbers_them_itself(qbo):
    assert [order(qbo)["DocNumber"] for _ in range(2)] == ["1001", "1002"]
    assert order(qbo, DocNumber="2000")["DocNumber"] == "2000"
    assert order(qbo)["DocNumber"] == "2001"
    qbo.act("set_preference", path="SalesFormsPrefs.CustomTxnNumbers", value=True)
    assert "DocNumber" not in order(qbo)


def test_orders_post_nothing_and_need_a_payable_account(qbo):
    order(qbo)
    assert qbo.twin.ledger(qbo.realm) == []
    error = qbo.refused("PurchaseOrder", qbo.bill())
    assert (error["code"], error["element"]) == ("2020", "APAccountRef")


def test_a_location_on_an_order_is_not_kept_unless_switched_and_custom_fields_are_three(qbo):
    fields = [{"DefinitionId": str(each), "Type": "StringType", "StringValue": "x"} for each in range(1, 5)]
    made = order(qbo, DepartmentRef={"value": "2"}, CustomField=fields)
    assert "DepartmentRef" not in made
    assert len(made["CustomField"]) == 3
    qbo.twin.switches.order_location_kept = True
    assert order(qbo, DepartmentRef={"value": "2"})["DepartmentRef"]["value"] == "2"


def test_a_class_in_the_head_of_an_order_needs_classes_by_transaction(qbo):
    where = {"ClassRef": {"value": "5000000000000142240"}}
    assert qbo.code("PurchaseOrder", qbo.bill(**PAYABLE, **where)) == "6000"
    qbo.act("set_preference", path="AccountingInfoPrefs.ClassTrackingPerTxn", value=True)
    assert order(qbo, **where)["ClassRef"]["name"] == "Marketing"


def test_a_foreign_order_needs_a_rate_as_a_bill_does(world):
    fields = {"APAccountRef": {"value": "32"}, "CurrencyRef": {"value": "EUR"}}
    assert world.code("PurchaseOrder", world.bill(vendor="53", **fields)) == "2410"
    assert world.code("PurchaseOrder", world.bill(vendor="50", **fields, ExchangeRate=2)) == "6000"
    assert world.post("PurchaseOrder", world.bill(vendor="53", **fields, ExchangeRate=2))["ExchangeRate"] == 2
