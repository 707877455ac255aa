"""Reverses accruals whose invoice is posted, handled elsewhere or taken back: each entry once, by its mirror as it then stands.

Which ones these are is read from the tables each time, so that nothing depends on the moment at which an invoice was posted.
"""

from datetime import date

import msgspec

from ml_connector.basware.errors import UnreadablePage
from ml_connector.model.books import Books, TransactionType
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.postings import Posting
from ml_connector.model.taken_back import WORDS
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation_reversals import reversal_body
from ml_connector.quickbooks.wire import UnsendableError
from ml_connector.rules.accrual import accrual_reversal_day
from ml_connector.rules.marker import undo_memo
from ml_connector.store import accruals, audit, links
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.drift_cases import ACCRUAL as LINK
from ml_connector.store.schema import AccrualState, DocumentState, Operation
from ml_connector.work.accruals.noting import TAKEN_BACK
from ml_connector.work.accruals.posting import queue
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import Found, look_up

HANDLED = "a person handles the invoice elsewhere"
_CHUNK = 200
_ENTRY = TransactionType.JOURNAL_ENTRY


class _End(msgspec.Struct, frozen=True, kw_only=True):
    """An accrual to reverse: why, in words, and the date its invoice is posted with, None where it never will be."""

    row: AccrualRow
    reason: str
    invoiced: date | None = None


def anything_to_reverse(tx: Tx, desk: Desk) -> bool:
    """Whether an accrual has to end."""
    return bool(accruals.to_end(tx, desk.connection_id))


def reverse_accruals(desk: Desk) -> int:
    """Put the reversal of every accrual that has to end into the outbox; how many were looked at. Safe to repeat."""
    with desk.database.read() as tx:
        ends = [_end(tx, desk, row, state) for row, state in accruals.to_end(tx, desk.connection_id)]
    if not ends:
        return 0
    books = load_books(desk)
    fingerprint = _fingerprint(desk, books)
    # What was held is looked at again once anything that it may be held for differs, and not in every run.
    ends = [one for one in ends if not one.row.holds or one.row.fingerprint != fingerprint]
    for start in range(0, len(ends), _CHUNK):
        some = [one for one in ends[start : start + _CHUNK] if _still_ends(desk, one)]
        found = look_up(desk.quickbooks, books, ids=[(_ENTRY, one.row.quickbooks_id) for one in some])
        desk.keep_lease()
        with desk.write() as tx:
            for one in some:
                _reverse(tx, desk, one, books, found, fingerprint)
    return len(ends)


def _fingerprint(desk: Desk, books: Books) -> str:
    """What a reversal depends on besides the entry itself: the policy, the closing date, the day."""
    return f"{desk.policy.accrual_reversal.value}|{books.preferences.book_close_date}|{desk.today().isoformat()}"


def _end(tx: Tx, desk: Desk, row: AccrualRow, state: DocumentState | None) -> _End:
    if state in {DocumentState.POSTED, DocumentState.CONFIRMED}:
        own = links.for_record(tx, desk.connection_id, "invoice", row.invoice_id)
        days = [date.fromisoformat(link.txn_date) for link in own if link.txn_date]
        posted = ", ".join(f"{link.quickbooks_type} {link.quickbooks_id}" for link in own)
        return _End(row=row, reason=f"the invoice is posted as {posted}", invoiced=max(days, default=None))
    return _End(row=row, reason=row.ending or HANDLED)


def _still_ends(desk: Desk, one: _End) -> bool:
    """Whether Basware still takes the invoice back, where that is why; if it does not, the accrual stands as it stood."""
    if not one.reason.startswith(TAKEN_BACK):
        return True
    try:
        raw = desk.basware.document(one.row.invoice_id)
    except UnreadablePage:
        return False  # nothing is reversed on a guess; the next run asks again
    if raw is None or raw.status in WORDS:
        return True
    now = desk.clock.now()
    with desk.write() as tx:
        accruals.move(
            tx, desk.connection_id, one.row, AccrualState.STANDING, now, expected=AccrualState.STANDING, ending="",
            holds=(), held_since=None,
        )  # fmt: skip
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="accrual stands after all",
            subject=one.row.invoice_id, reason=f"Basware now has it as {raw.status}",
        )  # fmt: skip
    return False


def _reverse(  # noqa: PLR0917
    tx: Tx, desk: Desk, one: _End, books: Books, found: Found, fingerprint: str
) -> None:
    row, now = one.row, desk.clock.now()
    record = found.records.get((_ENTRY, row.quickbooks_id))
    if record is None:
        _over(tx, desk, one, AccrualState.GONE, "somebody deleted it in QuickBooks")
        return
    there, agreed = found.by_id[_ENTRY, row.quickbooks_id], msgspec.json.decode(row.posting, type=Posting)
    close_date, today = books.preferences.book_close_date, desk.today()
    accrued = there.txn_date or agreed.txn_date
    day = accrual_reversal_day(
        desk.policy.accrual_reversal, accrued=accrued, invoiced=one.invoiced, close_date=close_date, today=today
    )
    if day is None:
        facts = {"date": today.isoformat(), "source": "the reversal of its accrual", "closed_through": str(close_date)}
        hold = Hold(cause=Cause.PERIOD_CLOSED, subject=today.isoformat()[:7], facts=facts)
        _hold(tx, desk, row, hold, fingerprint)
        return
    told = f"Reverses the accrual JournalEntry {row.quickbooks_id} of invoice {row.invoice_number}: {one.reason}"
    memo = undo_memo(told, row.invoice_id, row.quickbooks_id, latin1_only=books.preferences.is_us)
    try:
        body = reversal_body(_ENTRY, record, day=day, memo=memo, multicurrency=books.preferences.multicurrency)
        text = wire.encode(body).decode()
    except UnsendableError as error:
        hold = Hold(cause=Cause.QUICKBOOKS_REFUSED, subject="not sent", facts={"message": str(error)})
        _hold(tx, desk, row, hold, fingerprint)
        return
    if accruals.move(
        tx, desk.connection_id, row, AccrualState.REVERSING, now, expected=AccrualState.STANDING,
        ending=one.reason, reversal_date=day.isoformat(), holds=(), fingerprint=fingerprint,
    ):  # fmt: skip
        queue(tx, desk, row, Operation.REVERSE_ACCRUAL, subject=f"{_ENTRY.value}:{row.quickbooks_id}", body=text)


def _over(tx: Tx, desk: Desk, one: _End, state: AccrualState, note: str) -> None:
    now = desk.clock.now()
    accruals.move(
        tx, desk.connection_id, one.row, state, now, expected=AccrualState.STANDING, ending=one.reason, note=note,
        holds=(), held_since=None,
    )  # fmt: skip
    links.remove(tx, desk.connection_id, LINK, one.row.invoice_id, one.row.number)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action=f"accrual {state.value}", subject=one.row.invoice_id,
        reason=f"{one.reason}; {note}",
    )  # fmt: skip


def _hold(tx: Tx, desk: Desk, row: AccrualRow, hold: Hold, fingerprint: str) -> None:
    """The accrual stands until its reversal can be made."""
    now = desk.clock.now()
    accruals.move(
        tx, desk.connection_id, row, AccrualState.STANDING, now, expected=AccrualState.STANDING,
        holds=(hold,), held_since=row.held_since or now, fingerprint=fingerprint,
    )  # fmt: skip
