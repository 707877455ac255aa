"""Reading waiting documents: pages, emptiness, redirects, broken pages."""

import json
from typing import Any

import httpx2
import pytest

from ml_connector.basware.errors import Refused, ScopeMissing, Throttled, Unavailable, UnreadablePage

LIST = "https://test-api.basware.com/v1/accountingDocuments"


def document(invoice_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "invoiceId": invoice_id,
        "processingStatus": "WaitingForTransfer",
        "lastUpdated": "2026-04-20T07:41:12.303Z",
        **fields,
    }


def page(*documents: Any, token: str = "", wrapped: bool = True) -> httpx2.Response:
    body = {"accountingDocuments": list(documents)} if wrapped else list(documents)
    return httpx2.Response(200, json=body, headers={"X-amz-meta-continuationToken": token} if token else {})


def test_no_waiting_document_is_a_404_and_gives_no_page(desk: Any) -> None:
    assert list(desk(httpx2.Response(404)).client.documents("WaitingForTransfer")) == []


def test_pages_are_followed_by_the_header_with_the_very_same_query(desk: Any) -> None:
    at = desk(page(document("a"), document("b"), token="t1"), page(document("c")))
    pages = list(at.client.documents("WaitingForTransfer", company_code="US10", page_size=2))
    assert [[one.invoice_id for one in each.documents] for each in pages] == [["a", "b"], ["c"]]
    first, second = at.requests
    assert first.url == second.url
    assert dict(first.url.params) == {
        "ProcessingStatus": "WaitingForTransfer",
        "pageSize": "2",
        "p2pProcessingMode": "Standard",
        "companyCode": "US10",
    }
    assert "x-amz-meta-continuationtoken" not in first.headers
    assert second.headers["x-amz-meta-continuationtoken"] == "t1"


def test_a_short_page_is_not_the_last_one_while_a_continuation_is_named(desk: Any) -> None:
    at = desk(page(document("a"), token="t1"), page(token="t2"), page(document("b")))
    assert sum(len(each.documents) for each in at.client.documents("WaitingForTransfer")) == 2


def test_a_list_that_names_the_same_page_for_ever_is_given_up(desk: Any) -> None:
    at = desk(page(document("a"), token="t1"))
    with pytest.raises(Unavailable, match="same page"):
        list(at.client.documents("WaitingForTransfer"))


def test_bare_lists_are_understood_too(desk: Any) -> None:
    (only,) = desk(page(document("a"), wrapped=False)).client.documents("WaitingForTransfer")
    assert only.documents[0].invoice_id == "a"


def test_each_document_keeps_the_bytes_it_came_in(desk: Any) -> None:
    raw = b'{ "netSum": 1000.10,\n  "invoiceId":"a" , "new": {"x": [1,2]}}'
    (only,) = desk(httpx2.Response(200, content=b'{"accountingDocuments": [' + raw + b"]}")).client.documents("New")
    assert only.documents[0].raw == raw


@pytest.mark.parametrize(
    "broken", ['{"lastUpdated": "x"}', '{"invoiceId": 5}', '{"invoiceId": " "}', '{"invoiceId": ".."}', '"a"', "7"]
)
def test_a_document_without_a_usable_id_comes_out_with_the_reason_and_costs_no_other(desk: Any, broken: str) -> None:
    body = f'{{"accountingDocuments": [{broken}, {{"invoiceId": "b"}}]}}'
    (only,) = desk(httpx2.Response(200, text=body)).client.documents("New")
    bad, good = only.documents
    assert (bad.invoice_id, bad.raw) == ("", broken.encode())
    assert bad.problem
    assert (good.invoice_id, good.problem) == ("b", "")


def test_a_page_that_is_no_json_carries_its_body_and_where_to_go_on(desk: Any) -> None:
    broken = httpx2.Response(200, content=b'{"accountingDocuments": [{', headers={"x-amz-meta-continuationtoken": "t2"})
    at = desk(page(document("a"), token="t1"), broken, page(document("c")))
    pages = at.client.documents("WaitingForTransfer")
    next(pages)
    with pytest.raises(UnreadablePage) as caught:
        next(pages)
    assert caught.value.body == b'{"accountingDocuments": [{'
    assert caught.value.excerpt.startswith('{"accounting')
    (rest,) = at.client.documents("WaitingForTransfer", start=caught.value.continuation)
    assert rest.documents[0].invoice_id == "c"
    assert at.requests[-1].headers["x-amz-meta-continuationtoken"] == "t2"


