"""Puts a payment of zero into the outbox for each vendor credit whose bill is in QuickBooks, after a fresh look at both.

Nothing is asked of QuickBooks for a credit whose bill is not there yet, nor again for one that waits for a person while everything
is as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

import msgspec

from ml_connector.flows.credits import plan_credit
from ml_connector.flows.identity import credit_intent_id
from ml_connector.model.books import Books, TransactionType
from ml_connector.model.credits import CreditOrigin, CreditPlan, CreditState, OpenItem
from ml_connector.model.policy import VendorCredits
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.records import reference
from ml_connector.quickbooks.translation_credits import credit_payment_body, open_item
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.rules.marker import credit_memo
from ml_connector.rules.texts import shorten_number
from ml_connector.store import alerts, applied_credits, audit, documents, intents
from ml_connector.store import books as book_store
from ml_connector.store.applied_credits import CreditRow, Original
from ml_connector.store.database import Tx
from ml_connector.store.intents import NewIntent
from ml_connector.store.schema import Operation, Severity, System
from ml_connector.work.credits.noting import BILL, CREDIT
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import Found, look_up

ALERT = "vendor credit"
"""The kind of alert about a vendor credit that could not be applied; its subject is the invoice id."""

_CHUNK = 100
_WAITS = frozenset({CreditState.WAITING})


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """One credit, with the bills it is for in the order in which they are settled, and what stands against that already."""

    row: CreditRow
    bills: tuple[str, ...]
    why: str = ""


def apply_credits(desk: Desk) -> int:
    """Decide about every vendor credit that is due; how many payments of zero were put into the outbox. Safe to repeat."""
    if desk.policy.vendor_credits is VendorCredits.LEAVE:
        return 0
    with desk.database.read() as tx:
        if not applied_credits.any_waiting(tx, desk.connection_id):
            return 0
        rows = applied_credits.in_state(tx, desk.connection_id, CreditState.WAITING)
        originals = applied_credits.originals_of(tx, desk.connection_id, rows)
        cases = [_case(tx, desk, row, originals[row.credit_id]) for row in rows]
    found = [case for case in cases if case.bills and not case.why]
    _wait(desk, [case for case in cases if not case.bills or case.why])
    if not found:
        return 0
    books = load_books(desk)
    queued = 0
    for start in range(0, len(found), _CHUNK):
        queued += _decide_chunk(desk, found[start : start + _CHUNK], books)
    return queued


def _case(tx: Tx, desk: Desk, row: CreditRow, original: Original) -> _Case:
    """Which bills a credit is for, by our own documents; by QuickBooks' number where no document of ours is meant."""
    if row.bill_id:
        return _Case(row=row, bills=(row.bill_id,))
    if original.documents:
        posted = [parts for parts in original.documents if parts]
        strange = next((kind for parts in posted for kind, _ in parts if kind != BILL), "")
        why = f"the invoice it names is in QuickBooks as a {strange}, which no credit is applied to" if strange else ""
        if len(posted) > 1:
            why = f"{len(posted)} invoices of this supplier have the number {row.named_number}"
        return _Case(row=row, bills=tuple(id_ for parts in posted for _, id_ in parts), why=why)
    number = shorten_number(row.named_number)
    by_hand = book_store.named(tx, desk.connection_id, BILL, [number]) if number else []
    credit = book_store.some_of(tx, desk.connection_id, CREDIT, [row.credit_id]).get(row.credit_id)
    vendor = reference(wire.decode(credit.payload.encode()), "VendorRef") if credit else ""
    ids = [one.quickbooks_id for one in by_hand if reference(wire.decode(one.payload.encode()), "VendorRef") == vendor]
    why = f"QuickBooks has {len(ids)} bills {number} of this vendor" if len(ids) > 1 else ""
    return _Case(row=row, bills=tuple(ids), why=why)


def _wait(desk: Desk, cases: Iterable[_Case]) -> None:
    """Say why a credit goes on waiting, or that it stays open."""
    for case in cases:
        row = case.row
        named = row.named_number or row.named_bum_id
        why = case.why or f"the invoice it names ({named}) is no bill in QuickBooks yet"
        if why == row.why:
            continue
        with desk.write() as tx:
            if case.why:
                stay_open(tx, desk, row, why, expected=_WAITS, needs_person=True)
            else:
                applied_credits.move(
                    tx, desk.connection_id, row.credit_id, CreditState.WAITING, desk.clock.now(), _WAITS, why=why
                )


def _decide_chunk(desk: Desk, cases: Sequence[_Case], books: Books) -> int:
    due = [case for case in cases if case.row.fingerprint != _fingerprint(desk, case, books)]
    if not due:
        return 0
    keys = [(TransactionType.VENDOR_CREDIT, case.row.credit_id) for case in due]
    keys += [(TransactionType.BILL, bill) for case in due for bill in case.bills]
    found = look_up(desk.quickbooks, books, ids=keys)
    return sum(_decide(desk, case, books, found) for case in due)


def _fingerprint(desk: Desk, case: _Case, books: Books) -> str:
    """What a decision depends on besides the transactions themselves."""
    banks = sorted((one.id, one.active, one.currency) for one in books.accounts.values() if one.type == "Bank")
    parts = (
        desk.policy.credit_bank_account_id, books.preferences.book_close_date, desk.today(), case.bills, banks,
        case.row.tries,
    )  # fmt: skip
    return sha256(msgspec.json.encode(parts)).hexdigest()


