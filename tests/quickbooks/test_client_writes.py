"""Writing to a company: what is sent once, what is sent again, and when the outcome is unknown."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from ml_connector.quickbooks.errors import CompanyReadOnly, NoAnswer, QuickBooksError, Refused, Throttled, Unavailable
from ml_connector.quickbooks.wire import BatchItem, Operation, UnsendableError, batch_body

Script = Callable[..., Any]
Answers = Callable[..., httpx2.Response]
BILL = b'{"DocNumber":"INV-1"}'
STALE = "Stale Object Error : You and A. Person were working on this at the same time."


def batch(*entities: str) -> bytes:
    return batch_body(
        [
            BatchItem(b_id=f"b{number}", operation=Operation.CREATE, entity=entity, body={"DocNumber": str(number)})
            for number, entity in enumerate(entities, start=1)
        ]
    )


def test_a_write_carries_its_request_id_and_returns_the_record(scripted: Script, ok: Answers) -> None:
    company = scripted(ok({"Bill": {"Id": "145", "SyncToken": "0"}, "time": "…"}))
    record, trace = company.client.send("Bill", BILL, "r-1")
    assert (record["Id"], trace) == ("145", "1-abc")
    (request,) = company.requests
    assert (request.method, request.url.path, request.content) == ("POST", "/v3/company/9341450001/bill", BILL)
    assert parse_qs(request.url.query.decode()) == {"minorversion": ["75"], "requestid": ["r-1"]}
    assert request.headers["content-type"] == "application/json;charset=UTF-8"
    assert company.calls[0].request_id == "r-1"


def test_an_allowed_duplicate_number_is_named_on_the_address(scripted: Script, ok: Answers) -> None:
    company = scripted(ok({"Bill": {"Id": "145"}}))
    company.client.send("Bill", BILL, "r-1", include="allowduplicatedocnum")
    assert parse_qs(company.requests[0].url.query.decode())["include"] == ["allowduplicatedocnum"]


def test_an_expired_token_repeats_the_write_with_the_same_request_id(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(b"", 401), ok({"Bill": {"Id": "145"}}))
    company.client.send("Bill", BILL, "r-1")
    assert [parse_qs(request.url.query.decode())["requestid"] for request in company.requests] == [["r-1"], ["r-1"]]
    assert [request.content for request in company.requests] == [BILL, BILL]


def test_a_throttled_write_was_not_executed_and_is_sent_again(scripted: Script, ok: Answers, fault: Script) -> None:
    throttled = fault("3001", "The request limit was reached.  Try again later", "SERVICE")
    company = scripted(ok(throttled, 429), ok(throttled, 403), ok({"Bill": {"Id": "145"}}))
    assert company.client.send("Bill", BILL, "r-1")[0]["Id"] == "145"
    assert len(company.budget.waits) == 2


def test_endless_throttling_leaves_the_write_for_later(scripted: Script, ok: Answers) -> None:
    company = scripted(*[ok(b"", 429) for _ in range(9)])
    with pytest.raises(Throttled):
        company.client.send("Bill", BILL, "r-1")


@pytest.mark.parametrize(
    "lost",
    [
        httpx2.ReadTimeout("slow"),
        httpx2.WriteTimeout("slow"),
        httpx2.ReadError("cut"),
        httpx2.WriteError("cut"),
        httpx2.RemoteProtocolError("closed"),
        httpx2.DecodingError("bad gzip"),
    ],
)
def test_a_write_without_an_answer_has_an_unknown_outcome_and_is_not_repeated(
    scripted: Script, lost: Exception
) -> None:
    company = scripted(lost)
    with pytest.raises(NoAnswer):
        company.client.send("Bill", BILL, "r-1")
    assert len(company.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[]", b'{"Vendor":{}}', b'{"Bill":null}'])
def test_a_success_nobody_can_read_has_an_unknown_outcome(scripted: Script, ok: Answers, body: bytes) -> None:
    company = scripted(ok(body))
    with pytest.raises(NoAnswer):
        company.client.send("Bill", BILL, "r-1")
    assert len(company.requests) == 1


def test_a_success_of_another_kind_without_the_record_is_not_taken_for_a_refusal(scripted: Script, ok: Answers) -> None:
    with pytest.raises(NoAnswer):
        scripted(ok(b"", 204)).client.send("Bill", BILL, "r-1")


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_breakdown_during_a_write_has_an_unknown_outcome(scripted: Script, ok: Answers, status: int) -> None:
    company = scripted(ok(b"<html>sorry</html>", status, **{"Content-Type": "text/html"}))
    with pytest.raises(NoAnswer):
        company.client.send("Bill", BILL, "r-1")


@pytest.mark.parametrize(
    "early", [httpx2.ConnectError("down"), httpx2.ConnectTimeout("down"), httpx2.PoolTimeout("busy")]
)
def test_a_write_that_never_left_can_simply_be_made_later(scripted: Script, early: Exception) -> None:
    with pytest.raises(Unavailable):
        scripted(early).client.send("Bill", BILL, "r-1")


def test_a_refused_write_tells_every_reason(scripted: Script, ok: Answers) -> None:
    errors = [{"Message": "a", "code": "6140"}, {"Message": "b", "code": "2020"}]
    company = scripted(ok({"Fault": {"Error": errors, "type": "ValidationFault"}}, 400))
    with pytest.raises(Refused) as caught:
        company.client.send("Bill", BILL, "r-1")
    assert [found.code for found in caught.value.faults] == ["6140", "2020"]


def test_a_company_without_subscription_can_only_be_read(scripted: Script, ok: Answers, fault: Script) -> None:
    with pytest.raises(CompanyReadOnly):
        scripted(ok(fault("6190"), 400)).client.send("Bill", BILL, "r-1")


@pytest.mark.parametrize("request_id", ["", "x" * 51])
def test_a_write_needs_a_request_id_of_a_length_quickbooks_takes(scripted: Script, request_id: str) -> None:
    with pytest.raises(UnsendableError):
        scripted().client.send("Bill", BILL, request_id)


def test_a_batch_gives_each_item_its_own_result_in_the_order_of_the_request(
    scripted: Script, ok: Answers, fault: Script
) -> None:
    answers = [
        {"VendorCredit": {"Id": "9", "TotalAmt": 90}, "bId": "b3"},
        {"Fault": fault("5010", STALE)["Fault"], "bId": "b2"},
        {"Bill": {"Id": "145"}, "bId": "b1"},
    ]
    company = scripted(ok({"BatchItemResponse": answers, "time": "…"}))
    body = batch("Bill", "Bill", "VendorCredit")
    result = company.client.send_batch(body, "batch-1")
    assert [(item.b_id, item.entity) for item in result.items] == [
        ("b1", "Bill"),
        ("b2", "Bill"),
        ("b3", "VendorCredit"),
    ]
    assert result.items[0].record == {"Id": "145"}
    assert result.items[1].record is None
    assert [found.detail for found in result.items[1].faults] == [STALE]
    assert result.items[2].faults == ()
    assert result.trace == "1-abc"
    (request,) = company.requests
    assert request.content == body
    assert parse_qs(request.url.query.decode())["requestid"] == ["batch-1"]
    assert company.budget.slots == [True]


def test_a_batch_whose_every_item_meets_an_ended_subscription_was_not_done(
    scripted: Script, ok: Answers, fault: Script
) -> None:
    refused = [{"Fault": fault("6190")["Fault"], "bId": name} for name in ("b1", "b2")]
    with pytest.raises(CompanyReadOnly):
        scripted(ok({"BatchItemResponse": refused})).client.send_batch(batch("Bill", "Bill"), "batch-1")
    mixed = [{"Bill": {"Id": "145"}, "bId": "b1"}, refused[1]]
    result = scripted(ok({"BatchItemResponse": mixed})).client.send_batch(batch("Bill", "Bill"), "batch-1")
    assert [item.record is None for item in result.items] == [False, True]


@pytest.mark.parametrize(
    "answers",
    [
        [{"Bill": {"Id": "145"}, "bId": "b1"}],
        [{"Bill": {"Id": "145"}, "bId": "b1"}, {"Bill": {"Id": "146"}, "bId": "b1"}],
        [{"Bill": {"Id": "145"}, "bId": "b1"}, {"bId": "b2"}],
        [{"Bill": {"Id": "145"}, "bId": "b1"}, {"Bill": {"Id": "146"}}],
        None,
    ],
)
def test_a_batch_answer_with_a_gap_has_an_unknown_outcome(scripted: Script, ok: Answers, answers: object) -> None:
    with pytest.raises(NoAnswer):
        scripted(ok({"BatchItemResponse": answers})).client.send_batch(batch("Bill", "Bill"), "batch-1")


def test_an_empty_fault_is_still_a_refusal_of_its_item(scripted: Script, ok: Answers) -> None:
    company = scripted(ok({"BatchItemResponse": [{"Fault": {}, "bId": "b1"}]}))
    (item,) = company.client.send_batch(batch("Bill"), "batch-1").items
    assert item.record is None
    assert len(item.faults) == 1


def test_a_lost_batch_is_not_repeated(scripted: Script) -> None:
    company = scripted(httpx2.ReadError("cut"))
    with pytest.raises(NoAnswer):
        company.client.send_batch(batch("Bill"), "batch-1")
    assert len(company.requests) == 1


def test_a_batch_refused_as_a_whole_is_a_refusal(scripted: Script, ok: Answers, fault: Script) -> None:
    with pytest.raises(QuickBooksError) as caught:
        scripted(ok(fault("1040"), 400)).client.send_batch(batch("Bill"), "batch-1")
    assert type(caught.value) is Refused


def test_a_batch_request_id_is_shorter_than_others(scripted: Script) -> None:
    with pytest.raises(UnsendableError, match="36"):
        scripted().client.send_batch(batch("Bill"), "x" * 37)


def test_amounts_of_a_batch_answer_are_exact(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(b'{"BatchItemResponse":[{"Bill":{"Id":"1","TotalAmt":0.10},"bId":"b1"}]}'))
    (item,) = company.client.send_batch(batch("Bill"), "batch-1").items
    assert item.record == {"Id": "1", "TotalAmt": Decimal("0.10")}
