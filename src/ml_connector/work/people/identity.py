"""What finding out who somebody is needs, and the errors that say why it did not work.

PersonError
├── SignInRefusedError   login and password do not fit; the words are the same for a login nobody has
├── TooManyTriesError    wait first
├── LinkUnusableError    used, too old, or never handed out
└── PersonUnknownError   nobody of that login, or nobody whom the one who asks may know of
"""

import hashlib
import secrets as random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from ml_connector.model.clock import Clock
from ml_connector.model.people import EVERY_CONNECTION, Role, Visitor
from ml_connector.store.database import Database
from ml_connector.work.people.passwords import Passwords

LINK_LIFE = timedelta(days=3)
FIRST_LINK_LIFE = timedelta(hours=24)
TOKEN_LIFE = timedelta(days=365)
"""The longest a token may live."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a session lasts: unused, and in all."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The people of one installation. Safe to share between threads."""

    database: Database
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    passwords: Passwords = field(default_factory=Passwords)

    def seen_since(self, now: datetime) -> datetime:
        """Sessions that were not used since then have ended."""
        return now - self.limits.idle


class PersonError(ValueError):
    """Something about a person, a role or a token that cannot be done. The message says why and what can."""


class SignInRefusedError(PersonError):
    """Login and password do not fit together, or nobody may sign in this way."""

    def __init__(self, words: str = "") -> None:
        super().__init__(
            words
            or "This login and password do not fit together. Check both; an administrator can give you a link to choose "
            "a new password."
        )


class TooManyTriesError(PersonError):
    """Too many tries for this login or from this address; `wait` is how long the next one has to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        self.seconds = seconds = max(1, round(wait.total_seconds()))
        words = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
        super().__init__(f"There were too many tries that failed. Wait {words} and try again.")


class LinkUnusableError(PersonError):
    """A link that cannot be used, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            "This link was used before, is too old, or was replaced by a newer one. Ask an administrator for a new one; the "
            "first one of all comes from `ml-connector people first-link`."
        )


class PersonUnknownError(PersonError):
    """Nobody of that login, or somebody whom the one who asks may not know of: both look the same."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"Nobody with the login {login!r} has a role in what you administer. Somebody who administers every connection can "
            "add people."
        )


def operator(name: str) -> Visitor:
    """Whoever runs the program's own commands: they have the database and the master key, so nothing is kept from them."""
    return Visitor(person_id="", name=name, actor=name, roles={EVERY_CONNECTION: frozenset({Role.ADMINISTRATOR})})


def new_secret() -> str:
    """256 random bits, as text that fits into addresses and cookies."""
    return random.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of one. Of a value with 256 random bits no keyed or slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
