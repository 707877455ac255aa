"""Signing in: who is let in, what a session is, and what no other page can make a browser do."""

import re
from datetime import timedelta

import httpx2
import pytest

from ml_connector.app import App
from ml_connector.console.forgery import token
from ml_connector.console.pages.sign_in import inside
from ml_connector.model.people import Role
from ml_connector.store import people
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.people import links
from ml_connector.work.people.directory import reset
from ml_connector.work.people.identity import operator
from visits import VisitAs, text_of
from web import served
from world import World, build_world

PASSWORD = "seven green herons at dawn"


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


def form_token(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


def test_the_first_person_sets_the_installation_up_with_a_link(world: World, visit: VisitAs) -> None:
    link = links.first_link(world.app.identity, by="the test")
    browser = visit(world).client
    with world.database.write() as tx:  # the fixture's own person has to make room: nobody is there yet
        tx.exec_driver_sql("DELETE FROM sessions")
        tx.exec_driver_sql("DELETE FROM welcome_links WHERE person_id IS NOT NULL")
        tx.exec_driver_sql("DELETE FROM people")
    browser.cookies.clear()

    followed = browser.get(link.path)
    assert followed.status_code == 302
    assert followed.headers["location"] == "/welcome"
    form = browser.get("/welcome")
    fields = {"csrf": form_token(form), "name": "Ann Lee", "login": "Ann@Example.com", "password": PASSWORD}
    assert browser.post("/welcome", data=fields | {"again": "another one"}).status_code == 422
    answer = browser.post("/welcome", data=fields | {"again": PASSWORD})

    assert answer.status_code == 303
    with world.database.read() as tx:
        ann = people.by_login(tx, "ann@example.com")
        assert ann is not None
        assert people.roles_of(tx, ann.id) == {"*": frozenset({Role.ADMINISTRATOR})}
    assert browser.get("/").headers["location"] == "/c/demo/today"
    browser.get(link.path)
    assert browser.get("/welcome").status_code == 410


def test_nobody_gets_past_the_form_without_having_shown_who_they_are(world: World, visit: VisitAs) -> None:
    stranger = visit(world)
    stranger.client.cookies.clear()

    answer = stranger.get("/?a=1&b=2")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/%3Fa%3D1%26b%3D2"


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "", "/\t/x", "x"]
)
def test_signing_in_never_leads_to_another_site(path: str) -> None:
    assert inside(path) == "/"


def test_signing_in_leads_on_to_where_the_person_wanted_to_go() -> None:
    assert inside("/c/demo/documents?text=a") == "/c/demo/documents?text=a"


