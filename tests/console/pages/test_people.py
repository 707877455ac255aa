"""Looking after people: who may, whom they may know of, and what stops at once when somebody is let in no more."""

import re

import pytest

from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import audit, people
from ml_connector.store.database import Database
from ml_connector.work.people.directory import Grant, give
from ml_connector.work.people.identity import operator
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings
from visits import Visit, VisitAs, text_of
from world import World, build_world


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


@pytest.fixture
def elsewhere(world: World) -> str:
    """Another company's connection of the same installation."""
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("ZZ",)))
    return world.app.add_connection(ConnectionFile(name="other", settings=settings, secrets={}), {}).id


def roles_of(world: World, person: Visit) -> dict[str, set[Role]]:
    with world.database.read() as tx:
        return {place: set(roles) for place, roles in people.roles_of(tx, person.person_id).items()}


def test_somebody_is_added_with_a_link_and_chooses_their_own_password(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)

    page = boss.post("/people", login="Bea@Example.com", name="Bea <b>Ho</b>", connection="demo", role="accountant")

    found = re.search(r'value="http://127.0.0.1:\d+(/welcome/[^"]+)"', page.text)
    assert found is not None
    assert "Bea &lt;b&gt;Ho&lt;/b&gt;" in page.text
    assert "Invited" in text_of(boss.get("/people"))
    bea = visit(world)
    bea.client.cookies.clear()
    bea.get(found[1])
    form = re.search(r'name="csrf" value="([0-9a-f]+)"', bea.get("/welcome").text)
    assert form is not None
    chosen = {"csrf": form[1], "password": "nine blue herons asleep", "again": "nine blue herons asleep"}
    assert bea.client.post("/welcome", data=chosen).status_code == 303
    assert bea.get("/").headers["location"] == "/c/demo/today"
    with world.database.read() as tx:
        noted = audit.listing(tx, world.connection_id, subject="bea@example.com")
    assert [(entry.actor, entry.action, entry.after) for entry in noted] == [(boss.login, "role given", "accountant")]


def test_a_link_works_once_and_a_newer_one_replaces_it(world: World, visit: VisitAs) -> None:
    boss, person = visit(world, Role.ADMINISTRATOR, everywhere=True), visit(world, Role.VIEWER)
    paths = []
    for _ in range(2):
        page = boss.post(f"/people/{person.person_id}/reset")
        assert "all their sessions and tokens have ended" in text_of(page)
        found = re.search(r'(/welcome/[^"]+)"', page.text)
        assert found is not None
        paths.append(found[1])
    assert person.get("/me").headers["location"].startswith("/sign-in")
    person.get(paths[0])
    assert person.get("/welcome").status_code == 410
    person.get(paths[1])
    assert person.get("/welcome").status_code == 200
    world.clock.advance(3 * 24 * 3600)
    assert person.get("/welcome").status_code == 410


def test_who_administers_one_connection_sees_only_who_has_a_role_there(
    world: World, visit: VisitAs, elsewhere: str
) -> None:
    chief = visit(world, Role.ADMINISTRATOR)
    colleague, stranger = visit(world, Role.VIEWER), visit(world, Role.MAPPER, elsewhere=elsewhere)
    both = visit(world, Role.ACCOUNTANT)
    give(world.app.identity, both.login, Grant(connection_id=elsewhere, role=Role.MAPPER), by=operator("the test"))

    page = text_of(chief.get("/people"))

    assert colleague.login in page
    assert both.login in page
    assert stranger.login not in page
    assert "Mapper other" not in text_of(chief.get(f"/people/{both.person_id}"))
    assert "Accountant demo" in text_of(chief.get(f"/people/{both.person_id}"))
    assert stranger.login not in chief.get("/people?format=csv").text
    unknown = chief.get("/people/00000000-0000-0000-0000-000000000000")
    hidden = chief.get(f"/people/{stranger.person_id}")
    assert (hidden.status_code, hidden.text) == (404, unknown.text)


