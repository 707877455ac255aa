"""Notices which documents Basware takes back, by whole lists and not one by one.

What waits for us (`WaitingToBe…`) is listed whole each time, for it gets shorter when somebody settles it there; what is over
(`Removed`, `Returned` …) only from the last look on. Decides nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from ml_connector.basware.client import RawDocument
from ml_connector.basware.errors import UnreadablePage
from ml_connector.model.taken_back import ASKED, TAKEN, WORDS
from ml_connector.store import audit, connections, cursors, documents, notices, withdrawals
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState, System, WithdrawalState
from ml_connector.store.withdrawals import WithdrawalRow
from ml_connector.work.accruals.noting import end_taken_back
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import to_the_end

FEED = "basware.accountingDocuments, taken back"
_NOTICES = "AccountingDocuments"
_BEFORE_CONNECTING = timedelta(days=1)
_OVER = frozenset({DocumentState.WITHDRAWN, DocumentState.IGNORED})
"""Nothing to do: undone already, or a person said that it is handled elsewhere."""


def notice_taken_back(desk: Desk) -> int:
    """Look at what Basware takes back, if that is due; how many documents are new among it."""
    now = desk.clock.now()
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, FEED)
        announced = notices.waiting_count(tx, desk.connection_id, System.BASWARE, entities={_NOTICES})
        begun = connections.get(tx, desk.connection_id).created_at
    looked = datetime.fromisoformat(text) if text else None
    settings = desk.settings.basware.taken_back
    if looked is not None and now < looked + timedelta(minutes=settings.look_minutes) and not announced:
        return 0
    since = looked - timedelta(seconds=settings.overlap) if looked else begun - _BEFORE_CONNECTING
    noticed, whole = 0, True
    for company_code in desk.settings.basware.company_codes:
        for status in (*ASKED, *TAKEN):
            try:
                for page in _pages(desk, status, company_code, None if status in ASKED else since):
                    noticed += _keep(desk, page)
            except UnreadablePage:
                whole = (
                    False  # the others are looked at all the same, and this list again next time from the same moment
                )
    if whole:
        with desk.write() as tx:
            cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)
    return noticed


def _pages(desk: Desk, status: str, company_code: str, since: datetime | None) -> Iterator[tuple[RawDocument, ...]]:
    size = desk.settings.basware.page_size
    for page in to_the_end(
        lambda: desk.basware.documents(status, company_code=company_code, page_size=size, since=since)
    ):
        yield tuple(page.documents)


def _keep(desk: Desk, page: tuple[RawDocument, ...]) -> int:
    """Note which documents of a page are taken back that we have; those we never took over are nobody's business here."""
    desk.keep_lease()
    with desk.write() as tx:
        taken_back = [raw for raw in page if raw.invoice_id and raw.status in WORDS]
        for raw in taken_back:
            end_taken_back(tx, desk, raw)
        return sum(_note(tx, desk, raw) for raw in taken_back)


def _note(tx: Tx, desk: Desk, raw: RawDocument) -> bool:
    row = documents.get(tx, desk.connection_id, raw.invoice_id)
    if row is None or row.state in _OVER:
        return False
    now = desk.clock.now()
    known = withdrawals.get(tx, desk.connection_id, row.invoice_id, row.round)
    if known is not None and known.state in {WithdrawalState.DONE, WithdrawalState.KEPT}:
        return False
    if known is not None and known.state is not WithdrawalState.RECALLED:
        if known.status != raw.status:
            withdrawals.move(tx, desk.connection_id, known, known.state, now, status=raw.status)
        return False
    _open(tx, desk, row, raw.status, known)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="taken back by Basware", subject=row.invoice_id,
        reason=f"Basware {WORDS[raw.status]}", after=raw.status,
    )  # fmt: skip
    return True


def _open(tx: Tx, desk: Desk, row: DocumentRow, status: str, known: WithdrawalRow | None) -> None:
    now = desk.clock.now()
    if known is not None:  # Basware had changed its mind, and has now done so again
        withdrawals.move(
            tx, desk.connection_id, known, WithdrawalState.OPEN, now, expected={WithdrawalState.RECALLED},
            status=status, decision="", fingerprint="", tries=0, outcome="",
        )  # fmt: skip
        return
    new = WithdrawalRow(
        invoice_id=row.invoice_id,
        round=row.round,
        state=WithdrawalState.OPEN,
        status=status,
        inbox_id=row.inbox_id,
        came_from=row.state,
        decision="",
        fingerprint="",
        tries=0,
        outcome="",
        noticed_at=now,
        updated_at=now,
    )
    withdrawals.add(tx, desk.connection_id, new)


def recall(tx: Tx, desk: Desk, row: WithdrawalRow, reason: str) -> bool:
    """Basware changed its mind before anything was undone: the document stands where it stood."""
    now = desk.clock.now()
    undecided = {WithdrawalState.OPEN, WithdrawalState.HELD}
    if not withdrawals.move(
        tx, desk.connection_id, row, WithdrawalState.RECALLED, now, expected=undecided, outcome=reason
    ):
        return False
    settled = {DocumentState.CONFIRMED, DocumentState.POSTED, DocumentState.RETURNED}
    back = row.came_from if row.came_from in settled else DocumentState.RECEIVED
    waiting = {DocumentState.HELD, DocumentState.RECEIVED}
    documents.set_state(
        tx, desk.connection_id, row.invoice_id, back, now, expected=waiting, holds=(), held_since=None
    )  # fmt: skip
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="no longer taken back by Basware", subject=row.invoice_id,
        reason=reason,
    )  # fmt: skip
    return True


def sent_again(tx: Tx, desk: Desk, invoice_id: str) -> None:
    """Basware hands the document over anew: whatever it asked before is settled by that."""
    row = documents.get(tx, desk.connection_id, invoice_id)
    known = withdrawals.get(tx, desk.connection_id, invoice_id, row.round) if row is not None else None
    if row is None or known is None or known.state not in {WithdrawalState.OPEN, WithdrawalState.HELD}:
        return
    asked = msgspec.structs.replace(known, came_from=DocumentState.RECEIVED)
    recall(tx, desk, asked, "Basware sent the document again")
