"""Connecting QuickBooks through a browser: our pages over HTTP, the twin's consent page, and every way it can fail."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import msgspec
import pytest

from ml_connector.app import App
from ml_connector.quickbooks.errors import SignInNeeded, Unavailable
from ml_connector.store import audit, connections, jobs, secrets, sign_ins, token_chains
from ml_connector.store.database import Database
from ml_connector.store.rows import lock_connection
from ml_connector.store.schema import ChainState, ConnectionState
from ml_connector.work.settings import ConnectionFile
from ml_connector.work.sign_in import keeping
from ml_connector.work.sign_in.keeping import TOKENS
from ml_connector.work.sign_in.lease import RefreshLease
from ml_connector.work.sign_in.outcomes import WORDS, Outcome
from twins.faults import FaultKind, FaultRule
from twins.http import Request
from web import served
from world import World, build_world

PUBLIC = "https://connector.test"
CALLBACK = f"{PUBLIC}/connect/quickbooks/callback"


@dataclass
class Person:
    """A browser with its cookies: at our pages over HTTP, at Intuit's in front of the twin."""

    http: httpx2.Client
    world: World
    session: str = ""

    def get(self, path: str) -> httpx2.Response:
        headers = {"Cookie": f"ml_connector_sign_in={self.session}"} if self.session else {}
        answer = self.http.get(path, headers=headers)
        if "set-cookie" in answer.headers:
            self.session = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        return answer

    def follow(self, link: str) -> str:
        """Follow a link of ours; where at Intuit it leads."""
        answer = self.get(link.removeprefix(PUBLIC))
        assert answer.status_code == 302
        return str(answer.headers["location"])

    def agree(self, address: str) -> str:
        """Agree at Intuit's page; the path of ours it leads back to."""
        parts = urlsplit(address)
        answer = self.world.quickbooks.handle(Request("GET", parts.netloc, parts.path, tuple(parse_qsl(parts.query))))
        assert answer.status == 302, answer.body
        location = answer.headers["Location"]
        assert location.startswith(CALLBACK)
        return location.removeprefix(PUBLIC)

    def come_back(self, path: str) -> Outcome:
        """Come back from Intuit; the outcome the next page is about. Nothing of what Intuit sent stays in the address."""
        answer = self.get(path)
        assert answer.status_code == 302
        where = urlsplit(answer.headers["location"])
        assert where.path == "/connect/done"
        told = parse_qs(where.query)
        assert set(told) == {"outcome"}
        return Outcome(told["outcome"][0])


@dataclass
class Scene:
    """An installation that is served, with a connection nobody has signed in for."""

    world: World
    http: httpx2.Client

    @property
    def app(self) -> App:
        return self.world.app

    def person(self) -> Person:
        return Person(self.http, self.world)

    def link(self, name: str = "demo") -> str:
        return self.app.connecting().link(self.app.connection(name), PUBLIC, "robin").address

    def state(self, name: str = "demo") -> ConnectionState:
        return self.app.connection(name).state

    def actions(self, name: str = "demo") -> list[tuple[str, str]]:
        with self.world.database.read() as tx:
            rows = audit.listing(tx, self.app.connection(name).id)
        return [(row.action, row.reason) for row in rows]

    def grants(self) -> int:
        return len(self.world.quickbooks.sign_in._grants.in_force(self.world.realm_id))


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    world = build_world(database, company="empty", mapping=False)
    world.quickbooks.switches.consent = "grant at once"
    world.quickbooks.sign_in.disconnect(world.realm_id)
    app = world.app
    with database.write() as tx:
        tx.exec_driver_sql("DELETE FROM token_chains")
        for field in (TOKENS, "quickbooks.refresh_token", "quickbooks.realm_id"):
            secrets.remove(tx, world.connection_id, field)
        connections.set_companies(tx, world.connection_id, realm_hash="", company_code="US10", now=world.clock.now())
    app.add_connection(ConnectionFile(name="demo", settings=world.desk().settings, secrets={}), {})
    app.public_url = PUBLIC
    known = world.quickbooks.sign_in._apps.get("demo-quickbooks-client")
    assert known is not None
    world.quickbooks.sign_in.register(type(known)(known.client_id, known.client_secret, (CALLBACK,)))
    with served(app) as url, httpx2.Client(base_url=url, follow_redirects=False) as http:
        yield Scene(world, http)