def _decide(desk: Desk, case: _Case, books: Books, found: Found) -> int:
    row, now = case.row, desk.clock.now()
    try:
        items = _items(case, books, found)
    except UnreadableError as error:
        plan, items = CreditPlan(why=f"its records cannot be read: {error}", over=True, needs_person=True), {}
    else:
        credit = items.get((CREDIT, row.credit_id))
        bills = [items[BILL, one] for one in case.bills if (BILL, one) in items]
        plan = plan_credit(
            credit, bills, books=books, bank_account_id=desk.policy.credit_bank_account_id, today=desk.today()
        )
    with desk.write() as tx:
        if plan.uses:
            return _queue(tx, desk, case, plan, books=books, items=items)
        if plan.over:
            stay_open(tx, desk, row, plan.why, expected=_WAITS, needs_person=plan.needs_person)
        elif applied_credits.move(
            tx, desk.connection_id, row.credit_id, CreditState.WAITING, now, _WAITS,
            why=plan.why, fingerprint=_fingerprint(desk, case, books),
        ) and plan.needs_person:  # fmt: skip
            tell(tx, desk, row, plan.why, "Put that right, and the next run applies it.")
    return 0


def _items(case: _Case, books: Books, found: Found) -> dict[tuple[str, str], OpenItem]:
    home = books.preferences.home_currency
    keys = [(TransactionType.VENDOR_CREDIT, case.row.credit_id), *((TransactionType.BILL, one) for one in case.bills)]
    return {
        (kind.value, id_): open_item(kind.value, found.records[kind, id_], home)
        for kind, id_ in keys
        if (kind, id_) in found.records
    }


def _queue(
    tx: Tx, desk: Desk, case: _Case, plan: CreditPlan, *, books: Books, items: Mapping[tuple[str, str], OpenItem]
) -> int:
    """The payment of zero: stored with its exact body before the first byte is sent, and once however often it is decided."""
    row, now = case.row, desk.clock.now()
    document = documents.get(tx, desk.connection_id, row.invoice_id)
    number = document.invoice_number if document else row.invoice_id
    credit, bills = items[CREDIT, row.credit_id], [items[BILL, one] for one in case.bills if (BILL, one) in items]
    said = "reversal" if row.origin is CreditOrigin.REVERSAL else "credit note"
    memo = credit_memo(
        f"{desk.policy.memo_prefix} {said} {number}: applied to bill {', '.join(bill.number for bill in bills)}",
        row.invoice_id,
        row.credit_id,
        latin1_only=books.preferences.is_us,
    )
    body = credit_payment_body(plan, credit, bills, memo=memo, multicurrency=books.preferences.multicurrency)
    moved = applied_credits.move(
        tx, desk.connection_id, row.credit_id, CreditState.APPLYING, now, _WAITS, amount=plan.amount, why="",
    )  # fmt: skip
    if not moved:
        return 0
    subject = f"{CREDIT}:{row.credit_id}"
    earlier = intents.ended_count(tx, desk.connection_id, Operation.APPLY_CREDIT, subject)
    name = credit_intent_id(desk.connection_id, row.credit_id, generation=earlier)
    new = NewIntent(
        id=name,
        system=System.QUICKBOOKS,
        operation=Operation.APPLY_CREDIT,
        invoice_id=row.invoice_id,
        subject=subject,
        entity="BillPayment",
        body=wire.encode(body).decode(),
        request_id=name,
    )
    intents.add(tx, desk.connection_id, new, now)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="vendor credit to be applied", subject=row.invoice_id,
        reason=f"{plan.amount} {credit.currency} of VendorCredit {row.credit_id}",
    )  # fmt: skip
    return 1


def stay_open(
    tx: Tx, desk: Desk, row: CreditRow, why: str, *, expected: frozenset[CreditState], needs_person: bool
) -> None:
    """The credit is not applied: it stays open in QuickBooks, for a person to use where that is needed."""
    now = desk.clock.now()
    if not applied_credits.move(
        tx, desk.connection_id, row.credit_id, CreditState.OPEN, now, expected, why=why, amount=None
    ):
        return
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="vendor credit left open", subject=row.invoice_id,
        reason=why,
    )  # fmt: skip
    if needs_person:
        tell(tx, desk, row, why, "Apply it in QuickBooks yourself, in Pay bills, and put this alert away.")
    else:
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=row.invoice_id, now=now)


def tell(tx: Tx, desk: Desk, row: CreditRow, why: str, way_out: str) -> None:
    """Raise the alert about a credit that somebody has to look after, with what to do about it."""
    document = documents.get(tx, desk.connection_id, row.invoice_id)
    number = document.invoice_number if document else row.invoice_id
    message = f"The credit of {number} (VendorCredit {row.credit_id} in QuickBooks) was not applied to its bill: {why}. {way_out}"
    alerts.raise_(
        tx, desk.connection_id, kind=ALERT, subject=row.invoice_id, severity=Severity.WARNING, message=message,
        now=desk.clock.now(),
    )  # fmt: skip
