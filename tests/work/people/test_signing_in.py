"""Who is let in with which password, and how long somebody who guesses has to wait."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from instruments import VirtualClock
from ml_connector.model.people import EVERY_CONNECTION, Role, Visitor
from ml_connector.store import people, sessions, ways_in
from ml_connector.store.database import Database
from ml_connector.work.people import directory, links, tokens, tries
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.identity import (
    Identity,
    LinkUnusableError,
    PersonError,
    SignInRefusedError,
    TooManyTriesError,
    operator,
)
from ml_connector.work.people.own import change_password
from ml_connector.work.people.passwords import Passwords, objection
from ml_connector.work.people.sessions import Browser, sign_in, visitor_of
from ml_connector.work.people.shown import browser_label
from ml_connector.work.people.tokens import NewToken
from twins.clock import Clock as TwinClock
from twins.demo_company import TODAY

pytestmark = pytest.mark.both_databases

PASSWORD = "seven green herons at dawn"
OFFICE, HOME, CAFE = Browser(address="192.0.2.1"), Browser(address="198.51.100.7"), Browser(address="203.0.113.9")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Counting(Passwords):
    """Counts how often a password is checked."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.checks = list[bool]()
        self.meanwhile: Callable[[], object] = bool

    def hash(self, password: str) -> str:
        self.meanwhile()
        return super().hash(password)

    def fits(self, stored: str, password: str) -> bool:
        self.checks.append(bool(stored))
        return super().fits(stored, password)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(TwinClock(TODAY, running=False))


@pytest.fixture
def identity(database: Database, clock: VirtualClock) -> Identity:
    return Identity(database=database, clock=clock, passwords=Counting())


@pytest.fixture
def ann(identity: Identity) -> str:
    """Somebody with a password; their login."""
    link = links.first_link(identity, by="the test")
    accept(identity, link.path, login="ann@example.com", name="Ann")
    return "ann@example.com"


def accept(identity: Identity, path: str, *, login: str = "", name: str = "", password: str = PASSWORD) -> str:
    secret = path.rpartition("/")[2]
    return links.accept(identity, secret, login=login, name=name, password=password, browser=CAFE)


def guess(identity: Identity, login: str, number: int = 1, browser: Browser = OFFICE) -> None:
    for _ in range(number):
        with pytest.raises(SignInRefusedError):
            sign_in(identity, login, "not the password at all", browser)


def test_the_right_password_lets_in_whatever_the_capitals_of_the_login(identity: Identity, ann: str) -> None:
    visitor = visitor_of(identity, sign_in(identity, " ANN@example.com ", PASSWORD, OFFICE))

    assert visitor is not None
    assert (visitor.name, visitor.actor) == ("Ann", ann)


def test_a_password_typed_on_another_keyboard_is_the_same(identity: Identity, ann: str) -> None:
    accept(
        identity,
        directory.reset(identity, ann, by=operator("test")).path,
        password="Z\u0075\u0308richer Geschnetzeltes",
    )

    assert sign_in(identity, ann, "Z\u00fcricher Geschnetzeltes", OFFICE)


def test_nobody_learns_whether_a_login_exists(identity: Identity, ann: str) -> None:
    said = []
    for login in (ann, "nobody@example.com"):
        with pytest.raises(SignInRefusedError) as refused:
            sign_in(identity, login, "not the password at all", OFFICE)
        said.append(str(refused.value))

    assert said[0] == said[1]
    assert isinstance(identity.passwords, Counting)
    assert identity.passwords.checks == [True, False]  # one hash is worked out for either


def test_what_is_typed_into_the_wrong_field_is_kept_nowhere(identity: Identity, database: Database, ann: str) -> None:
    guess(identity, "hunter2-typed-as-login")

    with database.read() as tx:
        assert "hunter2" not in str([people.notes(tx), tx.exec_driver_sql("SELECT * FROM sign_in_tries").all()])


