"""How far each feed was read. A cursor moves in the transaction that stores what was read, never before and never alone."""

from datetime import datetime

from sqlalchemy import select

from ml_connector.store.database import Tx
from ml_connector.store.rows import insert
from ml_connector.store.schema import cursors


def get(tx: Tx, connection_id: str, feed: str) -> str:
    """The cursor in the sender's own terms, empty if the feed was never read."""
    query = select(cursors.c.cursor).where(cursors.c.connection_id == connection_id, cursors.c.feed == feed)
    return str(tx.execute(query).scalar_one_or_none() or "")


def put(tx: Tx, connection_id: str, feed: str, cursor: str, now: datetime) -> None:
    """Move the cursor."""
    statement = insert(tx, cursors).values(connection_id=connection_id, feed=feed, cursor=cursor, moved_at=now)
    key = [cursors.c.connection_id, cursors.c.feed]
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_={"cursor": cursor, "moved_at": now}))
