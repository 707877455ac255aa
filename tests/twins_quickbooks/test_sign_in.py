"""Signing in: what Intuit's token service gives, rotates and refuses."""

import msgspec
import pytest

from twins.http import Request

DAY = 86_400


def test_a_refresh_gives_an_hour_of_access_and_keeps_the_value_on_the_first_day(qbo):
    status, body = qbo.refresh()
    assert status == 200
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600
    assert body["x_refresh_token_expires_in"] == 8_726_400
    assert body["refresh_token"] == "RT1-first"
    assert "x_refresh_token_hard_expires_in" not in body


def test_the_five_year_ceiling_is_told_only_to_those_who_ask_and_never_moves(qbo):
    qbo.clock.advance(90 * DAY)
    _, body = qbo.refresh(**{"x-include-refresh-token-hard-expires-in": "true"})
    assert body["x_refresh_token_hard_expires_in"] == 157_680_000 - 90 * DAY


def test_after_a_day_the_refresh_value_rotates_and_the_old_one_dies_at_once(qbo):
    qbo.clock.advance(DAY)
    status, body = qbo.refresh("RT1-first")
    assert status == 200
    assert body["refresh_token"] != "RT1-first"
    assert qbo.refresh("RT1-first") == (400, {"error": "invalid_grant"})
    assert qbo.refresh(body["refresh_token"])[0] == 200


def test_the_refusal_of_a_dead_refresh_value_is_exactly_25_bytes(qbo):
    request = Request(
        "POST",
        "oauth",
        "/oauth2/v1/tokens/bearer",
        (),
        {"authorization": "Basic YXBwOnNlY3JldA=="},
        b"grant_type=refresh_token&refresh_token=RT1-unknown",
    )
    answer = qbo.twin.handle(request)
    assert (answer.status, answer.body) == (400, b'{"error":"invalid_grant"}')
    assert answer.headers["Intuit-Tid"]


def test_an_overlap_can_be_switched_on_for_the_old_value(qbo):
    qbo.twin.switches.rotation_overlap_seconds = 60
    qbo.clock.advance(DAY)
    qbo.refresh("RT1-first")
    qbo.clock.advance(59)
    assert qbo.refresh("RT1-first")[0] == 200
    qbo.clock.advance(1)
    assert qbo.refresh("RT1-first")[0] == 400


def test_reuse_of_an_old_value_can_end_the_whole_grant(qbo):
    qbo.twin.switches.rotate_every_refresh = True
    qbo.twin.switches.reuse_revokes_grant = True
    _, body = qbo.refresh("RT1-first")
    assert qbo.refresh("RT1-first")[0] == 400
    assert qbo.refresh(body["refresh_token"])[0] == 400


def test_an_idle_connection_dies_after_101_days_and_any_refresh_moves_that_day(qbo):
    qbo.clock.advance(100 * DAY)
    assert qbo.refresh()[0] == 200
    qbo.clock.advance(100 * DAY)
    assert qbo.refresh()[0] == 200
    qbo.clock.advance(101 * DAY)
    assert qbo.refresh()[0] == 400


def test_wrong_keys_are_refused_with_invalid_client(qbo):
    headers = {"authorization": "Basic YXBwOndyb25n"}
    assert qbo.token_call(headers=headers, grant_type="refresh_token", refresh_token="RT1-first") == (
        401,
        {"error": "invalid_client"},
    )


@pytest.mark.parametrize(
    "form", [{"grant_type": "refresh_token"}, {"refresh_token": "RT1-first"}, {"grant_type": "authorization_code"}]
)
def test_an_incomplete_form_is_an_invalid_request(qbo, form):
    assert qbo.token_call(**form) == (400, {"error": "invalid_request"})


def test_a_code_works_once_and_a_second_use_ends_what_the_first_gave(qbo):
    code = qbo.twin.authorize(qbo.realm, "app", "https://conn.example/cb")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://conn.example/cb"}
    status, body = qbo.token_call(**form)
    assert status == 200
    assert qbo.token_call(**form) == (400, {"error": "invalid_grant"})
    assert qbo.refresh(body["refresh_token"])[0] == 400


def test_a_code_needs_the_redirect_address_it_was_given_for(qbo):
    code = qbo.twin.authorize(qbo.realm, "app", "https://conn.example/cb")
    status, _ = qbo.token_call(grant_type="authorization_code", code=code, redirect_uri="https://conn.example/cb/")
    assert status == 400


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_connection(qbo, which):
    body = msgspec.json.encode({"token": getattr(qbo, which)})
    request = Request("POST", "x", "/v2/oauth2/tokens/revoke", (), {"authorization": "Basic YXBwOnNlY3JldA=="}, body)
    answer = qbo.twin.handle(request)
    assert (answer.status, answer.body) == (200, b"")
    assert qbo.refresh()[0] == 400
    assert qbo.call("GET", "preferences")[0] == 401


@pytest.mark.parametrize("path", ["/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration"])
def test_discovery_names_the_addresses_of_the_serving_host(qbo, path):
    document = msgspec.json.decode(qbo.twin.handle(Request("GET", "127.0.0.1:8400", path)).body)
    assert document["token_endpoint"] == "http://127.0.0.1:8400/oauth2/v1/tokens/bearer"
    assert document["revocation_endpoint"] == "http://127.0.0.1:8400/v2/oauth2/tokens/revoke"


def test_discovery_under_the_vendors_own_name_gives_the_vendors_addresses(qbo):
    request = Request("GET", "developer.api.intuit.com", "/.well-known/openid_sandbox_configuration")
    document = msgspec.json.decode(qbo.twin.handle(request).body)
    assert document["token_endpoint"] == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    assert "sandbox-accounts" in document["userinfo_endpoint"]
