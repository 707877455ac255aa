"""Signing in: what Intuit's token service gives, rotates and refuses."""

import base64

import msgspec
import pytest

from twins.http import LostAnswerError, Request
from twins.quickbooks.sign_in import App

DAY = 86_400
REDIRECT = "https://conn.example/cb"


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


@pytest.mark.row("O3")
def test_a_refresh_gives_an_hour_of_access_and_keeps_the_value_on_the_first_day(qbo):
    status, body = qbo.refresh()
    assert status == 200
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600
    assert body["x_refresh_token_expires_in"] == 8_726_400
    assert body["refresh_token"] == "RT1-first"
    assert "x_refresh_token_hard_expires_in" not in body


@pytest.mark.row("O3")
def test_the_five_year_ceiling_is_told_only_to_those_who_ask_and_never_moves(qbo):
    qbo.clock.advance(90 * DAY)
    _, body = qbo.refresh(**{"x-include-refresh-token-hard-expires-in": "true"})
    assert body["x_refresh_token_hard_expires_in"] == 157_680_000 - 90 * DAY


@pytest.mark.row("O4")
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
    assert answer.headers["intuit_tid"]


@pytest.mark.row("O4")
def test_an_overlap_can_be_switched_on_for_the_old_value(qbo):
    qbo.twin.switches.rotation_overlap_seconds = 60
    qbo.clock.advance(DAY)
    qbo.refresh("RT1-first")
    qbo.clock.advance(59)
    assert qbo.refresh("RT1-first")[0] == 200
    qbo.clock.advance(1)
    assert qbo.refresh("RT1-first")[0] == 400


def test_reuse_of_an_old_value_can_end_the_whole_grant(qbo):
    qbo.twin.switches.rotate_after_seconds = 0
    qbo.twin.switches.reuse_revokes_grant = True
    _, body = qbo.refresh("RT1-first")
    assert qbo.refresh("RT1-first")[0] == 400
    assert qbo.refresh(body["refresh_token"])[0] == 400


@pytest.mark.row("O3")
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


@pytest.mark.row("O2")
def test_a_code_works_once_and_a_second_use_ends_what_the_first_gave(qbo):
    code = qbo.twin.authorize(qbo.realm, "app", "https://conn.example/cb")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://conn.example/cb"}
    status, body = qbo.token_call(**form)
    assert status == 200
    assert qbo.token_call(**form) == (400, {"error": "invalid_grant"})
    assert qbo.refresh(body["refresh_token"])[0] == 400


@pytest.mark.row("O2")
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


@pytest.mark.parametrize("form", [b"token=", b"hint=refresh_token&token="])
def test_a_revocation_may_come_as_a_form(qbo, form):
    headers = {"authorization": basic("app", "secret"), "content-type": "application/x-www-form-urlencoded"}
    body = form + qbo.refresh_token.encode()
    answer = qbo.twin.handle(Request("POST", "x", "/v2/oauth2/tokens/revoke", (), headers, body))
    assert (answer.status, answer.body) == (200, b"")
    assert qbo.refresh()[0] == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token":"RT1-unknown"}', b"token"])
def test_a_revocation_that_names_no_token_is_refused(qbo, body):
    headers = {"authorization": basic("app", "secret"), "content-type": "application/json"}
    answer = qbo.twin.handle(Request("POST", "x", "/v2/oauth2/tokens/revoke", (), headers, body))
    assert (answer.status, answer.body) == (400, b'{"error":"invalid_request"}')
    assert qbo.refresh()[0] == 200


def test_another_application_can_neither_refresh_nor_revoke_what_is_not_its_own(qbo):
    qbo.twin.sign_in.register(App("other", "secret-2"))
    other = {"authorization": basic("other", "secret-2")}
    assert qbo.refresh("RT1-first", **other) == (400, {"error": "invalid_grant"})
    body = msgspec.json.encode({"token": "RT1-first"})
    assert qbo.twin.handle(Request("POST", "x", "/v2/oauth2/tokens/revoke", (), other, body)).status == 400
    assert qbo.refresh("RT1-first")[0] == 200


@pytest.mark.parametrize("path", ["/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"])
def test_the_token_endpoints_answer_post_only(qbo, path):
    answer = qbo.twin.handle(Request("GET", "oauth", path, (), {"authorization": basic("app", "secret")}))
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_keys_may_come_in_the_form_and_nothing_without_keys_is_answered(qbo):
    form = {"grant_type": "refresh_token", "refresh_token": "RT1-first"}
    no_header = {"authorization": ""}
    assert qbo.token_call(headers=no_header, **form, client_id="app", client_secret="secret")[0] == 200
    assert qbo.token_call(headers=no_header, **form, client_id="app") == (401, {"error": "invalid_client"})
    assert qbo.token_call(headers=no_header, **form) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "application/json"}, b'{"grant_type":"refresh_token","refresh_token":"RT1-first"}'),
        ({}, b"grant_type=refresh_token&refresh_token=RT1-first&refresh_token=RT1-second"),
        ({}, "grant_type=refresh_token&refresh_token=RT1-é".encode()),
    ],
)
def test_what_is_no_plain_form_is_an_invalid_request(qbo, headers, body):
    given = {"authorization": basic("app", "secret"), **headers}
    answer = qbo.twin.handle(Request("POST", "oauth", "/oauth2/v1/tokens/bearer", (), given, body))
    assert (answer.status, answer.body) == (400, b'{"error":"invalid_request"}')


