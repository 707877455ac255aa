"""Signing in, going on, and signing out.

A session's id is new with every sign-in, whatever the browser brought along, so nobody can hand somebody a session they know. It
ends when it was not used for a while, at its limit, when the person's password changes, and when anybody entitled ends it.
"""

from datetime import timedelta

import msgspec

from ml_connector.model.people import Visitor
from ml_connector.store import people, sessions, ways_in
from ml_connector.store.database import Tx
from ml_connector.store.people import PersonRow
from ml_connector.store.sessions import SessionRow
from ml_connector.work.people import tries
from ml_connector.work.people.identity import Identity, SignInRefusedError, hash_of, new_secret

_NOTED_EVERY = timedelta(minutes=1)
"""That a session is used is written down at most this often."""
_LONGEST_LABEL = 200


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody signs in from: the address as the server sees it, and how the browser calls itself."""

    address: str = ""
    name: str = ""


def login_of(text: str) -> str:
    """A login as it is kept: neither spaces around it nor capitals make another one."""
    return text.strip().lower()


def sign_in(identity: Identity, login: str, password: str, browser: Browser) -> str:
    """Sign somebody in; the secret of their new session. Raises SignInRefusedError and TooManyTriesError."""
    login, now = login_of(login)[:300], identity.clock.now()
    with identity.database.write() as tx:
        wait = tries.count(tx, login, browser.address, now)
    tries.raise_if_waiting(wait)
    with identity.database.read() as tx:
        person = people.by_login(tx, login)
    fits = identity.passwords.fits(person.password if person else "", password)
    renewed = identity.passwords.hash(password) if fits and person and _is_outdated(identity, person) else ""
    with identity.database.write(durable=True) as tx:
        # once more: meanwhile the person may have been disabled or have got another password
        known = people.held_fast(tx, person.id) if person and fits else None
        if known is None or person is None or known.disabled_at is not None or known.password != person.password:
            action = "sign-in refused" if person else "sign-in of nobody refused"
            people.note(tx, at=now, actor="?", action=action, subject=login if person else "", address=browser.address)
            known = None
        else:
            tries.was_right(tx, login, browser.address, now)
            if renewed:
                people.rehash(tx, known.id, renewed)
            return begin(tx, identity, known, browser, means="password")
    raise SignInRefusedError


def _is_outdated(identity: Identity, person: PersonRow) -> bool:
    return identity.passwords.is_outdated(person.password)


def begin(tx: Tx, identity: Identity, person: PersonRow, browser: Browser, *, means: str) -> str:
    """Begin a session for somebody who has just shown who they are by `means`; its secret, for their browser alone."""
    now, secret = identity.clock.now(), new_secret()
    sessions.forget_old(tx, now - identity.limits.longest)
    ways_in.forget_old(tx, now - tries.FORGOTTEN_AFTER)
    sessions.add(
        tx, person_id=person.id, hash_=hash_of(secret), now=now, expires_at=now + identity.limits.longest,
        address=browser.address, browser=browser.name[:_LONGEST_LABEL], means=means,
    )  # fmt: skip
    people.signed_in(tx, person.id, now)
    people.note(
        tx, at=now, actor=person.login, action=people.SIGNED_IN, subject=person.login, detail=f"with {means}",
        address=browser.address,
    )  # fmt: skip
    return secret


def visitor_of(identity: Identity, secret: str, *, counts: bool = True) -> Visitor | None:
    """Whose session that is; None for one that has ended or never was. `Visitor.secret` is left for the caller to fill.

    `counts` says whether this is use of the session: what a page asks by itself is none, or one left open would never end.
    """
    now = identity.clock.now()
    with identity.database.read() as tx:
        session = _living(tx, identity, secret)
        person = people.by_id(tx, session.person_id) if session else None
        roles = people.roles_of(tx, person.id) if person else {}
    if session is None or person is None or person.disabled_at is not None:
        return None
    if counts and now - session.seen_at >= _NOTED_EVERY:
        with identity.database.write() as tx:
            sessions.seen(tx, session.id, now)
    return Visitor(person_id=person.id, name=person.name, actor=person.login, roles=roles, session_id=session.id)


def _living(tx: Tx, identity: Identity, secret: str) -> SessionRow | None:
    now = identity.clock.now()
    return sessions.living(tx, hash_of(secret), now, identity.seen_since(now))


def sign_out(identity: Identity, secret: str) -> None:
    """End a session, if it is one."""
    now = identity.clock.now()
    with identity.database.write() as tx:
        session = _living(tx, identity, secret)
        person = people.by_id(tx, session.person_id) if session else None
        if person is not None and sessions.end(tx, hash_of(secret), now, person.login):
            people.note(tx, at=now, actor=person.login, action="signed out", subject=person.login)


def end_one(identity: Identity, person: PersonRow, session_id: int, *, actor: str) -> bool:
    """End one session of a person; False when there is no such one (any more)."""
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        ended = sessions.end_one(tx, person.id, session_id, now, actor)
        if ended:
            people.note(tx, at=now, actor=actor, action="session ended", subject=person.login)
    return ended


def end_all(identity: Identity, person: PersonRow, *, actor: str, but: str = "") -> int:
    """End all sessions of a person, but the one with the secret `but` if given; how many."""
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        number = sessions.end_all(tx, person.id, now, actor, but=hash_of(but) if but else "")
        if number:
            people.note(
                tx, at=now, actor=actor, action="sessions ended", subject=person.login, detail=f"{number} of them"
            )
    return number
