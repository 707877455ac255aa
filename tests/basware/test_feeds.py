"""The client of Basware's feeds: which rights each asks for, what it asks exactly, and what the answers may look like."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone

import httpx2
import msgspec
import pytest

from ml_connector.basware.auth import TokenCache
from ml_connector.basware.client import make_http
from ml_connector.basware.errors import PlaceLost, Refused, ScopeMissing, Unavailable, UnreadablePage
from ml_connector.basware.exchange import Turns
from ml_connector.basware.feeds import SCOPES, WAITING, BaswareFeeds, companies_of, company_of
from ml_connector.basware.monitoring import read_feedbacks, read_statuses, read_tasks
from ml_connector.basware.records import RawRecord, content_hash

CONTINUATION = "x-amz-meta-continuationtoken"
NOON = datetime(2026, 11, 20, 12, 0, 0, 123_456, tzinfo=UTC)


@pytest.fixture
def feeds(clock) -> Callable[..., tuple[BaswareFeeds, list[httpx2.Request]]]:
    """Feeds on a scripted service, and the requests it saw; each signs in with its scopes as its token."""

    def made(*script: httpx2.Response) -> tuple[BaswareFeeds, list[httpx2.Request]]:
        answers, seen = list(script), list[httpx2.Request]()

        def answer(request: httpx2.Request) -> httpx2.Response:
            seen.append(request)
            return answers.pop(0) if len(answers) > 1 else answers[0]

        def sign_in(scopes: Sequence[str]) -> Callable[[bool], str]:
            return lambda _force: f"Bearer {'+'.join(scopes)}"

        http = make_http(transport=httpx2.MockTransport(answer))
        return BaswareFeeds(http, base_url="https://api.test", sign_in=sign_in, clock=clock), seen

    return made


def listed(wrapper: str, *records: object, token: str = "") -> httpx2.Response:
    headers = {CONTINUATION: token} if token else {}
    return httpx2.Response(200, json={wrapper: list(records)}, headers=headers)


EMPTY = httpx2.Response(404)


def test_each_feed_signs_in_with_its_own_rights_and_no_others(feeds):
    client, seen = feeds(EMPTY)
    list(client.exported_orders(WAITING, company_code="US10"))
    list(client.vendors())
    list(client.request_statuses("TransferResponse"))
    list(client.error_feedbacks(since=NOON))
    list(client.tasks(since=NOON))
    client.acknowledge_requests(["r-1"])

    assert [request.headers["authorization"] for request in seen] == [
        f"Bearer {'+'.join(SCOPES[name])}"
        for name in ("orders", "vendors", "request status", "error feedbacks", "tasks", "request acknowledgement")
    ]


def test_the_two_reads_of_request_status_spell_the_parameter_differently(feeds):
    client, seen = feeds(EMPTY)
    list(client.request_statuses("TransferResponse", since=NOON))
    assert client.request_status("r/1") is None

    assert seen[0].url.params["ignoreSuccessfullItems"] == "false"
    assert seen[0].url.params["entityType"] == "TransferResponse"
    assert seen[0].url.params["lastUpdated"] == "2026-11-20T12:00:00.123Z"
    assert seen[1].url.params["ignoreSuccessfulItems"] == "false"
    assert seen[1].url.raw_path.startswith(b"/v1/requestStatus/r%2F1?")


def test_a_moment_in_another_zone_is_asked_for_in_utc(feeds):
    client, seen = feeds(EMPTY)
    list(client.vendors(since=NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))))

    assert seen[0].url.params["lastUpdated"] == "2026-11-20T12:00:00.123Z"


def test_pages_follow_the_header_with_the_same_question(feeds):
    client, seen = feeds(
        listed("exportedPurchaseOrders", {"externalCode": "1"}, token="t"),
        listed("exportedPurchaseOrders", {"externalCode": "2"}),
    )
    pages = list(client.exported_orders(WAITING, company_code="US10"))

    assert [record.id for page in pages for record in page.records] == ["1", "2"]
    assert seen[0].url == seen[1].url
    assert seen[1].headers[CONTINUATION] == "t"
    assert seen[0].url.params["orderStatus"] == "WaitingForExport"


@pytest.mark.parametrize("status", [400, 422])
def test_a_continuation_that_is_refused_says_that_the_place_is_lost(feeds, status):
    client, _ = feeds(listed("vendorEntities", {"externalCode": "1"}, token="t"), httpx2.Response(status))

    with pytest.raises(PlaceLost):
        list(client.vendors())


def test_a_question_that_is_refused_without_a_continuation_is_refused(feeds):
    client, _ = feeds(httpx2.Response(400))

    with pytest.raises(Refused):
        list(client.vendors())


def test_a_list_that_names_the_same_page_for_ever_is_not_followed(feeds):
    client, _ = feeds(listed("vendorEntities", {"externalCode": "1"}, token="t"))

    with pytest.raises(Unavailable, match="does not move on"):
        list(client.vendors())


def test_acknowledging_an_order_tells_now_from_before(feeds):
    client, seen = feeds(httpx2.Response(200, text="ok"), httpx2.Response(405), httpx2.Response(409))

    assert client.acknowledge_order("a b/c") is True
    assert seen[0].url.raw_path == b"/v1/exportedPurchaseOrders/a%20b%2Fc/acknowledge"
    assert seen[0].content == b""
    assert client.acknowledge_order("x") is False
    with pytest.raises(Refused):
        client.acknowledge_order("x")


def test_requests_are_acknowledged_by_their_ids(feeds):
    client, seen = feeds(httpx2.Response(200, text="Acknowledged."), httpx2.Response(405), httpx2.Response(404))

    assert client.acknowledge_requests(["r-1", "r-2"])
    assert seen[0].content == b'{"requestIds":["r-1","r-2"]}'
    assert not client.acknowledge_requests(["r-1"])
    assert not client.acknowledge_requests(["r-1"])


def test_one_order_comes_in_the_wrapper_of_the_list_and_must_be_the_one_asked_for(feeds):
    client, _ = feeds(
        listed("exportedPurchaseOrders", {"externalCode": "1"}), listed("exportedPurchaseOrders", {"externalCode": "2"})
    )
    found = client.exported_order("1")

    assert found is not None
    assert found.id == "1"
    assert client.exported_order("1") is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"17", b'{"other": []}', b'{"vendorEntities": {}}', b"\xff\xfe"])
def test_an_answer_that_is_no_list_is_unreadable_and_says_where_to_go_on(feeds, body):
    client, _ = feeds(httpx2.Response(200, content=body, headers={CONTINUATION: "next"}))

    with pytest.raises(UnreadablePage) as caught:
        list(client.vendors())
    assert caught.value.continuation == "next"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"externalCode": ""}, "1 to 36"),
        ({"externalCode": None}, "1 to 36"),
        ({}, "missing"),
        ({"externalCode": "x" * 37}, "37 characters"),
        ({"externalCode": ".."}, "cannot be part"),
        ({"externalCode": "a\u200bb"}, "cannot be part"),
        (17, "not a readable record"),
    ],
)
def test_a_record_without_a_usable_key_keeps_its_bytes_and_says_why(feeds, record, problem):
    client, _ = feeds(listed("vendorEntities", record, {"externalCode": "good"}))
    [page] = list(client.vendors())

    assert (page.records[0].id, page.records[1].id) == ("", "good")
    assert problem in page.records[0].problem


def test_companies_are_read_leniently():
    def of(**fields: str) -> RawRecord:
        raw = {name: msgspec.Raw(value.encode()) for name, value in fields.items()}
        return RawRecord(id="1", last_updated="", raw=b"", fields=raw)

    assert company_of(of(companyCode='" US10 "')) == "US10"
    assert company_of(of(companyCode="7")) == ""
    told = companies_of(of(companies='[{"companyCode":"US10"},17,{"companyCode":5},{"inheritToChildUnits":true}]'))
    assert [(one.company_code, one.inherit_to_child_units) for one in told] == [("US10", None), (None, True)]
    assert companies_of(of(companies='"none"')) == ()


def test_the_hash_of_a_record_knows_no_order_and_leaves_out_what_it_is_told_to(feeds):
    client, _ = feeds(
        httpx2.Response(
            200, text='[{"externalCode":"1","a":1.0,"s":"x"},{"s":"y","a":1.0,"externalCode":"1"},{"externalCode":"1"}]'
        )
    )
    [page] = list(client.vendors())
    one, two, three = page.records

    assert content_hash(one, without=["s"]) == content_hash(two, without=["s"])
    assert content_hash(one) != content_hash(two)
    assert content_hash(one, without=["s"]) != content_hash(three, without=["s"])


def test_statuses_keep_words_nobody_knows_and_leave_out_what_cannot_be_read():
    body = b"""{"requestStatus":[
      {"requestId":"r1","requestStatus":"Pondering","systems":[{"system":"P2P","items":[{"externalCode":"c","status":"New"}]}]},
      {"requestId":7}, {"requestStatus":"Error"},
      {"requestId":"r2","requestStatus":"AcknowledgedError","lastUpdated":"2026-11-20T12:00:00","systems":null}]}"""
    page = read_statuses(body, "")

    assert [one.request_id for one in page.requests] == ["r1", "r2"]
    assert page.unreadable == 2
    assert not page.requests[0].is_final
    assert page.requests[0].items[0].status == "New"
    assert page.requests[1].is_final
    assert page.requests[1].failed
    assert page.requests[1].last_updated == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_record_inside_an_error_feedback_is_read_out_of_its_text():
    body = rb"""{"errorList":[{"id":"1","requestId":"r","externalCode":"c","errorEntity":"{\"externalCode\":\"c\"}",
      "errorStamp":"2026-11-20T12:00:00.5Z","errors":["no",null]},{"id":"2","errorEntity":"{broken"}]}"""
    page = read_feedbacks(body, "")

    assert page.feedbacks[0].entity == {"externalCode": "c"}
    assert page.feedbacks[0].errors == ("no",)
    assert (page.feedbacks[1].entity, page.feedbacks[1].stamp) == (None, None)


def test_tasks_come_in_a_wrapper_called_like_one_of_their_fields():
    body = b"""{"taskStatus":[{"taskId":"t","taskStatus":"Failed","taskType":"RequestStatus","documentId":"d",
      "taskHistory":[{"action":"New","timeStamp":"2026-11-20T12:00:00Z"}]},{"taskId":""}]}"""
    page = read_tasks(body, "")

    assert [(one.id, one.type, one.created_at) for one in page.tasks] == [
        ("t", "RequestStatus", datetime(2026, 11, 20, 12, tzinfo=UTC))
    ]
    assert page.unreadable == 1


def test_a_right_that_was_silently_left_out_of_the_token_is_missed_before_any_call(clock):
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"access_token": "t", "expires_in": 3600, "scope": "vendors.read"})

    cache = TokenCache(
        make_http(transport=httpx2.MockTransport(answer)),
        token_url="https://api.test/v1/tokens",
        client_id="id",
        client_secret="secret",
        clock=clock,
    )

    assert cache.complete_authorization(["vendors.read"])(False) == "Bearer t"
    with pytest.raises(ScopeMissing, match=r"tasks\.read"):
        cache.complete_authorization(["vendors.read", "tasks.read"])(False)
    assert cache.authorization(["accountingDocuments.read"])(False) == "Bearer t"


def test_a_resource_is_held_by_one_request_at_a_time_and_another_resource_is_free():
    turns, inside, free, order = Turns(), threading.Event(), threading.Event(), list[str]()

    def second() -> None:
        inside.wait(10)
        with turns.turn("/v1/tasks"):
            free.set()
        with turns.turn("/v1/vendors/E-2"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with turns.turn("/v1/vendors/E-1"):
        inside.set()
        assert free.wait(10), "another resource has to wait, too"
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]
