"""What people look after themselves: password, sessions, tokens."""

import re

import pytest

from ml_connector.model.people import EVERY_CONNECTION, Right, Role, Visitor
from ml_connector.store.database import Database
from ml_connector.work.people.directory import Grant, give, take
from ml_connector.work.people.identity import operator
from ml_connector.work.people.own import myself
from ml_connector.work.people.sessions import Browser, sign_in
from ml_connector.work.people.tokens import visitor_of_token
from visits import Visit, VisitAs, text_of
from world import World, build_world

OLD, NEW = "seven green herons at dawn", "eight grey herons at dusk"


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


def give_password(world: World, person: Visit, password: str = OLD) -> None:
    from ml_connector.store import people

    with world.database.write() as tx:
        people.set_password(tx, person.person_id, world.app.identity.passwords.hash(password), world.clock.now())


def secret_on(page: str) -> str:
    found = re.search(r'id="secret" value="(mlc_[^"]+)"', page)
    assert found is not None
    return found[1]


def make_token(person: Visit, **form: object) -> str:
    answer = person.post(
        "/me/tokens", **({"name": "Reports", "connection": "demo", "role": "viewer", "days": 30} | form)
    )
    assert answer.status_code == 200, text_of(answer)
    return secret_on(answer.text)


def test_a_new_password_counts_at_once_and_ends_every_other_session(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    give_password(world, person)
    elsewhere = sign_in(world.app.identity, person.login, OLD, Browser(name="another browser"))
    here = person.secret
    assert "another browser" in text_of(person.get("/me"))

    answer = person.post("/me/password", current=OLD, password=NEW, again=NEW)

    assert answer.headers["location"] == "/me"
    assert "Other sessions that ended: 1." in text_of(person.follow(answer))
    person.bring(elsewhere)
    assert person.get("/me").headers["location"].startswith("/sign-in")
    person.bring(here)
    assert person.get("/me").status_code == 200
    assert sign_in(world.app.identity, person.login, NEW, Browser())


def test_a_change_of_ones_own_password_leaves_programs_alone_unless_their_person_says_otherwise(
    world: World, visit: VisitAs
) -> None:
    person, identity = visit(world, Role.VIEWER), world.app.identity
    give_password(world, person)
    token = make_token(person)

    person.post("/me/password", current=OLD, password=NEW, again=NEW)
    assert visitor_of_token(identity, token) is not None

    answer = person.post("/me/password", current=NEW, password=OLD, again=OLD, tokens="true")
    assert "Tokens that work no more: 1." in text_of(person.follow(answer))
    assert visitor_of_token(identity, token) is None


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"current": "not the password", "password": NEW, "again": NEW}, "not your current password"),
        ({"current": OLD, "password": NEW, "again": OLD}, "not the same"),
        ({"current": OLD, "password": "short", "again": "short"}, "at least 12 characters"),
        ({"current": OLD, "password": "password1234", "again": "password1234"}, "first that anybody would try"),
        ({"current": OLD, "password": OLD, "again": OLD}, "you have already"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    world: World, visit: VisitAs, form: dict[str, str], words: str
) -> None:
    person = visit(world, Role.VIEWER)
    give_password(world, person)

    answer = person.post("/me/password", **form)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert sign_in(world.app.identity, person.login, OLD, Browser())


