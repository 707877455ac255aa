"""Intuit's own OAuth client for Python, unchanged, signing in to the twin."""

import re
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from twins.clock import Clock
from twins.quickbooks import QuickBooksTwin
from twins.serve import TwinServer

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc.*:DeprecationWarning"
)  # the library's, from Python 3.12

EVERYTHING = (Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL, Scopes.PROFILE, Scopes.PHONE, Scopes.ADDRESS)


@pytest.mark.row("O1")
def test_the_discovery_documents_of_both_environments_are_read(network):
    with closing(AuthClient("app", "secret", "http://localhost/cb", "sandbox")) as sandbox:
        assert sandbox.auth_endpoint == "https://appcenter.intuit.com/connect/oauth2"
        assert sandbox.token_endpoint == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
        assert sandbox.user_info_url == "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo"
    with closing(AuthClient("app", "secret", "http://localhost/cb", "production")) as production:
        assert production.revoke_endpoint == "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
        assert production.user_info_url == "https://accounts.platform.intuit.com/v1/openid_connect/userinfo"


@pytest.mark.row("O1")
def test_the_client_works_from_the_address_of_a_discovery_document_alone():
    """No name of Intuit's and nothing replaced anywhere: the library accepts such an address in place of an environment."""
    twin = QuickBooksTwin(Clock())
    twin.switches.consent = "grant at once"
    twin.add_company({"realm_id": "7", "client_id": "app", "client_secret": "secret", "refresh_token": "RT1-7"})
    with TwinServer(twin) as server:
        document = f"{server.url}/.well-known/openid_sandbox_configuration"
        with closing(AuthClient("app", "secret", "http://localhost:9/cb", document)) as client:
            address = client.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID])
            back = parse_qs(
                urlsplit(requests.get(address, allow_redirects=False, timeout=10).headers["Location"]).query
            )
            client.get_bearer_token(back["code"][0], realm_id=back["realmId"][0])
            assert client.id_token
            client.refresh()
            assert client.get_user_info().json()["sub"]
            assert client.revoke()


@pytest.mark.row("O1")
def test_a_person_agrees_on_the_page_and_the_code_is_exchanged(auth_client, twin):
    twin.switches.consent = "page"
    with requests.Session() as browser:
        page = browser.get(auth_client.get_authorization_url([Scopes.ACCOUNTING]))
        ticket = re.search(r'name="ticket" value="(\w+)"', page.text)
        form = {"ticket": ticket.group(1), "company": "1002", "decision": "connect"}
        answer = browser.post("https://appcenter.intuit.com/connect/oauth2", data=form, allow_redirects=False)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == [auth_client.state_token]
    auth_client.get_bearer_token(back["code"][0], realm_id=back["realmId"][0])
    assert auth_client.realm_id == "1002"
    assert auth_client.access_token
    assert (auth_client.expires_in, auth_client.x_refresh_token_expires_in) == (3600, 8_726_400)


def test_a_person_refuses(auth_client, twin):
    twin.switches.consent = "deny at once"
    with requests.Session() as browser:
        answer = browser.get(auth_client.get_authorization_url([Scopes.ACCOUNTING]), allow_redirects=False)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back == {"error": ["access_denied"], "state": [auth_client.state_token]}


@pytest.mark.row("O2")
def test_a_code_is_exchanged_once(auth_client, sign_in):
    code = sign_in(auth_client, Scopes.ACCOUNTING)["code"]
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth_client.get_bearer_token(code)
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth_client.refresh()


def test_the_identity_token_is_validated(auth_client, sign_in):
    sign_in(auth_client, *EVERYTHING)
    claims = jwt.decode(auth_client.id_token, options={"verify_signature": False})
    assert (claims["aud"], claims["realmid"]) == (["app"], "1001")


@pytest.mark.row("O4")
def test_tokens_are_refreshed_and_rotate(auth_client, sign_in, twin):
    sign_in(auth_client, Scopes.ACCOUNTING)
    first, access = auth_client.refresh_token, auth_client.access_token
    auth_client.refresh()
    assert auth_client.refresh_token == first
    assert auth_client.access_token != access
    twin.clock.advance(86_400)
    auth_client.refresh()
    assert auth_client.refresh_token != first
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth_client.refresh(refresh_token=first)


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_tokens_are_revoked(auth_client, sign_in, which):
    sign_in(auth_client, *EVERYTHING)
    assert auth_client.revoke(token=getattr(auth_client, which)) is True
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth_client.refresh()
    with pytest.raises(AuthClientError, match="invalid_token"):
        auth_client.get_user_info()


def test_user_information_is_read(auth_client, sign_in):
    sign_in(auth_client, *EVERYTHING)
    told = auth_client.get_user_info().json()
    assert (told["givenName"], told["emailVerified"], told["address"]["country"]) == ("Robin", True, "US")


def test_refusals_are_reported_with_their_trace(auth_client):
    with pytest.raises(AuthClientError) as refused:
        auth_client.refresh(refresh_token="RT1-unknown")
    assert (refused.value.status_code, refused.value.content) == (400, b'{"error":"invalid_grant"}')
    assert refused.value.intuit_tid.startswith("1-")
