"""Discovery, published keys, identity tokens and what the service tells of a person."""

import jwt
import msgspec
import pytest

from twins.http import Request
from twins.quickbooks.sign_in import App

REDIRECT = "http://127.0.0.1:8765/callback"
ACCOUNTING = "com.intuit.quickbooks.accounting"
ISSUER = "https://oauth.platform.intuit.com/op/v1"
DOCUMENTS = ["/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration"]
REQUIRED = {  # OpenID Connect Discovery 1.0 §3
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
}


def fetch(twin, host: str, path: str, **headers: str):
    answer = twin.handle(Request("GET", host, path, (), headers))
    return answer.status, msgspec.json.decode(answer.body)


def agreed(qbo, *scopes: str, nonce: str = "") -> dict:
    """The tokens a person's agreement to these scopes comes to."""
    qbo.twin.switches.consent = "grant at once"
    query = {
        "client_id": "app",
        "response_type": "code",
        "scope": " ".join(scopes),
        "redirect_uri": REDIRECT,
        "state": "s",
        **({"nonce": nonce} if nonce else {}),
    }
    answer = qbo.twin.handle(Request("GET", "appcenter", "/connect/oauth2", tuple(query.items())))
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    return qbo.token_call(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)[1]


def user_info(qbo, token: str):
    return fetch(qbo.twin, "accounts", "/v1/openid_connect/userinfo", authorization=f"Bearer {token}")


def verified(qbo, token: str) -> dict:
    """The claims of an identity token, its signature checked against the published keys."""
    keys = jwt.PyJWKSet.from_dict(fetch(qbo.twin, "oauth", "/op/v1/jwks")[1])
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(
        token, key, algorithms=["RS256"], audience="app", options={"verify_exp": False, "verify_iat": False}
    )


@pytest.mark.row("O1")
@pytest.mark.parametrize("path", DOCUMENTS)
def test_discovery_names_the_addresses_of_the_serving_host(qbo, path):
    status, document = fetch(qbo.twin, "127.0.0.1:8400", path)
    assert (status, document.keys() >= REQUIRED) == (200, True)
    assert {name: value for name, value in document.items() if isinstance(value, str)} == {
        "issuer": ISSUER,
        "authorization_endpoint": "http://127.0.0.1:8400/connect/oauth2",
        "token_endpoint": "http://127.0.0.1:8400/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": "http://127.0.0.1:8400/v1/openid_connect/userinfo",
        "revocation_endpoint": "http://127.0.0.1:8400/v2/oauth2/tokens/revoke",
        "jwks_uri": "http://127.0.0.1:8400/op/v1/jwks",
    }
    assert document["response_types_supported"] == ["code"]
    assert document["subject_types_supported"] == ["public"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["token_endpoint_auth_methods_supported"] == ["client_secret_post", "client_secret_basic"]
    assert document["scopes_supported"] == ["openid", "email", "profile", "address", "phone"]
    assert document["claims_supported"] == ["aud", "exp", "iat", "iss", "realmid", "sub"]


@pytest.mark.row("O1")
@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_address_in_the_document_is_answered(qbo, path):
    _, document = fetch(qbo.twin, "127.0.0.1:8400", path)
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"):
        place = document[name].removeprefix("http://127.0.0.1:8400")
        assert qbo.twin.handle(Request("GET", "127.0.0.1:8400", place)).status != 404, name


def test_the_official_clients_trailing_slash_is_fine_and_other_methods_are_not(qbo):
    assert fetch(qbo.twin, "developer.intuit.com", DOCUMENTS[0] + "/") == fetch(
        qbo.twin, "developer.intuit.com", DOCUMENTS[0]
    )
    assert qbo.twin.handle(Request("POST", "developer.intuit.com", DOCUMENTS[0])).status == 405


@pytest.mark.row("O1")
def test_under_the_vendors_own_names_the_documents_give_the_vendors_addresses_and_differ_only_in_user_info(qbo):
    production, sandbox = (fetch(qbo.twin, "developer.api.intuit.com", path)[1] for path in DOCUMENTS)
    assert production["token_endpoint"] == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    assert production["authorization_endpoint"] == "https://appcenter.intuit.com/connect/oauth2"
    assert production["revocation_endpoint"] == "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
    assert production["jwks_uri"] == "https://oauth.platform.intuit.com/op/v1/jwks"
    assert production.pop("userinfo_endpoint") == "https://accounts.platform.intuit.com/v1/openid_connect/userinfo"
    assert sandbox.pop("userinfo_endpoint") == "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo"
    assert production == sandbox


def test_a_name_that_only_ends_like_the_vendors_is_not_the_vendor(qbo):
    assert fetch(qbo.twin, "notintuit.com", DOCUMENTS[0])[1]["jwks_uri"] == "http://notintuit.com/op/v1/jwks"


def test_an_identity_token_is_signed_and_names_person_application_company_and_time(qbo):
    tokens = agreed(qbo, "openid", ACCOUNTING, nonce="n-1")
    now = int(qbo.clock.now().timestamp())
    claims = verified(qbo, tokens["id_token"])
    assert claims.pop("sub") == user_info(qbo, tokens["access_token"])[1]["sub"]
    assert claims == {
        "aud": ["app"],
        "realmid": qbo.realm,
        "auth_time": now,
        "iss": ISSUER,
        "exp": now + 3600,
        "iat": now,
        "nonce": "n-1",
    }
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "RS256"


def test_without_company_or_nonce_the_token_has_neither(qbo):
    assert verified(qbo, agreed(qbo, "openid")["id_token"]).keys() == {"sub", "aud", "auth_time", "iss", "exp", "iat"}


def test_no_identity_token_without_openid_and_none_on_refresh(qbo):
    assert "id_token" not in agreed(qbo, ACCOUNTING)
    tokens = agreed(qbo, "openid", ACCOUNTING)
    assert "id_token" not in qbo.refresh(tokens["refresh_token"])[1]


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("email", {"email", "emailVerified"}),
        ("profile", {"givenName", "familyName"}),
        ("phone", {"phoneNumber", "phoneNumberVerified"}),
        ("address", {"address"}),
        (ACCOUNTING, set()),
    ],
)
def test_each_scope_tells_its_own_part_of_the_person(qbo, scope, claims):
    status, told = user_info(qbo, agreed(qbo, "openid", scope)["access_token"])
    assert (status, told.keys()) == (200, {"sub"} | claims)


