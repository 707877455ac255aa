"""Signing in: tokens, their life, and what is said when Basware says no."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from ml_connector.basware.auth import AccessToken, BasicAuthorization, TokenCache, fetch_token
from ml_connector.basware.client import make_http
from ml_connector.basware.errors import CredentialsRejected, Refused, ScopeMissing, Throttled, Unavailable
from ml_connector.basware.regions import Certainty, Environment, Region, addresses

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
URL = "https://test-api.basware.com/v1/tokens"


def jwt(**claims: Any) -> str:
    def part(tree: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(tree).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256', 'typ': 'at+jwt'})}.{part(claims)}.c2lnbmF0dXJl"


def answer(token: str = "opaque", **fields: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"access_token": token, "token_type": "Bearer", **fields})


def fetch(response: httpx2.Response | Exception) -> AccessToken:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if isinstance(response, Exception):
            raise response
        return response

    http = make_http(transport=httpx2.MockTransport(handle))
    return fetch_token(
        http, token_url=URL, client_id="id", client_secret="planted-secret", scopes=["a.read", "a.write"], now=NOW
    )


def test_the_secret_travels_in_the_header_and_the_rest_in_a_form() -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return answer(expires_in=3600)

    http = make_http(transport=httpx2.MockTransport(handle))
    fetch_token(http, token_url=URL, client_id="id", client_secret="sécret", scopes=["a.read", "a.write"], now=NOW)
    (request,) = seen
    assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode() == "id:sécret"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["a.read a.write"]}


def test_the_tokens_own_end_wins_over_expires_in() -> None:
    token = jwt(exp=int(NOW.timestamp()) + 300, iat=int(NOW.timestamp()))
    assert fetch(answer(token, expires_in=3600)).expires_at == NOW + timedelta(seconds=300)


def test_without_claims_expires_in_counts_seconds() -> None:
    assert fetch(answer(expires_in=3600)).expires_at == NOW + timedelta(hours=1)
    assert fetch(answer("x.%%%.y", expires_in="60")).expires_at == NOW + timedelta(seconds=60)


def test_a_clock_that_goes_wrong_does_not_end_a_fresh_token() -> None:
    long_ago = int((NOW - timedelta(hours=5)).timestamp())
    assert fetch(answer(jwt(iat=long_ago, exp=long_ago + 3600))).expires_at == NOW + timedelta(hours=1)
    ahead = int((NOW + timedelta(hours=5)).timestamp())
    assert fetch(answer(jwt(iat=ahead, exp=ahead + 3600))).expires_at == NOW + timedelta(hours=1)


def test_scopes_that_were_not_granted_are_named() -> None:
    token = fetch(answer(expires_in=60, scope="a.read"))
    assert token.missing(["a.read", "a.write"]) == ("a.write",)


def test_a_token_never_shows() -> None:
    token = fetch(answer("planted-token", expires_in=60))
    assert "planted-token" not in f"{token!r} {token}"


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx2.Response(401, json={"error": "invalid_client"}), CredentialsRejected),
        (httpx2.Response(400, json={"error": "invalid_client"}), CredentialsRejected),
        (httpx2.Response(400, json={"error": "invalid_scope"}), ScopeMissing),
        (httpx2.Response(403), ScopeMissing),
        (httpx2.Response(400, json={"error": "invalid_request", "error_description": "scope"}), Refused),
        (
            httpx2.Response(
                422, json={"detail": [{"loc": ["body", "scope"], "msg": "field required", "type": "missing"}]}
            ),
            Refused,
        ),
        (httpx2.Response(302, headers={"Location": "https://elsewhere.example.test/"}), Refused),
        (httpx2.Response(429), Throttled),
        (httpx2.Response(500, text="<html>oops</html>"), Unavailable),
        (httpx2.Response(200, text="<html>maintenance</html>"), Unavailable),
        (httpx2.Response(200, json={"access_token": "two\nlines"}), Unavailable),
        (httpx2.ConnectError("no route"), Unavailable),
    ],
)
def test_every_way_a_sign_in_fails_has_its_own_error(response: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        fetch(response)
    assert "planted-secret" not in str(caught.value)


def cache(clock: Any, lives: list[int]) -> tuple[TokenCache, list[str]]:
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(parse_qs(request.content.decode())["scope"][0])
        return answer(f"token-{len(asked)}", expires_in=lives[min(len(asked), len(lives)) - 1])

    http = make_http(transport=httpx2.MockTransport(handle))
    return TokenCache(http, token_url=URL, client_id="id", client_secret="planted-secret", clock=clock), asked


def test_a_token_is_shared_until_shortly_before_it_ends(clock: Any) -> None:
    tokens, asked = cache(clock, [3600])
    authorization = tokens.authorization(["a.read"])
    assert authorization(False) == "Bearer token-1"
    clock.sleep(3600 - 61)
    assert authorization(False) == "Bearer token-1"
    clock.sleep(2)
    assert authorization(False) == "Bearer token-2"
    assert len(asked) == 2


def test_a_token_of_a_minute_is_still_used_more_than_once(clock: Any) -> None:
    tokens, asked = cache(clock, [60])
    authorization = tokens.authorization()
    authorization(False)
    clock.sleep(30)
    authorization(False)
    assert len(asked) == 1


def test_a_refused_token_is_replaced_at_once(clock: Any) -> None:
    tokens, _ = cache(clock, [3600])
    authorization = tokens.authorization()
    assert [authorization(False), authorization(True), authorization(False)] == [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-2",
    ]


def test_each_set_of_scopes_has_its_own_token(clock: Any) -> None:
    tokens, asked = cache(clock, [3600])
    tokens.token(["b", "a"])
    tokens.token(["a", "b"])
    tokens.token(["c"])
    assert asked == ["a b", "c"]


def test_neither_cache_nor_password_shows_its_secret(clock: Any) -> None:
    tokens, _ = cache(clock, [60])
    assert "planted-secret" not in repr(tokens)
    basic = BasicAuthorization("user", "planted-secret")
    assert "planted-secret" not in repr(basic)
    assert base64.b64decode(basic(True).removeprefix("Basic ")) == b"user:planted-secret"


def test_every_region_has_an_address_and_says_how_sure_it_is() -> None:
    for region in Region:
        for environment in Environment:
            where = addresses(region, environment)
            assert where.base_url.startswith("https://")
            assert where.token_url == where.base_url + "/v1/tokens"
    assert addresses(Region.EU, Environment.PRODUCTION).certainty is Certainty.DOCUMENTED
    assert addresses(Region.CA, Environment.TEST).certainty is Certainty.ANALOGY


def test_given_addresses_win() -> None:
    where = addresses(Region.US, Environment.TEST, base_url="http://127.0.0.1:8/", token_url="http://127.0.0.1:9/t")
    assert (where.base_url, where.token_url) == ("http://127.0.0.1:8", "http://127.0.0.1:9/t")
    assert (
        addresses(Region.US, Environment.TEST, base_url="http://127.0.0.1:8/").token_url
        == "http://127.0.0.1:8/v1/tokens"
    )


def test_fifty_threads_that_were_refused_one_token_cause_one_request(clock: Any) -> None:
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return answer(f"token {len(asked)}", expires_in=3600)

    cache = TokenCache(
        make_http(transport=httpx2.MockTransport(handle)), token_url=URL, client_id="id", client_secret="s", clock=clock
    )
    first, second, got = threading.Barrier(50), threading.Barrier(50), list[tuple[str, str]]()

    def ask() -> None:
        first.wait()
        before = cache.token(["a"]).token
        second.wait()
        got.append((before, cache.token(["a"], force=True).token))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got) == {("token 1", "token 2")}
    assert len(asked) == 2


def test_a_living_token_serves_while_the_token_service_is_away(clock: Any) -> None:
    answers: list[httpx2.Response] = [answer("first", expires_in=3600)]
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return answers.pop(0) if answers else httpx2.Response(503)

    cache = TokenCache(
        make_http(transport=httpx2.MockTransport(handle)), token_url=URL, client_id="id", client_secret="s", clock=clock
    )
    cache.token(["a"])
    clock.sleep(3541)
    assert [cache.token(["a"]).token for _ in range(9)] == ["first"] * 9
    assert len(asked) == 2, "a service that is away is not asked for every call"
    with pytest.raises(Unavailable):
        cache.token(["a"], force=True)
    clock.sleep(60)
    with pytest.raises(Unavailable):
        cache.token(["a"])