def test_a_person_connects_a_company_from_a_link_and_everything_begins(scene: Scene) -> None:
    assert scene.state() is ConnectionState.SIGN_IN_NEEDED
    person, database = scene.person(), scene.world.database
    with database.write() as tx:
        jobs.change(
            tx, scene.world.connection_id, "invoices", scene.world.clock.now(), retry_at=scene.world.clock.now()
        )
    address = person.follow(scene.link())
    query = parse_qs(urlsplit(address).query)
    assert query["redirect_uri"] == [CALLBACK]
    assert query["scope"] == ["com.intuit.quickbooks.accounting"]
    assert person.come_back(person.agree(address)) is Outcome.CONNECTED

    assert scene.state() is ConnectionState.ACTIVE
    assert "Calloway Thorne" in str(scene.actions())
    assert scene.app.desk(scene.app.connection("demo")).quickbooks.company_info()["CompanyName"]
    with database.read() as tx:
        assert jobs.get(tx, scene.world.connection_id, "invoices").asked_at is not None
        chain = token_chains.get(tx, scene.world.connection_id)
        known = secrets.get(tx, scene.world.vault, scene.world.connection_id, "quickbooks.realm_id")
    assert chain is not None
    assert (chain.state, chain.hard_expires_at is not None) == (ChainState.LIVING, True)
    assert known is not None
    assert known.reveal() == scene.world.realm_id


def test_the_cookie_and_the_pages_are_locked_down(scene: Scene) -> None:
    answer = scene.http.get(scene.link().removeprefix(PUBLIC))
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "secure", "samesite=lax", "path=/connect", "max-age=600"))
    page = scene.http.get("/connect/done?outcome=connected")
    assert page.headers["cache-control"] == "no-cache, no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.text
    assert WORDS[Outcome.CONNECTED].title in page.text
    hostile = scene.http.get("/connect/done", params={"outcome": "<script>alert(1)</script>"})
    assert "alert" not in hostile.text
    assert WORDS[Outcome.UNKNOWN].title in hostile.text


def test_only_hashes_of_link_state_and_session_are_stored(scene: Scene) -> None:
    person, link = scene.person(), scene.link()
    state = parse_qs(urlsplit(person.follow(link)).query)["state"][0]
    with scene.world.database.read() as tx:
        stored = str(tx.exec_driver_sql("SELECT * FROM sign_ins").all())
    assert not [one for one in (link.rpartition("/")[2], state, person.session) if one in stored]
    assert len(state) >= 43


def test_a_link_is_followed_once_and_not_for_ever(scene: Scene) -> None:
    link = scene.link()
    scene.person().follow(link)
    again = scene.http.get(link.removeprefix(PUBLIC))
    assert again.headers["location"].endswith("outcome=link-old")
    old = scene.link()
    scene.world.clock.advance(31 * 60)
    assert scene.http.get(old.removeprefix(PUBLIC)).headers["location"].endswith("outcome=link-old")


def test_somebody_who_says_no_at_intuit_changes_nothing(scene: Scene) -> None:
    scene.world.quickbooks.switches.consent = "deny at once"
    person = scene.person()
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.DENIED
    assert scene.state() is ConnectionState.SIGN_IN_NEEDED
    assert ("connecting failed", "denied") in scene.actions()