def test_after_five_tries_each_one_waits_twice_as_long(identity: Identity, clock: VirtualClock, ann: str) -> None:
    guess(identity, ann, 5)
    for wait in (10, 20, 40, 80, 160, 320, 640, 900, 900):
        with pytest.raises(TooManyTriesError) as early:
            sign_in(identity, ann, PASSWORD, HOME)
        assert early.value.wait == timedelta(seconds=wait)
        clock.advance(wait)
        guess(identity, ann)
    clock.advance(900)

    assert sign_in(identity, ann, PASSWORD, HOME)
    guess(identity, ann, 5)


def test_nobody_is_kept_out_of_where_they_signed_in_lately_by_who_guesses_elsewhere(
    identity: Identity, clock: VirtualClock, ann: str
) -> None:
    assert sign_in(identity, ann, PASSWORD, HOME)
    guess(identity, ann, 5)
    with pytest.raises(TooManyTriesError):
        sign_in(identity, ann, PASSWORD, OFFICE)

    assert sign_in(identity, ann, PASSWORD, HOME)

    guess(identity, ann, 5, HOME)
    with pytest.raises(TooManyTriesError):
        sign_in(identity, ann, PASSWORD, HOME)


def test_an_address_that_tries_many_logins_waits_too_and_others_do_not(identity: Identity, ann: str) -> None:
    for number in range(30):
        guess(identity, f"guess-{number}@example.com")

    with pytest.raises(TooManyTriesError):
        sign_in(identity, ann, PASSWORD, OFFICE)
    assert sign_in(identity, ann, PASSWORD, HOME)


def test_one_known_password_does_not_free_an_address_for_more_guesses(identity: Identity, ann: str) -> None:
    for number in range(29):
        guess(identity, f"guess-{number}@example.com")
    sign_in(identity, ann, PASSWORD, OFFICE)
    guess(identity, "guess-29@example.com")

    with pytest.raises(TooManyTriesError):
        sign_in(identity, "guess-30@example.com", PASSWORD, OFFICE)


def test_tries_are_forgotten_after_a_day(identity: Identity, clock: VirtualClock, ann: str) -> None:
    guess(identity, ann, 5)
    clock.advance(24 * 3600)

    guess(identity, ann, 5)


def test_of_many_tries_at_the_same_moment_none_is_free(identity: Identity, ann: str) -> None:
    ended, start = list[type[Exception]](), threading.Barrier(12)

    def attempt() -> None:
        start.wait()
        try:
            sign_in(identity, ann, "not the password at all", OFFICE)
        except PersonError as error:
            ended.append(type(error))

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended.count(SignInRefusedError) == 5
    assert ended.count(TooManyTriesError) == 7


@pytest.mark.parametrize(
    ("number", "free", "seconds"), [(4, 5, 0), (5, 5, 10), (6, 5, 20), (11, 5, 640), (12, 5, 900), (99, 5, 900)]
)
def test_the_waits(number: int, free: int, seconds: int) -> None:
    assert tries.wait_after(number, free) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "password",
    ["short", "elevenchars", "password1234", "PASSWORD1234", "aaaaaaaaaaaaaa", "ababababababab", "ann.lee@example.com",
     "Ann Lee Ann Lee", "ann.lee@example.com1", "x" * 201],
)  # fmt: skip
def test_a_password_anybody_would_try_is_none(password: str) -> None:
    assert objection(password, login="ann.lee@example.com", name="Ann Lee Ann Lee")


@pytest.mark.parametrize(
    "password", [PASSWORD, "correct horse battery", "zwölf Zeichen", "1234 5678 90ab", "ann likes herons"]
)
def test_length_is_all_a_password_needs(password: str) -> None:
    assert objection(password, login="ann@example.com", name="Ann") == ""


