"""Change data capture: what changed, what was deleted, and where it stops."""

import pytest


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
