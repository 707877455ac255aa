"""What stands before every operation: tokens, companies, limits, formats, request ids."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from twins.quickbooks.values import stamp

NAMESPACE = "{http://schema.intuit.com/finance/v3}"


def test_an_expired_token_is_answered_in_the_gateways_own_casing(qbo):
    qbo.clock.advance(3600)
    answer = qbo.raw("GET", "preferences")
    assert answer.status == 401
    assert answer.headers["Www-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    status, body = qbo.call("GET", "preferences")
    assert status == 401
    assert body["fault"]["error"][0]["code"] == "3200"
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert isinstance(body["time"], int)
    assert body["queryResponse"] is None


def test_another_companys_token_is_refused_with_3100(qbo):
    qbo.realm = "123"
    status, body = qbo.call("GET", "preferences")
    assert status == 403
    assert body["fault"]["error"][0]["code"] == "3100"


def test_every_answer_carries_the_headers_support_asks_for(qbo):
    first, second = qbo.raw("GET", "preferences"), qbo.raw("GET", "bill/99999")
    assert first.headers["Content-Type"] == "application/json;charset=utf-8"
    assert second.headers["Content-Type"] == "application/json"
    assert first.headers["Intuit-Tid"] != second.headers["Intuit-Tid"]
    assert {"Qbo-Version", "Service-Time", "Cache-Control", "Expires"} <= set(first.headers)


def test_who_does_not_ask_for_json_gets_xml(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("12.50"), DocNumber="A&B"))
    answer = qbo.raw("GET", f"bill/{bill['Id']}", headers={"accept": "*/*"})
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ET.fromstring(answer.body)
    found = root.find(f"{NAMESPACE}Bill")
    assert found.get("domain") == "QBO"
    assert found.findtext(f"{NAMESPACE}DocNumber") == "A&B"
    assert found.findtext(f"{NAMESPACE}TotalAmt") == "12.50"
    assert found.find(f"{NAMESPACE}VendorRef").get("name") == "Nordlys Print"


def test_faults_come_as_xml_too(qbo):
    root = ET.fromstring(qbo.raw("GET", "bill/99999", headers={"accept": ""}).body)
    fault = root.find(f"{NAMESPACE}Fault")
    assert fault.get("type") == "ValidationFault"
    assert fault.find(f"{NAMESPACE}Error").get("code") == "610"


def test_ten_requests_a_second_are_served_and_the_eleventh_is_not(qbo):
    qbo.twin.switches.throttle = True
    assert [qbo.call("GET", "preferences")[0] for _ in range(11)] == [200] * 10 + [429]
    qbo.clock.advance(1)
    assert qbo.call("GET", "preferences")[0] == 200


def test_five_hundred_requests_a_minute_are_served_and_the_minute_slides(qbo):
    qbo.twin.switches.throttle = True
    statuses = []
    for _ in range(501):
        statuses.append(qbo.raw("GET", "preferences").status)
        qbo.clock.advance(0.11)
    assert statuses == [200] * 500 + [429]
    qbo.clock.advance(60 - 501 * 0.11 - 0.05)
    assert qbo.raw("GET", "preferences").status == 429
    qbo.clock.advance(0.1)
    assert [qbo.raw("GET", "preferences").status for _ in range(2)] == [200, 429]


def test_forty_batches_a_minute_are_served_and_the_refusal_says_3001(qbo):
    qbo.twin.switches.throttle = True
    item = {"bId": "1", "Query": "select * from Term"}
    for _ in range(40):
        assert qbo.raw("POST", "batch", {"BatchItemRequest": [item]}).status == 200
        qbo.clock.advance(0.2)
    status, body = qbo.call("POST", "batch", {"BatchItemRequest": [item]})
    assert status == 429
    assert body["Fault"]["type"] == "SERVICE"
    assert body["Fault"]["Error"][0]["code"] == "3001"
    assert "statusCode=429" in body["Fault"]["Error"][0]["Message"]
    assert qbo.call("GET", "preferences")[0] == 200
    assert qbo.twin.calls["throttled"] == 1


def test_a_repeated_request_id_brings_the_same_bytes_and_does_nothing(qbo):
    first = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    qbo.clock.advance(3)
    second = qbo.raw("POST", "bill", qbo.bill(), requestid="r-1")
    assert second.body == first.body
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 1
    assert qbo.raw("POST", "bill", qbo.bill(), requestid="r-2").body != first.body


def test_a_refusal_is_replayed_as_well_unless_switched_off(qbo):
    bad = qbo.bill(vendor="999")
    assert qbo.code("Bill", bad, requestid="r-1") == "2500"
    assert qbo.code("Bill", qbo.bill(), requestid="r-1") == "2500"
    qbo.twin.switches.replay_faults = False
    assert qbo.code("Bill", bad, requestid="r-2") == "2500"
    assert qbo.post("Bill", qbo.bill(), requestid="r-2")["TotalAmt"] == 100


def test_a_request_id_with_another_body_can_be_refused_with_600(qbo):
    qbo.twin.switches.refuse_changed_request = True
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert qbo.code("Bill", qbo.bill(qbo.line(7)), requestid="r-1") == "600"


def test_request_ids_are_at_most_50_characters(qbo):
    assert qbo.code("Bill", qbo.bill(), requestid="x" * 51) == "2130"
    qbo.post("Bill", qbo.bill(), requestid="x" * 50)


def test_a_refused_token_does_not_use_up_the_request_id(qbo):
    token, qbo.access_token = qbo.access_token, "nonsense"
    assert qbo.call("POST", "bill", qbo.bill(), requestid="r-1")[0] == 401
    qbo.access_token = token
    qbo.post("Bill", qbo.bill(), requestid="r-1")
    assert len(qbo.twin.books(qbo.realm)["Bill"]) == 1


def test_a_company_whose_subscription_ended_can_be_read_but_not_written(qbo):
    qbo.twin.switches.read_only = True
    assert qbo.code("Bill", qbo.bill()) == "6190"
    assert qbo.query("select * from Vendor")["maxResults"] == 2
    assert qbo.twin.books(qbo.realm)["Bill"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "bill"), ("DELETE", "bill/1"), ("POST", "nonsense"), ("GET", "bill")]
)
def test_unknown_verbs_and_paths_are_unsupported_operations(qbo, method, path):
    status, body = qbo.call(method, path, {})
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "500")


def test_bytes_that_are_not_utf8_and_bodies_that_are_not_json_are_refused(qbo):
    assert qbo.code("Bill", b'{"DocNumber":"\xe9"}') == "500"
    assert qbo.code("Bill", b"{broken") == "2010"
    status, body = qbo.call("POST", "bill", b"<Bill/>", headers={"content-type": "application/xml"})
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "500")


def test_calls_are_counted_by_kind(qbo):
    qbo.twin.calls.clear()
    qbo.post("Bill", qbo.bill())
    qbo.get("Vendor", "50")
    qbo.query("select * from Vendor")
    qbo.batch({"Query": "select * from Term"}, {"Query": "select * from Class"})
    qbo.call("GET", "cdc", entities="Bill", changedSince="2026-11-01")
    qbo.refresh()
    assert dict(qbo.twin.calls) == {
        "requests": 5, "writes": 1, "reads": 1, "queries": 1, "batches": 1, "batch_items": 2, "cdc": 1, "tokens": 1,
    }  # fmt: skip


def test_properties_added_later_can_appear_in_every_record(qbo):
    qbo.twin.switches.additive_field = True
    assert all("AddedLaterByIntuit" in each for each in qbo.query("select * from Vendor")["Vendor"])


def test_stamps_are_in_pacific_time_and_follow_summer_time(qbo):
    bill = qbo.post("Bill", qbo.bill())
    assert bill["MetaData"]["CreateTime"] == "2026-11-02T04:00:00-08:00"
    qbo.clock.set(datetime(2026, 10, 31, 12, 0, tzinfo=UTC))
    status, body = qbo.call("POST", "bill", qbo.bill())
    assert status == 200
    assert body["Bill"]["MetaData"]["CreateTime"] == "2026-10-31T05:00:00-07:00"
    assert body["time"] == "2026-10-31T05:00:00.000-07:00"


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-08T09:59:59+00:00", "2026-03-08T01:59:59-08:00"),
        ("2026-03-08T10:00:00+00:00", "2026-03-08T03:00:00-07:00"),
        ("2026-11-01T08:59:59+00:00", "2026-11-01T01:59:59-07:00"),
        ("2026-11-01T09:00:00+00:00", "2026-11-01T01:00:00-08:00"),
    ],
)
def test_the_clock_changes_on_the_second_sunday_of_march_and_the_first_of_november(instant, expected):
    assert stamp(datetime.fromisoformat(instant)) == expected
