"""Change data capture: what changed, what was deleted, and where it stops."""

import pytest

pytestmark = pytest.mark.row("Q11")


def capture(qbo, entities, since):
    status, body = qbo.call("GET", "cdc", entities=entities, changedSince=since)
    assert status == 200, body
    return body["CDCResponse"][0]["QueryResponse"]


def test_changes_come_grouped_in_the_order_asked_with_empty_groups_for_nothing(qbo):
    qbo.clock.advance(60)
    bill = qbo.post("Bill", qbo.bill())
    groups = capture(qbo, "Vendor,Bill,BillPayment", "2026-11-02T04:00:30-08:00")
    assert groups == [{}, {"Bill": [bill], "startPosition": 1, "maxResults": 1, "totalCount": 1}, {}]


def test_a_deletion_shows_as_a_stub(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.clock.advance(60)
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    assert capture(qbo, "Bill", "2026-11-02T12:00:30Z") == [
        {
            "Bill": [
                {
                    "domain": "QBO",
                    "status": "Deleted",
                    "Id": bill["Id"],
                    "MetaData": {"LastUpdatedTime": "2026-11-02T04:01:00-08:00"},
                }
            ]
        }
    ]


def test_making_inactive_shows_as_a_change_not_as_a_deletion(qbo):
    qbo.clock.advance(60)
    qbo.act("inactivate", entity="Vendor", id="50")
    group = capture(qbo, "vendor", "2026-11-02T12:00:30Z")[0]
    assert [(each["Active"], each["DisplayName"]) for each in group["Vendor"]] == [(False, "Nordlys Print (deleted)")]


def test_a_payment_shows_the_bills_it_changed(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.clock.advance(60)
    qbo.act("pay", id=bill["Id"], account="10")
    groups = capture(qbo, "Bill,BillPayment", "2026-11-02T12:00:30Z")
    assert [group["maxResults"] for group in groups] == [1, 1]


def test_one_answer_holds_a_thousand_records_at_most(qbo):
    for start in range(0, 1020, 30):
        qbo.batch(*({"operation": "create", "Bill": qbo.bill(DocNumber=f"D-{start + step}")} for step in range(30)))
    groups = capture(qbo, "Bill,Vendor", "2026-11-01")
    assert len(groups[0]["Bill"]) == 1000
    assert groups[1] == {}


@pytest.mark.parametrize(
    ("entities", "since", "code"),
    [
        ("Bill", "2026-10-01T00:00:00-07:00", "2190"),
        ("Bill", "2026-11-01T00:00:00 02:00", "2060"),
        ("Bill", "", "2020"),
        ("", "2026-11-01", "2020"),
        ("TaxCode", "2026-11-01", "2000"),
        ("Spaceship", "2026-11-01", "2000"),
    ],
)
def test_what_cannot_be_captured_is_refused(qbo, entities, since, code):
    status, body = qbo.call("GET", "cdc", entities=entities, changedSince=since)
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, code)


def test_older_changes_can_be_switched_on(qbo):
    qbo.twin.switches.cdc_refuses_old_dates = False
    assert len(capture(qbo, "Vendor", "2020-01-01")[0]["Vendor"]) == 3


def test_empty_groups_can_be_left_out(qbo):
    qbo.twin.switches.cdc_empty_groups = False
    qbo.clock.advance(60)
    qbo.post("Bill", qbo.bill())
    groups = capture(qbo, "Vendor,Bill", "2026-11-02T04:00:30-08:00")
    assert [next(iter(group)) for group in groups] == ["Bill"]


def test_changes_come_in_the_order_in_which_they_were_made(qbo):
    bills = [qbo.post("Bill", qbo.bill()) for _ in range(3)]
    qbo.clock.advance(60)
    qbo.post("Bill", {"Id": bills[0]["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "later"})
    group = capture(qbo, "Bill", "2026-11-02T11:59:00Z")[0]
    assert [each["Id"] for each in group["Bill"]] == [bills[1]["Id"], bills[2]["Id"], bills[0]["Id"]]


def test_a_look_back_that_overlaps_brings_the_same_records_again(qbo):
    bill = qbo.post("Bill", qbo.bill())
    for since in ("2026-11-02T12:00:00Z", "2026-11-02T11:55:00Z"):
        assert capture(qbo, "Bill", since)[0]["Bill"] == [bill]
    assert capture(qbo, "Bill", "2026-11-02T12:00:01Z") == [{}]


def test_the_second_of_the_instant_counts_whole(qbo):
    qbo.clock.advance(0.7)
    qbo.post("Bill", qbo.bill())
    assert capture(qbo, "Bill", "2026-11-02T12:00:00.900Z")[0]["maxResults"] == 1


def test_a_record_made_and_deleted_in_the_window_is_only_a_stub(qbo):
    bill = qbo.post("Bill", qbo.bill())
    kept = qbo.post("Bill", qbo.bill())
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    rows = capture(qbo, "Bill", "2026-11-02T12:00:00Z")[0]
    assert [(each["Id"], each.get("status")) for each in rows["Bill"]] == [(kept["Id"], None), (bill["Id"], "Deleted")]
    assert rows["totalCount"] == 2


def test_the_thousand_is_shared_by_all_entities_and_leaves_room_in_the_order_asked(qbo):
    for _ in range(33):
        qbo.batch(*({"operation": "create", "Bill": qbo.bill()} for _ in range(30)))
    names = ", ".join(("Bill", "Account", "Vendor"))
    groups = capture(qbo, names, "2026-11-01")
    assert [len(next(iter(group.values()))) for group in groups if group] == [990, 8, 2]


def test_deletions_count_towards_the_thousand(qbo, monkeypatch):
    monkeypatch.setattr("twins.quickbooks.cdc.MAX_RECORDS", 2)
    for bill in [qbo.post("Bill", qbo.bill()) for _ in range(3)]:
        qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    groups = capture(qbo, "Bill,Vendor", "2026-11-02T12:00:00Z")
    assert [each["status"] for each in groups[0]["Bill"]] == ["Deleted", "Deleted"]
    assert groups[1] == {}


def test_updates_can_be_shown_as_deleted_as_in_the_reported_defect(qbo):
    qbo.twin.switches.cdc_marks_updates_deleted = True
    bill = qbo.post("Bill", qbo.bill())
    untouched = qbo.post("Bill", qbo.bill())
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "changed"})
    rows = {each["Id"]: each for each in capture(qbo, "Bill", "2026-11-02T12:00:00Z")[0]["Bill"]}
    assert rows[bill["Id"]]["status"] == "Deleted"
    assert rows[bill["Id"]]["PrivateNote"] == "changed"
    assert "status" not in rows[untouched["Id"]]


def test_the_answer_says_when_it_was_made(qbo):
    status, body = qbo.call("GET", "cdc", entities="Bill", changedSince="2026-11-01")
    assert (status, body["time"]) == (200, "2026-11-02T04:00:00.000-08:00")


@pytest.mark.parametrize("entity", ["TaxCode", "TaxRate", "TaxAgency", "TimeActivity", "ExchangeRate"])
def test_some_entities_are_never_captured(qbo, entity):
    status, body = qbo.call("GET", "cdc", entities=f"Bill,{entity}", changedSince="2026-11-01")
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "2000")


def test_a_seed_is_history(qbo):
    assert capture(qbo, "Vendor", "2026-11-02T12:00:00Z")[0]["maxResults"] == 3
    qbo.clock.advance(1)
    assert capture(qbo, "Vendor", "2026-11-02T12:00:01Z") == [{}]