def test_a_state_counts_once_also_when_two_come_at_the_same_time(scene: Scene) -> None:
    person = scene.person()
    path = person.agree(person.follow(scene.link()))
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(person.come_back(path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted([Outcome.CONNECTED, Outcome.USED, Outcome.USED, Outcome.USED])
    assert scene.grants() == 1, "a code that was exchanged twice would have ended the sign-in"
    assert scene.state() is ConnectionState.ACTIVE


def test_another_browser_gets_nothing_and_uses_the_state_up(scene: Scene) -> None:
    person = scene.person()
    path = person.agree(person.follow(scene.link()))
    assert scene.person().come_back(path) is Outcome.OTHER_BROWSER
    assert person.come_back(path) is Outcome.USED
    assert scene.state() is ConnectionState.SIGN_IN_NEEDED
    assert scene.grants() == 0


@pytest.mark.parametrize("path", ["?state=forged&code=x&realmId=1", "", "?code=x", "?state=a&state=b&code=x&realmId=1"])
def test_an_answer_to_nothing_we_asked_is_refused(scene: Scene, path: str) -> None:
    assert scene.person().come_back(f"/connect/quickbooks/callback{path}") is Outcome.UNKNOWN


def test_an_answer_that_took_too_long_is_refused(scene: Scene) -> None:
    person = scene.person()
    path = person.agree(person.follow(scene.link()))
    scene.world.clock.advance(601)
    assert person.come_back(path) is Outcome.EXPIRED


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"code": ""}, Outcome.INCOMPLETE),
        ({"realmId": "../../v3"}, Outcome.INCOMPLETE),
        ({"code": "AB11invented"}, Outcome.CODE_REFUSED),
        ({"realmId": "9341453999999999"}, Outcome.NO_ACCESS),
        ({"error": "invalid_scope"}, Outcome.REFUSED),
    ],
)
def test_a_damaged_answer_of_intuit_stores_nothing(scene: Scene, changes: dict[str, str], outcome: Outcome) -> None:
    person = scene.person()
    parts = urlsplit(person.agree(person.follow(scene.link())))
    query = {**dict(parse_qsl(parts.query)), **changes}
    assert person.come_back(f"{parts.path}?{urlencode({k: v for k, v in query.items() if v})}") is outcome
    with scene.world.database.read() as tx:
        assert secrets.get(tx, scene.world.vault, scene.world.connection_id, TOKENS) is None
        assert secrets.get(tx, scene.world.vault, scene.world.connection_id, "quickbooks.realm_id") is None


@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE])
def test_intuit_going_down_in_the_middle_leaves_nothing_half_done_and_a_new_link_works(
    scene: Scene, kind: FaultKind
) -> None:
    person = scene.person()
    path = person.agree(person.follow(scene.link()))
    scene.world.quickbooks_faults.add(FaultRule(kind=kind, path="bearer"))
    assert person.come_back(path) is Outcome.TRY_LATER
    assert scene.state() is ConnectionState.SIGN_IN_NEEDED
    again = scene.person()
    assert again.come_back(again.agree(again.follow(scene.link()))) is Outcome.CONNECTED


def test_wrong_keys_of_the_app_are_told(scene: Scene) -> None:
    person = scene.person()
    path = person.agree(person.follow(scene.link()))
    with scene.world.database.write() as tx:
        secrets.put(
            tx, scene.world.vault, scene.world.connection_id, "quickbooks.client_secret", "x", scene.world.clock.now()
        )
    assert person.come_back(path) is Outcome.WRONG_APP


def test_another_company_is_refused_on_reconnecting_and_its_sign_in_given_back(scene: Scene) -> None:
    person = scene.person()
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    with scene.world.database.write() as tx:  # the connection belongs to some other company
        now = scene.world.clock.now()
        secrets.put(tx, scene.world.vault, scene.world.connection_id, "quickbooks.realm_id", "123146", now)
        connections.set_companies(tx, scene.world.connection_id, realm_hash="other", company_code="US10", now=now)
    before = scene.grants()
    person = scene.person()
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.OTHER_COMPANY
    assert scene.grants() == before, "what was agreed to for the wrong company is given back"
    assert ("sign-in of another company", "given back") in scene.actions()


