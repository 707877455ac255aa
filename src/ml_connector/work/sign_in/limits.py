"""The rules of time of a QuickBooks sign-in, as pure functions: when to renew, how long to wait after a failure, when it ends.

Sources: Intuit's OAuth 2.0 FAQ (an hour, 101 days that move with each refresh) and its note of November 2025 (five years that never
move). Nothing is drawn by chance: where processes and connections must not all come at once, a text decides.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from ml_connector.quickbooks.auth import TokenSet
from ml_connector.store.token_chains import TokenChainRow

Spread = Callable[[str], float]
"""A number from 0 up to 1 that follows from a text."""

_AHEAD = (timedelta(minutes=2), timedelta(minutes=4))
"""An access token is renewed between these before its end: late enough that an hour gives nearly an hour's use."""
_LAST = timedelta(seconds=30)
"""A token that ends sooner than this is no longer handed out: the call it is for may have to wait its turn."""
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 300.0
_BUSY_WAIT = 60.0
"""Intuit's limits page asks for a minute of quiet after a 429."""
_LONGEST_ASKED = 3600.0
_CEILING_NEAR = timedelta(days=30)
_CEILING_AFTER = timedelta(hours=1)


def spread(text: str) -> float:
    """The product's own: the same in every process, so that all of them know one moment for one token."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def renew_at(issued: datetime, ends: datetime, share: float) -> datetime:
    """When an access token is to be renewed. `share`, from 0 to 1, spreads it; a short-lived one is used for most of its life."""
    life = ends - issued
    ahead = _AHEAD[0] + share * (_AHEAD[1] - _AHEAD[0])
    return ends - min(ahead, life / 4)


def serves_until(issued: datetime, ends: datetime) -> datetime:
    """Until when an access token may still be handed out."""
    return ends - min(_LAST, (ends - issued) / 8)


def wait_after(failures: int, share: float, asked: float | None = None, *, busy: bool = False) -> timedelta:
    """How long Intuit is left alone after so many failures in a row: doubling from seconds to five minutes, spread by `share`.

    `asked`: the seconds Intuit itself named. `busy`: it said that there are too many requests.
    """
    doubled = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - 1, 10))
    wait = doubled * (0.75 + share / 4)
    if busy:
        wait = max(wait, _BUSY_WAIT)
    return timedelta(seconds=max(wait, min(asked or 0.0, _LONGEST_ASKED)))


def hard_limit(before: TokenChainRow | None, fresh: TokenSet, now: datetime) -> datetime | None:
    """When the five years are over, as far as it is known.

    Intuit says so with each refresh if asked. Where it does not: near its end, a refresh no longer moves the moving limit, which
    has met the fixed one (Intuit's sample RefreshTokenHardExpirationService).
    """
    if fresh.hard_expires_at is not None:
        return fresh.hard_expires_at
    if before is None or before.hard_expires_at is not None or before.refresh_expires_at is None:
        return None if before is None else before.hard_expires_at
    passed = now - (before.refreshed_at or before.connected_at)
    moved = fresh.refresh_expires_at - before.refresh_expires_at
    near = fresh.refresh_expires_at - now <= _CEILING_NEAR
    return fresh.refresh_expires_at if near and passed >= _CEILING_AFTER and moved < passed / 2 else None


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that is near. `limit` is `unused` (the moving one) or `five years`; `days` the step of warning that is reached."""

    limit: str
    at: datetime
    days: int

    @property
    def subject(self) -> str:
        """The name of its alert: one for each limit and step, so that each step is noticed."""
        return f"{self.limit}, {self.days} days"


def endings(row: TokenChainRow, days_ahead: Sequence[int], now: datetime) -> Iterator[Ending]:
    """Each limit that is nearer than the farthest step, with the nearest step that is reached."""
    hard, soft = row.hard_expires_at, row.refresh_expires_at
    if hard is not None and soft is not None and soft >= hard - timedelta(days=1):
        soft = None  # the moving limit stops at the fixed one; using the connection does not move it any more
    for limit, at in (("unused", soft), ("five years", hard)):
        if at is None:
            continue
        reached = [days for days in days_ahead if at - now <= timedelta(days=days)]
        if reached:
            yield Ending(limit=limit, at=at, days=min(reached))


def next_step(row: TokenChainRow, days_ahead: Sequence[int], now: datetime) -> datetime | None:
    """When the next warning is due, if the limits stay where they are."""
    limits = [at for at in (row.refresh_expires_at, row.hard_expires_at) if at is not None]
    steps = [at - timedelta(days=days) for at in limits for days in days_ahead]
    return min((step for step in steps if step > now), default=None)
