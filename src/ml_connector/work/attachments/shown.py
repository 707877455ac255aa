"""Files as people and programs see them, and what a person may ask for."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

import msgspec

from ml_connector.model.attachments import FileState
from ml_connector.store import attachments, audit, jobs
from ml_connector.store.attachments import FileKey, FileLine
from ml_connector.store.documents import DocumentRow
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.listing import Listing


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a document. `quickbooks_id` names its Attachable once it is copied; `why` says why it is not (yet)."""

    code: str
    filename: str
    category: str
    state: FileState
    size: int
    quickbooks_id: str
    why: str
    next_try: datetime | None


def file_list(desk: Desk, *, states: Collection[FileState] = (), text: str = "") -> Listing[FileKey, FileLine]:
    """Files of all documents, newest first."""
    found = attachments.ordered(desk.connection_id, states=states, text=text)
    return Listing(desk.database, found, partial(_lines, desk))


def _lines(desk: Desk, keys: Sequence[FileKey]) -> list[FileLine]:
    with desk.database.read() as tx:
        return attachments.these(tx, desk.connection_id, keys)


def files_of(desk: Desk, invoice_id: str) -> tuple[FileView, ...]:
    """The files of one document."""
    with desk.database.read() as tx:
        rows = attachments.for_document(tx, desk.connection_id, invoice_id)
    return tuple(
        FileView(
            code=row.code, filename=row.filename, category=row.category, state=row.state, size=row.size,
            quickbooks_id=row.quickbooks_id, why=row.problem, next_try=row.next_at,
        )
        for row in rows
    )  # fmt: skip


def try_again(desk: Desk, row: DocumentRow, *, actor: str) -> int:
    """Try the given-up files of a document again, at once; how many there were. `actor` wants it."""
    now = desk.clock.now()
    with desk.database.write() as tx:
        woken = attachments.retry(tx, desk.connection_id, [row.invoice_id], now)
        if woken:
            audit.record(
                tx, desk.connection_id, at=now, actor=actor, action="files tried again", subject=row.invoice_id,
                after=str(woken),
            )  # fmt: skip
            jobs.bring_forward(tx, desk.connection_id, Job.ATTACHMENTS, now, now)
    return woken