def test_who_administers_one_connection_changes_roles_in_it_and_nothing_else(
    world: World, visit: VisitAs, elsewhere: str
) -> None:
    chief, colleague = visit(world, Role.ADMINISTRATOR), visit(world, Role.VIEWER)
    address = f"/people/{colleague.person_id}"

    assert chief.post(f"{address}/roles", connection="demo", role="mapper").status_code == 303
    assert chief.post(f"{address}/roles", connection="other", role="viewer").status_code == 404
    assert chief.post(f"{address}/roles", connection="no such", role="viewer").status_code == 404
    assert chief.post(f"{address}/roles", connection=EVERY_CONNECTION, role="viewer").status_code == 422
    assert chief.post("/people", login="x@example.com", name="X", connection="demo", role="viewer").status_code == 422
    assert chief.post(f"{address}/state", disabled="true").status_code == 422
    assert chief.post(f"{address}/reset").status_code == 422
    assert chief.post(f"{address}/sessions/end").status_code == 403
    assert chief.post(f"{address}/tokens/1/revoke").status_code == 403
    assert chief.get("/people/history").status_code == 403
    assert roles_of(world, colleague) == {world.connection_id: {Role.VIEWER, Role.MAPPER}}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER])
def test_nobody_else_looks_after_people(world: World, visit: VisitAs, role: Role) -> None:
    person = visit(world, role)
    own = f"/people/{person.person_id}"

    for path in ("/people", own, "/people/history"):
        assert person.get(path).status_code == 403
    assert person.post(f"{own}/roles", connection="demo", role="administrator").status_code == 403
    assert person.post("/people", login="x@example.com", name="X", connection="demo", role="viewer").status_code == 403
    for what in ("state", "reset", "sessions/end", "tokens/1/revoke"):
        assert person.post(f"{own}/{what}").status_code == 403
    assert roles_of(world, person) == {world.connection_id: {role}}


def test_a_role_that_is_taken_counts_no_more_with_the_next_request(world: World, visit: VisitAs) -> None:
    boss, person = visit(world, Role.ADMINISTRATOR, everywhere=True), visit(world, Role.VIEWER)
    assert person.get("/").headers["location"] == "/c/demo/today"

    boss.post(f"/people/{person.person_id}/roles", connection="demo", role="viewer", take="true")

    assert person.get("/").headers["location"] == "/connections"


def test_whoever_is_let_in_no_more_is_out_at_once(world: World, visit: VisitAs) -> None:
    from ml_connector.work.people.tokens import visitor_of_token

    boss, person = visit(world, Role.ADMINISTRATOR, everywhere=True), visit(world, Role.VIEWER)
    made = person.post("/me/tokens", name="x", connection="demo", role="viewer", days=9)
    token = re.search(r'value="(mlc_[^"]+)"', made.text)
    assert token is not None

    assert boss.post(f"/people/{person.person_id}/state", disabled="true").status_code == 303

    assert person.get("/").headers["location"].startswith("/sign-in")
    assert visitor_of_token(world.app.identity, token[1]) is None
    assert boss.post(f"/people/{person.person_id}/reset").status_code == 422
    boss.post(f"/people/{person.person_id}/state")
    assert visitor_of_token(world.app.identity, token[1]) is None


def test_somebody_always_looks_after_the_installation(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)
    own = f"/people/{boss.person_id}"
    last = {"connection": EVERY_CONNECTION, "role": "administrator", "take": "true"}

    refused = boss.post(f"{own}/roles", **last)
    assert refused.status_code == 422
    assert "the only one who administers every connection" in text_of(refused)
    assert boss.post(f"{own}/state", disabled="true").status_code == 422

    visit(world, Role.ADMINISTRATOR, everywhere=True)
    assert boss.post(f"{own}/roles", **last).status_code == 303
    assert boss.get("/people").status_code == 403


@pytest.mark.parametrize("login", ["", "two words", "a/b", "a,b", "<i>", "x" * 201])
def test_what_is_no_login_is_refused_in_words(world: World, visit: VisitAs, login: str) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)

    answer = boss.post("/people", login=login, name="", connection="demo", role="viewer")

    assert answer.status_code == 422
    assert "is no login" in text_of(answer)


def test_a_login_is_one_persons_whatever_its_capitals(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)

    answer = boss.post("/people", login=boss.login.upper(), name="Twin", connection="demo", role="viewer")

    assert answer.status_code == 422
    assert "already" in text_of(answer)


def test_what_was_done_can_be_read_page_by_page(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)
    for number in range(60):
        give(
            world.app.identity,
            boss.login,
            Grant(connection_id=world.connection_id, role=Role.VIEWER),
            by=operator(f"n{number}"),
        )
        boss.post(f"/people/{boss.person_id}/roles", connection="demo", role="viewer", take="true")

    first = boss.get("/people/history")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older is not None
    second = boss.get(older[1])

    assert "Role given" in text_of(first)
    assert "Added" in text_of(second)
    table = boss.table("/people/history?format=csv")
    assert len(table) > 120
    assert {one["whom it is about"] for one in table if one["action"] == "role given"} == {boss.login}
    assert "added" in {one["action"] for one in table}
