"""Signing in through the company's own OpenID provider, and every wrong answer of one that must let nobody in."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event, Semaphore, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from instruments import VirtualClock
from ml_connector.app import App, Settings
from ml_connector.app.oidc import OpenIdProvider
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import people
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Secret, Vault
from ml_connector.work.people import directory
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.identity import operator
from ml_connector.work.people.provider import ProviderError, ProviderSettings
from ml_connector.work.settings import SettingsError
from oidc_provider import CLIENT_ID, CLIENT_SECRET, Claims, OidcProvider, oidc_provider
from twins.clock import Clock as TwinClock
from twins.demo_company import TODAY
from visits import text_of
from web import served


@dataclass
class Door:
    """A served installation with a provider, and a browser in front of it."""

    app: App
    provider: OidcProvider
    browser: httpx2.Client
    clock: VirtualClock

    def begin(self) -> httpx2.Response:
        """To the provider, which sends the browser back at once; what it is sent back with."""
        sent = self.browser.get("/sign-in/provider?next=/me")
        assert sent.status_code == 302, sent.text
        return httpx2.get(sent.headers["location"], trust_env=False, timeout=60, follow_redirects=False)

    def come_back(self, answer: httpx2.Response) -> httpx2.Response:
        """The browser follows the provider's answer to us."""
        assert answer.status_code == 307, answer.text
        address = urlsplit(answer.headers["location"])
        return self.browser.get(f"{address.path}?{address.query}")

    def refused(self, answer: httpx2.Response) -> str:
        """What somebody is told who was not let in. Raises AssertionError where they were."""
        assert answer.headers["location"].endswith("/sign-in"), answer.headers["location"]
        page = self.browser.get("/sign-in")
        assert self.browser.get("/me").headers["location"].startswith("/sign-in")
        return text_of(page)


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as one:
        yield one


Open = Callable[..., Door]


@pytest.fixture
def opened(database: Database, provider: OidcProvider) -> Iterator[Open]:
    """Opens the installation with these settings of its provider."""
    with ExitStack() as stack:

        def open_door(**changes: Any) -> Door:
            clock = VirtualClock(TwinClock(TODAY, running=False))
            own = {
                "issuer": provider.issuer,
                "client_id": CLIENT_ID,
                "client_secret": Secret(CLIENT_SECRET),
                "name": "Example Login",
            }
            provider.now = lambda: clock.now().timestamp()
            with socket.create_server(("127.0.0.1", 0)) as probe:
                public = f"http://127.0.0.1:{probe.getsockname()[1]}"
            app = App(
                database, Vault(MasterKeys(b"w" * 32)), clock=clock, worker="web", public_url=public,
                provider=ProviderSettings(**(own | changes)),
            )  # fmt: skip
            provider.redirect_uri = f"{public}/sign-in/provider/callback"
            directory.add(
                app.identity, "ann@example.com", "Ann", [Grant(connection_id=EVERY_CONNECTION, role=Role.VIEWER)],
                by=operator("the test"),
            )  # fmt: skip
            url = stack.enter_context(served(app))
            browser = stack.enter_context(httpx2.Client(base_url=url, trust_env=False, timeout=60))
            return Door(app, provider, browser, clock)

        yield open_door


@pytest.fixture
def door(opened: Open) -> Door:
    return opened()


def test_whoever_was_added_comes_in_with_a_verified_address(door: Door) -> None:
    assert "Sign in with Example Login" in text_of(door.browser.get("/sign-in"))

    answer = door.come_back(door.begin())

    assert answer.headers["location"] == "/me"
    page = text_of(door.browser.get("/me"))
    assert "ann@example.com" in page
    assert "with Example Login" in page


def test_the_provider_is_asked_with_a_challenge_a_state_and_a_nonce_that_never_repeat(door: Door) -> None:
    asked = [parse_qs(urlsplit(door.browser.get("/sign-in/provider").headers["location"]).query) for _ in range(2)]

    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["scope"] == ["openid email profile"]


def test_an_address_that_only_looks_like_somebodys_once_it_is_made_small_is_not_theirs(door: Door) -> None:
    directory.add(
        door.app.identity, "kim@example.com", "Kim", [Grant(connection_id=EVERY_CONNECTION, role=Role.ADMINISTRATOR)],
        by=operator("the test"),
    )  # fmt: skip
    door.provider.person |= {"sub": "u-k", "email": "\u212aim@example.com"}  # the sign of kelvin

    answer = door.come_back(door.begin())

    assert answer.headers["location"].startswith("/sign-in")
    assert "nobody here has added you" in text_of(door.browser.get("/sign-in"))


def test_nothing_that_lets_somebody_in_is_stored_of_a_try(door: Door, database: Database) -> None:
    sent = door.browser.get("/sign-in/provider")
    asked = parse_qs(urlsplit(sent.headers["location"]).query)

    with database.read() as tx:
        stored = str(tx.exec_driver_sql("SELECT * FROM provider_tries").all())
    for secret in (
        asked["state"][0],
        asked["nonce"][0],
        asked["code_challenge"][0],
        door.browser.cookies["ml_connector_provider"],
    ):
        assert secret not in stored