@pytest.mark.parametrize(
    "body", [b"", b"<html>busy</html>", b'{"requestId":"r"}', b'{"accountingDocuments":{}}', b"[" * 5000, b"\xff"]
)
def test_no_other_body_is_taken_for_an_empty_list(desk: Any, body: bytes) -> None:
    with pytest.raises(UnreadablePage):
        list(desk(httpx2.Response(200, content=body)).client.documents("New"))


def test_one_document_comes_in_the_lists_wrapper(desk: Any) -> None:
    at = desk(page(document("A/ü?", processingStatus="Transferred")))
    found = at.client.document("A/ü?")
    assert found is not None
    assert found.status == "Transferred"
    assert at.requests[0].url.raw_path == b"/v1/accountingDocuments/A%2F%C3%BC%3F"


def test_a_document_basware_does_not_have_is_none(desk: Any) -> None:
    assert desk(httpx2.Response(404)).client.document("a") is None


def test_another_document_than_the_one_asked_for_is_an_error(desk: Any) -> None:
    with pytest.raises(UnreadablePage, match="asked for a"):
        desk(page(document("b"))).client.document("a")


def test_a_redirect_is_followed_without_our_authorization(desk: Any) -> None:
    moved = httpx2.Response(
        302, headers={"Location": "https://files.example.test/p?Signature=s3cret", "x-amzn-RequestId": "r-1"}
    )
    at = desk(moved, page(document("a")))
    (only,) = at.client.documents("WaitingForTransfer")
    assert only.documents[0].invoice_id == "a"
    first, second = at.requests
    assert "authorization" in first.headers
    assert "authorization" not in second.headers
    assert second.headers["host"] == "files.example.test"


@pytest.mark.parametrize("on_redirect", [True, False])
def test_the_continuation_is_read_from_whichever_hop_has_it(desk: Any, on_redirect: bool) -> None:
    token = {"x-amz-meta-continuationtoken": "t1"}
    moved = httpx2.Response(302, headers={"Location": "/elsewhere", **(token if on_redirect else {})})
    final = httpx2.Response(200, json={"accountingDocuments": [document("a")]}, headers={} if on_redirect else token)
    first = next(desk(moved, final).client.documents("WaitingForTransfer"))
    assert first.continuation == "t1"


def test_a_signed_address_never_shows_in_the_record_of_calls(desk: Any) -> None:
    at = desk(
        httpx2.Response(302, headers={"Location": "https://files.example.test/p?Signature=s3cret"}), page(document("a"))
    )
    list(at.client.documents("WaitingForTransfer"))
    assert [(call.method, call.path, call.status) for call in at.calls] == [
        ("GET", "/v1/accountingDocuments", 302),
        ("GET", "/p", 200),
    ]
    assert "s3cret" not in repr(at.calls)
    assert "token-" not in repr(at.calls)


@pytest.mark.parametrize(
    "location", ["ftp://files.example.test/p", "file:///etc/passwd", "http://files.example.test/p", ""]
)
def test_a_redirect_to_an_unsafe_address_is_not_opened(desk: Any, location: str) -> None:
    at = desk(httpx2.Response(302, headers={"Location": location} if location else {}))
    with pytest.raises(Unavailable, match="redirected"):
        list(at.client.documents("WaitingForTransfer"))
    assert {request.url.host for request in at.requests} == {"test-api.basware.com"}


def test_more_than_three_redirects_in_a_row_are_given_up(desk: Any) -> None:
    at = desk(httpx2.Response(302, headers={"Location": "/again"}))
    with pytest.raises(Unavailable, match="more than 3 times"):
        list(at.client.documents("WaitingForTransfer"))


def test_a_signed_address_that_ran_out_is_asked_for_anew(desk: Any) -> None:
    moved = httpx2.Response(302, headers={"Location": "https://files.example.test/p"})
    at = desk(moved, httpx2.Response(403, text="<Error><Code>AccessDenied</Code></Error>"), moved, page(document("a")))
    (only,) = at.client.documents("WaitingForTransfer")
    assert only.documents[0].invoice_id == "a"


def test_a_file_missing_behind_a_redirect_is_not_an_empty_list(desk: Any) -> None:
    moved = httpx2.Response(302, headers={"Location": "https://files.example.test/p"})
    gone = httpx2.Response(404, text="<Error><Code>NoSuchKey</Code></Error>")
    at = desk(moved, gone, moved, gone, moved, gone, moved, gone)
    with pytest.raises(Unavailable):
        list(at.client.documents("WaitingForTransfer"))


