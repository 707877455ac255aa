"""How far a reading by pages has come, as it is kept with the entity between two pages, so that a crash loses one page at most."""

from datetime import datetime
from typing import Literal

import msgspec

from ml_connector.store import books as book_store
from ml_connector.store.books import BookCursor
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A reading under way.

    `compare` reads every record, `recent` those changed at or after `since`. `began`: when its first page was answered, by
    QuickBooks' clock. The next page begins at `position` and continues what was read if it shows one of `anchors`. `afresh`: what
    is read counts even where an older version than ours comes back.
    """

    kind: Literal["compare", "recent"]
    began: datetime | None = None
    since: datetime | None = None
    position: int = 1
    anchors: tuple[str, ...] = ()
    afresh: bool = False


def progress_of(cursor: BookCursor | None) -> Progress | None:
    """The reading under way of an entity, None if there is none."""
    return msgspec.json.decode(cursor.progress, type=Progress) if cursor is not None and cursor.progress else None


def put(tx: Tx, desk: Desk, entity: str, progress: Progress) -> None:
    """Note how far it has come, in the transaction that stores the page."""
    text = msgspec.json.encode(progress).decode()
    book_store.put_progress(tx, desk.connection_id, entity, text, desk.clock.now())