def test_passwords_are_kept_with_todays_costs(identity: Identity, database: Database, ann: str) -> None:
    kept = Identity(database=database, clock=identity.clock, passwords=Passwords(PasswordHasher(2, 16, 1)))
    sign_in(kept, ann, PASSWORD, OFFICE)

    with database.read() as tx:
        person = people.by_login(tx, ann)
    assert person is not None
    assert "t=2" in person.password
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_of_two_who_come_with_the_first_link_one_gets_it(identity: Identity) -> None:
    link, ended, start = links.first_link(identity, by="test"), list[str](), threading.Barrier(2)

    def come(login: str) -> None:
        start.wait()
        try:
            accept(identity, link.path, login=login, name=login)
            ended.append("in")
        except LinkUnusableError:
            ended.append("late")

    threads = [threading.Thread(target=come, args=(f"{name}@example.com",)) for name in ("ann", "bea")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ended) == ["in", "late"]


def test_two_first_links_make_one_first_person(identity: Identity, ann: str, clock: VirtualClock) -> None:
    with pytest.raises(PersonError):
        links.first_link(identity, by="test")


def test_an_earlier_first_link_is_worth_nothing_once_there_is_somebody(identity: Identity) -> None:
    first, second = (links.first_link(identity, by="test") for _ in range(2))
    accept(identity, second.path, login="ann@example.com", name="Ann")

    with pytest.raises(LinkUnusableError):
        accept(identity, first.path, login="eve@example.com", name="Eve")


def test_a_password_that_will_not_do_leaves_the_link_as_it_was(identity: Identity) -> None:
    link = links.first_link(identity, by="test")
    with pytest.raises(PersonError, match="at least 12"):
        accept(identity, link.path, login="ann@example.com", name="Ann", password="short")

    assert accept(identity, link.path, login="ann@example.com", name="Ann")


def test_a_link_of_somebody_let_in_no_more_does_not_work(identity: Identity, ann: str) -> None:
    grant = Grant(connection_id=EVERY_CONNECTION, role=Role.VIEWER)
    link = directory.add(identity, "bea@example.com", "Bea", [grant], by=operator("test"))
    directory.disable(identity, "bea@example.com", by=operator("test"))
    directory.enable(identity, "bea@example.com", by=operator("test"))

    with pytest.raises(LinkUnusableError):
        accept(identity, link.path)


def test_somebody_let_in_no_more_hears_what_a_stranger_hears(identity: Identity, ann: str) -> None:
    grant = Grant(connection_id=EVERY_CONNECTION, role=Role.VIEWER)
    accept(identity, directory.add(identity, "bea@example.com", "Bea", [grant], by=operator("test")).path)
    directory.disable(identity, "bea@example.com", by=operator("test"))

    with pytest.raises(SignInRefusedError) as refused:
        sign_in(identity, "bea@example.com", PASSWORD, OFFICE)
    assert str(refused.value) == str(SignInRefusedError())


def test_a_session_that_a_reset_ended_makes_no_token_any_more(identity: Identity, ann: str) -> None:
    """Whoever stole it is quick, and has been let in to the page already."""
    thief = visitor_of(identity, sign_in(identity, ann, PASSWORD, CAFE))
    assert thief is not None
    owner = tokens.owner_of(identity, ann, by=operator("test"))

    def make(by: Visitor) -> NewToken:
        return tokens.make(
            identity, owner, name="stays", connection_id=EVERY_CONNECTION, role=Role.VIEWER, days=9, by=by
        )

    program = tokens.visitor_of_token(identity, make(thief).secret)
    assert program is not None
    directory.reset(identity, ann, by=operator("test"))

    for by in (thief, program):
        with pytest.raises(PersonError, match="has ended meanwhile"):
            make(by)
    with identity.database.read() as tx:
        assert [one.revoked_by for one in ways_in.tokens(tx)] == ["test"]


