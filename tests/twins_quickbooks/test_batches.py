"""Batches: thirty items, each on its own, in one HTTP 200."""

import pytest

pytestmark = pytest.mark.row("Q10")


def create(qbo, **fields):
    return {"operation": "create", "Bill": qbo.bill(**fields)}


def test_one_bad_item_neither_stops_nor_undoes_the_others(qbo):
    answers = qbo.batch(create(qbo, DocNumber="A"), create(qbo, vendor="999"), create(qbo, DocNumber="C"))
    assert [each["bId"] for each in answers] == ["1", "2", "3"]
    assert answers[1]["Fault"]["Error"][0]["code"] == "2500"
    assert answers[1]["Fault"]["type"] == "ValidationFault"
    assert [each["DocNumber"] for each in qbo.query("select * from Bill")["Bill"]] == ["A", "C"]


def test_thirty_items_are_taken_and_thirty_one_are_not(qbo):
    assert len(qbo.batch(*(create(qbo) for _ in range(30)))) == 30
    status, body = qbo.call("POST", "batch", {"BatchItemRequest": [create(qbo)] * 31})
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "1040")
    assert qbo.query("select count(*) from Bill") == {"totalCount": 30}


def test_every_kind_of_item_can_stand_side_by_side(qbo):
    old = qbo.post("Bill", qbo.bill())
    gone = qbo.post("Bill", qbo.bill())
    answers = qbo.batch(
        {"operation": "update", "Bill": {"Id": old["Id"], "SyncToken": "0", "sparse": True, "DocNumber": "U"}},
        {"operation": "delete", "Bill": {"Id": gone["Id"], "SyncToken": "0"}},
        {"Query": "select * from Term"},
        {"Query": "select * from Nonsense"},
        {"operation": "create", "Vendor": {"DisplayName": "New"}},
    )
    assert answers[0]["Bill"]["DocNumber"] == "U"
    assert answers[1]["Bill"]["status"] == "Deleted"
    assert answers[2]["QueryResponse"]["maxResults"] == 2
    assert answers[3]["Fault"]["Error"][0]["code"] == "4001"
    assert answers[4]["Vendor"]["Id"]


def test_an_item_sees_nothing_that_earlier_items_made(qbo):
    expected = str(int(qbo.post("Vendor", {"DisplayName": "First"})["Id"]) + 1)
    answers = qbo.batch(
        {"operation": "create", "Vendor": {"DisplayName": "Second"}},
        create(qbo, vendor=expected),
        {"Query": "select * from Vendor where DisplayName = 'Second'"},
    )
    assert answers[0]["Vendor"]["Id"] == expected
    assert answers[1]["Fault"]["Error"][0]["code"] == "2500"
    assert answers[2]["QueryResponse"] == {}
    assert qbo.batch(create(qbo, vendor=expected))[0]["Bill"]


def test_a_number_used_twice_in_one_batch_is_refused_the_second_time(qbo):
    answers = qbo.batch(create(qbo, DocNumber="A"), create(qbo, DocNumber="A"))
    error = answers[1]["Fault"]["Error"][0]
    assert error["code"] == "6140"
    assert f"TxnId={answers[0]['Bill']['Id']}" in error["Detail"]


def test_one_item_may_ask_for_a_number_to_be_used_again(qbo):
    answers = qbo.batch(
        create(qbo, DocNumber="A"), create(qbo, DocNumber="A") | {"optionsData": "allowduplicatedocnum"}
    )
    assert "Fault" not in answers[1]


def test_a_repeated_batch_brings_the_same_bytes_and_does_nothing(qbo):
    body = {"BatchItemRequest": [create(qbo) | {"bId": "1"}, create(qbo, vendor="999") | {"bId": "2"}]}
    first = qbo.raw("POST", "batch", body, requestid="batch-1")
    assert qbo.raw("POST", "batch", body, requestid="batch-1").body == first.body
    assert qbo.query("select count(*) from Bill") == {"totalCount": 1}


def test_ids_in_a_batch_are_shorter_than_elsewhere(qbo):
    def code(bid, request_id):
        status, body = qbo.call(
            "POST", "batch", {"BatchItemRequest": [create(qbo) | {"bId": bid}]}, requestid=request_id
        )
        return "" if status == 200 else body["Fault"]["Error"][0]["code"]

    assert code("1", "x" * 37) == "2130"
    assert code("x" * 11, "r") == "2130"
    assert code("x" * 10, "x" * 36) == ""


def test_items_that_are_no_operations_are_refused_one_by_one(qbo):
    answers = qbo.batch(
        {"operation": "merge", "Bill": qbo.bill()},
        {"operation": "create"},
        {"operation": "update", "Bill": qbo.bill()},
        {"operation": "create", "Bill": qbo.bill(), "Invoice": {}},
        {"operation": "create", "Bill": qbo.bill(Nonsense=1)},
    )
    codes = [each["Fault"]["Error"][0]["code"] for each in answers]
    assert codes == ["500", "2020", "2020", "2010", "2010"]


