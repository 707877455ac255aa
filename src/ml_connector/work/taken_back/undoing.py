"""Decides by the rules what becomes of each posted document that Basware takes back, and puts what is to be undone in the outbox.

Before anything is undone Basware is asked once more whether it still wants that, and QuickBooks how the transaction stands now.
Paid ones are found by their balance, journal entries by the payments that name them.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ml_connector.basware.errors import UnreadablePage
from ml_connector.flows.identity import undo_intent_id
from ml_connector.model.books import Books, ExistingTransaction, TransactionType
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.taken_back import WORDS, Standing, Undo, Undoing, UndoPlan
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.queries import literal
from ml_connector.quickbooks.records import members, text
from ml_connector.quickbooks.translation_reversals import OPPOSITE, deletion_body, reversal_body
from ml_connector.quickbooks.wire import UnsendableError
from ml_connector.rules.marker import find_marker, undo_memo
from ml_connector.rules.taken_back import plan_undo, told
from ml_connector.store import audit, documents, intents, links, withdrawals
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.intents import NewIntent
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import DocumentState, Operation, System, WithdrawalState
from ml_connector.store.withdrawals import WithdrawalRow
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import Found, look_up
from ml_connector.work.taken_back.noticing import recall
from ml_connector.work.taken_back.undone import keep_as_it_is, nothing_stands, retire

_CHUNK = 200
"""Documents looked up and decided together."""

_OPERATIONS = {Undoing.DELETE: Operation.DELETE, Undoing.REVERSE: Operation.REVERSE}


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """One document to decide about."""

    withdrawal: WithdrawalRow
    row: DocumentRow
    links: tuple[LinkRow, ...]


def anything_to_undo(tx: Tx, desk: Desk) -> bool:
    """Whether Basware takes something back that is not over."""
    undecided = {WithdrawalState.OPEN, WithdrawalState.HELD}
    return bool(withdrawals.in_state(tx, desk.connection_id, undecided))


def undo_taken_back(desk: Desk) -> int:
    """Decide about everything Basware takes back that is due; how many documents. Safe to repeat."""
    with desk.database.read() as tx:
        if not anything_to_undo(tx, desk):
            return 0
    books = load_books(desk)
    fingerprint = _fingerprint(desk, books)
    with desk.database.read() as tx:
        cases = list(_due(tx, desk, fingerprint))
    for start in range(0, len(cases), _CHUNK):
        _decide_chunk(desk, cases[start : start + _CHUNK], books, fingerprint)
    return len(cases)


def _fingerprint(desk: Desk, books: Books) -> str:
    """What decisions depend on besides the transactions themselves: the policy, the closing date, the day."""
    parts = (desk.policy.taken_back.value, str(books.preferences.book_close_date), desk.today().isoformat())
    return sha256("|".join(parts).encode()).hexdigest()


def _due(tx: Tx, desk: Desk, fingerprint: str) -> Iterable[_Case]:
    busy = intents.busy_documents(tx, desk.connection_id)
    for one in withdrawals.in_state(tx, desk.connection_id, {WithdrawalState.OPEN, WithdrawalState.HELD}):
        row = documents.get(tx, desk.connection_id, one.invoice_id)
        if row is None or row.invoice_id in busy or row.round != one.round:
            continue
        left_to_a_person = one.state is WithdrawalState.HELD and row.state is DocumentState.HELD
        if left_to_a_person and one.fingerprint == fingerprint:
            continue
        own = tuple(links.for_record(tx, desk.connection_id, "invoice", row.invoice_id))
        yield _Case(withdrawal=one, row=row, links=own)


def _decide_chunk(desk: Desk, cases: Sequence[_Case], books: Books, fingerprint: str) -> None:
    keys = [_key(link) for case in cases for link in case.links]
    found = look_up(desk.quickbooks, books, ids=keys) if keys else Found(books)
    paid = _paid_entries(desk, found)
    for case in cases:
        _decide(desk, case, books=books, found=found, paid=paid, fingerprint=fingerprint)


def _key(link: LinkRow) -> tuple[TransactionType, str]:
    return TransactionType(link.quickbooks_type), link.quickbooks_id


def _paid_entries(desk: Desk, found: Found) -> frozenset[str]:
    """Which of the journal entries a payment names. QuickBooks shows that on the payment only, and none is older than its entry."""
    entries = {id_: one for (kind, id_), one in found.records.items() if kind is TransactionType.JOURNAL_ENTRY}
    created = sorted(text(one, "MetaData", "CreateTime") for one in entries.values())
    if not created:
        return frozenset()
    payments = desk.quickbooks.query_all("BillPayment", f"MetaData.LastUpdatedTime >= {literal(created[0])}")
    named = (link for payment in payments for line in members(payment, "Line") for link in members(line, "LinkedTxn"))
    return frozenset(text(link, "TxnId") for link in named if text(link, "TxnType") == "JournalEntry") & entries.keys()


def _decide(desk: Desk, case: _Case, *, books: Books, found: Found, paid: frozenset[str], fingerprint: str) -> None:
    one, row = case.withdrawal, case.row
    if row.state is DocumentState.IGNORED:
        with desk.write() as tx:
            keep_as_it_is(tx, desk, one, row, "a person handles it elsewhere")
        return
    standing = [
        _standing(found.by_id[_key(link)], found.records[_key(link)], link, row, paid)
        for link in case.links
        if _key(link) in found.by_id
    ]
    plan = plan_undo(
        row.invoice_number,
        one.status,
        standing,
        policy=desk.policy.taken_back,
        decision=Undoing(one.decision) if one.decision else None,
        close_date=books.preferences.book_close_date,
        today=desk.today(),
    )
    if not plan.holds and not _still_asked(desk, one):
        return
    with desk.write() as tx:
        _record(tx, desk, case, plan, books=books, found=found, fingerprint=fingerprint)


def _standing(
    transaction: ExistingTransaction,
    record: dict[str, Any],
    link: LinkRow,
    row: DocumentRow,
    paid: frozenset[str],
) -> Standing:
    marker = find_marker(transaction.memo)
    return Standing(
        transaction=transaction,
        ours=marker is not None and marker.invoice_id == row.invoice_id,
        amount=link.amount,
        paid=transaction.type is TransactionType.JOURNAL_ENTRY and transaction.id in paid,
        stubborn=_stubborn(transaction, record),
    )


def _stubborn(transaction: ExistingTransaction, record: dict[str, Any]) -> str:
    """Why a transaction has no opposite that could be written, empty when it has one."""
    day = transaction.txn_date
    if day is None:
        return "it has no date"
    try:
        reversal_body(transaction.type, record, day=day, memo="", multicurrency=False)
    except UnsendableError as error:
        return str(error)
    return ""


def _still_asked(desk: Desk, one: WithdrawalRow) -> bool:
    """Whether Basware still takes the document back; if it does not, everything stays as it was."""
    try:
        raw = desk.basware.document(one.invoice_id)
    except UnreadablePage:
        return False  # nothing is undone on a guess; the next run asks again
    if raw is None or raw.status in WORDS:
        return True
    with desk.write() as tx:
        recall(tx, desk, one, f"Basware now has it as {raw.status}")
    return False


def _record(tx: Tx, desk: Desk, case: _Case, plan: UndoPlan, *, books: Books, found: Found, fingerprint: str) -> None:
    """Write one decision down with everything that follows from it."""
    one, row, now = case.withdrawal, case.row, desk.clock.now()
    if not plan.holds and not plan.undos:
        nothing_stands(tx, desk, one, row, case.links)
        return
    bodies: list[tuple[Undo, LinkRow, str, str]] = []
    holds = plan.holds
    try:
        bodies = [_body(desk, undo, case, books, found) for undo in plan.undos]
    except UnsendableError as error:
        holds = (Hold(cause=Cause.QUICKBOOKS_REFUSED, subject="not sent", facts={"message": str(error)}),)
    if holds:
        _hold(tx, desk, case, holds, fingerprint)
        return
    if not documents.set_state(
        tx, desk.connection_id, row.invoice_id, DocumentState.WITHDRAWING, now,
        expected={row.state}, holds=(), held_since=None,
    ):  # fmt: skip
        return
    withdrawals.move(tx, desk.connection_id, one, WithdrawalState.UNDOING, now, fingerprint=fingerprint)
    for undo, link, entity, body in bodies:
        _queue(tx, desk, row, undo, link, entity=entity, body=body)
    for link in case.links:
        if _key(link) not in found.by_id:
            retire(tx, desk, link)
    reason = ", ".join(f"{undo.how.value} {told(undo.transaction)}" for undo in plan.undos)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="to be undone in QuickBooks", subject=row.invoice_id,
        reason=f"{reason}: Basware {WORDS.get(one.status, one.status)}",
    )  # fmt: skip


def _hold(tx: Tx, desk: Desk, case: _Case, holds: tuple[Hold, ...], fingerprint: str) -> None:
    one, row, now = case.withdrawal, case.row, desk.clock.now()
    moved = documents.set_state(
        tx, desk.connection_id, row.invoice_id, DocumentState.HELD, now,
        expected={row.state}, holds=holds, held_since=row.held_since or now,
    )  # fmt: skip
    if not moved:
        return
    withdrawals.move(tx, desk.connection_id, one, WithdrawalState.HELD, now, fingerprint=fingerprint)
    if holds != tuple(row.holds):
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="taken back: held", subject=row.invoice_id,
            reason=", ".join(hold.cause for hold in holds),
        )  # fmt: skip


def _body(desk: Desk, undo: Undo, case: _Case, books: Books, found: Found) -> tuple[Undo, LinkRow, str, str]:
    """What is to be sent for one transaction: its kind in QuickBooks and the exact JSON."""
    transaction, row = undo.transaction, case.row
    key = (transaction.type, transaction.id)
    link = next(one for one in case.links if _key(one) == key)
    record = found.records[key]
    if undo.day is None:
        return undo, link, transaction.type.value, wire.encode(deletion_body(record)).decode()
    memo = undo_memo(
        f"{desk.policy.memo_prefix} invoice {row.invoice_number}: reverses {told(transaction)}, "
        f"Basware {WORDS.get(case.withdrawal.status, 'takes it back')}",
        row.invoice_id,
        transaction.id,
        latin1_only=books.preferences.is_us,
    )
    several = books.preferences.multicurrency
    body = reversal_body(transaction.type, record, day=undo.day, memo=memo, multicurrency=several)
    return undo, link, OPPOSITE[transaction.type].value, wire.encode(body).decode()


def _queue(tx: Tx, desk: Desk, row: DocumentRow, undo: Undo, link: LinkRow, *, entity: str, body: str) -> None:
    """One transaction to undo. Queued twice, it stands in the outbox once."""
    operation = _OPERATIONS[undo.how]
    subject = f"{undo.transaction.type.value}:{undo.transaction.id}"
    earlier = intents.ended_count(tx, desk.connection_id, operation, subject)
    name = undo_intent_id(desk.connection_id, row.invoice_id, subject, operation=operation.value, generation=earlier)
    new = NewIntent(
        id=name,
        system=System.QUICKBOOKS,
        operation=operation,
        invoice_id=row.invoice_id,
        subject=subject,
        round=row.round,
        part=link.part,
        entity=entity,
        body=body,
        request_id=name,
    )
    intents.add(tx, desk.connection_id, new, desk.clock.now())
