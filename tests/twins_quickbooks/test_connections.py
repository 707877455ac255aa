"""What an access token opens, for how long, and what people do to a connection inside QuickBooks."""

import msgspec
import pytest

REDIRECT = "https://conn.example/cb"
GATEWAY_KEYS = [
    "warnings",
    "intuitObject",
    "fault",
    "report",
    "queryResponse",
    "batchItemResponse",
    "attachableResponse",
    "syncErrorResponse",
    "requestId",
    "time",
    "status",
    "cdcresponse",
]


@pytest.mark.row("O5")
def test_an_access_token_opens_the_api_for_an_hour_and_then_gets_the_gateways_401(qbo):
    qbo.clock.advance(3_599)
    assert qbo.call("GET", "preferences")[0] == 200
    qbo.clock.advance(1)
    answer = qbo.raw("GET", "preferences")
    assert answer.status == 401
    assert answer.headers["Www-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    body = msgspec.json.decode(answer.body, type=dict)
    assert list(body) == GATEWAY_KEYS
    error = body["fault"]["error"][0]
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    assert error["detail"].startswith("Token expired: ")
    assert (error["code"], error["element"], body["fault"]["type"]) == ("3200", None, "AUTHENTICATION")
    assert body["time"] == int(qbo.clock.now().timestamp() * 1000)


@pytest.mark.row("O5")
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YXBwOnNlY3JldA=="])
def test_a_call_without_a_token_of_the_service_gets_the_same_401(qbo, header):
    answer = qbo.raw("GET", "preferences", headers={"authorization": header})
    assert answer.status == 401
    assert "fault" in msgspec.json.decode(answer.body)


def test_a_token_without_the_accounting_scope_opens_no_company(qbo):
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    code = qbo.twin.sign_in.authorize(qbo.realm, "app", REDIRECT, frozenset({"openid", "email"}))
    qbo.access_token = qbo.token_call(**form, code=code)[1]["access_token"]
    status, body = qbo.call("GET", "preferences")
    error = body["fault"]["error"][0]
    assert (status, error["code"], body["fault"]["type"]) == (403, "3100", "SERVICE")
    assert error["message"] == "message=AuthorizationFailed; errorCode=003100; statusCode=403"
    assert error["detail"] == "The access token does not have sufficient scope"


@pytest.mark.row("Q13")
def test_a_token_of_one_company_does_not_open_another(qbo):
    qbo.realm = "123"
    status, body = qbo.call("GET", "preferences")
    error = body["fault"]["error"][0]
    assert (status, error["code"], error["detail"]) == (403, "3100", None)
    assert error["message"] == "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"


def test_a_person_can_disconnect_the_application_inside_quickbooks(qbo):
    assert qbo.act("disconnect_app") == {"disconnected": 1}
    assert qbo.call("GET", "preferences")[0] == 401
    assert qbo.refresh() == (400, {"error": "invalid_grant"})
    assert qbo.act("disconnect_app") == {"disconnected": 0}


def test_disconnecting_one_application_leaves_the_others(qbo):
    assert qbo.act("disconnect_app", client_id="other") == {"disconnected": 0}
    assert qbo.refresh()[0] == 200


def test_who_loses_the_rights_of_an_administrator_takes_the_connection_with_them(qbo):
    qbo.act("lose_admin_rights")
    status, body = qbo.call("GET", "preferences")
    assert (status, body["Fault"]["Error"][0]["code"]) == (403, "120")
    assert "-11014- You do not have access" in body["Fault"]["Error"][0]["Detail"]
    assert qbo.refresh()[0] == 200
    assert qbo.call("GET", "preferences")[0] == 403
    qbo.act("regain_admin_rights")
    assert qbo.call("GET", "preferences")[0] == 200


def test_access_tokens_can_be_made_to_lapse_early(qbo):
    qbo.act("expire_access_tokens")
    assert qbo.call("GET", "preferences")[0] == 401
    assert qbo.refresh()[0] == 200
    assert qbo.call("GET", "preferences")[0] == 200
