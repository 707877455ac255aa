"""Answers to calls of the API by the caller's own key, so that a call that is sent again is answered again and not done again."""

from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, inserted
from ml_connector.store.schema import idempotency_keys


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `status` is 0 until it was answered."""

    scope: str
    key: str
    request_hash: str
    claimed_at: datetime
    status: int
    answer: str
    expires_at: datetime


def claim(tx: Tx, *, scope: str, key: str, request_hash: str, now: datetime, expires_at: datetime) -> KeyRow | None:
    """Take a key for a call about to be done. What is there already if the key was taken before; None when it is ours now."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.expires_at <= now))
    values = {
        "scope": scope, "key": key, "request_hash": request_hash, "claimed_at": now, "status": 0, "answer": "",
        "expires_at": expires_at,
    }  # fmt: skip
    if inserted(tx, idempotency_keys, values):
        return None
    query = select(idempotency_keys).where(idempotency_keys.c.scope == scope, idempotency_keys.c.key == key)
    return as_struct(KeyRow, tx.execute(query).one())


def answer(tx: Tx, *, scope: str, key: str, status: int, text: str) -> None:
    """Keep what a call was answered."""
    mine = update(idempotency_keys).where(idempotency_keys.c.scope == scope, idempotency_keys.c.key == key)
    tx.execute(mine.values(status=status, answer=text))


def give_up(tx: Tx, *, scope: str, key: str) -> None:
    """Free a key whose call did nothing, so that it may be tried again."""
    tx.execute(
        delete(idempotency_keys).where(
            idempotency_keys.c.scope == scope, idempotency_keys.c.key == key, idempotency_keys.c.status == 0
        )
    )
