"""Links for people to connect a company with: where they begin, where Intuit sends browsers back to, how long each step may take.

Tickets, states and sessions are of 256 random bits; what is kept of them are hashes.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CALLBACK = "/connect/quickbooks/callback"
"""Where Intuit sends a browser back to, below the public address."""
START = "/connect/quickbooks/"
"""Where a link begins; the ticket follows."""

LINK_LIFE = timedelta(minutes=30)
STATE_LIFE = timedelta(minutes=10)
KEPT = timedelta(days=30)
"""How long it can be seen what became of a link."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link for a person: `address` to follow, `redirect_uri` as it must be registered at Intuit."""

    address: str = field(repr=False)
    redirect_uri: str
    expires_at: datetime
    ticket: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A link that was followed: where to send the browser, and the session it must come back with."""

    address: str = field(repr=False)
    session: str = field(repr=False)


def hash_of(value: str) -> str:
    """What is kept of a ticket, a state or a session. Of a value with 256 random bits no keyed hash is needed."""
    return hashlib.sha256(value.encode()).hexdigest()