def test_other_grant_types_are_not_supported(qbo):
    assert qbo.token_call(grant_type="client_credentials") == (400, {"error": "unsupported_grant_type"})


def test_a_refusal_can_be_described(qbo):
    qbo.twin.switches.describe_invalid_grant = True
    assert qbo.refresh("RT1-unknown")[1] == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }


@pytest.mark.row("O4")
def test_a_value_stays_the_same_until_it_is_a_day_old_however_often_it_is_used(qbo):
    for _ in range(23):
        qbo.clock.advance(3_600)
        assert qbo.refresh()[1]["refresh_token"] == "RT1-first"
    qbo.clock.advance(3_600)
    second = qbo.refresh()[1]["refresh_token"]
    assert second.startswith("RT1-")
    qbo.clock.advance(DAY - 1)
    assert qbo.refresh(second)[1]["refresh_token"] == second


@pytest.mark.row("O4")
def test_the_age_of_rotation_can_be_set_to_the_26_hours_intuit_also_names(qbo):
    qbo.twin.switches.rotate_after_seconds = 26 * 3_600
    qbo.clock.advance(DAY)
    assert qbo.refresh()[1]["refresh_token"] == "RT1-first"
    qbo.clock.advance(2 * 3_600)
    assert qbo.refresh()[1]["refresh_token"] != "RT1-first"


@pytest.mark.row("O4")
def test_an_answer_with_a_new_value_can_get_lost_and_then_the_connection_is_gone(qbo):
    qbo.twin.switches.lose_rotated_answer = True
    assert qbo.refresh()[0] == 200  # nothing rotated, nothing lost
    qbo.clock.advance(DAY)
    with pytest.raises(LostAnswerError) as lost:
        qbo.refresh("RT1-first")
    assert lost.value.committed
    assert qbo.refresh("RT1-first") == (400, {"error": "invalid_grant"})


@pytest.mark.row("O4")
def test_two_refreshes_at_once_can_be_taken_for_theft(qbo):
    qbo.clock.advance(60)
    qbo.twin.switches.concurrent_refresh_seconds = 5
    assert qbo.refresh("RT1-first")[0] == 200
    qbo.clock.advance(5)
    assert qbo.refresh("RT1-first")[0] == 200
    qbo.clock.advance(4.9)
    assert qbo.refresh("RT1-first") == (400, {"error": "invalid_grant"})
    qbo.clock.advance(60)
    assert qbo.refresh("RT1-first")[0] == 400
    assert qbo.call("GET", "preferences")[0] == 401


@pytest.mark.row("O4")
def test_two_refreshes_at_once_are_harmless_by_default(qbo):
    assert [qbo.refresh("RT1-first")[0] for _ in range(2)] == [200, 200]


@pytest.mark.row("O3")
def test_after_five_years_no_refresh_helps_and_the_soft_expiry_never_passes_the_hard_one(qbo):
    ask = {"x-include-refresh-token-hard-expires-in": "true"}
    for _ in range(18):
        qbo.clock.advance(100 * DAY)
        assert qbo.refresh()[0] == 200
    qbo.clock.advance(24 * DAY)
    _, body = qbo.refresh(**ask)
    assert body["x_refresh_token_hard_expires_in"] == body["x_refresh_token_expires_in"] == DAY
    qbo.clock.advance(DAY)
    assert qbo.refresh() == (400, {"error": "invalid_grant"})


@pytest.mark.row("O3")
def test_only_the_word_true_asks_for_the_ceiling(qbo):
    assert "x_refresh_token_hard_expires_in" not in qbo.refresh(**{"x-include-refresh-token-hard-expires-in": "1"})[1]


@pytest.mark.row("O2")
def test_a_code_lapses_after_ten_minutes(qbo):
    code = qbo.twin.authorize(qbo.realm, "app", REDIRECT)
    qbo.clock.advance(600)
    assert qbo.token_call(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)[0] == 400


@pytest.mark.row("O2")
def test_a_code_is_worth_nothing_to_another_application(qbo):
    qbo.twin.sign_in.register(App("other", "secret-2"))
    code = qbo.twin.authorize(qbo.realm, "app", REDIRECT)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert qbo.token_call(headers={"authorization": basic("other", "secret-2")}, **form)[0] == 400
    assert qbo.token_call(**form)[0] == 200


def test_the_answers_are_the_same_in_every_run(make_caller):
    first, second = make_caller(), make_caller()
    for caller in (first, second):
        caller.clock.advance(DAY)
    assert first.refresh() == second.refresh()
