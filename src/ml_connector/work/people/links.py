"""Links with which somebody chooses a password: the first person of all, who sets the installation up, and everybody added later.

A link works once, and for a few days. That for the first person only works while there is nobody: it makes them administrator of
every connection.
"""

from datetime import datetime
from uuid import uuid4

import msgspec

from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import people, sessions, ways_in
from ml_connector.store.database import Tx
from ml_connector.store.people import PersonRow
from ml_connector.store.ways_in import LinkRow
from ml_connector.work.people.identity import (
    FIRST_LINK_LIFE,
    LINK_LIFE,
    Identity,
    LinkUnusableError,
    PersonError,
    hash_of,
    new_secret,
)
from ml_connector.work.people.passwords import objection
from ml_connector.work.people.sessions import Browser, begin, login_of

WELCOME = "/welcome/"
"""Where a link begins, below the public address; its secret follows."""


class WelcomeLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link for a person. `path` follows the public address; it lets whoever has it choose the password."""

    path: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"WelcomeLink(expires_at={self.expires_at!r})"


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a link is for; nobody yet where the first person is to say who they are."""

    login: str
    name: str
    is_first: bool


def hand_out(tx: Tx, identity: Identity, person_id: str, *, by: str) -> WelcomeLink:
    """A new link for a person; earlier ones stop working."""
    return _hand_out(tx, identity, person_id, by=by, expires_at=identity.clock.now() + LINK_LIFE)


def first_link(identity: Identity, *, by: str) -> WelcomeLink:
    """A link for the first person of all. Raises PersonError when there is somebody already."""
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        if not people.is_empty(tx):
            raise PersonError(
                "Somebody has set this installation up already. Administrators add people on the page People, or with "
                "`ml-connector people add`."
            )
        people.note(tx, at=now, actor=by, action="link for the first person made", subject="")
        return _hand_out(tx, identity, None, by=by, expires_at=now + FIRST_LINK_LIFE)


def needs_first_person(identity: Identity) -> bool:
    """Whether nobody has set this installation up yet."""
    with identity.database.read() as tx:
        return people.is_empty(tx)


def _hand_out(tx: Tx, identity: Identity, person_id: str | None, *, by: str, expires_at: datetime) -> WelcomeLink:
    secret = new_secret()
    ways_in.add_link(
        tx, hash_=hash_of(secret), person_id=person_id, by=by, now=identity.clock.now(), expires_at=expires_at
    )
    return WelcomeLink(path=f"{WELCOME}{secret}", expires_at=expires_at)


def greeting(identity: Identity, secret: str) -> Greeting:
    """Whom a link is for. Nothing is used up by looking. Raises LinkUnusableError."""
    with identity.database.read() as tx:
        link = ways_in.open_link(tx, hash_of(secret), identity.clock.now())
        found = _owner(tx, link)
    if found is None:
        return Greeting(login="", name="", is_first=True)
    return Greeting(login=found.login, name=found.name, is_first=False)


def accept(identity: Identity, secret: str, *, login: str, name: str, password: str, browser: Browser) -> str:
    """Use a link: the person has this password from now on, and is signed in; the secret of their session.

    `login` and `name` count for the first person only. Raises PersonError when something is wrong with what was chosen (the link
    still works then), and LinkUnusableError.
    """
    greeted, now = greeting(identity, secret), identity.clock.now()
    login, name = (
        (login_of(login), name.strip() or login.strip()) if greeted.is_first else (greeted.login, greeted.name)
    )
    if not login or any(letter.isspace() for letter in login) or len(login) > 200:
        raise PersonError("Say with which login you want to sign in: your e-mail address, or a word without spaces.")
    if wrong := objection(password, login=login, name=name):
        raise PersonError(wrong)
    hashed = identity.passwords.hash(password)
    with identity.database.write(durable=True) as tx:
        link = ways_in.use_link(tx, hash_of(secret), now)
        found = _owner(tx, link)
        if found is None:
            found = _first(tx, login, name, now)
            people.give(tx, found.id, EVERY_CONNECTION, Role.ADMINISTRATOR, now=now, by=login)
        people.set_password(tx, found.id, hashed, now)
        sessions.end_all(tx, found.id, now, found.login)
        people.note(
            tx, at=now, actor=found.login, action="password chosen", subject=found.login, address=browser.address
        )
        return begin(tx, identity, found, browser, means="a link")


def _owner(tx: Tx, link: LinkRow | None) -> PersonRow | None:
    """Whose link it is; None for the first person. Raises LinkUnusableError."""
    if link is None or (link.person_id is None and not people.is_empty(tx)):
        raise LinkUnusableError
    if link.person_id is None:
        return None
    found = people.by_id(tx, link.person_id)
    if found is None or found.disabled_at is not None:
        raise LinkUnusableError
    return found


def _first(tx: Tx, login: str, name: str, now: datetime) -> PersonRow:
    people.add(tx, person_id=str(uuid4()), login=login, name=name, now=now, by="the link for the first person")
    found = people.by_login(tx, login)
    if found is None:
        raise LinkUnusableError
    people.note(tx, at=now, actor=login, action="set up as the first person", subject=login, detail=name)
    return found
