"""Plans the accruals that wait and puts them into the outbox: at most one of an invoice is ever in the books.

Before one is posted QuickBooks is asked for its number, so that an accrual made by an installation that lost its memory is found
again and not posted twice.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.flows.answers import failure_is_due
from ml_connector.flows.identity import accrual_intent_id
from ml_connector.model.accruals import AccrualPlan
from ml_connector.model.books import Books, TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Mapping
from ml_connector.model.policy import Prebook, RateSource
from ml_connector.model.postings import Posting
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.errors import Refused
from ml_connector.quickbooks.translation import posting_body
from ml_connector.quickbooks.translation_reversals import reversal_number
from ml_connector.quickbooks.wire import UnsendableError
from ml_connector.rules.accrual import plan_accrual
from ml_connector.rules.dates import posting_date
from ml_connector.rules.marker import find_accrual, find_undo
from ml_connector.store import accruals, audit, documents, inbox, intents, mappings
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.intents import NewIntent
from ml_connector.store.schema import AccrualState, DocumentState, Operation, System
from ml_connector.work.accruals.answering import queue_failure
from ml_connector.work.accruals.outcome import link_accrual
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import Found, look_up
from ml_connector.work.plans import unreadable_hold

IN_BOOKS = "the invoice is in QuickBooks already"
SWITCHED_OFF = "the policy no longer accrues prebookings"

_CHUNK = 200
_INVOICED = frozenset({DocumentState.POSTING, DocumentState.POSTED, DocumentState.CONFIRMED, DocumentState.IGNORED})


class _Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What all accruals of one run are planned from."""

    books: Books
    mapping: Mapping
    fingerprint: str
    now: datetime
    today: date


def anything_to_accrue(tx: Tx, desk: Desk) -> bool:
    """Whether an accrual is to be planned."""
    return bool(accruals.in_state(tx, desk.connection_id, accruals.UNPOSTED, limit=1))


def post_accruals(desk: Desk) -> int:
    """Plan every accrual that is due; how many were planned. Safe to repeat: what is on its way is left alone."""
    with desk.database.read() as tx:
        rows = accruals.in_state(tx, desk.connection_id, accruals.UNPOSTED)
    if not rows:
        return 0
    basis = _basis(desk)
    with desk.write() as tx:
        due = [row for row in rows if not _drop(tx, desk, row) and _is_due(tx, desk, row, basis)]
    for start in range(0, len(due), _CHUNK):
        _plan_chunk(desk, due[start : start + _CHUNK], basis)
    return len(due)


def _basis(desk: Desk) -> _Basis:
    books, today = load_books(desk), desk.today()
    with desk.database.read() as tx:
        mapping = mappings.load(tx, desk.connection_id)
    parts = (books, mapping, desk.policy, today.isoformat())
    encoded = b"|".join(msgspec.json.encode(part, order="deterministic") for part in parts)
    fingerprint = sha256(encoded).hexdigest()
    return _Basis(books=books, mapping=mapping, fingerprint=fingerprint, now=desk.clock.now(), today=today)


def _drop(tx: Tx, desk: Desk, row: AccrualRow) -> bool:
    """Whether an accrual is not needed any more, and then no more of it."""
    invoice = documents.get(tx, desk.connection_id, row.invoice_id)
    if row.ending:
        note, answered = row.ending, row.sending  # Basware wants no answer to what it takes back
    elif invoice is not None and invoice.state in _INVOICED:
        note, answered = IN_BOOKS, row.answered
    elif desk.policy.prebook is not Prebook.ACCRUE:
        note, answered = SWITCHED_OFF, row.sending  # whoever answers prebookings now does
    else:
        return False
    accruals.move(
        tx, desk.connection_id, row, AccrualState.DROPPED, desk.clock.now(), expected=accruals.UNPOSTED,
        note=note, answered=answered, holds=(), held_since=None,
    )  # fmt: skip
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action="not accrued", subject=row.invoice_id,
        reason=note,
    )  # fmt: skip
    return True


def _is_due(tx: Tx, desk: Desk, row: AccrualRow, basis: _Basis) -> bool:
    """Whether an accrual may be planned: an earlier one of its invoice has to be out of the books first."""
    earlier = accruals.of_invoice(tx, desk.connection_id, row.invoice_id)
    if any(one.number < row.number and one.state not in accruals.OVER for one in earlier):
        return False
    busy = any(one.state in intents.UNDER_WAY for one in intents.for_document(tx, desk.connection_id, row.invoice_id))
    return not busy and (row.state is AccrualState.WAITING or row.fingerprint != basis.fingerprint)


def _plan_chunk(desk: Desk, rows: Sequence[AccrualRow], basis: _Basis) -> None:
    with desk.database.read() as tx:
        payloads = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in rows])
    plans = [(row, _plan(desk, row, payloads[row.inbox_id], basis)) for row in rows]
    numbers = [plan.posting.doc_number for _, plan in plans if plan.posting is not None]
    found = look_up(desk.quickbooks, basis.books, numbers=numbers) if numbers else Found(basis.books)
    reversed_ = _reversed(desk, basis, found)
    desk.keep_lease()
    with desk.write() as tx:
        for row, plan in plans:
            _record(tx, desk, row, plan, basis=basis, found=found, reversed_=reversed_)


def _plan(desk: Desk, row: AccrualRow, payload: str, basis: _Basis) -> AccrualPlan:
    try:
        document = read_document(payload.encode())
    except UnreadableDocument as error:
        return AccrualPlan(holds=(unreadable_hold(error.problems),))
    return plan_accrual(
        document,
        number=row.number,
        books=basis.books,
        mapping=basis.mapping,
        policy=desk.policy,
        today=basis.today,
        quickbooks_rates=_rates(desk, document, basis),
    )