def test_a_session_is_new_with_every_sign_in_so_nobody_can_hand_one_over(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    link = _reset(world, person.login)
    browser = person.client
    person.bring("what-the-attacker-knows")
    browser.get(link)
    form = browser.get("/welcome")
    browser.post("/welcome", data={"csrf": form_token(form), "password": PASSWORD, "again": PASSWORD})
    first = person.secret
    assert first != "what-the-attacker-knows"

    form = _signed_out_form(person.client)
    answer = browser.post("/sign-in", data={"csrf": form_token(form), "login": person.login, "password": PASSWORD})

    assert answer.status_code == 303
    assert person.secret not in {first, "what-the-attacker-knows"}
    fixed = httpx2.Client(
        base_url=browser.base_url, trust_env=False, cookies={"ml_connector_session": "what-the-attacker-knows"}
    )
    assert fixed.get("/").headers["location"].startswith("/sign-in")
    fixed.close()


def _signed_out_form(browser: httpx2.Client) -> httpx2.Response:
    browser.cookies.clear()
    return browser.get("/sign-in")


def _reset(world: World, login: str) -> str:
    return reset(world.app.identity, login, by=operator("the test")).path


def test_the_cookie_is_for_the_server_alone(world: World, visit: VisitAs) -> None:
    stranger = visit(world)
    stranger.client.cookies.clear()

    cookie = stranger.get("/sign-in").headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_signing_out_ends_the_session_on_the_server(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    secret = person.secret

    assert person.post("/sign-out").headers["location"] == "/sign-in"

    person.bring(secret)
    assert person.get("/").headers["location"].startswith("/sign-in")


def test_a_session_ends_when_nobody_uses_it(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    for _ in range(4):
        world.clock.advance(20 * 60)
        assert person.get("/").headers["location"] == "/c/demo/today"

    world.clock.advance(30 * 60)

    assert person.get("/").headers["location"].startswith("/sign-in")


def test_a_page_that_refreshes_itself_does_not_keep_a_session_going(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    for _ in range(3):
        world.clock.advance(9 * 60)
        assert person.get("/", part=True).headers["location"] == "/c/demo/today"

    world.clock.advance(4 * 60)

    assert person.get("/", part=True).status_code == 401


def test_a_session_ends_after_its_limit_however_busy_it_is(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    end = world.clock.now() + timedelta(hours=12)
    while world.clock.now() < end - timedelta(minutes=20):
        world.clock.advance(20 * 60)
        assert person.get("/").headers["location"] == "/c/demo/today"

    world.clock.advance(20 * 60)

    assert person.get("/").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "way",
    ["no token", "another session's token", "another site", "a neighbour's site", "another origin"],
)
def test_nothing_is_changed_by_what_is_not_our_own_form(world: World, visit: VisitAs, way: str) -> None:
    person, other = visit(world, Role.VIEWER), visit(world, Role.VIEWER)
    if way == "another session's token":
        answer = person.post("/sign-out", csrf=token(other.secret))
    elif way == "no token":
        answer = person.post("/sign-out", csrf="")
    elif way == "another origin":
        person.headers = {"Origin": "https://elsewhere.example"}
        answer = person.post("/sign-out")
    else:
        person.headers = {"Sec-Fetch-Site": {"another site": "cross-site", "a neighbour's site": "same-site"}[way]}
        answer = person.post("/sign-out")

    assert answer.status_code == 403
    assert "Nothing was changed" in text_of(answer)
    person.headers = {}
    assert person.get("/").headers["location"] == "/c/demo/today"


def test_a_browser_that_says_less_is_asked_for_the_token_all_the_same(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    person.headers = {"Origin": "null"}
    assert person.post("/sign-out", csrf="").status_code == 403

    assert person.post("/sign-out").status_code == 303


def test_little_is_read_of_a_form_that_anybody_may_send(world: World, visit: VisitAs) -> None:
    stranger = visit(world)

    answer = stranger.post("/sign-in", login="ann", password="x" * 30_000)

    assert answer.status_code == 413


def test_the_link_to_choose_a_password_is_not_in_the_log(
    world: World, visit: VisitAs, caplog: pytest.LogCaptureFixture
) -> None:
    person = visit(world, Role.VIEWER)
    link = _reset(world, person.login)

    with caplog.at_level("INFO"):
        person.get(link)

    assert link not in caplog.text
    assert "GET /welcome/(link) 302" in caplog.text


def test_behind_a_proxy_that_encrypts_the_cookie_is_for_this_host_and_https_only(database: Database) -> None:
    app = App(database, Vault(MasterKeys(b"w" * 32)), worker="web", public_url="https://connector.example.com")
    with served(app) as url, httpx2.Client(base_url=url, trust_env=False) as browser:
        cookie = browser.get("/sign-in").headers["set-cookie"]

    assert cookie.startswith("__Host-ml_connector=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie


def test_no_password_is_taken_where_it_would_travel_in_the_open(world: World, visit: VisitAs) -> None:
    person = visit(world)
    person.headers = {"Host": "connector.example.com"}

    assert "only taken over HTTPS" in text_of(
        person.client.get("/sign-in", headers={"Host": "connector.example.com", "Cookie": ""})
    )
    answer = person.post("/sign-in", login=person.login, password=PASSWORD)

    assert answer.status_code == 422
    assert "only taken over HTTPS" in text_of(answer)
