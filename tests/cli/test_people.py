"""Looking after people and tokens at the command line."""

import pytest

from ml_connector.app import App, Settings
from ml_connector.store import people
from ml_connector.work.people.links import accept
from ml_connector.work.people.sessions import Browser, begin
from ml_connector.work.people.tokens import visitor_of_token
from terminal import Run
from world import World

PASSWORD = "seven green herons at dawn"


@pytest.fixture
def app(connected: World) -> App:
    return App.open(Settings())


def sign_in(app: App, login: str) -> str:
    with app.database.write() as tx:
        person = people.by_login(tx, login)
        assert person is not None
        return begin(tx, app.identity, person, Browser(name="Firefox", address="192.0.2.1"), means="password")


def test_the_first_link_is_for_the_first_person_only(run: Run, connected: World, app: App) -> None:
    first = run("people", "first-link", "--url", "https://books.example.com/")
    assert first.code == 0
    assert first.out.startswith("https://books.example.com/welcome/")
    secret = first.out.strip().rpartition("/")[2]

    accept(app.identity, secret, login="ann@example.com", name="Ann", password=PASSWORD, browser=Browser())

    again = run("people", "first-link")
    assert again.code == 2
    assert "Somebody has set this installation up already" in again.err
    (ann,) = run("people", "list", "--json").json
    assert (ann["login"], ann["state"]) == ("ann@example.com", "active")
    assert [(role["connection"], role["role"]) for role in ann["roles"]] == [("*", "administrator")]
    app.close()


def test_somebody_is_added_given_another_role_and_let_in_no_more(run: Run, connected: World, app: App) -> None:
    added = run("people", "add", "Bea@Example.com", "viewer", "--name", "Bea", "--json")
    assert added.code == 0
    assert added.json["login"] == "bea@example.com"
    assert "/welcome/" in added.json["link"]
    assert run("people", "role", "bea@example.com", "mapper").code == 0
    assert run("people", "role", "bea@example.com", "viewer", "--take").code == 0
    secret = sign_in(app, "bea@example.com")
    assert "Firefox" in run("people", "sessions", "bea@example.com").out

    assert run("people", "disable", "bea@example.com").code == 0

    (bea,) = run("people", "list", "--json").json
    assert bea["state"] == "disabled"
    assert [role["role"] for role in bea["roles"]] == ["mapper"]
    assert run("people", "sessions", "bea@example.com", "--json").json == []
    assert secret not in run("people", "history", "--json").out
    told = [entry["action"] for entry in run("people", "history", "bea@example.com", "--json").json]
    assert told == ["disabled", "signed in", "role taken", "role given", "role given", "added"]
    app.close()


def test_sessions_are_ended_one_by_one_or_all(run: Run, connected: World, app: App) -> None:
    run("people", "add", "bea@example.com", "viewer")
    for _ in range(3):
        sign_in(app, "bea@example.com")
    numbers = [line["session"] for line in run("people", "sessions", "bea@example.com", "--json").json]

    assert len(run("people", "sessions", "bea@example.com", "--end", str(numbers[0]), "--json").json) == 2
    assert run("people", "sessions", "bea@example.com", "--end", str(numbers[0])).code == 2
    assert run("people", "sessions", "bea@example.com", "--end-all", "--json").json == []
    app.close()


def test_a_token_is_printed_once_and_works_until_it_is_revoked(run: Run, connected: World, app: App) -> None:
    run("people", "add", "bea@example.com", "accountant")
    made = run("tokens", "add", "bea@example.com", "viewer", "--name", "reports", "--days", "30")
    secret = made.out.strip()
    assert visitor_of_token(app.identity, secret) is not None
    listed = run("tokens", "list", "--json")
    assert secret not in listed.out
    assert listed.json[0]["begins"] == secret[:10]

    assert run("tokens", "revoke", "1").code == 0

    assert visitor_of_token(app.identity, secret) is None
    assert run("tokens", "list", "bea@example.com", "--json").json[0]["state"] == "revoked"
    app.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("people role nobody@example.com viewer", "Nobody with the login"),
        ("people add bea@example.com viewer --connection demo --everywhere", "either --connection or --everywhere"),
        ("people add bea@example.com viewer --connection unknown", "there is no connection 'unknown'"),
        ("people disable nobody@example.com", "Nobody with the login"),
        ("tokens add nobody@example.com viewer --name x", "Nobody with the login"),
        ("tokens revoke 9", "no token 9"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(run: Run, connected: World, words: str, said: str) -> None:
    result = run(*words.split())

    assert result.code == 2
    assert said in result.err