def test_a_sign_in_that_another_connection_lives_from_is_not_given_back(scene: Scene) -> None:
    person, world = scene.person(), scene.world
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    file = ConnectionFile(name="second", settings=world.desk().settings, secrets={})
    keys = {"quickbooks.client_id": "demo-quickbooks-client", "quickbooks.client_secret": "demo-quickbooks-secret"}
    world.app.add_connection(file, {**keys, "quickbooks.realm_id": "123146"})
    before = scene.grants()
    person = scene.person()
    assert person.come_back(person.agree(person.follow(scene.link("second")))) is Outcome.OTHER_COMPANY
    assert scene.grants() == before + 1
    assert "another connection uses the same company" in str(scene.actions("second"))


def test_two_connections_between_the_same_two_companies_are_refused(scene: Scene) -> None:
    person, world = scene.person(), scene.world
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    file = ConnectionFile(name="second", settings=world.desk().settings, secrets={})
    keys = {"quickbooks.client_id": "demo-quickbooks-client", "quickbooks.client_secret": "demo-quickbooks-secret"}
    world.app.add_connection(file, keys)
    person = scene.person()
    assert person.come_back(person.agree(person.follow(scene.link("second")))) is Outcome.COMPANY_TAKEN
    assert scene.state("second") is ConnectionState.SIGN_IN_NEEDED


def test_disconnecting_gives_the_sign_in_back_and_connecting_again_goes_on(scene: Scene) -> None:
    person, app = scene.person(), scene.app
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    assert app.connecting().disconnect(app.connection("demo"), "robin") == "Intuit ended the sign-in"
    assert scene.grants() == 0
    assert scene.state() is ConnectionState.PAUSED
    with pytest.raises(SignInNeeded, match="disconnected from QuickBooks by robin"):
        app.tokens(app.connection("demo")).access_token(True)
    person = scene.person()
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    assert scene.state() is ConnectionState.ACTIVE


def test_saving_the_file_that_still_holds_the_first_token_does_not_undo_disconnecting(scene: Scene) -> None:
    app, world = scene.app, scene.world
    file = ConnectionFile(name="demo", settings=world.desk().settings, secrets={})

    def given(token: str) -> dict[str, str]:
        world.quickbooks.sign_in.grant(world.realm_id, "demo-quickbooks-client", token)
        return {"quickbooks.refresh_token": token}

    old = given("RT1-first-here")
    app.add_connection(file, old)
    app.connecting().disconnect(app.connection("demo"), "robin")
    app.add_connection(file, old)
    assert scene.state() is ConnectionState.PAUSED
    with pytest.raises(SignInNeeded, match="disconnected from QuickBooks by robin"):
        app.tokens(app.connection("demo")).access_token(True)
    app.add_connection(file, given("RT1-second-here"))
    assert scene.state() is ConnectionState.ACTIVE
    assert app.tokens(app.connection("demo")).access_token(True)