def _rates(desk: Desk, document: AccountingDocument, basis: _Basis) -> dict[str, Decimal]:
    """QuickBooks' rate for a foreign invoice, where the policy wants it."""
    preferences, today = basis.books.preferences, basis.today
    day = posting_date(document, desk.policy, today, preferences.book_close_date)
    at_home = document.currency == preferences.home_currency or not preferences.multicurrency
    if day is None or at_home or desk.policy.rate_source is not RateSource.QUICKBOOKS:
        return {}
    try:
        return {document.currency: desk.quickbooks.exchange_rate(document.currency, day)}
    except Refused:
        return {}  # QuickBooks knows no rate: the rules hold the accrual and say so


def _reversed(desk: Desk, basis: _Basis, found: Found) -> frozenset[str]:
    """Which of the entries that were found were reversed since."""
    entries = [id_ for kind, id_ in found.by_id if kind is TransactionType.JOURNAL_ENTRY]
    if not entries:
        return frozenset()
    there = look_up(desk.quickbooks, basis.books, numbers=[reversal_number(id_) for id_ in entries]).records
    undone = (find_undo(str(one.get("PrivateNote", ""))) for one in there.values())
    return frozenset(one[1] for one in undone if one is not None)


def _record(
    tx: Tx,
    desk: Desk,
    row: AccrualRow,
    plan: AccrualPlan,
    *,
    basis: _Basis,
    found: Found,
    reversed_: frozenset[str],
) -> None:
    """Write one decision down with everything that follows from it."""
    posting = plan.posting
    if posting is None:
        _hold(tx, desk, row, plan.holds, basis.fingerprint)
        return
    text = msgspec.json.encode(posting).decode()
    there = _ours(row, posting, found, reversed_)
    if there is not None:
        accruals.move(
            tx, desk.connection_id, row, AccrualState.STANDING, basis.now, expected=accruals.UNPOSTED,
            posting=text, quickbooks_id=str(there["Id"]), holds=(), held_since=None,
        )  # fmt: skip
        link_accrual(
            tx, desk, row, text, quickbooks_id=str(there["Id"]), sync_token=str(there.get("SyncToken", ""))
        )  # fmt: skip
        audit.record(
            tx, desk.connection_id, at=basis.now, actor=desk.worker, action="accrual found in QuickBooks",
            subject=row.invoice_id, reason=f"JournalEntry {there['Id']}",
        )  # fmt: skip
        return
    try:
        body = wire.encode(posting_body(posting)).decode()
    except UnsendableError as error:
        hold = Hold(cause=Cause.QUICKBOOKS_REFUSED, subject="not sent", facts={"message": str(error)})
        _hold(tx, desk, row, (hold,), basis.fingerprint)
        return
    if accruals.move(
        tx, desk.connection_id, row, AccrualState.POSTING, basis.now, expected=accruals.UNPOSTED,
        posting=text, holds=(), fingerprint=basis.fingerprint,
    ):  # fmt: skip
        queue(tx, desk, row, Operation.ACCRUE, subject=posting.doc_number, body=body)


def _ours(row: AccrualRow, posting: Posting, found: Found, reversed_: frozenset[str]) -> dict[str, Any] | None:
    """The entry in QuickBooks that is this very accrual and was not reversed."""
    for one in found.with_numbers([posting.doc_number]):
        record = found.records[one.type, one.id]
        if find_accrual(str(record.get("PrivateNote", ""))) == (row.invoice_id, row.number) and one.id not in reversed_:
            return record
    return None


def queue(tx: Tx, desk: Desk, row: AccrualRow, operation: Operation, *, subject: str, body: str) -> None:
    """One write of an accrual. Queued twice, it stands in the outbox once."""
    own = intents.for_document(tx, desk.connection_id, row.invoice_id)
    ended = [one for one in own if (one.operation, one.part) == (operation, row.number) and one.state in intents.ENDED]
    name = accrual_intent_id(
        desk.connection_id, row.invoice_id, operation=operation.value, number=row.number, generation=len(ended)
    )
    new = NewIntent(
        id=name,
        system=System.QUICKBOOKS,
        operation=operation,
        invoice_id=row.invoice_id,
        subject=subject,
        part=row.number,
        entity=TransactionType.JOURNAL_ENTRY.value,
        body=body,
        request_id=name,
    )
    intents.add(tx, desk.connection_id, new, desk.clock.now())


def _hold(tx: Tx, desk: Desk, row: AccrualRow, holds: tuple[Hold, ...], fingerprint: str) -> None:
    """Keep an accrual until its causes are gone, or tell Basware that it failed where the policy says so."""
    now = desk.clock.now()
    since = row.held_since or now
    if failure_is_due(holds, desk.policy, since, now):
        queue_failure(tx, desk, row, holds)
        state, note = AccrualState.DROPPED, "Basware was told that the prebooking failed"
    else:
        state, note = AccrualState.HELD, ""
    moved = accruals.move(
        tx, desk.connection_id, row, state, now, expected=accruals.UNPOSTED,
        holds=holds, held_since=since, fingerprint=fingerprint, note=note,
        answered=row.sending if state is AccrualState.DROPPED else row.answered,
    )  # fmt: skip
    if moved and (holds != row.holds or state is not row.state):
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action=f"accrual {state.value}", subject=row.invoice_id,
            reason=", ".join(hold.cause for hold in holds),
        )  # fmt: skip
