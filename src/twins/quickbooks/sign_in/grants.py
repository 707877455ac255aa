"""Consents and the token values that stand for them: codes used once, access of an hour, refresh values that rotate.

The value of a refresh token changes with the first refresh a day after it was given out, and the old value dies at once; every
refresh moves the soft expiry of 101 days, and none the hard one of five years (Intuit's FAQ, and its note of November 2025).
"""

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from twins.clock import Clock
from twins.quickbooks.sign_in.people import Person
from twins.quickbooks.switches import Switches

ACCOUNTING = "com.intuit.quickbooks.accounting"
ACCESS_SECONDS = 3_600
REFRESH_SECONDS = 8_726_400
HARD_SECONDS = 157_680_000
CODE_SECONDS = 600
_JWE_HEADER = (
    "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0"  # access tokens are encrypted: nobody but Intuit reads them
)


@dataclass(frozen=True)
class Consent:
    """A person's agreement that an application may act for a company, or only know the person (then without realm id)."""

    realm_id: str
    client_id: str
    scopes: frozenset[str]
    person: Person
    given: float
    """When, in epoch seconds."""
    nonce: str = ""


@dataclass
class Grant:
    """A consent in force, and the token values that stand for it. Instants are epoch seconds."""

    consent: Consent
    refresh_token: str
    issued: float
    expires: float
    hard_expires: float
    alive: bool = True
    replaced: dict[str, float] = field(default_factory=dict)
    """Earlier refresh values, and until when each still works."""
    last_refresh: tuple[str, float] = ("", 0.0)
    """The value last presented, and when."""


class Access(NamedTuple):
    """What an access token opens. The realm id is empty when only the person was to be known."""

    realm_id: str
    scopes: frozenset[str]
    person: Person
    client_id: str


class Refreshed(NamedTuple):
    """A successful refresh."""

    grant: Grant
    rotated: bool


@dataclass
class _Code:
    consent: Consent
    redirect_uri: str
    expires: float
    grant: Grant | None = None


class Grants:
    """All grants of one twin. Token values follow from a counter, so a run can be replayed."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._by_refresh: dict[str, Grant] = {}
        self._by_access: dict[str, tuple[Grant, float]] = {}
        self._codes: dict[str, _Code] = {}
        self._issued = 0

    def now(self) -> float:
        """The present instant in epoch seconds."""
        return self._clock.now().timestamp()

    def connect(self, consent: Consent, refresh_token: str = "") -> Grant:
        """Put a consent in force, under a given first refresh value or a fresh one. Raises ValueError for a value given before."""
        if refresh_token in self._by_refresh:
            raise ValueError("every connection needs a refresh token of its own")
        now = self.now()
        value = refresh_token or self._refresh_value(consent.realm_id, now)
        grant = Grant(consent, value, now, now + REFRESH_SECONDS, now + HARD_SECONDS)
        self._by_refresh[value] = grant
        return grant

    def code_for(self, consent: Consent, redirect_uri: str) -> str:
        """An authorization code that can be exchanged once, within ten minutes, with the same redirect address."""
        code = f"AB11{self.value('code', consent.realm_id)[:40]}"
        self._codes[code] = _Code(consent, redirect_uri, self.now() + CODE_SECONDS)
        return code

    def exchange(self, value: str, redirect_uri: str, client_id: str) -> Grant | None:
        """The grant a code stands for. None when it is none, has lapsed, or belongs elsewhere; a second use ends the grant."""
        code = self._codes.get(value)
        if code is None:
            return None
        if code.grant is not None:
            code.grant.alive = False
            return None
        if code.consent.client_id != client_id or code.redirect_uri != redirect_uri or code.expires <= self.now():
            return None
        code.grant = self.connect(code.consent)
        return code.grant

    def refresh(self, value: str, client_id: str) -> Refreshed | None:
        """Prolong the grant of a refresh value, with a new value when it is time. None when the value is worth nothing."""
        grant, now = self._by_refresh.get(value), self.now()
        if grant is None or grant.consent.client_id != client_id or not _holds(grant, now):
            return None
        if self._simultaneous(grant, value, now):
            grant.alive = False
            return None
        grant.last_refresh = (value, now)
        if value != grant.refresh_token and grant.replaced[value] <= now:
            grant.alive = not self._switches.reuse_revokes_grant
            return None
        rotated = value == grant.refresh_token and self._due(grant, now)
        if rotated:
            grant.replaced[value] = now + self._switches.rotation_overlap_seconds
            grant.refresh_token, grant.issued = self._refresh_value(grant.consent.realm_id, now), now
            self._by_refresh[grant.refresh_token] = grant
        grant.expires = min(now + REFRESH_SECONDS, grant.hard_expires)
        return Refreshed(grant, rotated)

    def access_token(self, grant: Grant) -> str:
        """A new access token, good for an hour; earlier ones keep their own hour."""
        parts = self.value("access", grant.consent.realm_id), self.value("access", grant.consent.client_id)
        token = f"{_JWE_HEADER}..{parts[0][:22]}.{parts[0][22:]}{parts[1][22:]}.{parts[1][:22]}"
        self._by_access[token] = (grant, self.now() + ACCESS_SECONDS)
        return token

    def access(self, token: str) -> Access | None:
        """What an access token opens; None when it is unknown, has lapsed, or its grant has ended."""
        grant, expires = self._by_access.get(token, (None, 0.0))
        if grant is None or not grant.alive or expires <= self.now():
            return None
        consent = grant.consent
        return Access(consent.realm_id, consent.scopes, consent.person, consent.client_id)

    def of(self, token: str) -> Grant | None:
        """The grant any token value was given out for, old values included."""
        found = self._by_access.get(token)
        return found[0] if found else self._by_refresh.get(token)

    def all(self) -> list[Grant]:
        """Every grant there ever was, oldest first."""
        return list({id(grant): grant for grant in self._by_refresh.values()}.values())

    def in_force(self, realm_id: str) -> list[Grant]:
        """The grants of a company that still hold."""
        now = self.now()
        return [grant for grant in self.all() if grant.consent.realm_id == realm_id and _holds(grant, now)]

    def expire_access_tokens(self) -> None:
        """Let every access token lapse now."""
        now = self.now()
        self._by_access = {token: (grant, now) for token, (grant, _expires) in self._by_access.items()}

    def value(self, kind: str, subject: str) -> str:
        """A fresh value nobody guesses without knowing the twin."""
        self._issued += 1
        return hashlib.sha512(f"{kind}:{subject}:{self._issued}".encode()).hexdigest()

    def _refresh_value(self, realm_id: str, now: float) -> str:
        return f"RT1-{self._issued % 200}-H0-{int(now + REFRESH_SECONDS)}{self.value('refresh', realm_id)[:20]}"

    def _due(self, grant: Grant, now: float) -> bool:
        return now - grant.issued >= self._switches.rotate_after_seconds

    def _simultaneous(self, grant: Grant, value: str, now: float) -> bool:
        last, instant = grant.last_refresh
        return last == value and now - instant < self._switches.concurrent_refresh_seconds


def _holds(grant: Grant, now: float) -> bool:
    return grant.alive and min(grant.expires, grant.hard_expires) > now