def test_a_change_of_password_under_way_does_not_undo_a_reset(identity: Identity, ann: str) -> None:
    thief = visitor_of(identity, sign_in(identity, ann, PASSWORD, CAFE))
    assert thief is not None
    assert isinstance(identity.passwords, Counting)
    identity.passwords.meanwhile = lambda: directory.reset(identity, ann, by=operator("test"))

    with pytest.raises(SignInRefusedError, match="reset meanwhile"):
        change_password(identity, thief, current=PASSWORD, new="the thief's own words", session="", browser=CAFE)

    guess(identity, ann)
    with pytest.raises(SignInRefusedError):
        sign_in(identity, ann, "the thief's own words", OFFICE)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_who_signs_in_while_the_password_is_reset_is_not_in_afterwards(
    identity: Identity, database: Database, clock: VirtualClock, ann: str
) -> None:
    """SQLite has one writer at a time; on PostgreSQL the person's row decides who comes first."""
    refused = list[bool]()

    def signing_in() -> None:
        try:
            sign_in(identity, ann, PASSWORD, OFFICE)
        except SignInRefusedError:
            refused.append(True)

    with database.read() as tx:
        person = people.by_login(tx, ann)
    assert person is not None
    with database.write() as tx:
        people.set_password(tx, person.id, "", clock.now())
        other = threading.Thread(target=signing_in)
        other.start()
        while other.is_alive() and not _somebody_waits(database):
            other.join(0.01)
        sessions.end_all(tx, person.id, clock.now(), "test")
    other.join()

    assert refused == [True]


def _somebody_waits(database: Database) -> bool:
    with database.read() as tx:
        return bool(tx.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one())


def test_the_two_last_who_administer_everything_cannot_both_leave(identity: Identity, ann: str) -> None:
    """Both are taken the role at the same moment: one of them keeps it."""
    grant = Grant(connection_id=EVERY_CONNECTION, role=Role.ADMINISTRATOR)
    directory.add(identity, "bea@example.com", "Bea", [grant], by=operator("test"))
    ended, start = list[str](), threading.Barrier(2)

    def leave(login: str) -> None:
        start.wait()
        try:
            directory.take(identity, login, grant, by=operator("test"))
            ended.append("left")
        except PersonError:
            ended.append("kept")

    threads = [threading.Thread(target=leave, args=(login,)) for login in (ann, "bea@example.com")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ended) == ["kept", "left"]


def test_all_addresses_of_an_ipv6_network_are_one(identity: Identity, ann: str) -> None:
    for number in range(30):
        guess(identity, f"guess-{number}@example.com", browser=Browser(address=f"2001:db8:1:2::{number:x}"))

    with pytest.raises(TooManyTriesError):
        sign_in(identity, ann, PASSWORD, Browser(address="2001:db8:1:2:ffff::1"))
    assert sign_in(identity, ann, PASSWORD, Browser(address="2001:db8:1:3::1"))


def test_an_address_that_has_to_wait_leaves_nothing_of_what_else_it_tries(
    identity: Identity, database: Database, ann: str
) -> None:
    for number in range(30):
        guess(identity, f"guess-{number}@example.com")
    for number in range(30, 60):
        with pytest.raises(TooManyTriesError):
            sign_in(identity, f"guess-{number}@example.com", PASSWORD, OFFICE)

    with database.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM sign_in_tries").scalar_one() == 31


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("told", "label"),
    [
        (CHROME, "Chrome on Linux"),
        (CHROME.replace("X11; Linux x86_64", "Windows NT 10.0") + " Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("something else", "something else"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(told: str, label: str) -> None:
    assert browser_label(told) == label


@pytest.mark.parametrize("exists", [True, False])
def test_the_first_to_sign_in_waits_as_long_whether_they_exist_or_not(exists: bool) -> None:
    made = list[str]()

    class Watched(Passwords):
        def hash(self, password: str) -> str:
            made.append(password)
            return super().hash(password)

    Watched(CHEAP).fits(CHEAP.hash(PASSWORD) if exists else "", PASSWORD)

    assert len(made) == 1
