"""Keeping the sign-in alive, and never mistaking a refusal for tokens."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import httpx2
import pytest

from ml_connector.quickbooks.auth import REVOKE_URL, TOKEN_URL, TokenSet, refresh, revoke
from ml_connector.quickbooks.client import make_http
from ml_connector.quickbooks.errors import (
    ClientRejected,
    QuickBooksError,
    Refused,
    SignInNeeded,
    Throttled,
    Unavailable,
)

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
GOOD = {
    "token_type": "bearer",
    "access_token": "eyJ-access",
    "expires_in": 3600,
    "refresh_token": "RT1-22-new",
    "x_refresh_token_expires_in": 8726400,
    "x_refresh_token_hard_expires_in": 157494248,
}


def client(answer: httpx2.Response | Exception, seen: list[httpx2.Request] | None = None) -> httpx2.Client:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return make_http(transport=httpx2.MockTransport(handle))


def renew(answer: httpx2.Response | Exception, seen: list[httpx2.Request] | None = None) -> TokenSet:
    return refresh(
        client(answer, seen),
        token_url=TOKEN_URL,
        client_id="id",
        client_secret="secret",
        refresh_token="RT1-old",
        now=NOW,
    )


def test_a_refresh_gives_both_tokens_and_when_they_end() -> None:
    tokens = renew(httpx2.Response(200, json=GOOD))
    assert (tokens.access_token, tokens.refresh_token) == ("eyJ-access", "RT1-22-new")
    assert tokens.access_expires_at == NOW + timedelta(hours=1)
    assert tokens.refresh_expires_at == NOW + timedelta(days=101)
    assert tokens.hard_expires_at == NOW + timedelta(seconds=157494248)


def test_a_refresh_asks_for_the_five_year_limit_and_proves_who_the_app_is() -> None:
    seen: list[httpx2.Request] = []
    renew(httpx2.Response(200, json=GOOD), seen)
    (request,) = seen
    assert str(request.url) == TOKEN_URL
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"id:secret").decode()
    assert request.headers["x-include-refresh-token-hard-expires-in"] == "true"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {"grant_type": ["refresh_token"], "refresh_token": ["RT1-old"]}


def test_tokens_never_show_when_a_token_set_is_printed() -> None:
    shown = repr(renew(httpx2.Response(200, json=GOOD)))
    assert "eyJ" not in shown
    assert "RT1" not in shown


def test_a_pair_without_life_times_is_kept_because_the_old_token_may_be_dead() -> None:
    tokens = renew(httpx2.Response(200, json={"access_token": "a", "refresh_token": "r"}))
    assert tokens.refresh_token == "r"
    assert tokens.access_expires_at == NOW + timedelta(hours=1)
    assert tokens.hard_expires_at is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(400, json={"error": "invalid_grant"}), SignInNeeded),
        (httpx2.Response(200, json={"error": "invalid_grant"}), SignInNeeded),
        (httpx2.Response(401, json={"error": "invalid_client"}), ClientRejected),
        (httpx2.Response(400, json={"error": "invalid_client"}), ClientRejected),
        (httpx2.Response(400, json={"error": "invalid_request"}), Refused),
        (httpx2.Response(429, content=b""), Throttled),
        (httpx2.Response(200, json={"access_token": "a"}), Unavailable),
        (httpx2.Response(200, json={"access_token": "a", "refresh_token": ""}), Unavailable),
        (httpx2.Response(200, content=b"<html>"), Unavailable),
        (httpx2.Response(302, headers={"location": "https://elsewhere.test"}), Unavailable),
        (httpx2.Response(400, content=b"<html>bad</html>"), Unavailable),
        (httpx2.Response(403, content=b"<html>edge</html>"), Unavailable),
        (httpx2.Response(503, content=b"upstream"), Unavailable),
        (httpx2.ReadTimeout("slow"), Unavailable),
        (httpx2.ConnectError("down"), Unavailable),
    ],
)
def test_only_invalid_grant_ends_the_connection_and_anything_vague_is_tried_again(
    answer: httpx2.Response | Exception, error: type[QuickBooksError]
) -> None:
    with pytest.raises(QuickBooksError) as caught:
        renew(answer)
    assert type(caught.value) is error


def test_giving_the_grant_back_sends_the_token_once() -> None:
    seen: list[httpx2.Request] = []
    revoke(
        client(httpx2.Response(200), seen), revoke_url=REVOKE_URL, client_id="id", client_secret="secret", token="RT1-x"
    )
    (request,) = seen
    assert request.content == b'{"token":"RT1-x"}'
    assert str(request.url) == REVOKE_URL


@pytest.mark.parametrize(("status", "error"), [(401, ClientRejected), (500, Unavailable)])
def test_a_failed_giving_back_is_reported(
    status: int, error: type[Exception], ok: Callable[..., httpx2.Response]
) -> None:
    with pytest.raises(error):
        revoke(client(ok(b"", status)), revoke_url=REVOKE_URL, client_id="id", client_secret="secret", token="RT1-x")
