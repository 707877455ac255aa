"""Who is signed in where. Of a session's random id only the hash is kept: whoever reads this table cannot go on with any of them.

Nothing here knows how long a session may last; the moments come from the caller.
"""

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, delete, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs
from ml_connector.store.schema import sessions


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session. `browser` and `address` are what it began with, `means` is how the person showed who they are."""

    id: int
    person_id: str
    hash: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str
    address: str
    browser: str
    means: str


def add(
    tx: Tx,
    *,
    person_id: str,
    hash_: str,
    now: datetime,
    expires_at: datetime,
    address: str,
    browser: str,
    means: str,
) -> None:
    """Begin a session."""
    tx.execute(
        sessions.insert().values(
            person_id=person_id, hash=hash_, created_at=now, seen_at=now, expires_at=expires_at, ended_at=None,
            ended_by="", address=address, browser=browser, means=means,
        )
    )  # fmt: skip


def living(tx: Tx, hash_: str, now: datetime, seen_since: datetime) -> SessionRow | None:
    """The session of that hash, unless it has ended, reached its limit, or was not used since then."""
    row = tx.execute(select(sessions).where(sessions.c.hash == hash_, _lives(now, seen_since))).one_or_none()
    return None if row is None else as_struct(SessionRow, row)


def is_open(tx: Tx, session_id: int) -> bool:
    """Whether nobody has ended a session."""
    query = select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    return tx.execute(query).first() is not None


def of_person(tx: Tx, person_id: str, now: datetime, seen_since: datetime) -> list[SessionRow]:
    """A person's living sessions, the last used first."""
    query = select(sessions).where(sessions.c.person_id == person_id, _lives(now, seen_since))
    return as_structs(SessionRow, tx.execute(query.order_by(sessions.c.seen_at.desc())))


def _lives(now: datetime, seen_since: datetime) -> ColumnElement[bool]:
    return and_(sessions.c.ended_at.is_(None), sessions.c.expires_at > now, sessions.c.seen_at > seen_since)


def seen(tx: Tx, session_id: int, now: datetime) -> None:
    """Note that a session is used. One that has ended meanwhile stays ended."""
    tx.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))


def end(tx: Tx, hash_: str, now: datetime, by: str) -> bool:
    """End the session of that hash; whether there was one to end."""
    return _end(tx, sessions.c.hash == hash_, now, by) > 0


def end_one(tx: Tx, person_id: str, session_id: int, now: datetime, by: str) -> bool:
    """End one of a person's sessions; whether there was such a one to end."""
    return _end(tx, and_(sessions.c.id == session_id, sessions.c.person_id == person_id), now, by) > 0


def end_all(tx: Tx, person_id: str, now: datetime, by: str, *, but: str = "") -> int:
    """End all of a person's sessions, but the one with a hash if given; how many."""
    return _end(tx, and_(sessions.c.person_id == person_id, sessions.c.hash != but), now, by)


def _end(tx: Tx, which: ColumnElement[bool], now: datetime, by: str) -> int:
    statement = update(sessions).where(which, sessions.c.ended_at.is_(None)).values(ended_at=now, ended_by=by)
    return tx.execute(statement).rowcount


def forget_old(tx: Tx, before: datetime) -> int:
    """Remove sessions that could not be used any more at this moment; the audit keeps who signed in when."""
    return tx.execute(delete(sessions).where(sessions.c.expires_at < before)).rowcount
