"""Signing in through the company's own OpenID provider: whom its answer stands for, and whether they may come in.

Authorization code flow with PKCE, a state that counts once, and a nonce (OpenID Connect Core 1.0, RFC 7636, RFC 9700). Of a try
hashes are stored only: verifier and nonce come from the secret in the browser's own cookie. `app/oidc.py` makes the calls.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import msgspec

from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import connections, people, provider_tries
from ml_connector.store.database import Tx
from ml_connector.store.people import PersonRow
from ml_connector.store.vault import Secret
from ml_connector.work.people.identity import Identity, PersonError, SignInRefusedError, hash_of, new_secret
from ml_connector.work.people.sessions import Browser, begin, login_of

CALLBACK = "/sign-in/provider/callback"
"""Where the provider sends browsers back to, below the public address."""
TRY_LIFE = timedelta(minutes=10)


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One provider. `new_role` and `new_connection` (a name, or "*") are what somebody new becomes whose address is in `domains`.

    Without a role only people whom an administrator added come in. `trust_email` takes addresses that are not called verified, too.
    """

    issuer: str
    client_id: str
    client_secret: Secret
    name: str
    new_role: Role | None = None
    new_connection: str = EVERY_CONNECTION
    domains: tuple[str, ...] = ()
    trust_email: bool = False


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is to the provider. `email` is empty where there is none that counts."""

    subject: str
    email: str
    name: str


class Provider(Protocol):
    """What is asked of a provider."""

    @property
    def settings(self) -> ProviderSettings:
        """As an administrator set it up."""
        ...

    def authorize_address(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where a browser is sent. Raises ProviderError."""
        ...

    def shown(self, *, code: str, redirect_uri: str, verifier: str, nonce: str) -> Shown:
        """Whom a code stands for, once its signed answer was checked. Raises ProviderError."""
        ...


class ProviderError(PersonError):
    """The provider cannot be reached, or its answer cannot be believed. The words are for people; the log has the detail."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A try on its way: where the browser goes, and the secret it must come back with."""

    address: str
    secret: str

    def __repr__(self) -> str:
        return "Begun([hidden])"


def begin_try(identity: Identity, provider: Provider, public_url: str, to: str) -> Begun:
    """Send somebody to the provider; `to` is where they want to go afterwards. Raises ProviderError."""
    now, state, secret = identity.clock.now(), new_secret(), new_secret()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(_verifier(secret).encode()).digest()).rstrip(b"=").decode()
    address = provider.authorize_address(
        redirect_uri=f"{public_url}{CALLBACK}", state=state, nonce=_nonce(secret), challenge=challenge
    )
    with identity.database.write() as tx:
        provider_tries.forget_old(tx, now)
        provider_tries.add(
            tx, state_hash=hash_of(state), browser_hash=hash_of(secret), to=to, expires_at=now + TRY_LIFE
        )
    return Begun(address=address, secret=secret)


def finish_try(
    identity: Identity,
    provider: Provider,
    public_url: str,
    *,
    state: str,
    secret: str,
    code: str,
    issuer: str,
    error: str,
    browser: Browser,
) -> tuple[str, str]:
    """The provider sent a browser back: the secret of a new session, and where the person wanted to go. Raises PersonError.

    Whatever comes, a state counts once, and only with the cookie of the browser it was made for.
    """
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        row = provider_tries.use(tx, hash_of(state), now)
    if row is None or not hmac.compare_digest(row.browser_hash, hash_of(secret)):
        raise ProviderError(
            "This sign-in was begun in another browser, took too long, or was finished before. Begin again."
        )
    if issuer and issuer != provider.settings.issuer:  # RFC 9207
        raise ProviderError("The answer came from another provider than the one that was asked. Begin again.")
    if error or not code:
        raise ProviderError(f"{provider.settings.name} did not let you in. Begin again, or ask whoever looks after it.")
    shown = provider.shown(
        code=code, redirect_uri=f"{public_url}{CALLBACK}", verifier=_verifier(secret), nonce=_nonce(secret)
    )
    with identity.database.write(durable=True) as tx:
        person = _person(tx, identity, provider.settings, shown)
        person = people.held_fast(tx, person.id) if person else None
        if person is not None and person.disabled_at is None:
            return begin(tx, identity, person, browser, means=provider.settings.name), row.to
        people.note(
            tx, at=now, actor="?", action="sign-in refused", subject=person.login if person else "",
            detail=f"with {provider.settings.name}", address=browser.address,
        )  # fmt: skip
    raise SignInRefusedError(
        f"{provider.settings.name} knows you as {shown.email or 'somebody without a verified e-mail address'}, and nobody here has "
        "added you with that address. Ask an administrator."
    )


def _person(tx: Tx, identity: Identity, settings: ProviderSettings, shown: Shown) -> PersonRow | None:
    """Who that is here: whoever came as this subject before, else whose login is their address, else somebody new if wanted."""
    subject = f"{settings.issuer} {shown.subject}"
    found = people.by_subject(tx, subject)
    if found is not None or not shown.email:
        return found
    login = login_of(shown.email)
    if login.isascii() and not shown.email.isascii():
        return None  # some letters become others' when they are made small: such an address is not the one it then looks like
    found = people.by_login(tx, login)
    if found is None and settings.new_role is not None and login.rpartition("@")[2] in settings.domains:
        _add(tx, identity, settings, login, shown.name)
        found = people.by_login(tx, login)
    if (
        found is None or found.subject is not None
    ):  # an address that went to another account does not take its person along
        return None
    people.set_subject(tx, found.id, subject)
    people.note(tx, at=identity.clock.now(), actor=login, action="provider linked", subject=login, detail=settings.name)
    return found


def _add(tx: Tx, identity: Identity, settings: ProviderSettings, login: str, name: str) -> None:
    now, person_id, place = identity.clock.now(), str(uuid4()), settings.new_connection
    if settings.new_role is None:
        return
    places = {EVERY_CONNECTION: EVERY_CONNECTION} | {row.name: row.id for row in connections.list_all(tx)}
    if place not in places:
        raise ProviderError(
            f"You are to become {settings.new_role.value} in {place}, and there is no such connection (any more)."
        )
    people.add(tx, person_id=person_id, login=login, name=name or login, now=now, by=settings.name)
    people.give(tx, person_id, places[place], settings.new_role, now=now, by=settings.name)
    people.note(
        tx, at=now, actor=settings.name, action="added", subject=login, detail=f"{settings.new_role.value} in {place}"
    )


def _verifier(secret: str) -> str:
    return _derived(secret, b"pkce verifier")


def _nonce(secret: str) -> str:
    return _derived(secret, b"nonce")


def _derived(secret: str, purpose: bytes) -> str:
    digest = hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
