"""People on their way through their company's own sign-in: one row for each try, used once, found by the hash of its state."""

from datetime import datetime

import msgspec
from sqlalchemy import delete

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct
from ml_connector.store.schema import provider_tries


class ProviderTryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One try. `browser_hash` is of the secret its browser keeps; `to` is where the person wanted to go."""

    state_hash: str
    browser_hash: str
    to: str
    expires_at: datetime


def add(tx: Tx, *, state_hash: str, browser_hash: str, to: str, expires_at: datetime) -> None:
    """Begin a try."""
    values = {"state_hash": state_hash, "browser_hash": browser_hash, "to": to, "expires_at": expires_at}
    tx.execute(provider_tries.insert().values(**values))


def use(tx: Tx, state_hash: str, now: datetime) -> ProviderTryRow | None:
    """Take a state, once and for all. None when it is unknown, old or taken."""
    statement = (
        delete(provider_tries)
        .where(provider_tries.c.state_hash == state_hash, provider_tries.c.expires_at > now)
        .returning(*provider_tries.c)
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else as_struct(ProviderTryRow, row)


def forget_old(tx: Tx, now: datetime) -> None:
    """Remove tries that nobody finished in time."""
    tx.execute(delete(provider_tries).where(provider_tries.c.expires_at <= now))
