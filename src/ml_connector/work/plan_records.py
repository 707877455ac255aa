"""Writing down what was decided about a document, with everything that follows from it, in one transaction.

A plan that writes to QuickBooks stands in the outbox afterwards: ready to be sent or, under review, proposed. Decides nothing about
the document itself; the rules have by then.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from ml_connector.flows.answers import success_answer
from ml_connector.flows.invoices import NumberClaim, Write, writes_of
from ml_connector.model.books import Books, ExistingTransaction, TransactionType
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Mapping
from ml_connector.model.postings import DocumentPlan, Outcome
from ml_connector.quickbooks.wire import UnsendableError
from ml_connector.rules.marker import find_marker
from ml_connector.store import audit, documents, intents, links
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import DocumentState, IntentState
from ml_connector.work.answers_due import answer_if_due, posted_as
from ml_connector.work.credits.noting import note_credit_note
from ml_connector.work.desk import Desk
from ml_connector.work.lookups import Found
from ml_connector.work.outbox import (
    new_vendor_body,
    proposal_of,
    queue_answer,
    queue_vendor,
    queue_write,
    write_body,
)
from ml_connector.work.plans import PlanRecord


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What all documents of one run are planned from."""

    books: Books
    mapping: Mapping
    vendor_links: dict[str, str]
    claimed: dict[NumberClaim, str]
    fingerprint: str
    now: datetime
    today: date


class _Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan would write, to the letter, by what name it is proposed, and whether it waits for a person's release."""

    plan: DocumentPlan
    bodies: tuple[tuple[Write, str], ...]
    new_vendor: str
    proposal: str
    waits: bool


def _meant(desk: Desk, row: DocumentRow, plan: DocumentPlan, basis: Basis, found: Found) -> _Meant:
    """What the plan comes to; held instead when a body could not be sent."""
    bodies: tuple[tuple[Write, str], ...] = ()
    new_vendor = ""
    try:
        bodies = tuple((write, write_body(write, found)) for write in writes_of(plan))
        new_vendor = new_vendor_body(plan.new_vendor, basis.books) if plan.new_vendor else ""
    except UnsendableError as error:
        hold = Hold(cause=Cause.QUICKBOOKS_REFUSED, subject="not sent", facts={"message": str(error)})
        plan, bodies = msgspec.structs.replace(plan, outcome=Outcome.HOLD, holds=(hold,), new_vendor=None), ()
    proposal = proposal_of(row, bodies, new_vendor) if bodies or new_vendor else ""
    released = row.release is not None and row.release.proposal == proposal
    waits = bool(proposal) and desk.settings.review.invoices and not released
    return _Meant(plan=plan, bodies=bodies, new_vendor=new_vendor, proposal=proposal, waits=waits)


def record(
    tx: Tx, desk: Desk, row: DocumentRow, plan: DocumentPlan, *, basis: Basis, found: Found, payment_block: bool
) -> bool:
    """Write one decision down with everything that follows from it; False if the document moved meanwhile."""
    meant = _meant(desk, row, plan, basis, found)
    plan, waits = meant.plan, meant.waits
    record = PlanRecord(
        fingerprint=basis.fingerprint,
        content_hash=row.content_hash,
        inbox_id=row.inbox_id,
        payment_block=payment_block,
        plan=plan,
    )
    text = msgspec.json.encode(record).decode()
    kind = (
        plan.postings[0].type.value if plan.postings else (plan.existing[0].type.value if plan.existing else row.kind)
    )
    state = DocumentState.PLANNED if waits else _STATES[plan.outcome]
    # The hold time goes on while something is tried: a write that QuickBooks refuses every day would never be answered.
    held_since = (row.held_since or basis.now) if state is DocumentState.HELD else row.held_since
    if state is DocumentState.POSTED:
        held_since = None
    if not documents.undecided_since(tx, desk.connection_id, row):
        return False
    moved = documents.set_state(
        tx, desk.connection_id, row.invoice_id, state, basis.now,
        expected={row.state}, plan=text, kind=kind, holds=plan.holds, held_since=held_since,
        proposal=meant.proposal if waits else "",
    )  # fmt: skip
    if not moved:
        return False
    if waits and row.state is DocumentState.PLANNED and row.proposal == meant.proposal:
        return True  # it was looked at again, and everything it would write is still the same
    _queue(tx, desk, row, meant)
    if plan.outcome in {Outcome.ADOPT, Outcome.POST}:
        _link_found(tx, desk, row, plan.existing, basis.now)
    if state is DocumentState.POSTED:
        answer = success_answer(posted_as(tx, desk, row.invoice_id), basis.books.company_name)
        queue_answer(tx, desk, row, answer, payment_block=payment_block)
        for one in plan.existing:
            if one.type is TransactionType.VENDOR_CREDIT:
                note_credit_note(tx, desk, row, one.id)
    elif state is DocumentState.HELD:
        answer_if_due(tx, desk, row, plan.holds, held_since or basis.now, refuse=plan.outcome is Outcome.REFUSE)
    _tell(tx, desk, row, state, meant)
    return True


