"""How far a reading by pages has come, as it is kept with the entity between two pages, so that a crash loses one page at most."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from ml_connector.store import books as book_store
from ml_connector.store import cursors
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


_ASKED = "comparison asked for"


def ask_for_comparison(tx: Tx, connection_id: str, entities: Iterable[str], now: datetime) -> None:
    """Somebody wants these entities read as a whole, whatever is known of them.

    A wish only: a reading may be under way, whose progress is its own to write. The next run takes it up.
    """
    known = cursors.get(tx, connection_id, _ASKED).split()
    cursors.put(tx, connection_id, _ASKED, " ".join(sorted({*known, *entities})), now)


def take_up_comparison(tx: Tx, desk: Desk) -> None:
    """Begin the readings somebody asked for. What is read then counts even where an older version than ours comes back."""
    wanted = cursors.get(tx, desk.connection_id, _ASKED).split()
    for entity in wanted:
        put(tx, desk, entity, Progress(kind="compare", afresh=True))
    if wanted:
        cursors.put(tx, desk.connection_id, _ASKED, "", desk.clock.now())
