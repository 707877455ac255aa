"""Files of documents on their way to QuickBooks. A file is one row, whatever the number of transactions it is attached to."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import and_, exists, func, literal, or_, select, update

from ml_connector.model.attachments import Attachment, FileState
from ml_connector.store.database import Tx
from ml_connector.store.document_search import numbered_with
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_structs, chunks, insert
from ml_connector.store.schema import attachments, documents, links
from ml_connector.store.texts import says


class FileRow(Attachment, frozen=True, kw_only=True):
    """A file as kept. `quickbooks_id` is its newest Attachable once it is there; `problem` says why it is not yet.

    `attached_to` names the transactions that have it, such as `Bill:145`, with a blank before and after each; `sending_to` those of
    the call on its way. `copies` counts the Attachables it has: one, and another for each time its document was posted anew.
    """

    connection_id: str
    invoice_id: str
    state: FileState
    size: int
    quickbooks_id: str
    attached_to: str
    sending_to: str
    copies: int
    request_id: str
    problem: str
    tries: int
    next_at: datetime | None
    sent_at: datetime | None
    noted_at: datetime
    updated_at: datetime


class FileLine(FileRow, frozen=True, kw_only=True):
    """The same with its document's number."""

    invoice_number: str


def note(tx: Tx, connection_id: str, invoice_id: str, files: Iterable[tuple[Attachment, str]], now: datetime) -> int:
    """Write down files of a document, each with why it is left out, empty if it is wanted; how many were new."""
    rows = [
        msgspec.structs.asdict(file)
        | {
            "connection_id": connection_id, "invoice_id": invoice_id, "problem": why,
            "state": FileState.LEFT_OUT if why else FileState.WAITING, "size": 0, "quickbooks_id": "", "request_id": "",
            "attached_to": "", "sending_to": "", "copies": 0,
            "tries": 0, "next_at": None if why else now, "sent_at": None, "noted_at": now, "updated_at": now,
        }
        for file, why in files
    ]  # fmt: skip
    if not rows:
        return 0
    statement = insert(tx, attachments).values(rows).on_conflict_do_nothing().returning(attachments.c.code)
    return len(tx.execute(statement).all())


def to_follow(tx: Tx, connection_id: str) -> list[FileRow]:
    """Files that their document left behind: copied, while it has a transaction without them by now; or put aside while it had
    none, and it has one again."""
    own = and_(
        links.c.connection_id == attachments.c.connection_id,
        links.c.kind == "invoice",
        links.c.basware_id == attachments.c.invoice_id,
    )
    named = literal(" ") + links.c.quickbooks_type + ":" + links.c.quickbooks_id + " "
    left_behind = and_(
        attachments.c.state == FileState.DONE,
        exists().where(own, ~attachments.c.attached_to.like(literal("%") + named + "%")),
    )
    put_aside = and_(attachments.c.state == FileState.WAITING, attachments.c.next_at.is_(None), exists().where(own))
    query = select(attachments).where(attachments.c.connection_id == connection_id, or_(left_behind, put_aside))
    ordered = query.order_by(attachments.c.invoice_id, attachments.c.code)
    return as_structs(FileRow, tx.execute(ordered))


def due(tx: Tx, connection_id: str, now: datetime, limit: int) -> list[FileRow]:
    """Files to be copied now, longest waiting first."""
    query = select(attachments).where(
        attachments.c.connection_id == connection_id,
        attachments.c.state == FileState.WAITING,
        attachments.c.next_at <= now,
    )
    ordered = query.order_by(attachments.c.next_at, attachments.c.invoice_id, attachments.c.code).limit(limit)
    return as_structs(FileRow, tx.execute(ordered))


def next_due(tx: Tx, connection_id: str) -> datetime | None:
    """When the next file is due, None if none waits."""
    query = select(func.min(attachments.c.next_at)).where(
        attachments.c.connection_id == connection_id,
        attachments.c.state.in_([FileState.WAITING, FileState.SENDING]),
    )
    found: datetime | None = tx.execute(query).scalar_one()
    return found


def sending(tx: Tx, connection_id: str) -> list[FileRow]:
    """Files whose call was begun and whose outcome is not known."""
    query = select(attachments).where(
        attachments.c.connection_id == connection_id, attachments.c.state == FileState.SENDING
    )
    return as_structs(FileRow, tx.execute(query.order_by(attachments.c.sent_at)))


def change(tx: Tx, row: FileRow, now: datetime, *, expected: Collection[FileState], **columns: object) -> bool:
    """Change a file that is in one of these states; whether it was."""
    statement = update(attachments).where(
        attachments.c.connection_id == row.connection_id,
        attachments.c.invoice_id == row.invoice_id,
        attachments.c.code == row.code,
        attachments.c.state.in_(list(expected)),
    )
    return tx.execute(statement.values(**columns, updated_at=now)).rowcount == 1


def retry(tx: Tx, connection_id: str, invoice_ids: Collection[str], now: datetime) -> int:
    """Try given-up files of these documents again, because a person wants it; how many there were."""
    woken = 0
    for some in chunks(invoice_ids):
        statement = update(attachments).where(
            attachments.c.connection_id == connection_id,
            attachments.c.invoice_id.in_(some),
            attachments.c.state == FileState.FAILED,
        )
        woken += tx.execute(statement.values(state=FileState.WAITING, tries=0, next_at=now, updated_at=now)).rowcount
    return woken


def for_document(tx: Tx, connection_id: str, invoice_id: str) -> list[FileRow]:
    """Every file of a document, in the order of their codes."""
    query = select(attachments).where(
        attachments.c.connection_id == connection_id, attachments.c.invoice_id == invoice_id
    )
    return as_structs(FileRow, tx.execute(query.order_by(attachments.c.code)))


FileKey = tuple[str, str]
"""An invoice id, and the code of a file."""


def ordered(connection_id: str, *, states: Collection[FileState] = (), text: str = "") -> Ordered[FileKey]:
    """The keys of files, newest first; `text` is looked for in their names, their problems and the invoice numbers."""
    query = select(attachments.c.invoice_id, attachments.c.code).where(attachments.c.connection_id == connection_id)
    if states:
        query = query.where(attachments.c.state.in_(list(states)))
    if text:
        searched = (attachments.c.filename, attachments.c.problem, attachments.c.invoice_id)
        numbered = attachments.c.invoice_id.in_(numbered_with(connection_id, text))
        query = query.where(or_(numbered, says(searched, text)))
    return Ordered(query, [attachments.c[name].desc() for name in ("noted_at", "invoice_id", "code")])


def these(tx: Tx, connection_id: str, keys: Collection[FileKey]) -> list[FileLine]:
    """The files of these keys, in the order given, as far as they are here."""
    same = (documents.c.connection_id == attachments.c.connection_id) & (
        documents.c.invoice_id == attachments.c.invoice_id
    )
    number = func.coalesce(documents.c.invoice_number, "").label("invoice_number")
    rows = select(*attachments.c, number).select_from(attachments.outerjoin(documents, same))
    found = dict[FileKey, FileLine]()
    for some in chunks(dict.fromkeys(invoice_id for invoice_id, _ in keys)):
        query = rows.where(attachments.c.connection_id == connection_id, attachments.c.invoice_id.in_(some))
        found |= {(row.invoice_id, row.code): row for row in as_structs(FileLine, tx.execute(query))}
    return [found[key] for key in keys if key in found]


def count(tx: Tx, connection_id: str, state: FileState) -> int:
    """How many files are in a state."""
    query = select(func.count()).where(attachments.c.connection_id == connection_id, attachments.c.state == state)
    return tx.execute(query).scalar_one()