def _queue(tx: Tx, desk: Desk, row: DocumentRow, meant: _Meant) -> None:
    """Put what a plan writes into the outbox, instead of what was proposed. Vendors are made for released documents only."""
    intents.withdraw(tx, desk.connection_id, row.invoice_id)
    state = IntentState.PROPOSED if meant.waits else IntentState.READY
    for write, body in meant.bodies:
        queue_write(tx, desk, row, write, body, state=state)
    if meant.plan.new_vendor is not None and not meant.waits:
        queue_vendor(tx, desk, meant.plan.new_vendor, meant.new_vendor)


def _tell(tx: Tx, desk: Desk, row: DocumentRow, state: DocumentState, meant: _Meant) -> None:
    """A line in the audit, if anything is different from what it was."""
    plan = meant.plan
    if state is row.state and plan.holds == tuple(row.holds) and not meant.waits:
        return
    reason = ", ".join(hold.cause for hold in plan.holds)
    if meant.waits:
        differs = " again, because it differs from what was proposed before" if row.proposal else ""
        reason = f"waits for a person's release{differs}"
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action=f"planned: {plan.outcome}",
        subject=row.invoice_id, reason=reason,
    )  # fmt: skip


_STATES = {
    Outcome.HOLD: DocumentState.HELD,
    Outcome.REFUSE: DocumentState.HELD,
    Outcome.POST: DocumentState.POSTING,
    Outcome.UPDATE: DocumentState.POSTING,
    Outcome.ADOPT: DocumentState.POSTED,
    Outcome.NOTHING: DocumentState.POSTED,
    Outcome.CREATE_VENDOR: DocumentState.VENDOR_PENDING,
}


def _link_found(tx: Tx, desk: Desk, row: DocumentRow, existing: Sequence[ExistingTransaction], now: datetime) -> None:
    """Link transactions that were found to be the document's, each as the part it is linked as or its marker names."""
    own = links.for_record(tx, desk.connection_id, "invoice", row.invoice_id)
    parts = {(link.quickbooks_type, link.quickbooks_id): link.part for link in own}
    for number, one in enumerate(existing):
        marker = find_marker(one.memo)
        told = marker.part if marker and marker.invoice_id == row.invoice_id else number
        link = LinkRow(
            kind="invoice",
            basware_id=row.invoice_id,
            part=parts.get((one.type.value, one.id), told),
            quickbooks_type=one.type.value,
            quickbooks_id=one.id,
            sync_token=one.sync_token,
            doc_number=one.doc_number,
            txn_date=one.txn_date.isoformat() if one.txn_date else "",
            amount=one.total,
            currency=one.currency or row.currency,
            content_hash=row.content_hash,
        )
        links.put(tx, desk.connection_id, link, now)
