"""Reading invoices again from a day on: what waits is taken over anyway, so this looks at what Basware no longer offers.

An invoice that is here already stays as it is. One that Basware calls transferred and nobody here knows was posted in some other
way, or by an earlier installation; Basware takes no second answer for it, and a second posting would be a double entry. It is kept
and shown as ignored, with the way to have it posted. The statuses are those of the Basware P2P specification (ProcessingStatus).
"""

from functools import partial
from hashlib import sha256

from ml_connector.basware.client import RawDocument
from ml_connector.store import audit, document_rounds, documents, inbox
from ml_connector.store.database import Tx
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import keep_unreadable
from ml_connector.work.feeds.reading_again import asked_again
from ml_connector.work.intake import FEED
from ml_connector.work.jobs import Job
from ml_connector.work.reading import read_or_why

TRANSFERRED = {
    "Transferred": "Basware counts it as transferred already",
    "Paid": "Basware counts it as transferred and paid already",
    "TransferFailed": "its transfer failed before this connection knew of it",
}
"""The statuses behind a transfer, and what each means to people."""

_WAY_OUT = "It was not posted from here. If it is missing in QuickBooks, send it to accounting again in Basware."


def read_invoices_again(desk: Desk) -> int:
    """Read from the day a person asked for, if one did; how many invoices nobody here knew. Raises what the client raises."""
    again = asked_again(desk, Job.INVOICES, FEED)
    if again is None:
        return 0
    size, unknown = desk.settings.basware.page_size, 0
    for company_code in desk.settings.basware.company_codes:
        for status in TRANSFERRED:
            listed = partial(desk.basware.documents, status, company_code=company_code, since=again.since)
            for page in again.pages(f"{company_code}/{status}", size, listed):
                with desk.write(durable=True) as tx:
                    unknown += sum(_keep(tx, desk, raw, status) for raw in page.documents)
                    again.move(tx, page.continuation)
                desk.watch("reading invoices again", unknown, 0)
    again.end()
    return unknown


def _keep(tx: Tx, desk: Desk, raw: RawDocument, status: str) -> bool:
    """Keep an invoice nobody here knows as one that is not ours to post; False for any other."""
    if not raw.invoice_id:
        keep_unreadable(tx, desk, FEED, raw.raw, raw.problem)
        return False
    if documents.get(tx, desk.connection_id, raw.invoice_id) is not None:
        return False
    now, (document, problem) = desk.clock.now(), read_or_why(raw.raw)
    digest = document.content_hash if document else sha256(raw.raw).hexdigest()
    # Kept without its time stamp: whatever stamp it carries when it is sent again, that is another arrival.
    inbox_id, _ = inbox.store(
        tx,
        desk.connection_id,
        feed=FEED,
        external_id=raw.invoice_id,
        content_hash=digest,
        last_updated="",
        payload=raw.raw.decode("utf-8", errors="backslashreplace"),
        problem=problem,
        received_at=now,
    )
    document_rounds.upsert_received(
        tx,
        desk.connection_id,
        invoice_id=raw.invoice_id,
        inbox_id=inbox_id,
        content_hash=digest,
        last_updated="",
        acknowledged=True,
        facts=document,
        now=now,
    )
    reason = f"{TRANSFERRED[status][0].upper()}{TRANSFERRED[status][1:]}. {_WAY_OUT}"
    documents.set_state(tx, desk.connection_id, raw.invoice_id, DocumentState.IGNORED, now, note=reason)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="ignored", subject=raw.invoice_id, after=digest,
        reason=reason,
    )  # fmt: skip
    return True
