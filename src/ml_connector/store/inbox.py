"""What arrived, kept raw and whole before anybody is told that it was received. Rows are added and never changed.

The same content arriving again finds its row; only something new makes another.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache

import msgspec
from sqlalchemy import select
from sqlalchemy.sql.dml import ReturningInsert

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, chunks, insert_into
from ml_connector.store.schema import inbox


class InboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """One arrival. `payload` is the text as received; `problem` says why it could not be read, empty if it could.

    `last_updated` is the sender's own time stamp, as written by the sender.
    """

    id: int
    connection_id: str
    feed: str
    external_id: str
    content_hash: str
    last_updated: str
    payload: str
    problem: str
    received_at: datetime


def store(
    tx: Tx,
    connection_id: str,
    *,
    feed: str,
    external_id: str,
    content_hash: str,
    last_updated: str,
    payload: str,
    received_at: datetime,
    problem: str = "",
) -> tuple[int, bool]:
    """Keep what arrived: its row id, and whether it was new. Raises KeyTooLongError for an id no vendor would give."""
    key = {
        "connection_id": connection_id,
        "feed": feed,
        "external_id": external_id,
        "content_hash": content_hash,
        "last_updated": last_updated,
    }
    arrival = {**key, "payload": payload, "problem": problem, "received_at": received_at}
    new = tx.execute(_arriving(tx.dialect.name), arrival).scalar_one_or_none()
    if new is not None:
        return int(new), True
    known = select(inbox.c.id).where(*(inbox.c[name] == value for name, value in key.items()))
    return int(tx.execute(known).scalar_one()), False


@cache
def _arriving(dialect: str) -> ReturningInsert[int]:
    return insert_into(dialect, inbox).on_conflict_do_nothing().returning(inbox.c.id)


def get(tx: Tx, connection_id: str, row_id: int) -> InboxRow | None:
    """One arrival."""
    query = select(inbox).where(inbox.c.connection_id == connection_id, inbox.c.id == row_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(InboxRow, row)


def latest(tx: Tx, connection_id: str, feed: str, external_id: str) -> InboxRow | None:
    """The last arrival of one record."""
    query = select(inbox).where(
        inbox.c.connection_id == connection_id, inbox.c.feed == feed, inbox.c.external_id == external_id
    )
    row = tx.execute(query.order_by(inbox.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else as_struct(InboxRow, row)


def payloads(tx: Tx, connection_id: str, row_ids: Collection[int]) -> dict[int, str]:
    """The texts of several arrivals by row id; ids that are not there are left out."""
    found: dict[int, str] = {}
    for some in chunks(row_ids):
        query = select(inbox.c.id, inbox.c.payload).where(inbox.c.connection_id == connection_id, inbox.c.id.in_(some))
        found.update((row.id, row.payload) for row in tx.execute(query))
    return found
