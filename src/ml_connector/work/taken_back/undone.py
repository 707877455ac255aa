"""What follows from QuickBooks' answer to a deletion or a reversal: links that are kept as history, and the end of the withdrawal.

Applying the same answer twice changes nothing. A link is moved, never lost: `taken back` tells what a document once was, `reversal`
what undid it.
"""

from collections.abc import Sequence

import msgspec

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.taken_back import WORDS
from ml_connector.quickbooks.faults import Fault, rule_for
from ml_connector.store import audit, document_rounds, documents, intents, links, withdrawals
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.intents import IntentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import UNDOES, DocumentState, IntentState, Operation, WithdrawalState
from ml_connector.store.withdrawals import WithdrawalRow
from ml_connector.work.credits.noting import BILL, CREDIT, note_reversal
from ml_connector.work.desk import Desk

TAKEN_BACK, REVERSAL = "taken back", "reversal"
"""Kinds of links: transactions that were undone, and those that undid them."""

_TRIES = 3


def retire(tx: Tx, desk: Desk, link: LinkRow) -> int:
    """Move a document's link to its history; the number it has there."""
    number = len(links.for_record(tx, desk.connection_id, TAKEN_BACK, link.basware_id))
    now = desk.clock.now()
    links.remove(tx, desk.connection_id, "invoice", link.basware_id, link.part)
    links.put(tx, desk.connection_id, msgspec.structs.replace(link, kind=TAKEN_BACK, part=number), now)
    return number


def undone(tx: Tx, desk: Desk, intent: IntentRow, *, id: str, sync_token: str, doc_number: str) -> None:  # noqa: A002
    """One transaction is undone: its link becomes history, and the reversal is linked beside it."""
    row = documents.get(tx, desk.connection_id, intent.invoice_id or "")
    if row is None:
        return
    kind, _, old_id = intent.subject.partition(":")
    own = links.for_record(tx, desk.connection_id, "invoice", row.invoice_id)
    link = next((one for one in own if (one.quickbooks_type, one.quickbooks_id) == (kind, old_id)), None)
    if link is not None:
        number = retire(tx, desk, link)
        if intent.operation is Operation.REVERSE:
            reversal = LinkRow(
                kind=REVERSAL,
                basware_id=row.invoice_id,
                part=number,
                quickbooks_type=intent.entity,
                quickbooks_id=id,
                sync_token=sync_token,
                doc_number=doc_number,
                txn_date=str(msgspec.json.decode(intent.body).get("TxnDate", "")),
                amount=link.amount,
                currency=link.currency,
            )
            links.put(tx, desk.connection_id, reversal, desk.clock.now())
            pair = {kind: old_id, intent.entity: id}
            if CREDIT in pair and BILL in pair:
                note_reversal(tx, desk, row, credit_id=pair[CREDIT], bill_id=pair[BILL])
    finish_withdrawal(tx, desk, row)


def finish_withdrawal(tx: Tx, desk: Desk, row: DocumentRow) -> None:
    """Move the document on once everything that undoes it has ended."""
    one = withdrawals.get(tx, desk.connection_id, row.invoice_id, row.round)
    if one is None or one.state is not WithdrawalState.UNDOING or row.state is not DocumentState.WITHDRAWING:
        return
    every = [
        intent
        for intent in intents.for_document(tx, desk.connection_id, row.invoice_id)
        if intent.operation in UNDOES and intent.round == row.round
    ]
    latest = {intent.subject: intent for intent in every}
    if any(intent.state in intents.UNDER_WAY for intent in latest.values()):
        return
    refused = [intent for intent in latest.values() if intent.state is IntentState.REFUSED]
    if refused:
        _refused(tx, desk, one, row, refused)
        return
    outcome = "; ".join(_told(intent) for intent in latest.values())
    _over(tx, desk, one, row, outcome)


def _told(intent: IntentRow) -> str:
    """What was done with one transaction, in words."""
    old = intent.subject.replace(":", " ")
    if intent.operation is Operation.DELETE:
        return f"{old} deleted"
    result = msgspec.json.decode(intent.result) if intent.result else {}
    return f"{old} reversed by {intent.entity} {result.get('id', '')}".strip()


def nothing_stands(tx: Tx, desk: Desk, one: WithdrawalRow, row: DocumentRow, own: Sequence[LinkRow]) -> None:
    """QuickBooks has nothing of the document: it was never posted, or somebody deleted it there."""
    for link in own:
        retire(tx, desk, link)
    gone = ", ".join(f"{link.quickbooks_type} {link.quickbooks_id}" for link in own)
    _over(tx, desk, one, row, f"{gone} no longer in QuickBooks" if own else "nothing of it was posted")


def keep_as_it_is(tx: Tx, desk: Desk, one: WithdrawalRow, row: DocumentRow, reason: str) -> None:
    """The transactions stay in QuickBooks because a person said so."""
    now = desk.clock.now()
    if withdrawals.move(tx, desk.connection_id, one, WithdrawalState.KEPT, now, outcome=reason):
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="taken back: kept in QuickBooks", subject=row.invoice_id,
            reason=reason,
        )  # fmt: skip


def _over(tx: Tx, desk: Desk, one: WithdrawalRow, row: DocumentRow, outcome: str) -> None:
    now = desk.clock.now()
    note = f"Basware {WORDS.get(one.status, one.status)}: {outcome}"
    moved = documents.set_state(
        tx, desk.connection_id, row.invoice_id, DocumentState.WITHDRAWN, now,
        expected={row.state}, holds=(), held_since=None, note=note,
    )  # fmt: skip
    if not moved:
        return
    withdrawals.move(tx, desk.connection_id, one, WithdrawalState.DONE, now, outcome=outcome)
    audit.record(
        tx,
        desk.connection_id,
        at=now,
        actor=desk.worker,
        action="undone in QuickBooks",
        subject=row.invoice_id,
        reason=note,
    )
    if row.inbox_id != one.inbox_id:  # Basware sent it again while it was being undone
        document_rounds.next_round(tx, desk.connection_id, row.invoice_id, now, expected={DocumentState.WITHDRAWN})


def _refused(tx: Tx, desk: Desk, one: WithdrawalRow, row: DocumentRow, refused: Sequence[IntentRow]) -> None:
    """QuickBooks said no, perhaps because the transaction changed meanwhile: a fresh look, and after some of them a person."""
    now, tries = desk.clock.now(), one.tries + 1
    if tries < _TRIES:
        withdrawals.move(tx, desk.connection_id, one, WithdrawalState.OPEN, now, tries=tries)
        return
    faults = [fault for intent in refused for fault in msgspec.json.decode(intent.fault, type=list[Fault])]
    holds = tuple(
        Hold(
            cause=Cause.QUICKBOOKS_REFUSED,
            subject=fault.code,
            facts={
                "code": fault.code,
                "message": fault.message,
                "detail": fault.detail,
                "sentence": rule_for(fault).sentence,
                "who": rule_for(fault).who.value,
            },
        )
        for fault in {fault.code: fault for fault in faults}.values()
    )
    withdrawals.move(tx, desk.connection_id, one, WithdrawalState.HELD, now, tries=0)
    documents.set_state(
        tx, desk.connection_id, row.invoice_id, DocumentState.HELD, now,
        expected={DocumentState.WITHDRAWING}, holds=holds, held_since=now,
    )  # fmt: skip
