"""People on their way through Intuit's consent page: one row for each link handed out, used once, and only by its own browser.

Of the link's ticket, of the state and of the browser's session only hashes are kept: whoever reads this table can take no part.
The rows are found by these hashes, before it is known whose connection they are for.
"""

from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct
from ml_connector.store.schema import sign_ins


class SignInRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `opened_at`: the link was followed and Intuit asked; `used_at`: Intuit's answer came; `outcome`: what of it."""

    connection_id: str
    ticket_hash: str
    state_hash: str | None
    session_hash: str
    redirect_uri: str
    asked_by: str
    created_at: datetime
    opened_at: datetime | None
    expires_at: datetime
    used_at: datetime | None
    outcome: str


def add(
    tx: Tx,
    connection_id: str,
    *,
    ticket_hash: str,
    redirect_uri: str,
    asked_by: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Hand a link out."""
    tx.execute(
        sign_ins.insert().values(
            connection_id=connection_id, ticket_hash=ticket_hash, state_hash=None, session_hash="",
            redirect_uri=redirect_uri, asked_by=asked_by, created_at=now, opened_at=None, expires_at=expires_at,
            used_at=None, outcome="",
        )
    )  # fmt: skip


def open_(
    tx: Tx, ticket_hash: str, *, state_hash: str, session_hash: str, now: datetime, expires_at: datetime
) -> SignInRow | None:
    """Follow a link: its browser gets a state of its own. None when the link is unknown, too old, or was followed before."""
    statement = (
        update(sign_ins)
        .where(sign_ins.c.ticket_hash == ticket_hash, sign_ins.c.opened_at.is_(None), sign_ins.c.expires_at > now)
        .values(opened_at=now, state_hash=state_hash, session_hash=session_hash, expires_at=expires_at)
        .returning(*sign_ins.c)
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else as_struct(SignInRow, row)


def use(tx: Tx, state_hash: str, now: datetime) -> SignInRow | None:
    """Take a state, once and for all: of two that come with the same one, one gets it. None when it is unknown, old or taken."""
    statement = (
        update(sign_ins)
        .where(sign_ins.c.state_hash == state_hash, sign_ins.c.used_at.is_(None), sign_ins.c.expires_at > now)
        .values(used_at=now)
        .returning(*sign_ins.c)
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else as_struct(SignInRow, row)


def settle(tx: Tx, row: SignInRow, outcome: str) -> None:
    """Note what became of an attempt."""
    tx.execute(update(sign_ins).where(sign_ins.c.ticket_hash == row.ticket_hash).values(outcome=outcome))


def by_ticket(tx: Tx, ticket_hash: str) -> SignInRow | None:
    """The attempt of a link."""
    row = tx.execute(select(sign_ins).where(sign_ins.c.ticket_hash == ticket_hash)).one_or_none()
    return None if row is None else as_struct(SignInRow, row)


def by_state(tx: Tx, state_hash: str) -> SignInRow | None:
    """The attempt of a state."""
    row = tx.execute(select(sign_ins).where(sign_ins.c.state_hash == state_hash)).one_or_none()
    return None if row is None else as_struct(SignInRow, row)


def by_session(tx: Tx, session_hash: str) -> SignInRow | None:
    """The latest attempt of a browser: the one Intuit answered last, else the one it followed last."""
    query = select(sign_ins).where(sign_ins.c.session_hash == session_hash)
    row = tx.execute(query.order_by(sign_ins.c.used_at.desc().nulls_last(), sign_ins.c.opened_at.desc())).first()
    return None if row is None else as_struct(SignInRow, row)


def latest(tx: Tx, connection_id: str) -> SignInRow | None:
    """The attempt whose link was handed out last for a connection; None before the first, and when it was too long ago."""
    query = select(sign_ins).where(sign_ins.c.connection_id == connection_id)
    row = tx.execute(query.order_by(sign_ins.c.created_at.desc(), sign_ins.c.ticket_hash).limit(1)).one_or_none()
    return None if row is None else as_struct(SignInRow, row)


def is_under_way(tx: Tx, session_hash: str, now: datetime) -> bool:
    """Whether Intuit may still answer an attempt of this browser."""
    query = select(sign_ins.c.ticket_hash).where(
        sign_ins.c.session_hash == session_hash, sign_ins.c.used_at.is_(None), sign_ins.c.expires_at > now
    )
    return tx.execute(query).first() is not None


def forget_old(tx: Tx, before: datetime) -> int:
    """Remove attempts handed out before this moment, of all connections; the audit keeps what became of them."""
    return tx.execute(delete(sign_ins).where(sign_ins.c.created_at < before)).rowcount
