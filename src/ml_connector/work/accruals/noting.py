"""Takes prebookings over from Basware, so that each becomes an accrual; and notes which accruals have to end because Basware takes
an invoice back.

Stored raw first. A prebooking that comes again with the same content is only answered again; with other content the accrual that
stands is ended, and another takes its place once it is.
"""

from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from ml_connector.basware.client import RawDocument
from ml_connector.model.policy import Prebook
from ml_connector.model.taken_back import WORDS
from ml_connector.store import accruals, audit, cursors, inbox, intents, notices
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import AccrualState, Operation, System
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import to_the_end
from ml_connector.work.reading import read_or_why
from ml_connector.work.same_customer import codes_to_take

FEED = "basware.accountingDocuments, prebooked"
STATUSES = ("PrebookInProgress", "WaitingForPrebook")
OTHER_CONTENT = "it was prebooked anew with other content"
TAKEN_BACK = "Basware "
"""How the reason of an ending begins that Basware's status of the invoice is."""


def take_prebookings(desk: Desk) -> int:
    """Look for invoices to be prebooked, where the policy accrues them and that is due; how many are new or differ."""
    if desk.policy.prebook is not Prebook.ACCRUE:
        return 0
    now = desk.clock.now()
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, FEED)
        announced = notices.waiting_count(tx, desk.connection_id, System.BASWARE, entities={"AccountingDocuments"})
    pause = timedelta(minutes=desk.settings.basware.early.look_minutes)
    if text and now < datetime.fromisoformat(text) + pause and not announced:
        return 0
    taken, size = 0, desk.settings.basware.page_size
    for company_code in codes_to_take(desk):
        for status in STATUSES:
            listed = partial(desk.basware.documents, status, company_code=company_code, page_size=size)
            for page in to_the_end(listed):
                desk.keep_lease()
                with desk.write(durable=True) as tx:
                    taken += sum(_note(tx, desk, raw) for raw in page.documents if raw.invoice_id)
    with desk.write() as tx:
        cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)
    return taken


def _note(tx: Tx, desk: Desk, raw: RawDocument) -> bool:
    known = accruals.of_invoice(tx, desk.connection_id, raw.invoice_id)
    latest = known[-1] if known else None
    if latest is not None and latest.sending == raw.last_updated:
        return False
    answers = intents.for_subject(tx, desk.connection_id, Operation.PREBOOK_RESPONSE, raw.invoice_id)
    if any(one.state in intents.UNDER_WAY for one in answers):
        return False  # its time stamp may have moved while the answer is on its way
    now = desk.clock.now()
    document, problem = read_or_why(raw.raw)
    digest = document.content_hash if document else sha256(raw.raw).hexdigest()
    inbox_id, _ = inbox.store(
        tx, desk.connection_id, feed=FEED, external_id=raw.invoice_id, content_hash=digest,
        last_updated=raw.last_updated, payload=raw.raw.decode("utf-8", errors="backslashreplace"), problem=problem,
        received_at=now,
    )  # fmt: skip
    fresh = AccrualRow(
        invoice_id=raw.invoice_id,
        number=latest.number + 1 if latest else 1,
        state=AccrualState.WAITING,
        sending=raw.last_updated,
        inbox_id=inbox_id,
        content_hash=digest,
        invoice_number=document.invoice_number if document else "",
        supplier=(document.supplier_name or document.supplier_code) if document else "",
        noted_at=now,
        updated_at=now,
    )
    if latest is not None and latest.state not in accruals.OVER and not latest.ending:
        if latest.content_hash == digest:  # the same cost: it is answered once more, and that is all
            return accruals.move(
                tx, desk.connection_id, latest, latest.state, now, expected=latest.state, sending=raw.last_updated
            )
        if latest.state in accruals.UNPOSTED:
            return accruals.move(
                tx, desk.connection_id, latest, AccrualState.WAITING, now, expected=latest.state,
                sending=fresh.sending, inbox_id=inbox_id, content_hash=digest, invoice_number=fresh.invoice_number,
                supplier=fresh.supplier, holds=(), fingerprint="", tries=0,
            )  # fmt: skip
        _end(tx, desk, latest, OTHER_CONTENT)
    accruals.add(tx, desk.connection_id, fresh)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="prebooking received", subject=raw.invoice_id,
        after=digest,
    )  # fmt: skip
    return True


def end_taken_back(tx: Tx, desk: Desk, raw: RawDocument) -> bool:
    """Note that Basware takes an invoice back, or cancels its prebooking: its accrual has to end. Whether it has one."""
    open_ = [
        row
        for row in accruals.of_invoice(tx, desk.connection_id, raw.invoice_id)
        if row.state not in accruals.OVER and row.state is not AccrualState.REVERSING and not row.ending
    ]
    for row in open_:
        _end(tx, desk, row, f"{TAKEN_BACK}{WORDS[raw.status]}")
    return bool(open_)


def _end(tx: Tx, desk: Desk, row: AccrualRow, reason: str) -> None:
    now = desk.clock.now()
    if accruals.move(tx, desk.connection_id, row, row.state, now, expected=row.state, ending=reason):
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="accrual to end", subject=row.invoice_id,
            reason=reason,
        )  # fmt: skip
