"""Calls of the API that are sent again: with the same key they get the first answer, and nothing is done twice.

A call that neither ended nor failed for a while was cut off with its process; its key is free again then, and what it does has to
be as safe to repeat as everything else here is.
"""

from datetime import timedelta

import msgspec

from ml_connector.store import idempotency
from ml_connector.work.people.identity import Identity

KEPT = timedelta(hours=24)
CUT_OFF_AFTER = timedelta(minutes=5)


class RepeatError(ValueError):
    """A key that cannot be used: for another call before, or while its first call is still being done."""


class StillBeingDoneError(RepeatError):
    """The first call with a key has not ended yet."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the first call with a key was answered."""

    status: int
    text: str


def claim(identity: Identity, *, scope: str, key: str, request_hash: str) -> Answered | None:
    """Take a key before a call is done; the answer it has already got, or None when it is to be done now. Raises RepeatError.

    `scope` is who calls (a person's or a token's id): keys of others never meet. `request_hash` is of method, address and body.
    """
    now = identity.clock.now()
    with identity.database.write(durable=True) as tx:
        known = idempotency.claim(tx, scope=scope, key=key, request_hash=request_hash, now=now, expires_at=now + KEPT)
        if known is None:
            return None
        if known.request_hash != request_hash:
            raise RepeatError("This Idempotency-Key was used for another call. Take a new one for each call.")
        if known.status:
            return Answered(status=known.status, text=known.answer)
        if now - known.claimed_at < CUT_OFF_AFTER:
            raise StillBeingDoneError(
                "The first call with this Idempotency-Key is still being done. Ask again in a moment."
            )
        idempotency.give_up(tx, scope=scope, key=key)
        idempotency.claim(tx, scope=scope, key=key, request_hash=request_hash, now=now, expires_at=now + KEPT)
        return None


def keep(identity: Identity, *, scope: str, key: str, status: int, text: str) -> None:
    """Keep the answer of a call that was done."""
    with identity.database.write(durable=True) as tx:
        idempotency.answer(tx, scope=scope, key=key, status=status, text=text)


def give_up(identity: Identity, *, scope: str, key: str) -> None:
    """Free the key of a call that failed without doing anything."""
    with identity.database.write() as tx:
        idempotency.give_up(tx, scope=scope, key=key)