def test_somebody_who_changed_their_address_at_the_provider_stays_who_they_are(door: Door) -> None:
    door.come_back(door.begin())
    door.provider.person |= {"email": "ann.new@example.com"}
    door.browser.cookies.clear()

    assert door.come_back(door.begin()).headers["location"] == "/me"
    assert "ann@example.com" in text_of(door.browser.get("/me"))


def test_an_address_that_went_to_somebody_else_does_not_take_its_person_along(door: Door) -> None:
    door.come_back(door.begin())
    door.provider.person |= {"sub": "u-2"}
    door.browser.cookies.clear()

    assert "nobody here has added you" in door.refused(door.come_back(door.begin()))


@pytest.mark.parametrize("verified", [False, None, "no", []])
def test_an_address_nobody_verified_is_nobodys(door: Door, verified: object) -> None:
    door.provider.person |= {"email_verified": verified}

    assert "without a verified e-mail address" in door.refused(door.come_back(door.begin()))


def test_a_provider_that_verifies_without_saying_so_can_be_trusted(opened: Open) -> None:
    door = opened(trust_email=True)
    del door.provider.person["email_verified"]

    assert door.come_back(door.begin()).headers["location"] == "/me"


def test_an_address_that_is_only_in_the_user_info_counts(door: Door) -> None:
    door.provider.change = lambda claims: {name: claims[name] for name in claims if not name.startswith("email")}

    assert door.come_back(door.begin()).headers["location"] == "/me"


def test_user_info_of_somebody_else_counts_for_nobody(door: Door) -> None:
    door.provider.change = lambda claims: {n: claims[n] for n in claims if not n.startswith("email")} | {"sub": "u-9"}

    assert "could not be believed" in door.refused(door.come_back(door.begin()))


def test_strangers_stay_out_unless_a_setting_lets_their_domain_in(opened: Open, database: Database) -> None:
    door = opened(new_role=Role.VIEWER, domains=("example.com",))
    door.provider.person = {"sub": "u-3", "email": "Cy@Example.com", "email_verified": True, "name": "Cy"}
    assert door.come_back(door.begin()).headers["location"] == "/me"
    with database.read() as tx:
        cy = people.by_login(tx, "cy@example.com")
        assert cy is not None
        assert people.roles_of(tx, cy.id) == {EVERY_CONNECTION: frozenset({Role.VIEWER})}

    door.browser.cookies.clear()
    door.provider.person = {"sub": "u-4", "email": "eve@example.com.evil.test", "email_verified": True}
    assert "nobody here has added you" in door.refused(door.come_back(door.begin()))


def test_somebody_let_in_no_more_does_not_come_in_this_way_either(door: Door) -> None:
    door.come_back(door.begin())
    directory.disable(door.app.identity, "ann@example.com", by=operator("the test"))
    door.browser.cookies.clear()

    assert "Ask an administrator" in door.refused(door.come_back(door.begin()))


def test_a_state_counts_once(door: Door) -> None:
    back = door.begin()
    kept = dict(door.browser.cookies)
    door.come_back(back)
    door.browser.cookies.clear()
    door.browser.cookies.update(kept)

    assert "finished before" in door.refused(door.come_back(back))


def test_a_state_counts_in_its_own_browser_only(door: Door) -> None:
    back = door.begin()
    door.browser.cookies.clear()
    door.browser.get("/sign-in/provider")

    assert "begun in another browser" in door.refused(door.come_back(back))


def test_a_state_counts_for_ten_minutes(door: Door) -> None:
    back = door.begin()
    door.clock.advance(600)

    assert "took too long" in door.refused(door.come_back(back))


def test_an_answer_of_another_provider_is_refused(door: Door) -> None:
    back = door.begin()
    back.headers["location"] = back.headers["location"].replace("iss=http", "iss=https")

    assert "another provider" in door.refused(door.come_back(back))


def test_a_provider_that_says_no_is_believed(door: Door) -> None:
    door.provider.denies = True

    assert "did not let you in" in door.refused(door.come_back(door.begin()))


def _other_key(claims: Claims) -> str:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, other, algorithm="RS256", headers={"kid": "first"})


WRONG_SIGNATURES = {
    "another key": _other_key,
    "no signature": lambda claims: jwt.encode(claims, None, algorithm="none", headers={"kid": "first"}),
    "the client's secret": lambda claims: jwt.encode(
        claims, CLIENT_SECRET.ljust(32, "x"), algorithm="HS256", headers={"kid": "first"}
    ),
    "no token at all": lambda claims: "nonsense",
}


@pytest.mark.parametrize("way", WRONG_SIGNATURES)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(door: Door, way: str) -> None:
    door.provider.signed = WRONG_SIGNATURES[way]

    assert "could not be believed" in door.refused(door.come_back(door.begin()))


WRONG_CLAIMS: dict[str, Claims] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another client": {"aud": "another-client"},
    "several clients": {"aud": [CLIENT_ID, "another-client"]},
    "made for another": {"azp": "another-client"},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "over": {"exp": int(TODAY.timestamp()) - 61},
    "of the future": {"iat": int(TODAY.timestamp()) + 3600},
    "not yet": {"nbf": int(TODAY.timestamp()) + 3600},
    "no subject": {"sub": None},
    "no end": {"exp": None},
    "a strange end": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("way", WRONG_CLAIMS)
