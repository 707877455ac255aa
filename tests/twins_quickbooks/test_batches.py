"""Batches: thirty items, each on its own, in one HTTP 200."""


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
