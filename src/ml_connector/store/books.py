"""A QuickBooks company's lists and preferences as it sent them, kept so that no document needs a call to look something up.

Records are kept whole and unread; `quickbooks/` turns them into the model. A record is known by its entity and QuickBooks id;
preferences and company info, of which there is one each, have the id "1".
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import select

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, chunks, insert
from ml_connector.store.schema import book_cursors, books


class BookRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a list. `payload` is QuickBooks' own JSON."""

    quickbooks_id: str
    payload: str
    sync_token: str = ""
    active: bool = True
    deleted: bool = False
    last_updated: str = ""
    name: str = ""


class BookCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a list was read: `cursor` is in QuickBooks' terms, `refreshed_at` the moment we asked."""

    refreshed_at: datetime
    cursor: str


_KEY = ("connection_id", "entity", "quickbooks_id")
_FIELDS = BookRow.__struct_fields__
_COLUMNS = [books.c[name] for name in _FIELDS]


def put_many(tx: Tx, connection_id: str, entity: str, rows: Iterable[BookRow], now: datetime) -> int:
    """Store records, new or in place of what is there; how many. Of two with one id the later counts."""
    latest = {row.quickbooks_id: row for row in rows}
    statement = insert(tx, books)
    changed = {name: statement.excluded[name] for name in (*_FIELDS, "updated_at") if name not in _KEY}
    upsert = statement.on_conflict_do_update(index_elements=list(_KEY), set_=changed)
    scope = {"connection_id": connection_id, "entity": entity, "updated_at": now}
    for some in chunks(latest.values()):
        tx.execute(upsert, [{name: getattr(row, name) for name in _FIELDS} | scope for row in some])
    return len(latest)


def all_of(tx: Tx, connection_id: str, entity: str) -> list[BookRow]:
    """Every record of one list, inactive ones included, by id."""
    query = select(*_COLUMNS).where(books.c.connection_id == connection_id, books.c.entity == entity)
    return [as_struct(BookRow, row) for row in tx.execute(query.order_by(books.c.quickbooks_id))]


def remove(tx: Tx, connection_id: str, entity: str, quickbooks_ids: Collection[str]) -> int:
    """Forget records that were deleted in QuickBooks; how many were there."""
    removed = 0
    for some in chunks(quickbooks_ids):
        statement = books.delete().where(
            books.c.connection_id == connection_id, books.c.entity == entity, books.c.quickbooks_id.in_(some)
        )
        removed += tx.execute(statement).rowcount
    return removed


def cursor(tx: Tx, connection_id: str, entity: str) -> BookCursor | None:
    """How far a list was read, None if never."""
    query = select(book_cursors.c.refreshed_at, book_cursors.c.cursor).where(
        book_cursors.c.connection_id == connection_id, book_cursors.c.entity == entity
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(BookCursor, row)


def put_cursor(tx: Tx, connection_id: str, entity: str, cursor: str, now: datetime) -> None:
    """Note how far a list was read; belongs into the transaction that stores what was read."""
    key = {"connection_id": connection_id, "entity": entity}
    read = {"cursor": cursor, "refreshed_at": now}
    statement = insert(tx, book_cursors).values(**key, **read)
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=read))
