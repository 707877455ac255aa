"""Continuation tokens: where the next page of a list begins, sealed and bound to the query that it belongs to.

Source: Basware P2P specification, header x-amz-meta-continuationtoken: the next page is asked for with the same query parameters.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec

from twins.basware.state import Place, World
from twins.basware.values import decode, encode, parse_instant, stamp

REFUSED = "continuation token: unknown, expired, or given for another query"


def token_for(world: World, query: object, place: Place, now: datetime) -> str:
    """An opaque token: a fingerprint of the query, the place reached, when it was given, sealed. `query` has a telling repr."""
    content = encode([_fingerprint(query), place[0].isoformat(), place[1], stamp(now)])
    return base64.urlsafe_b64encode(_seal(world, content) + content).decode()


def place_of(world: World, token: str, query: object, now: datetime) -> Place | None:
    """The place a token stands for; None when it isn't ours, is too old, or was given for another query."""
    try:
        sealed = base64.urlsafe_b64decode(token)
        seal, content = sealed[:8], sealed[8:]
        if not hmac.compare_digest(seal, _seal(world, content)):
            return None
        fingerprint, reached, sequence, given = decode(content)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    life = world.switches.continuation_seconds
    expired = life is not None and now - parse_instant(given) > timedelta(seconds=life)
    return None if fingerprint != _fingerprint(query) or expired else (parse_instant(reached), int(sequence))


def _fingerprint(query: object) -> str:
    return hashlib.sha256(repr(query).encode()).hexdigest()[:16]


def _seal(world: World, content: bytes) -> bytes:
    return hmac.new(world.secret, content, hashlib.sha256).digest()[:8]
