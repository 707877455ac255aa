"""The page on which a person connects an application: whom it believes, what it offers, and where it leads back to."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from consent_browser import REDIRECT, Browser, Page, led_back, told_off
from twins.http import Request
from twins.quickbooks.sign_in import App

ACCOUNTING = "com.intuit.quickbooks.accounting"
SECOND = "9130358"


@pytest.fixture
def browser(qbo):
    return Browser(qbo.twin)


@pytest.fixture
def two_companies(qbo, make_caller):
    """A second company, connected to the same application."""
    seed = {
        "realm_id": SECOND,
        "client_id": "app",
        "client_secret": "secret",
        "refresh_token": "RT1-second",
        "CompanyInfo": {"CompanyName": "Harbour <Branch> & Sons"},
        "Preferences": {},
    }
    qbo.twin.add_company(seed)
    return Browser(qbo.twin)


@pytest.mark.row("O1")
def test_a_person_who_agrees_is_led_back_with_code_state_and_company_and_the_code_gives_tokens(browser, qbo):
    page = browser.ask()
    assert page.status == 200
    assert Page(page).values("company") == [qbo.realm]
    back = led_back(browser.send(page, "connect", qbo.realm))
    assert (back.keys(), back["state"], back["realmId"]) == ({"code", "state", "realmId"}, "s-1", qbo.realm)
    status, tokens = qbo.token_call(grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT)
    assert status == 200
    qbo.access_token = tokens["access_token"]
    assert qbo.call("GET", "preferences")[0] == 200
    assert "id_token" not in tokens


@pytest.mark.row("O1")
def test_a_person_who_cancels_is_led_back_with_access_denied_and_the_state(browser):
    page = browser.ask()
    assert Page(page).buttons == ["connect", "cancel"]
    assert led_back(browser.send(page, "cancel")) == {"error": "access_denied", "state": "s-1"}


def test_the_page_says_who_asks_for_what_and_runs_nothing(browser):
    page = Page(browser.ask(scope=f"openid email {ACCOUNTING}"))
    assert "app asks to" in page.text
    assert "Read and change your accounting data" in page.text
    assert "See your email address" in page.text
    assert "See your address" not in page.text
    assert "robin@example.com" in page.text
    assert page.running == []


def test_the_page_cannot_be_framed_and_its_form_leads_only_to_the_service_and_the_application(browser):
    headers = browser.ask().headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8765;" in policy
    assert headers["X-Frame-Options"] == "DENY"


def test_the_style_of_the_page_is_the_one_its_policy_allows(browser):
    answer = browser.ask()
    style = answer.body.partition(b"<style>")[2].partition(b"</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert f"style-src 'sha256-{allowed}'" in answer.headers["Content-Security-Policy"]


def test_the_page_is_html_in_utf8(browser):
    headers = browser.ask().headers
    assert headers["Content-Type"] == "text/html;charset=utf-8"


def test_names_on_the_page_are_text_never_markup(two_companies, qbo):
    qbo.twin.sign_in.register(App("evil", "x", (REDIRECT,), name="<script>alert(1)</script>"))
    answer = two_companies.ask(client_id="evil")
    page = Page(answer)
    assert "<script>alert(1)</script>" in page.text
    assert "Harbour <Branch> & Sons" in page.text
    assert page.running == []


def test_a_person_chooses_between_companies(two_companies, qbo):
    page = two_companies.ask()
    assert Page(page).values("company") == [qbo.realm, SECOND]
    back = led_back(two_companies.send(page, "connect", SECOND))
    _, tokens = qbo.token_call(grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT)
    qbo.access_token = tokens["access_token"]
    assert qbo.call("GET", "preferences")[0] == 403
    qbo.realm = SECOND
    assert qbo.call("GET", "preferences")[0] == 200


@pytest.mark.parametrize("company", ["", "404"])
def test_no_company_but_an_offered_one_can_be_connected(two_companies, company):
    assert "administrator" in told_off(two_companies.send(two_companies.ask(), "connect", company))


def test_only_an_administrator_may_connect_a_company(two_companies, qbo):
    qbo.act("lose_admin_rights")
    page = two_companies.ask()
    assert Page(page).values("company") == [SECOND]
    assert "administrator" in told_off(two_companies.send(page, "connect", qbo.realm))


def test_who_is_no_administrator_anywhere_can_only_cancel(browser, qbo):
    qbo.act("lose_admin_rights")
    page = browser.ask()
    assert Page(page).buttons == ["cancel"]
    assert "not an administrator" in Page(page).text
    assert led_back(browser.send(page, "cancel"))["error"] == "access_denied"


def test_a_page_is_answered_once(browser, qbo):
    page = browser.ask()
    browser.send(page, "connect", qbo.realm)
    assert "expired" in told_off(browser.send(page, "connect", qbo.realm))
    assert "expired" in told_off(browser.send(page, "connect", qbo.realm, ticket="made-up"))


def test_a_page_lapses_after_ten_minutes(browser, qbo):
    page = browser.ask()
    qbo.clock.advance(600)
    assert "expired" in told_off(browser.send(page, "connect", qbo.realm))


@pytest.mark.parametrize("client_id", ["nobody", "", None])
def test_an_unknown_application_is_told_to_the_person_and_never_redirected(browser, client_id):
    assert "client_id" in told_off(browser.ask(client_id=client_id))


@pytest.mark.row("O2")
@pytest.mark.parametrize(
    "address",
    [
        "https://conn.example/cb/",
        "https://conn.example/CB",
        "https://conn.example/cb?x=1",
        "https://conn.example/cb#x",
        "http://conn.example/cb",
        "https://conn.example:443/cb",
        "https://evil.example/cb",
        "http://127.0.0.1:8765/callback",
        "https://conn.example/cb\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_a_redirect_address_must_equal_a_registered_one_to_the_character(browser, qbo, address):
    qbo.twin.sign_in.register(App("app", "secret", ("https://conn.example/cb",)))
    assert "redirect_uri" in told_off(browser.ask(redirect_uri=address))
    page = browser.ask(redirect_uri="https://conn.example/cb")
    assert led_back(browser.send(page, "cancel"), "https://conn.example/cb")["error"] == "access_denied"


@pytest.mark.parametrize("address", ["http://localhost/cb", "http://127.0.0.1:1/", "http://localhost:8080/a/b"])
def test_without_registered_addresses_any_on_the_own_machine_will_do(browser, address):
    assert led_back(browser.send(browser.ask(redirect_uri=address), "cancel"), address)["error"] == "access_denied"


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/cb", "http://127.0.0.1.evil.example/", "http://localhost@evil.example/", "http://[::2]/"],
)
def test_without_registered_addresses_no_other_machine_will_do(browser, address):
    assert "redirect_uri" in told_off(browser.ask(redirect_uri=address))


@pytest.mark.parametrize(
    "address",
    [
        "https://conn.example/cb?x=1",
        "https://conn.example/cb#a",
        "http://conn.example/cb",
        "ftp://conn.example/",
        "/cb",
        "x",
    ],
)
def test_some_addresses_cannot_be_registered_at_all(qbo, address):
    with pytest.raises(ValueError, match="redirect URI"):
        qbo.twin.sign_in.register(App("app", "secret", (address,)))


def test_production_takes_https_only(browser, qbo):
    qbo.twin.switches.environment = "production"
    with pytest.raises(ValueError, match="production accepts https only"):
        qbo.twin.sign_in.register(App("app", "secret", (REDIRECT,)))
    assert "redirect_uri" in told_off(browser.ask())
    qbo.twin.sign_in.register(App("app", "secret", ("https://conn.example/cb",)))
    assert browser.ask(redirect_uri="https://conn.example/cb").status == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{ACCOUNTING} openID"}, "invalid_scope"),
        ({"scope": "com.intuit.quickbooks.payroll"}, "invalid_scope"),
    ],
)
def test_a_faulty_request_is_led_back_with_the_reason_and_the_state(browser, changes, error):
    assert led_back(browser.ask(**changes)) == {"error": error, "state": "s-1"}


def test_a_request_without_state_is_faulty_unless_a_switch_allows_it(browser, qbo):
    assert led_back(browser.ask(state=None)) == {"error": "invalid_request"}
    qbo.twin.switches.require_state = False
    back = led_back(browser.send(browser.ask(state=None), "connect", qbo.realm))
    assert back.keys() == {"code", "realmId"}


def test_a_parameter_given_twice_is_faulty(browser):
    query = {"client_id": "app", "response_type": "code", "scope": ACCOUNTING, "redirect_uri": REDIRECT, "state": "s-1"}
    twice = (*query.items(), ("scope", "openid"))
    answer = browser.twin.handle(Request("GET", "appcenter", "/connect/oauth2", twice))
    assert led_back(answer) == {"error": "invalid_request", "state": "s-1"}


def test_state_comes_back_as_it_was_sent(browser, qbo):
    state = "ä&b=c d+e%20\"'<>"
    assert led_back(browser.send(browser.ask(state=state), "connect", qbo.realm))["state"] == state


@pytest.mark.row("O1")
def test_consent_can_be_given_without_anybody_clicking(browser, qbo):
    qbo.twin.switches.consent = "grant at once"
    back = led_back(browser.ask())
    assert (back["state"], back["realmId"]) == ("s-1", qbo.realm)
    assert qbo.token_call(grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT)[0] == 200


def test_with_several_companies_the_one_at_once_is_named_in_the_address(two_companies, qbo):
    qbo.twin.switches.consent = "grant at once"
    assert led_back(two_companies.ask(realmId=SECOND))["realmId"] == SECOND
    assert two_companies.ask().status == 200
    assert two_companies.ask(realmId="404").status == 200


def test_consent_can_be_refused_without_anybody_clicking(browser, qbo):
    qbo.twin.switches.consent = "deny at once"
    assert led_back(browser.ask()) == {"error": "access_denied", "state": "s-1"}


@pytest.mark.parametrize("mode", ["page", "grant at once"])
def test_who_only_wants_to_know_the_person_gets_no_company(browser, qbo, mode):
    qbo.twin.switches.consent = mode
    answer = browser.ask(scope="openid email")
    if mode == "page":
        assert Page(answer).values("company") == []
        answer = browser.send(answer, "connect", qbo.realm)
    back = led_back(answer)
    assert back.keys() == {"code", "state"}
    _, tokens = qbo.token_call(grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT)
    qbo.access_token = tokens["access_token"]
    assert qbo.call("GET", "preferences")[0] == 403


def test_the_page_answers_no_other_methods(browser):
    answer = browser.twin.handle(Request("DELETE", "appcenter", "/connect/oauth2"))
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


def test_the_reconnect_link_leads_to_the_consent_page_of_the_same_company_and_scopes(two_companies, qbo):
    qbo.twin.sign_in.register(App("app", "secret", (REDIRECT,), app_id="app-77"))
    link = {"appId": "app-77", "realmId": SECOND, "mode": "reconnect"}
    answer = two_companies.open("/app/connect/oauth2/request", **link)
    target = urlsplit(answer.headers["Location"])
    assert (answer.status, target.path) == (302, "/connect/oauth2")
    asked = dict(parse_qsl(target.query))
    assert (asked["client_id"], asked["scope"], asked["redirect_uri"]) == ("app", ACCOUNTING, REDIRECT)
    page = two_companies.open(**asked)
    back = led_back(two_companies.send(page, "connect", SECOND))
    assert (back["realmId"], back["state"]) == (SECOND, asked["state"])


def test_the_reconnect_link_leads_to_the_applications_own_address_when_it_registered_one(browser, qbo):
    qbo.twin.sign_in.register(App("app", "secret", (REDIRECT,), reconnect_url="https://conn.example/reconnect"))
    answer = browser.open("/app/connect/oauth2/request", appId="app", realmId=qbo.realm, mode="reconnect")
    assert led_back(answer, "https://conn.example/reconnect") == {"realmId": qbo.realm}


@pytest.mark.parametrize("change", [{"appId": "nobody"}, {"realmId": "404"}, {"mode": "connect"}])
def test_other_reconnect_links_lead_nowhere(browser, qbo, change):
    link = {"appId": "app", "realmId": qbo.realm, "mode": "reconnect"}
    assert "connected" in told_off(browser.open("/app/connect/oauth2/request", **(link | change)))


def test_an_application_without_an_address_cannot_be_reconnected(browser, qbo):
    answer = browser.open("/app/connect/oauth2/request", appId="app", realmId=qbo.realm, mode="reconnect")
    assert "no address" in told_off(answer)
