"""Learning which files documents have: of all that are in QuickBooks and that Basware calls transferred or paid, in bulk.

Answering a document changes it in Basware, so every posted document comes by once. A file that comes later changes its document as
well; where it does not, the daily reading of the last days finds it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from ml_connector.basware.attachments import attachments_of
from ml_connector.basware.errors import UnreadablePage
from ml_connector.basware.monitoring import instant
from ml_connector.basware.pages import RawDocument
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.rules.attachments import left_out
from ml_connector.store import attachments, connections, cursors, links
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import newest, to_the_end

FEED = "basware.attachments"
STATUSES = ("Transferred", "Paid")
"""What documents are called that are in the books (Basware P2P specification, processingStatus)."""

_DAY = timedelta(days=1)


class NotingCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far documents of one status were read, and when the last days were read again."""

    newest: datetime | None = None
    looked_back_at: datetime | None = None


def note_files(desk: Desk) -> int:
    """Write down every file there is to copy; how many were new. A page that cannot be read is read again next time."""
    return sum(_note_status(desk, status, company) for status in STATUSES for company in _companies(desk))


def _companies(desk: Desk) -> Sequence[str]:
    return desk.settings.basware.company_codes


def _note_status(desk: Desk, status: str, company: str) -> int:
    now, feed = desk.clock.now(), f"{FEED}/{status}/{company}"
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, feed)
    cursor = msgspec.json.decode(text, type=NotingCursor) if text else NotingCursor()
    since, looks_back = _since(desk, cursor, now)
    listed = partial(
        desk.basware.documents, status, company_code=company, page_size=desk.settings.basware.page_size, since=since
    )
    new, latest, whole = 0, cursor.newest, True
    try:
        for page in to_the_end(listed):
            desk.keep_lease()
            latest = newest((latest, *(instant(one.last_updated) for one in page.documents)), desk.clock.now())
            new += _note_page(desk, page.documents)
    except UnreadablePage:
        whole = False
    moved = NotingCursor(
        newest=latest if whole else cursor.newest, looked_back_at=now if looks_back and whole else cursor.looked_back_at
    )
    if moved != cursor:
        with desk.write() as tx:
            cursors.put(tx, desk.connection_id, feed, msgspec.json.encode(moved).decode(), now)
    return new


def _since(desk: Desk, cursor: NotingCursor, now: datetime) -> tuple[datetime, bool]:
    """From which change on documents are read; and whether this is the daily reading of the last days."""
    own = desk.settings.basware.attachments
    if cursor.newest is None:
        with desk.database.read() as tx:
            begun = connections.get(tx, desk.connection_id).created_at
        return begun - timedelta(seconds=own.overlap), True  # nothing was posted before
    since = cursor.newest - timedelta(seconds=own.overlap)
    due = cursor.looked_back_at is None or now - cursor.looked_back_at >= _DAY
    if own.late_days and due:
        return min(since, now - timedelta(days=own.late_days)), True
    return since, False


def _note_page(desk: Desk, documents: Sequence[RawDocument]) -> int:
    """Only documents that we posted: the files of others are nobody's business here."""
    own, new = desk.settings.basware.attachments, 0
    with desk.write(durable=True) as tx:
        for document in documents:
            if not document.invoice_id or not links.for_record(tx, desk.connection_id, "invoice", document.invoice_id):
                continue
            try:
                files = attachments_of(document.raw)
            except UnreadableDocument:
                continue  # its files are read once the document can be
            judged = [(file, left_out(file, own.files, confidential=own.confidential)) for file in files]
            new += attachments.note(tx, desk.connection_id, document.invoice_id, judged, desk.clock.now())
    return new