def test_whoever_disconnects_waits_for_a_renewal_under_way_and_gives_back_the_newest_token(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given back with the token that is being replaced, the agreement would go on at Intuit with nobody knowing its token."""
    person, app, world = scene.person(), scene.app, scene.world
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    row = app.connection("demo")
    world.clock.advance(25 * 3600)  # by now a refresh brings a new refresh token
    other = RefreshLease(world.database, world.clock, connection_id=row.id, worker="elsewhere", seconds=60)
    renewed = list[keeping.Tokens]()
    with ExitStack() as renewal:
        assert renewal.enter_context(other.taken())

        def meanwhile(_seconds: float) -> None:
            with world.database.read() as tx:
                before = keeping.load(tx, world.vault, row.id)
            fresh = app.intuit(row).refresh(before.tokens.refresh_token)
            assert fresh.refresh_token != before.tokens.refresh_token
            with world.database.write() as tx:
                keeping.keep_renewed(tx, world.vault, row.id, before, fresh, world.clock.now(), "elsewhere")
            renewed.append(before.tokens)
            renewal.close()

        monkeypatch.setattr(world.clock, "sleep", meanwhile)
        assert app.connecting().disconnect(row, "robin") == "Intuit ended the sign-in"
    assert len(renewed) == 1
    assert scene.grants() == 0
    with world.database.read() as tx:
        assert keeping.load(tx, world.vault, row.id).tokens == keeping.Tokens()


def test_while_a_sign_in_is_being_renewed_without_end_nothing_is_disconnected(scene: Scene) -> None:
    person, app, world = scene.person(), scene.app, scene.world
    assert person.come_back(person.agree(person.follow(scene.link()))) is Outcome.CONNECTED
    row = app.connection("demo")
    other = RefreshLease(world.database, world.clock, connection_id=row.id, worker="elsewhere", seconds=200)
    with other.taken(), pytest.raises(Unavailable, match="try again in a few minutes"):
        app.connecting().disconnect(row, "robin")
    assert scene.grants() == 1
    assert scene.state() is ConnectionState.ACTIVE


def test_old_attempts_are_forgotten(scene: Scene) -> None:
    link = scene.link()
    scene.world.clock.advance(31 * 86400)
    scene.link()
    with scene.world.database.read() as tx:
        assert len(tx.exec_driver_sql("SELECT * FROM sign_ins").all()) == 1
    assert scene.app.connecting().outcome_of(link.rpartition("/")[2]) is Outcome.LINK_OLD
    with scene.world.database.read() as tx:
        assert sign_ins.by_session(tx, "nobody's") is None


def test_a_link_is_not_written_into_the_log(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    link = scene.link()
    with caplog.at_level("INFO", logger="ml_connector.access"):
        scene.person().follow(link)
    assert "/connect/quickbooks/(link)" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text


def test_of_two_answers_for_two_companies_at_the_same_moment_one_counts(scene: Scene) -> None:
    """While the first one is being stored, the second must not take its place."""
    person = scene.person()
    before = scene.grants()
    back = person.agree(person.follow(scene.link()))
    connection_id = scene.world.connection_id
    with ThreadPoolExecutor(1) as pool:
        with scene.world.database.write() as tx:
            lock_connection(tx, connection_id)
            secrets.put(
                tx, scene.world.vault, connection_id, "quickbooks.realm_id", "elsewhere", scene.world.clock.now()
            )
            answer = pool.submit(person.come_back, back)
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            wait([answer], timeout=0.5)
        assert answer.result(timeout=60) is Outcome.OTHER_COMPANY
    assert scene.grants() == before, "what was agreed to for the slower company is given back"
    with scene.world.database.read() as tx:
        realm = secrets.get(tx, scene.world.vault, connection_id, "quickbooks.realm_id")
    assert realm is not None
    assert realm.reveal() == "elsewhere"


def test_two_links_opened_in_the_same_browser_are_both_finished(scene: Scene) -> None:
    world, person = scene.world, scene.person()
    settings = world.desk().settings
    other = msgspec.structs.replace(
        settings, basware=msgspec.structs.replace(settings.basware, company_codes=("US20",))
    )
    keys = {"quickbooks.client_id": "demo-quickbooks-client", "quickbooks.client_secret": "demo-quickbooks-secret"}
    world.app.add_connection(ConnectionFile(name="second", settings=other, secrets={}), keys)
    first, second = person.follow(scene.link()), person.follow(scene.link("second"))

    assert person.come_back(person.agree(first)) is Outcome.CONNECTED
    assert "Connection demo" in person.get("/connect/done?outcome=connected").text
    world.clock.advance(1)
    assert person.come_back(person.agree(second)) is Outcome.CONNECTED
    assert "Connection second" in person.get("/connect/done?outcome=connected").text


def test_a_browser_that_is_done_gets_a_session_of_its_own_for_the_next_link(scene: Scene) -> None:
    person = scene.person()
    person.come_back(person.agree(person.follow(scene.link())))
    before = person.session
    person.follow(scene.link())
    assert person.session != before
