"""The limits of requests: by company, by application, and of batches."""

import pytest

pytestmark = pytest.mark.row("Q12")
BATCH = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}


@pytest.fixture
def qbo(qbo):
    qbo.twin.switches.throttle = True
    return qbo


def statuses(caller, times, *, every=0.0, path="preferences"):
    """What several calls in a row are answered, with some seconds after each."""
    found = []
    for _ in range(times):
        answer = caller.raw("POST", "batch", BATCH) if path == "batch" else caller.raw("GET", path)
        found.append(answer.status)
        caller.clock.advance(every)
    return found


def test_ten_requests_a_second_are_served_and_the_eleventh_is_not(qbo):
    assert statuses(qbo, 11) == [200] * 10 + [429]
    qbo.clock.advance(1)
    assert statuses(qbo, 1) == [200]


def test_the_burst_limit_is_for_each_application(qbo, second_application):
    assert statuses(qbo, 11)[-1] == 429
    assert statuses(second_application, 10) == [200] * 10


def test_five_hundred_requests_a_minute_are_served_and_the_minute_slides(qbo):
    assert statuses(qbo, 501, every=0.11) == [200] * 500 + [429]
    qbo.clock.advance(60 - 501 * 0.11 - 0.05)
    assert statuses(qbo, 1) == [429]
    qbo.clock.advance(0.1)
    assert statuses(qbo, 2) == [200, 429]


def test_the_minute_of_a_company_is_shared_by_all_its_applications(qbo, second_application):
    assert statuses(qbo, 300, every=0.1) == [200] * 300
    assert statuses(second_application, 201, every=0.1) == [200] * 200 + [429]


def test_a_refused_request_does_not_count(qbo):
    assert statuses(qbo, 30).count(429) == 20
    qbo.clock.advance(1)
    assert statuses(qbo, 10) == [200] * 10
    assert qbo.twin.calls["throttled"] == 20


def test_forty_batches_a_minute_are_served_and_the_refusal_says_3001(qbo):
    assert statuses(qbo, 40, every=0.2, path="batch") == [200] * 40
    status, body = qbo.call("POST", "batch", BATCH)
    assert status == 429
    assert body["Fault"]["type"] == "SERVICE"
    assert body["Fault"]["Error"][0]["code"] == "3001"
    assert "statusCode=429" in body["Fault"]["Error"][0]["Message"]
    assert statuses(qbo, 1) == [200]


def test_a_hundred_and_twenty_batches_a_minute_are_served_for_all_applications_together(qbo, make_application):
    callers = [qbo, *(make_application(qbo, f"app-{number}") for number in range(3))]
    served = [status for caller in callers for status in statuses(caller, 40, every=0.2, path="batch")]
    assert served == [200] * 120 + [429] * 40


def test_eight_hundred_requests_a_minute_of_one_application_are_served_whatever_they_ask(qbo):
    qbo.twin.switches.requests_per_minute = qbo.twin.switches.requests_per_second = 10_000
    assert statuses(qbo, 801, every=0.07) == [200] * 800 + [429]


def test_limits_can_be_changed_and_taken_away(qbo):
    qbo.twin.switches.requests_per_second = 2
    assert statuses(qbo, 3) == [200, 200, 429]
    qbo.twin.switches.throttle = False
    assert statuses(qbo, 20) == [200] * 20


def test_a_throttled_write_was_not_done_and_does_not_use_up_its_request_id(qbo):
    statuses(qbo, 10)
    assert qbo.raw("POST", "bill", qbo.bill(), requestid="r-1").status == 429
    assert qbo.twin.books(qbo.realm)["Bill"] == []
    qbo.clock.advance(1)
    assert qbo.raw("POST", "bill", qbo.bill(), requestid="r-1").status == 200


def test_a_clock_set_back_starts_the_count_anew(qbo):
    statuses(qbo, 10)
    qbo.clock.advance(-600)
    assert statuses(qbo, 10) == [200] * 10


def test_the_refusal_is_xml_for_who_does_not_ask_for_json(qbo):
    statuses(qbo, 10)
    answer = qbo.raw("GET", "preferences", headers={"accept": "application/xml"})
    assert answer.status == 429
    assert b'<Fault type="SERVICE"><Error code="3001">' in answer.body
