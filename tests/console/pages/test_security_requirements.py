"""What Intuit asks of every app that is reviewed, as far as it is about pages and people; one test for each point.

Source: developer.intuit.com, "Security requirements" of publishing an app. Encryption at rest is tests/store/test_vault.py, secrets
in logs and output tests/system/test_secrets.py, the sign-in at Intuit tests/console/test_connecting.py.
"""

import logging
import re

import httpx2
import pytest

from ml_connector.app import App
from ml_connector.model.people import Role
from ml_connector.store import people
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.people import links
from visits import Visit, VisitAs
from web import served
from world import World, build_world

MARKUP = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
INJECTION = (
    "' OR '1'='1",
    "ann'; DROP TABLE people; --",
    "%' UNION SELECT password FROM people --",
    "\x00",
    "ann\u202e@b.test",
)
PAGES = ("/me", "/people", "/people/history", "/sign-in", "/nowhere")


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


@pytest.fixture
def boss(world: World, visit: VisitAs) -> Visit:
    return visit(world, Role.ADMINISTRATOR, everywhere=True)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_kept_by_a_browser_or_a_proxy(boss: Visit, path: str) -> None:
    assert boss.get(path).headers["cache-control"] == "no-cache, no-store"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"])
@pytest.mark.parametrize("path", ["/", "/me", "/sign-in", "/healthz"])
def test_methods_nobody_needs_are_off(boss: Visit, method: str, path: str) -> None:
    answer = boss.client.request(method, path, headers=boss.headers | {"X-Echo": "canary-echo"})

    assert answer.status_code in {400, 403, 404, 405, 501}
    assert "canary-echo" not in answer.text


def test_session_cookies_are_secure_and_not_for_scripts(database: Database) -> None:
    app = App(database, Vault(MasterKeys(b"w" * 32)), worker="web", public_url="https://connector.example.com")
    link = links.first_link(app.identity, by="the test")
    behind = {"Host": "connector.example.com", "Sec-Fetch-Site": "same-origin"}  # a proxy that tells nothing of TLS
    with served(app) as url, httpx2.Client(base_url=url, trust_env=False, timeout=60, headers=behind) as browser:
        set_ = [browser.get(path).headers["set-cookie"] for path in ("/sign-in", link.path)]
        hsts = browser.get("/sign-in").headers["strict-transport-security"]

    assert all(cookie.startswith("__Host-") for cookie in set_)  # which no neighbour's page can set
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in set_)
    assert re.fullmatch(r"max-age=\d{8,}.*", hsts)


def test_cookies_that_came_over_tls_stay_there_also_where_the_public_address_was_never_set(boss: Visit) -> None:
    boss.client.cookies.clear()
    answer = boss.get("/sign-in", headers={"X-Forwarded-Proto": "https"})

    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_what_holds_a_secret_in_its_address_answers_with_a_redirect_and_no_page(world: World, boss: Visit) -> None:
    page = boss.post("/people", login="bea@example.com", name="Bea", connection="demo", role="viewer")
    link = re.search(r"(/welcome/[\w-]+)", page.text)
    assert link is not None
    for path in (link[1], "/welcome/unknown", "/connect/quickbooks/callback?code=c&state=s&realmId=1"):
        answer = boss.get(path)
        assert answer.status_code == 302
        assert answer.text == ""
        assert answer.headers["referrer-policy"] == "no-referrer"


ELSEWHERE = ("//evil.example", "https://evil.example", "/\\evil.example", "/%2F/evil.example", "javascript:alert(1)")


@pytest.mark.parametrize("to", ELSEWHERE)
def test_no_redirect_leads_to_another_site(boss: Visit, to: str) -> None:
    location = boss.client.get("/sign-in", params={"next": to}).headers["location"]

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert httpx2.URL("https://ours.example").join(location).host == "ours.example"


def test_names_with_markup_are_text_wherever_they_are_shown(world: World, visit: VisitAs, boss: Visit) -> None:
    """Stored: in a person's name, a token's name, a browser's name."""
    with world.database.write() as tx:
        people.add(tx, person_id="p-x", login="x@example.com", name=MARKUP, now=world.clock.now(), by=MARKUP)
    boss.post("/me/tokens", name=MARKUP, connection="demo", role="viewer", days=9)
    for path in ("/people", "/people/p-x", "/people/history", "/me", f"/people/{boss.person_id}"):
        page = boss.get(path)
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert "<script>alert" not in page.text
    assert "&lt;img src=x" in boss.get("/people").text


@pytest.mark.parametrize("field", ["login", "next"])
def test_what_is_sent_to_the_form_comes_back_as_text(boss: Visit, field: str) -> None:
    """Reflected."""
    page = boss.post("/sign-in", **({"login": "x", "password": "y"} | {field: MARKUP}))

    assert page.status_code == 422
    assert "<img src=x" not in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_anything_inline_that_could_run(boss: Visit, path: str) -> None:
    page = boss.get(path)

    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<[^>]+\s(on\w+|style)\s*=", page.text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page.text))


@pytest.mark.parametrize("text", INJECTION)
def test_what_looks_like_a_statement_is_a_text_to_the_database(world: World, boss: Visit, text: str) -> None:
    with world.database.read() as tx:
        before = tx.exec_driver_sql("SELECT count(*) FROM people").scalar_one()

    assert boss.post("/sign-in", login=text, password=text).status_code == 422
    assert boss.get("/people/" + text.replace("%", "%25").replace("\x00", "%00").replace("/", "%2F")).status_code == 404
    assert boss.post(f"/people/{boss.person_id}/roles", connection=text, role="viewer").status_code == 404

    with world.database.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM people").scalar_one() == before


def test_no_password_and_no_token_is_logged(boss: Visit, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        boss.post("/sign-in", login="ann@example.com", password="canary-password-typed")
        boss.post("/me/password", current="canary-current", password="canary-new-password", again="canary-new-password")
        boss.get("/me", headers={"Authorization": "Bearer mlc_canary-token"})
        boss.get("/people?password=canary-in-query")

    said = [
        record.getMessage() for record in caplog.records if record.name != "uvicorn.access"
    ]  # `serve` has none of it
    assert any("POST /sign-in" in line for line in said)
    assert "canary" not in "\n".join(said)


def test_pages_of_an_administrator_are_refused_to_everybody_else_by_the_server(world: World, visit: VisitAs) -> None:
    """Function-level access: the navigation does not show what the server would refuse, and the server refuses it all the same."""
    viewer = visit(world, Role.VIEWER)

    assert 'href="/people"' not in viewer.get("/me").text
    assert viewer.get("/people").status_code == 403
