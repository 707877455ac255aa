"""The monthly meter: what counts as a read, what is blocked when the month is used up."""

from datetime import UTC, datetime

import pytest

pytestmark = pytest.mark.row("Q12")
QUERIES = [{"Query": "select * from Term"}, {"Query": "select * from Class"}, {"Query": "select * from Nonsense"}]


def month(qbo, position=0):
    return qbo.twin.meter.report()[position]


def test_reads_are_metered_and_writes_are_not(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    qbo.get("Vendor", "50")
    qbo.call("GET", "preferences")
    qbo.call("GET", f"companyinfo/{qbo.realm}")
    qbo.query("select count(*) from Vendor")
    qbo.call("POST", "query", b"select * from Vendor")
    qbo.call("GET", "cdc", entities="Bill,Vendor,Account", changedSince="2026-11-01")
    report = month(qbo)
    assert (report["core"], report["core_plus"]) == (2, 6)
    assert (report["reads"], report["queries"], report["cdc"]) == (3, 2, 1)
    assert (report["month"], report["company"], report["workspace"]) == ("2026-11", qbo.realm, "app")


def test_a_batch_of_queries_is_counted_both_ways(qbo):
    qbo.batch(*QUERIES, {"operation": "create", "Bill": qbo.bill()})
    report = month(qbo)
    assert (report["core_plus_batch_items"], report["core_plus_batch_as_one"], report["core"]) == (3, 1, 1)
    assert report["core_plus"] == 3
    qbo.twin.switches.batch_reads_metered_each = False
    assert month(qbo)["core_plus"] == 1


def test_a_batch_of_writes_is_not_metered(qbo):
    qbo.batch({"operation": "create", "Bill": qbo.bill()})
    assert month(qbo)["core_plus_batch_as_one"] == 0


def test_refused_reads_count_unless_switched_off(qbo):
    qbo.call("GET", "vendor/999")
    qbo.batch(*QUERIES)
    assert (month(qbo)["core_plus"], month(qbo)["failed"]) == (4, 2)
    qbo.twin.switches.failed_calls_metered = False
    assert month(qbo)["core_plus"] == 2


def test_what_the_gates_refuse_is_not_metered(qbo):
    qbo.access_token = "nonsense"
    assert qbo.raw("GET", "preferences").status == 401
    assert qbo.twin.meter.report() == []


def test_the_month_is_one_of_pacific_time(qbo):
    qbo.clock.set(datetime(2026, 12, 1, 7, 59, tzinfo=UTC))
    qbo.refresh()
    qbo.call("GET", "preferences")
    qbo.clock.advance(60)
    qbo.call("GET", "preferences")
    assert [each["month"] for each in qbo.twin.meter.report()] == ["2026-11", "2026-12"]


def test_a_used_up_month_blocks_reads_until_the_next_and_lets_writes_pass(qbo):
    qbo.twin.switches.core_plus_limit = 3
    assert [qbo.raw("GET", "preferences").status for _ in range(4)] == [200, 200, 200, 429]
    status, body = qbo.call("GET", "query", query="select * from Term")
    assert (status, body["Fault"]["Error"][0]["code"]) == (429, "3001")
    assert qbo.raw("POST", "batch", {"BatchItemRequest": QUERIES}).status == 429
    qbo.post("Bill", qbo.bill())
    assert qbo.batch({"operation": "create", "Bill": qbo.bill()})[0]["Bill"]
    assert (month(qbo)["blocked"], qbo.twin.calls["blocked"]) == (3, 3)
    qbo.clock.set(datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    qbo.refresh()
    assert qbo.raw("GET", "preferences").status == 200


def test_a_workspace_sums_over_its_applications_and_companies(qbo, second_application):
    qbo.twin.switches.core_plus_limit = 2
    qbo.twin.meter.join("app", "works")
    qbo.twin.meter.join("app-2", "works")
    assert qbo.raw("GET", "preferences").status == 200
    assert second_application.raw("GET", "preferences").status == 200
    assert [each.raw("GET", "preferences").status for each in (qbo, second_application)] == [429, 429]


def test_applications_of_their_own_do_not_use_up_each_others_month(qbo, second_application):
    qbo.twin.switches.core_plus_limit = 1
    assert qbo.raw("GET", "preferences").status == 200
    assert second_application.raw("GET", "preferences").status == 200
    assert [each["workspace"] for each in qbo.twin.meter.report()] == ["app", "app-2"]


def test_a_replayed_write_and_a_download_are_counted_for_what_they_are(qbo):
    for _ in range(2):
        qbo.post("Bill", qbo.bill(), requestid="r-1")
    qbo.call("GET", "download/1")
    assert (month(qbo)["core"], month(qbo)["downloads"]) == (1, 1)
