"""Which token Basware signs with: one for all connections of an account, stored for good before Basware hears of it.

Basware calls the address with a new token before it agrees to it, and may refuse all the same. So two tokens count at a time, and
the one Basware signs with is never given up for another that it has not taken yet.
"""

import secrets as random
from collections.abc import Collection, Sequence

import msgspec

from ml_connector.store import audit, secrets, webhook_keys
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import System
from ml_connector.work.webhook_setup.office import OLD_TOKEN, TOKEN, WebhookOffice, WebhookSetupError

_PRESENT, _FORMER = f"basware.{TOKEN}", f"basware.{OLD_TOKEN}"


class Pair(msgspec.Struct, frozen=True):
    """A connection's two tokens, each empty when there is none. Hidden wherever it is printed."""

    present: str = ""
    former: str = ""

    def __repr__(self) -> str:
        return "Pair([hidden])"


def chosen(pairs: Sequence[Pair], in_use: Collection[str], *, fresh: bool) -> str:
    """The token everything is to be signed with from now on, the asking connection's pair first; empty: a new one has to be made.

    While Basware still signs something with a former token, the present one is the change under way, and asking for a fresh one
    means finishing that. Otherwise connections that were given different tokens settle on one that Basware uses.
    """
    if fresh:
        return next((one.present for one in pairs if one.present and one.former in in_use), "")
    known = [one.present for one in pairs if one.present]
    return next((one for one in known if one in in_use), known[0] if known else "")


def kept(token: str, own: Pair, known: Sequence[Pair], in_use: Collection[str]) -> str:
    """The token that goes on counting beside `token`: one that Basware signs with, or else the connection's latest other one."""
    own_ones = [one for one in (own.present, own.former) if one and one != token]
    everybodys = [one for pair in known for one in (pair.present, pair.former) if one and one != token]
    in_use_first = [one for one in (*own_ones, *everybodys) if one in in_use]
    return next(iter((*in_use_first, *own_ones)), "")


def settle(office: WebhookOffice, in_use: Collection[str], *, actor: str, fresh: bool) -> str:
    """Choose the token, and store it with every connection that shares it. `in_use`: what Basware signs our calls with.

    Raises WebhookSetupError when another process changes the same tokens at this moment; nothing is stored then.
    """
    with office.database.write(durable=True) as tx:
        rows = [office.connection, *office.tenant_mates]
        pairs = [_pair(tx, office, row) for row in rows]
        token = chosen(pairs, in_use, fresh=fresh) or random.token_urlsafe(32)
        for row, pair in zip(rows, pairs, strict=True):
            if row is office.connection or pair.present:
                _store(tx, office, row, Pair(token, kept(token, pair, pairs, in_use)), actor)
    return token


def _pair(tx: Tx, office: WebhookOffice, row: ConnectionRow) -> Pair:
    found = [secrets.get(tx, office.vault, row.id, field) for field in (_PRESENT, _FORMER)]
    return Pair(*("" if one is None else one.reveal() for one in found))


def _store(tx: Tx, office: WebhookOffice, row: ConnectionRow, new: Pair, actor: str) -> None:
    now, changed = office.clock.now(), False
    for field, value in ((_FORMER, new.former), (_PRESENT, new.present)):
        before = secrets.get_version(tx, office.vault, row.id, field)
        if not value or (before is not None and before.secret.reveal() == value):
            continue
        version = 0 if before is None else before.version
        if not secrets.put_if_version(tx, office.vault, row.id, field, value, version, now):
            raise WebhookSetupError(
                f"Somebody else changes the webhook tokens of {row.name} at this moment. Nothing was changed here; run it again."
            )
        changed = True
    if changed:
        webhook_keys.forget_form(tx, row.id, System.BASWARE)
        audit.record(tx, row.id, at=now, actor=actor, action="webhook token stored", subject="basware")