def test_the_person_of_a_company_comes_from_its_seed(qbo):
    person = {"givenName": "Ada", "familyName": "Byron", "email": "ada@example.org", "address": {"country": "NO"}}
    qbo.twin.add_company(
        {
            "realm_id": "77",
            "client_id": "app",
            "client_secret": "secret",
            "refresh_token": "RT1-77",
            "scopes": ["openid", "email", "profile", "address"],
            "person": person,
        }
    )
    token = qbo.refresh("RT1-77")[1]["access_token"]
    told = user_info(qbo, token)[1]
    assert (told["givenName"], told["email"], told["address"]["country"]) == ("Ada", "ada@example.org", "NO")


def test_a_person_with_an_unknown_property_is_a_mistake_in_the_seed(qbo):
    seed = {"realm_id": "77", "client_id": "app", "client_secret": "s", "refresh_token": "r", "person": {"name": "Ada"}}
    with pytest.raises(ValueError, match="a person has no name"):
        qbo.twin.add_company(seed)


def test_user_information_needs_the_openid_scope(qbo):
    assert user_info(qbo, agreed(qbo, ACCOUNTING, "email")["access_token"]) == (403, {"error": "insufficient_scope"})


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_user_information_needs_a_token(qbo, token):
    assert user_info(qbo, token) == (401, {"error": "invalid_token"})


def test_user_information_ends_with_the_grant(qbo):
    token = agreed(qbo, "openid", ACCOUNTING)["access_token"]
    qbo.act("disconnect_app")
    assert user_info(qbo, token)[0] == 401


def test_another_application_gets_tokens_with_itself_as_audience(qbo):
    qbo.twin.sign_in.register(App("other", "secret-2"))
    code = qbo.twin.sign_in.authorize(qbo.realm, "other", REDIRECT, frozenset({"openid"}))
    headers = {"authorization": "Basic b3RoZXI6c2VjcmV0LTI="}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    token = qbo.token_call(headers=headers, **form)[1]["id_token"]
    with pytest.raises(jwt.InvalidAudienceError):
        verified(qbo, token)
