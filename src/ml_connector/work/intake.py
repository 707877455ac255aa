"""Taking documents over from Basware: stored raw and whole first, acknowledged after that.

A document acknowledged but not stored would be lost to everybody, so the order is never the other way round. What was
acknowledged by a process that died before it could say so is found again among the documents Basware shows as in transfer.
"""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from hashlib import sha256

import msgspec

from ml_connector.basware.client import Page, RawDocument
from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Hold
from ml_connector.store import audit, document_rounds, documents, inbox
from ml_connector.store.database import Tx
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.on_the_way import match_documents
from ml_connector.work.plans import UNREADABLE_PREFIX, unreadable_hold
from ml_connector.work.same_customer import codes_to_take
from ml_connector.work.taken_back.noticing import sent_again

FEED = "basware.accountingDocuments"
WAITING = "WaitingForTransfer"
IN_TRANSFER = "TransferInProgress"
_PAGE_TRIES = 3


class IntakeReport(msgspec.Struct, kw_only=True):
    """What one intake brought: documents new, sent again, unreadable, acknowledged, and those Basware would not have acknowledged.

    The last sort is stored and goes on like any other; it is acknowledged anew in the next run. `unknown`: found when somebody
    had invoices read again from a day on, transferred in some other way.
    """

    new: int = 0
    sent_again: int = 0
    unreadable: int = 0
    acknowledged: int = 0
    not_acknowledged: int = 0
    unknown: int = 0
    taken_back: int = 0
    """Documents that Basware now takes back: removed, returned, or asked for to be so."""


def take_in(desk: Desk) -> IntakeReport:
    """Take over everything Basware offers, page by page, and what an earlier run acknowledged without knowing it."""
    report = IntakeReport()
    for status, page in offered(desk, codes_to_take(desk, ask=True)):
        _take_page(desk, page, status, report)
    return report


def offered(desk: Desk, codes: Sequence[str]) -> Iterator[tuple[str, Page]]:
    """Every page of what Basware offers this connection of these companies, each with the status that was asked for. Only reads."""
    for company_code in codes:
        for status in (IN_TRANSFER, WAITING):
            for page in _pages(desk, status, company_code):
                yield status, page


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
    finished, taken = keep_page(desk, page, status, report)
    held = {invoice_id: _acknowledge(desk, invoice_id) for invoice_id in taken}
    acknowledged = [invoice_id for invoice_id, answer in held.items() if answer is not _Held.NO]
    # Basware lets a document be acknowledged again only after it was sent again, whatever its time stamp says.
    again = [invoice_id for invoice_id in finished if held.get(invoice_id) is _Held.NOW]
    if status == IN_TRANSFER:
        again += [invoice_id for invoice_id in finished if _is_in_transfer(desk, invoice_id)]
    if acknowledged or again:
        with desk.write() as tx:
            for invoice_id in acknowledged:
                documents.set_acknowledged(tx, desk.connection_id, invoice_id, desk.clock.now())
            for invoice_id in again:
                report.sent_again += _begin_again(tx, desk, invoice_id)
    report.acknowledged += len(acknowledged)
    report.not_acknowledged += len(taken) - len(acknowledged)
    desk.watch("taking over from Basware", report.new + report.sent_again, 0)


def keep_page(desk: Desk, page: Page, status: str, report: IntakeReport) -> tuple[set[str], list[str]]:
    """Store a page, durably, and tell Basware nothing: ids of documents that were finished before, and of those to acknowledge."""
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        finished = {raw.invoice_id for raw in page.documents if _is_finished(tx, desk, raw)}
        taken = [raw.invoice_id for raw in page.documents if _take(tx, desk, raw, status, report)]
        if desk.settings.basware.network.enabled:
            match_documents(tx, desk.connection_id, desk.clock.now())
    return finished, taken


class _Held(Enum):
    """Whether Basware holds a document as taken over: since just now, since before, or not."""

    NOW = auto()
    BEFORE = auto()
    NO = auto()


def _is_finished(tx: Tx, desk: Desk, raw: RawDocument) -> bool:
    """Whether the document was answered, and Basware lists it all the same with the time stamp it had."""
    known = documents.get(tx, desk.connection_id, raw.invoice_id) if raw.invoice_id else None
    answered = {DocumentState.CONFIRMED, DocumentState.RETURNED, DocumentState.WITHDRAWN}
    return known is not None and known.state in answered and known.last_updated == raw.last_updated


def _is_in_transfer(desk: Desk, invoice_id: str) -> bool:
    """Whether Basware really waits for an answer; a listing may be older than our last one."""
    try:
        raw = desk.basware.document(invoice_id)
    except UnreadablePage:
        return False
    return raw is not None and raw.status == IN_TRANSFER


def _begin_again(tx: Tx, desk: Desk, invoice_id: str) -> bool:
    now = desk.clock.now()
    answered = {DocumentState.CONFIRMED, DocumentState.RETURNED, DocumentState.WITHDRAWN}
    begun = document_rounds.next_round(tx, desk.connection_id, invoice_id, now, expected=answered)
    if begun:
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="document sent again", subject=invoice_id,
            reason="with its old time stamp",
        )  # fmt: skip
    return begun


def _take(tx: Tx, desk: Desk, raw: RawDocument, status: str, report: IntakeReport) -> bool:
    """Store one document; whether it is to be acknowledged. A document seen before and unchanged is left alone."""
    known = documents.get(tx, desk.connection_id, raw.invoice_id) if raw.invoice_id else None
    if known is not None and status == IN_TRANSFER:
        # Acknowledging or answering may move Basware's time stamp: in transfer, only a new sending counts.
        return _known_unchanged(tx, desk, known, status)
    document, holds, problem = _read(raw)
    digest = document.content_hash if document else sha256(raw.raw).hexdigest()
    if known is not None and (known.last_updated, known.content_hash) == (raw.last_updated, digest):
        return _known_unchanged(tx, desk, known, status)
    external_id = raw.invoice_id or f"{UNREADABLE_PREFIX}{digest[:16]}"
    if not raw.invoice_id and documents.get(tx, desk.connection_id, external_id) is not None:
        return False
    now = desk.clock.now()
    if known is not None:
        sent_again(tx, desk, known.invoice_id)
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
    arrival = document_rounds.upsert_received(
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


def _acknowledge(desk: Desk, invoice_id: str) -> _Held:
    """Acknowledge one document; whether Basware now holds it as in transfer.

    405 means acknowledged before, or that the call is not allowed, and an answer can get lost: the document's status settles it.
    Whatever Basware says about one document, the others are taken over: it is stored, and posted and answered all the same.
    """
    try:
        if desk.basware.acknowledge(invoice_id):
            return _Held.NOW
    except (NoAnswer, Refused):
        pass  # settled just below, as a 405 is
    try:
        raw = desk.basware.document(invoice_id)
    except UnreadablePage:
        return _Held.NO  # it is stored; the next run asks again
    return _Held.BEFORE if raw is not None and raw.status != WAITING else _Held.NO
