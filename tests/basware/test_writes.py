"""Acknowledging and answering: written once, and honest about what is not known."""

from typing import Any

import httpx2
import pytest

from ml_connector.basware.errors import (
    BaswareError,
    CredentialsRejected,
    NoAnswer,
    Refused,
    ScopeMissing,
    Throttled,
    Unavailable,
)
from ml_connector.basware.faults import Action

BODY = b'{"externalCode":"e1"}'


def test_acknowledging_reads_no_json_from_the_plain_answer(desk: Any) -> None:
    at = desk(httpx2.Response(200, text="Acknowledged", headers={"content-type": "text/plain"}))
    assert at.client.acknowledge("a b") is True
    request = at.requests[0]
    assert (request.method, request.url.raw_path, request.content) == (
        "POST",
        b"/v1/accountingDocuments/a%20b/acknowledge",
        b"",
    )


def test_a_second_acknowledgement_is_told_apart_from_the_first(desk: Any) -> None:
    assert desk(httpx2.Response(405)).client.acknowledge("a") is False


def test_acknowledging_an_unknown_document_is_refused(desk: Any) -> None:
    with pytest.raises(Refused) as caught:
        desk(httpx2.Response(404)).client.acknowledge("a")
    assert caught.value.rule.action is Action.REREAD


def test_a_transfer_response_returns_the_request_id(desk: Any) -> None:
    at = desk(httpx2.Response(200, content=BODY, headers={"x-amzn-RequestId": "r-7"}))
    assert at.client.send_transfer_response("a", BODY) == "r-7"
    request = at.requests[0]
    assert (request.url.path, request.content) == ("/v1/accountingDocuments/a/transferResponses", BODY)
    assert request.headers["content-type"] == "application/json"


LOST = [
    httpx2.ReadTimeout("late"),
    httpx2.ReadError("cut"),
    httpx2.WriteError("cut"),
    httpx2.RemoteProtocolError("cut"),
    httpx2.Response(500),
    httpx2.Response(502, text="<html><title>Bad gateway</title></html>"),
]


@pytest.mark.parametrize("loss", LOST, ids=lambda loss: type(loss).__name__)
def test_an_answer_that_never_came_is_not_taken_for_a_no_and_not_sent_again(desk: Any, loss: Any) -> None:
    at = desk(loss)
    with pytest.raises(NoAnswer):
        at.client.send_transfer_response("a", BODY)
    with pytest.raises(NoAnswer):
        at.client.acknowledge("a")
    assert len(at.requests) == 2


@pytest.mark.parametrize("error", [httpx2.ConnectError("no"), httpx2.ConnectTimeout("no"), httpx2.PoolTimeout("no")])
def test_a_write_that_never_left_is_known_to_be_undone(desk: Any, error: Exception) -> None:
    with pytest.raises(Unavailable, match="Nothing was sent"):
        desk(error).client.send_transfer_response("a", BODY)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 422])
def test_a_no_names_its_reasons(desk: Any, status: int) -> None:
    body = {
        "requestId": "x",
        "hasErrors": True,
        "errors": [{"code": "DATA_VALIDATION_FAILED", "message": "already transferred"}],
    }
    with pytest.raises(Refused, match="already transferred") as caught:
        desk(httpx2.Response(status, json=body, headers={"x-amzn-RequestId": "r"})).client.send_transfer_response(
            "a", BODY
        )
    assert (caught.value.status, caught.value.request_id) == (status, "r")
    assert caught.value.errors[0].code == "DATA_VALIDATION_FAILED"


def test_a_200_that_lists_errors_is_a_no(desk: Any) -> None:
    body = {"hasErrors": True, "errors": [{"code": "CONFLICT_IN_POST", "message": "taken"}]}
    with pytest.raises(Refused, match="taken"):
        desk(httpx2.Response(200, json=body)).client.send_transfer_response("a", BODY)


def test_a_throttled_write_was_not_done(desk: Any) -> None:
    with pytest.raises(Throttled) as caught:
        desk(httpx2.Response(429, headers={"Retry-After": "9"})).client.send_transfer_response("a", BODY)
    assert caught.value.retry_after == 9.0


def test_an_expired_sign_in_is_renewed_once(desk: Any) -> None:
    at = desk(httpx2.Response(401), httpx2.Response(200, content=BODY))
    at.client.send_transfer_response("a", BODY)
    assert at.forced == [False, True]
    assert [request.headers["authorization"] for request in at.requests] == ["Bearer token-0", "Bearer token-1"]
    assert at.requests[1].content == BODY


def test_a_renewed_sign_in_that_is_refused_too_needs_a_person(desk: Any) -> None:
    at = desk(httpx2.Response(401))
    with pytest.raises(CredentialsRejected) as caught:
        at.client.acknowledge("a")
    assert (len(at.requests), caught.value.rule.action) == (2, Action.REAUTHORIZE)


def test_a_missing_right_is_told_apart_from_a_bad_sign_in(desk: Any) -> None:
    at = desk(httpx2.Response(403))
    with pytest.raises(ScopeMissing):
        at.client.acknowledge("a")
    assert at.forced == [False]


def test_no_error_repeats_a_secret_it_was_told(desk: Any) -> None:
    body = {"message": "Authorization: Bearer abcdefghijklmnop rejected"}
    with pytest.raises(BaswareError) as caught:
        desk(httpx2.Response(400, json=body)).client.send_transfer_response("a", BODY)
    assert "abcdefghijklmnop" not in str(caught.value)
