"""Taking documents over from Basware: stored raw and whole first, acknowledged after that.

A document acknowledged but not stored would be lost to everybody, so the order is never the other way round. What was
acknowledged by a process that died before it could say so is found again among the documents Basware shows as in transfer.
"""

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from ml_connector.basware.client import Page, RawDocument
from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Hold
from ml_connector.store import audit, documents, inbox
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.plans import UNREADABLE_PREFIX, unreadable_hold

FEED = "basware.accountingDocuments"
WAITING = "WaitingForTransfer"
IN_TRANSFER = "TransferInProgress"
_PAGE_TRIES = 3


class IntakeReport(msgspec.Struct, kw_only=True):
    """What one intake brought: documents new, sent again, unreadable, acknowledged, and those Basware would not have acknowledged.

    The last sort is stored and goes on like any other; it is acknowledged anew in the next run.
    """

    new: int = 0
    sent_again: int = 0
    unreadable: int = 0
    acknowledged: int = 0
    not_acknowledged: int = 0


def take_in(desk: Desk) -> IntakeReport:
    """Take over everything Basware offers, page by page, and what an earlier run acknowledged without knowing it."""
    report = IntakeReport()
    for company_code in desk.settings.basware.company_codes:
        for status in (IN_TRANSFER, WAITING):
            for page in _pages(desk, status, company_code):
                _take_page(desk, page, status, report)
    return report


def _pages(desk: Desk, status: str, company_code: str) -> Iterator[Page]:
    """Every page of a listing. One that cannot be read is asked for again, then taken document by document."""
    size = desk.settings.basware.page_size
    try:
        yield from desk.basware.documents(status, company_code=company_code, page_size=size)
    except UnreadablePage:
        yield from _single_pages(desk, status, company_code)


def _single_pages(desk: Desk, status: str, company_code: str) -> Iterator[Page]:
    """The listing again with one document a page, so that one broken document costs no other."""
    start, tries = "", 0
    while True:
        try:
            for page in desk.basware.documents(status, company_code=company_code, page_size=1, start=start):
                tries, start = 0, page.continuation
                yield page
        except UnreadablePage as broken:
            tries += 1
            if tries < _PAGE_TRIES:
                continue
            yield Page(documents=(_unreadable(broken.body, str(broken)),), continuation=broken.continuation)
            tries, start = 0, broken.continuation
            if not start:
                return
        else:
            return


def _unreadable(body: bytes, problem: str) -> RawDocument:
    return RawDocument(invoice_id="", status="", last_updated="", raw=body, problem=problem)


def _take_page(desk: Desk, page: Page, status: str, report: IntakeReport) -> None:
    desk.keep_lease()
    with desk.database.write(durable=True) as tx:
        to_acknowledge = [raw.invoice_id for raw in page.documents if _take(tx, desk, raw, status, report)]
    acknowledged = [invoice_id for invoice_id in to_acknowledge if _acknowledge(desk, invoice_id)]
    if acknowledged:
        with desk.database.write() as tx:
            for invoice_id in acknowledged:
                documents.set_acknowledged(tx, desk.connection_id, invoice_id, desk.clock.now())
    report.acknowledged += len(acknowledged)
    report.not_acknowledged += len(to_acknowledge) - len(acknowledged)
    desk.watch("taking over from Basware", report.new + report.sent_again, 0)


def _take(tx: Tx, desk: Desk, raw: RawDocument, status: str, report: IntakeReport) -> bool:
    """Store one document; whether it is to be acknowledged. A document seen before and unchanged is left alone."""
    known = documents.get(tx, desk.connection_id, raw.invoice_id) if raw.invoice_id else None
    if known is not None and known.last_updated == raw.last_updated:
        return _known_unchanged(tx, desk, known, status)
    if known is not None and status == IN_TRANSFER:
        # Acknowledging or answering may move Basware's time stamp: in transfer, only a new sending counts.
        return _known_unchanged(tx, desk, known, status)
    document, holds, problem = _read(raw)
    digest = document.content_hash if document else sha256(raw.raw).hexdigest()
    external_id = raw.invoice_id or f"{UNREADABLE_PREFIX}{digest[:16]}"
    if not raw.invoice_id and documents.get(tx, desk.connection_id, external_id) is not None:
        return False
    now = desk.clock.now()
    inbox_id, _ = inbox.store(
        tx,
        desk.connection_id,
        feed=FEED,
        external_id=external_id,
        content_hash=digest,
        last_updated=raw.last_updated,
        payload=raw.raw.decode("utf-8", errors="backslashreplace"),
        problem=problem,
        received_at=now,
    )
    arrival = documents.upsert_received(
        tx,
        desk.connection_id,
        invoice_id=external_id,
        inbox_id=inbox_id,
        content_hash=digest,
        last_updated=raw.last_updated,
        acknowledged=status == IN_TRANSFER,
        facts=document,
        holds=holds,
        now=now,
    )
    action = "document received" if arrival.is_new else "document sent again"
    audit.record(tx, desk.connection_id, at=now, actor=desk.worker, action=action, subject=external_id, after=digest)
    report.sent_again += not arrival.is_new
    report.new += arrival.is_new
    report.unreadable += document is None
    return status == WAITING and bool(raw.invoice_id)


def _known_unchanged(tx: Tx, desk: Desk, known: documents.DocumentRow, status: str) -> bool:
    if status == IN_TRANSFER and not known.acknowledged:
        documents.set_acknowledged(tx, desk.connection_id, known.invoice_id, desk.clock.now())
    return status == WAITING


def _read(raw: RawDocument) -> tuple[AccountingDocument | None, tuple[Hold, ...], str]:
    if not raw.invoice_id:
        return None, (unreadable_hold((raw.problem or "it has no invoiceId",)),), raw.problem
    try:
        return read_document(raw.raw), (), ""
    except UnreadableDocument as error:
        return None, (unreadable_hold(error.problems),), "; ".join(error.problems)


def _acknowledge(desk: Desk, invoice_id: str) -> bool:
    """Acknowledge one document; whether Basware now holds it as in transfer.

    405 means acknowledged before, or that the call is not allowed, an answer can get lost, and a refusal must not keep the other
    documents out: the document's status settles all of these.
    """
    try:
        if desk.basware.acknowledge(invoice_id):
            return True
    except (NoAnswer, Refused):
        pass  # settled just below, as a 405 is
    raw = desk.basware.document(invoice_id)
    return raw is not None and raw.status != WAITING