def test_a_token_that_says_something_else_lets_nobody_in(door: Door, way: str) -> None:
    door.provider.change = lambda claims: {
        name: value for name, value in (claims | WRONG_CLAIMS[way]).items() if value is not None
    }

    assert "could not be believed" in door.refused(door.come_back(door.begin()))


def test_a_key_the_provider_changed_is_looked_for_once_a_minute(door: Door) -> None:
    door.come_back(door.begin())
    door.provider.key_id = "second"
    door.browser.cookies.clear()
    assert "could not be believed" in door.refused(door.come_back(door.begin()))
    assert door.provider.calls.count("keys") == 1

    door.clock.advance(60)

    assert door.come_back(door.begin()).headers["location"] == "/me"
    assert door.provider.calls.count("keys") == 2
    assert door.provider.calls.count("discovery") == 1


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_discovery_document_that_leads_elsewhere_is_not_followed(door: Door, document: Claims) -> None:
    door.provider.document = document

    answer = door.browser.get("/sign-in/provider")

    assert answer.headers["location"] == "/sign-in"
    assert "could not be believed" in door.refused(answer)


def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(door: Door) -> None:
    door.provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert door.come_back(door.begin()).headers["location"] == "/me"


def test_a_provider_that_hangs_does_not_take_every_thread_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may ask to be sent there, as often as they like."""
    settings = ProviderSettings(
        issuer="https://hangs.example", client_id="c", client_secret=Secret("s"), name="Example Login"
    )
    provider, hangs, waiting = OpenIdProvider(settings, lambda: TODAY), Event(), Semaphore(0)

    def hang(*_asked: object, **_more: object) -> None:
        waiting.release()
        hangs.wait()
        raise ProviderError("gone")

    def ask() -> None:
        with pytest.raises(ProviderError):
            provider.authorize_address(redirect_uri="r", state="s", nonce="n", challenge="c")

    monkeypatch.setattr(provider, "_asked", hang)
    others = [Thread(target=ask) for _ in range(8)]
    for one in others:
        one.start()
        waiting.acquire()
    with pytest.raises(ProviderError, match="cannot be reached right now"):
        provider.authorize_address(redirect_uri="r", state="s", nonce="n", challenge="c")
    hangs.set()
    for one in others:
        one.join()


def test_a_provider_that_cannot_be_reached_is_told_and_nobody_is_locked_out(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}"
    door = opened(issuer=nowhere)

    assert "sign in with your password here" in door.refused(door.browser.get("/sign-in/provider"))


def test_no_secret_of_a_sign_in_is_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        back = door.begin()
        door.come_back(back)
        door.provider.signed = _other_key
        door.browser.cookies.clear()
        door.come_back(door.begin())

    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("ml_connector"))
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    assert "the answer of the sign-in provider was refused: InvalidSignatureError" in ours
    for secret in (CLIENT_SECRET, code):
        assert secret not in ours


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"oidc_issuer": "http://login.example.com"}, "https address"),
        ({"oidc_issuer": "https://login.example.com"}, "OIDC_CLIENT_ID"),
        ({"oidc_new_people": "viewer@north"}, "OIDC_DOMAINS"),
        ({"oidc_new_people": "viewer", "oidc_domains": "example.com"}, "viewer@north"),
        ({"oidc_new_people": "boss@north", "oidc_domains": "example.com"}, "viewer@north"),
    ],
)
def test_settings_that_do_not_fit_together_are_told(variables: dict[str, str], words: str) -> None:
    whole = {
        "oidc_issuer": "https://login.example.com",
        "oidc_client_id": "x",
        "oidc_client_secret": "y",
        "public_url": "https://x.example",
    }
    given = variables if "oidc_issuer" in variables else whole | variables

    with pytest.raises(SettingsError, match=words):
        _ = Settings(**given).provider  # type: ignore[arg-type]  # as texts, which is how the environment has them


def test_settings_that_fit_together_make_a_provider() -> None:
    found = Settings(
        oidc_issuer="https://login.example.com", oidc_client_id="x", oidc_client_secret="y",  # type: ignore[arg-type]  # as above
        public_url="https://x.example", oidc_new_people="viewer@*", oidc_domains="Example.com, example.org",
    ).provider  # fmt: skip

    assert found is not None
    assert (found.new_role, found.new_connection, found.domains) == (Role.VIEWER, "*", ("example.com", "example.org"))
    assert "y" not in repr(found.client_secret)


def test_without_a_provider_there_is_no_such_way_in(database: Database) -> None:
    app = App(database, Vault(MasterKeys(b"w" * 32)), worker="web")
    with served(app) as url, httpx2.Client(base_url=url, trust_env=False, timeout=60) as browser:
        assert "Sign in with" not in text_of(browser.get("/sign-in"))
        assert browser.get("/sign-in/provider").status_code == 404
        assert browser.get("/sign-in/provider/callback?state=x&code=y").status_code == 404