def test_a_batch_may_be_limited_to_ten_items_as_the_older_page_says(qbo):
    qbo.twin.switches.batch_items = 10
    assert len(qbo.batch(*(create(qbo) for _ in range(10)))) == 10
    error = qbo.call("POST", "batch", {"BatchItemRequest": [create(qbo)] * 11})[1]["Fault"]["Error"][0]
    assert (error["code"], "10" in error["Detail"]) == ("1040", True)


def test_an_item_may_ask_for_changes(qbo):
    bill = qbo.post("Bill", qbo.bill())
    answers = qbo.batch(
        {"CDCQuery": {"Entities": "Bill,Class", "ChangedSince": "2026-11-02T12:00:00Z"}},
        {"CDCQuery": {"Entities": "TaxCode", "ChangedSince": "2026-11-02"}},
        {"CDCQuery": {}},
        {"ReportQuery": "ProfitAndLoss"},
    )
    group = answers[0]["CDCResponse"]["QueryResponse"][0]
    assert (group["Bill"], group["maxResults"]) == ([bill], 1)
    assert [each["Fault"]["Error"][0]["code"] for each in answers[1:]] == ["2000", "2020", "500"]


def test_one_fault_can_hold_several_errors(qbo):
    answer = qbo.batch({"operation": "create", "Bill": {"DocNumber": "x" * 22, "TxnDate": "soon", "TotalAmt": "much"}})[
        0
    ]
    assert [each["code"] for each in answer["Fault"]["Error"]] == ["2050", "2060", "2080"]


def test_answers_keep_the_order_and_the_ids_of_the_items(qbo):
    items = [create(qbo) | {"bId": name} for name in ("z", "a", "m")]
    status, body = qbo.call("POST", "batch", {"BatchItemRequest": items})
    assert (status, [each["bId"] for each in body["BatchItemResponse"]]) == (200, ["z", "a", "m"])


def test_items_of_the_same_id_are_refused_unless_switched(qbo):
    items = {"BatchItemRequest": [create(qbo) | {"bId": "1"}, create(qbo) | {"bId": "1"}]}
    assert qbo.call("POST", "batch", items)[1]["Fault"]["Error"][0]["code"] == "6000"
    assert qbo.query("select count(*) from Bill") == {"totalCount": 0}
    qbo.twin.switches.repeated_bids = True
    assert [each["bId"] for each in qbo.call("POST", "batch", items)[1]["BatchItemResponse"]] == ["1", "1"]


def test_an_update_sees_what_an_earlier_item_of_the_batch_changed(qbo):
    bill = qbo.post("Bill", qbo.bill())
    change = {"Id": bill["Id"], "sparse": True, "PrivateNote": "x"}
    answers = qbo.batch(
        {"operation": "update", "Bill": {**change, "SyncToken": "0"}},
        {"operation": "update", "Bill": {**change, "SyncToken": "0", "PrivateNote": "y"}},
    )
    assert answers[0]["Bill"]["SyncToken"] == "1"
    assert answers[1]["Fault"]["Error"][0]["code"] == "5010"


def test_a_bill_made_in_a_batch_can_neither_be_changed_nor_captured_in_it(qbo):
    expected = str(int(qbo.post("Bill", qbo.bill())["Id"]) + 1)
    answers = qbo.batch(
        create(qbo),
        {"operation": "delete", "Bill": {"Id": expected, "SyncToken": "0"}},
        {"CDCQuery": {"Entities": "Bill", "ChangedSince": "2026-11-02T12:00:00Z"}},
    )
    assert answers[0]["Bill"]["Id"] == expected
    assert answers[1]["Fault"]["Error"][0]["code"] == "610"
    assert answers[2]["CDCResponse"]["QueryResponse"][0]["maxResults"] == 1
    assert qbo.get("Bill", expected)


def test_a_payment_can_be_voided_by_an_item(qbo):
    bill = qbo.post("Bill", qbo.bill())
    payment = qbo.act("pay", id=bill["Id"], account="10")
    void = {"operation": "update", "optionsData": "void", "BillPayment": {"Id": payment["Id"], "SyncToken": "0"}}
    assert qbo.batch(void)[0]["BillPayment"]["TotalAmt"] == 0
    assert qbo.get("Bill", bill["Id"])["Balance"] == 100


@pytest.mark.row("Q13")
def test_a_read_only_company_answers_the_queries_of_a_batch(qbo):
    qbo.twin.switches.read_only = True
    answers = qbo.batch(create(qbo), {"Query": "select * from Term"})
    assert answers[0]["Fault"]["Error"][0]["code"] == "6190"
    assert answers[1]["QueryResponse"]["maxResults"] == 2


@pytest.mark.parametrize("body", [{}, [], {"BatchItemRequest": {}}, {"BatchItemRequest": ["x"]}])
def test_what_is_no_batch_is_refused(qbo, body):
    assert qbo.call("POST", "batch", body)[1]["Fault"]["Error"][0]["code"] == "2020"


def test_a_batch_comes_as_xml_for_who_does_not_ask_for_json(qbo):
    answer = qbo.raw("POST", "batch", {"BatchItemRequest": [create(qbo) | {"bId": "b1"}]}, headers={"accept": ""})
    assert b'<BatchItemResponse bId="b1"><Bill domain="QBO" sparse="false">' in answer.body