def test_a_browser_left_open_does_not_let_somebody_guess_the_password(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    give_password(world, person)
    tried = [person.post("/me/password", current=f"guess {n}", password=NEW, again=NEW).status_code for n in range(7)]
    assert tried == [422] * 5 + [429] * 2

    answer = person.post("/me/password", current=OLD, password=NEW, again=NEW)

    assert answer.status_code == 429
    assert "Wait 10 seconds" in text_of(answer)


def test_people_end_their_own_sessions_one_by_one_or_all(world: World, visit: VisitAs) -> None:
    person, other = visit(world, Role.VIEWER), visit(world, Role.VIEWER)
    give_password(world, person)
    first, second = (sign_in(world.app.identity, person.login, OLD, Browser(name=name)) for name in ("one", "two"))
    numbers = re.findall(r'name="session" value="(\d+)"', person.get("/me").text)
    assert len(numbers) == 2

    other.post("/me/sessions/end", session=numbers[0])
    assert len(re.findall(r'name="session"', person.get("/me").text)) == 2
    person.post("/me/sessions/end", session=numbers[0])
    assert len(re.findall(r'name="session"', person.get("/me").text)) == 1
    person.post("/me/sessions/end")

    assert person.get("/me").status_code == 200
    for secret in (first, second):
        person.bring(secret)
        assert person.get("/me").headers["location"].startswith("/sign-in")


def test_a_token_is_shown_once_and_only_its_hash_is_kept(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.ACCOUNTANT)

    secret = make_token(person)

    page = person.get("/me")
    assert "Reports" in text_of(page)
    assert secret not in page.text
    with world.database.read() as tx:
        assert secret not in str(tx.exec_driver_sql("SELECT * FROM api_tokens").all())


def test_a_token_does_no_more_than_its_role_and_no_more_than_its_person(world: World, visit: VisitAs) -> None:
    person, app = visit(world, Role.ACCOUNTANT, Role.MAPPER), world.app
    token = make_token(person, role="accountant")
    found = visitor_of_token(app.identity, token)
    assert found is not None
    assert found.rights(world.connection_id) == {Right.VIEW, Right.DECIDE}
    assert found.rights("another connection") == frozenset()

    by = operator("the test")
    give(app.identity, person.login, Grant(connection_id=world.connection_id, role=Role.VIEWER), by=by)
    take(app.identity, person.login, Grant(connection_id=world.connection_id, role=Role.ACCOUNTANT), by=by)
    found = visitor_of_token(app.identity, token)
    assert found is not None
    assert found.rights(world.connection_id) == {Right.VIEW}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"role": "mapper"}, 422),
        ({"connection": EVERY_CONNECTION}, 422),
        ({"connection": "unknown"}, 404),
        ({"days": 0}, 422),
        ({"days": 366}, 422),
        ({"name": " "}, 422),
    ],
)
def test_a_token_that_would_be_too_much_is_not_made(
    world: World, visit: VisitAs, form: dict[str, object], status: int
) -> None:
    person = visit(world, Role.ACCOUNTANT)

    answer = person.post("/me/tokens", **({"name": "x", "connection": "demo", "role": "viewer", "days": 9} | form))

    assert answer.status_code == status
    with world.database.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM api_tokens").scalar_one() == 0


def test_a_token_ends_by_itself_and_when_it_is_revoked(world: World, visit: VisitAs) -> None:
    person, other = visit(world, Role.VIEWER), visit(world, Role.VIEWER)
    short, long = make_token(person, days=1), make_token(person, name="Long", days=30)
    numbers = re.findall(r"/me/tokens/(\d+)/revoke", person.get("/me").text)
    newest = max(numbers, key=int)

    assert other.post(f"/me/tokens/{newest}/revoke").status_code == 422
    assert visitor_of_token(world.app.identity, long) is not None
    assert person.post(f"/me/tokens/{newest}/revoke").status_code == 303
    assert visitor_of_token(world.app.identity, long) is None
    assert visitor_of_token(world.app.identity, short) is not None
    world.clock.advance(24 * 3600)
    assert visitor_of_token(world.app.identity, short) is None


def test_a_token_is_no_session_and_a_session_no_token(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    token, session = make_token(person), person.secret
    person.client.cookies.clear()

    assert person.get("/me", headers={"Authorization": f"Bearer {token}"}).headers["location"].startswith("/sign-in")
    assert visitor_of_token(world.app.identity, session) is None
    person.bring(token)
    assert person.get("/me").headers["location"].startswith("/sign-in")


def test_who_runs_the_programs_commands_is_nobody_of_these(world: World) -> None:
    from ml_connector.work.people.identity import PersonUnknownError

    with pytest.raises(PersonUnknownError):
        myself(world.app.identity, Visitor(person_id="", name="x", actor="x", roles={}))


@pytest.mark.parametrize("days", [0, -1, 10**12])
def test_a_token_that_would_live_for_no_time_or_for_ever_is_refused_in_words(
    world: World, visit: VisitAs, days: int
) -> None:
    answer = visit(world, Role.VIEWER).post("/me/tokens", name="Reports", connection="demo", role="viewer", days=days)
    assert answer.status_code == 422
    assert "A token lives between one day and" in text_of(answer)