def test_trouble_that_passes_is_waited_out(desk: Any) -> None:
    at = desk(httpx2.Response(500), httpx2.ReadTimeout("slow"), httpx2.Response(503), page(document("a")))
    assert len(list(at.client.documents("WaitingForTransfer"))) == 1
    assert at.clock.slept == [1.0, 2.0, 4.0]
    assert [call.status for call in at.calls] == [500, 0, 503, 200]


def test_trouble_that_stays_is_reported_after_four_tries(desk: Any) -> None:
    at = desk(httpx2.Response(500, headers={"x-amzn-RequestId": "r-9"}))
    with pytest.raises(Unavailable) as caught:
        list(at.client.documents("WaitingForTransfer"))
    assert (len(at.requests), caught.value.status, caught.value.request_id) == (4, 500, "r-9")


@pytest.mark.parametrize(("header", "pause"), [("7", 7.0), ("Mon, 02 Nov 2026 08:00:30 GMT", 30.0), ("soon", 1.0)])
def test_the_pause_basware_asks_for_is_kept(desk: Any, header: str, pause: float) -> None:
    at = desk(httpx2.Response(429, headers={"Retry-After": header}), page(document("a")))
    list(at.client.documents("WaitingForTransfer"))
    assert at.clock.slept == [pause]


def test_a_long_pause_is_left_to_the_schedule(desk: Any) -> None:
    at = desk(httpx2.Response(503, headers={"Retry-After": "3600"}))
    with pytest.raises(Throttled) as caught:
        list(at.client.documents("WaitingForTransfer"))
    assert (caught.value.retry_after, at.clock.slept) == (3600.0, [])


def test_a_refused_question_is_not_asked_again(desk: Any) -> None:
    body = {
        "requestId": "r",
        "hasErrors": True,
        "errors": [{"code": "PARAMETER_VALIDATION_ERROR", "message": "pageSize"}],
    }
    at = desk(httpx2.Response(400, json=body))
    with pytest.raises(Refused, match="PARAMETER_VALIDATION_ERROR: pageSize"):
        list(at.client.documents("WaitingForTransfer"))
    assert len(at.requests) == 1


def test_an_attachment_is_fetched_through_its_redirect(desk: Any) -> None:
    at = desk(
        httpx2.Response(302, headers={"Location": "https://files.example.test/a.pdf"}),
        httpx2.Response(200, content=b"%PDF"),
    )
    assert at.client.attachment("inv 1", "at/1") == b"%PDF"
    assert at.requests[0].url.raw_path == b"/v1/accountingDocuments/inv%201/attachments/at%2F1"
    assert "authorization" not in at.requests[1].headers


def test_an_attachment_that_is_not_there_yet_is_none(desk: Any) -> None:
    assert desk(httpx2.Response(404)).client.attachment("a", "b") is None


def test_companies_are_read_over_all_pages(desk: Any) -> None:
    first = httpx2.Response(
        200,
        json={"companies": [{"companyCode": "US10", "name": "Demo", "active": True}]},
        headers={"x-amz-meta-continuationtoken": "t"},
    )
    at = desk(first, httpx2.Response(200, json=[{"companyCode": "US20", "active": False}]))
    assert [(one.code, one.name, one.active) for one in at.client.companies()] == [
        ("US10", "Demo", True),
        ("US20", "", False),
    ]


@pytest.mark.parametrize("status", [403, 404])
def test_companies_we_may_not_see_are_no_error(desk: Any, status: int) -> None:
    assert desk(httpx2.Response(status)).client.companies() == ()


def test_a_list_of_companies_that_cannot_be_read_is_an_error(desk: Any) -> None:
    with pytest.raises(UnreadablePage):
        desk(httpx2.Response(200, json={"other": []})).client.companies()


def test_a_ping_needs_the_right_to_read_documents(desk: Any) -> None:
    assert desk(httpx2.Response(404)).client.ping("US10") is False
    assert desk(page(document("a"))).client.ping("US10") is True
    with pytest.raises(ScopeMissing):
        desk(httpx2.Response(403)).client.ping()


def test_a_page_of_six_megabytes_is_read(desk: Any) -> None:
    big = document("big", description="x" * 6_000_000)
    (only,) = desk(page(big, document("small"))).client.documents("WaitingForTransfer")
    assert [one.invoice_id for one in only.documents] == ["big", "small"]
    assert json.loads(only.documents[0].raw) == big
