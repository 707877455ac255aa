"""What follows from QuickBooks' answer to one write: a link, a created vendor, or a refusal somebody can act on.

Applying the same answer twice changes nothing: an intent that ended is not touched again.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from ml_connector.flows.answers import success_answer
from ml_connector.model.holds import Cause, Hold
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.answers import ItemAnswer
from ml_connector.quickbooks.faults import Action, Fault, duplicate_target, rule_for
from ml_connector.store import audit, documents, intents, links
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.intents import IntentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import ACCRUES, RESTORES, UNDOES, WRITES, DocumentState, IntentState, Operation
from ml_connector.work.accruals.outcome import accrual_refused, accrual_written
from ml_connector.work.answers_due import answer_if_due, posted_as
from ml_connector.work.changes.copies import keep_own_write
from ml_connector.work.credits.applied import credit_applied, credit_refused
from ml_connector.work.credits.noting import CREDIT, note_credit_note
from ml_connector.work.desk import Desk
from ml_connector.work.drift import outcome as drift_outcome
from ml_connector.work.lists import company_name
from ml_connector.work.order_links import verify_links
from ml_connector.work.order_results import ORDER_WRITES, order_posted, order_refused
from ml_connector.work.outbox import queue_answer
from ml_connector.work.plans import plan_of
from ml_connector.work.reactivating import outcome as reactivation_outcome
from ml_connector.work.taken_back.undone import finish_withdrawal, undone
from ml_connector.work.tax_check import note_tax

_PLAN_AGAIN = {Action.LOOK_UP, Action.REFRESH_LISTS, Action.REREAD, Action.RETRY, Action.WAIT}
"""Refusals that a fresh look at QuickBooks may resolve: the document is planned again before anybody is asked."""
_TRIES = 3
_GONE = "610"
"""QuickBooks' code for a record that was deleted before (Intuit, error codes)."""
_WRITTEN = "written to QuickBooks"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a successful write left in QuickBooks."""

    id: str
    sync_token: str
    doc_number: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The call an answer came from: our request id and Intuit's name for it, empty when it was found by a look-up."""

    request_id: str
    trace: str = ""


def apply_answer(tx: Tx, desk: Desk, intent: IntentRow, item: ItemAnswer, sent: Sent) -> IntentState:
    """Record one item's outcome and everything that follows from it."""
    if item.record is not None:
        return apply_success(tx, desk, intent, item.record, sent)
    if intent.operation is Operation.DELETE and any(one.code == _GONE for one in item.faults):
        return apply_success(
            tx, desk, intent, wire.decode(intent.body.encode()), sent, how="gone from QuickBooks before"
        )
    now = desk.clock.now()
    fault = msgspec.json.encode(item.faults).decode()
    if intents.mark(
        tx, desk.connection_id, [intent.id], now, expected=intents.UNDER_WAY, state=IntentState.REFUSED, fault=fault
    ):
        reason = "; ".join(f"{one.code} {one.detail or one.message}" for one in item.faults)
        _audit(tx, desk, intent, sent, action="refused by QuickBooks", reason=reason)
        if intent.operation is Operation.CREATE_VENDOR:
            _vendor_refused(tx, desk, intent, item.faults)
        elif intent.operation in ORDER_WRITES:
            order_refused(tx, desk, intent, item.faults, _unique(map(_hold_for, item.faults)))
        elif intent.operation in ACCRUES:
            accrual_refused(tx, desk, intent, item.faults, _unique(map(_hold_for, item.faults)))
        elif intent.operation in UNDOES:
            _undo_refused(tx, desk, intent)
        elif intent.operation in RESTORES:
            drift_outcome.refused(tx, desk, intent, reason)
        elif intent.operation is Operation.REACTIVATE:
            reactivation_outcome.refused(tx, desk, intent, item.faults)
        elif intent.operation is Operation.APPLY_CREDIT:
            credit_refused(tx, desk, intent, item.faults)
        else:
            finish_document(tx, desk, intent)
    return IntentState.REFUSED


def apply_success(
    tx: Tx, desk: Desk, intent: IntentRow, record: dict[str, Any], sent: Sent, *, how: str = _WRITTEN
) -> IntentState:
    """The write is in QuickBooks, as this record; `how` tells the audit whether it was answered or found."""
    now = desk.clock.now()
    result = Result(
        id=str(record["Id"]), sync_token=str(record.get("SyncToken", "")), doc_number=str(record.get("DocNumber", ""))
    )
    text = msgspec.json.encode(result).decode()
    if not intents.mark(
        tx, desk.connection_id, [intent.id], now, expected=intents.UNDER_WAY, state=IntentState.DONE, result=text
    ):
        return IntentState.DONE
    _audit(tx, desk, intent, sent, action=how, reason=f"{intent.entity} {result.id}")
    if intent.operation is not Operation.DELETE:  # what is gone is not kept: its announcement marks the copy so
        keep_own_write(tx, desk, intent.entity, record, answered=how == _WRITTEN)
    if intent.operation in UNDOES:
        undone(tx, desk, intent, id=result.id, sync_token=result.sync_token, doc_number=result.doc_number)
    elif intent.operation in ACCRUES:
        accrual_written(tx, desk, intent, quickbooks_id=result.id, sync_token=result.sync_token)
    elif intent.operation is Operation.CREATE_VENDOR:
        _vendor_created(tx, desk, intent, record)
    elif intent.operation in ORDER_WRITES:
        order_posted(tx, desk, intent, record)
    elif intent.operation in RESTORES:
        drift_outcome.restored(
            tx, desk, intent, quickbooks_id=result.id, sync_token=result.sync_token, doc_number=result.doc_number
        )
    elif intent.operation is Operation.REACTIVATE:
        reactivation_outcome.reactivated(tx, desk, intent, record)
    elif intent.operation is Operation.APPLY_CREDIT:
        credit_applied(tx, desk, intent, record)
    else:
        _link_document(tx, desk, intent, result, record)
        if intent.entity == "Bill":
            verify_links(tx, desk, intent, record)
        finish_document(tx, desk, intent)
    return IntentState.DONE


def _undo_refused(tx: Tx, desk: Desk, intent: IntentRow) -> None:
    row = documents.get(tx, desk.connection_id, intent.invoice_id or "")
    if row is not None:
        finish_withdrawal(tx, desk, row)


def _audit(tx: Tx, desk: Desk, intent: IntentRow, sent: Sent, *, action: str, reason: str) -> None:
    audit.record(
        tx,
        desk.connection_id,
        at=desk.clock.now(),
        actor=desk.worker,
        action=action,
        subject=intent.invoice_id or intent.subject,
        after=intent.body,
        reason=reason,
        request_id=sent.request_id,
        trace=sent.trace,
    )


def _link_document(tx: Tx, desk: Desk, intent: IntentRow, result: Result, record: dict[str, Any]) -> None:
    row = documents.get(tx, desk.connection_id, intent.invoice_id or "")
    if row is None:
        return
    planned = plan_of(row)
    posting = next(one for one in planned.plan.postings if one.part == intent.part)
    links.put(
        tx,
        desk.connection_id,
        LinkRow(
            kind="invoice",
            basware_id=row.invoice_id,
            part=intent.part,
            quickbooks_type=intent.entity,
            quickbooks_id=result.id,
            sync_token=result.sync_token,
            doc_number=result.doc_number or posting.doc_number,
            txn_date=posting.txn_date.isoformat(),
            amount=posting.total,
            currency=posting.currency,
            content_hash=planned.content_hash,
            agreed=msgspec.json.encode(posting).decode(),
        ),
        desk.clock.now(),
    )
    note_tax(tx, desk, row, posting, record, entity=intent.entity)
    if intent.entity == CREDIT:
        note_credit_note(tx, desk, row, result.id)


def finish_document(tx: Tx, desk: Desk, intent: IntentRow) -> None:
    """Move the document on once all its writes of this sending have ended."""
    row = documents.get(tx, desk.connection_id, intent.invoice_id or "")
    if row is None or row.state is not DocumentState.POSTING:
        return
    every = intents.for_document(tx, desk.connection_id, row.invoice_id)
    # An earlier plan may have had parts that the present one has not: what became of those no longer counts.
    parts = {posting.part for posting in plan_of(row).plan.postings}
    own = [one for one in every if one.operation in WRITES and one.round == row.round and one.part in parts]
    latest = {one.part: one for one in own}
    if any(one.state in intents.UNDER_WAY for one in latest.values()):
        return
    refused = [one for one in latest.values() if one.state is IntentState.REFUSED]
    if refused:
        tries = Counter(one.part for one in own if one.state is IntentState.REFUSED)
        _document_refused(tx, desk, row, refused, tries=max(tries.values()))
        return
    now = desk.clock.now()
    if documents.set_state(
        tx, desk.connection_id, row.invoice_id, DocumentState.POSTED, now,
        expected={DocumentState.POSTING}, held_since=None,
    ):  # fmt: skip
        answer = success_answer(posted_as(tx, desk, row.invoice_id), company_name(tx, desk))
        queue_answer(tx, desk, row, answer, payment_block=plan_of(row).payment_block)


def _document_refused(tx: Tx, desk: Desk, row: DocumentRow, refused: list[IntentRow], *, tries: int) -> None:
    now = desk.clock.now()
    faults = [fault for intent in refused for fault in msgspec.json.decode(intent.fault, type=list[Fault])]
    if tries < _TRIES and all(rule_for(fault).action in _PLAN_AGAIN for fault in faults):
        documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.RECEIVED, now, expected={DocumentState.POSTING}
        )
        return
    holds = _unique(_hold_for(fault) for fault in faults)
    held_since = row.held_since or now
    moved = documents.set_state(
        tx, desk.connection_id, row.invoice_id, DocumentState.HELD, now,
        expected={DocumentState.POSTING}, holds=holds, held_since=held_since,
    )  # fmt: skip
    if moved:
        answer_if_due(tx, desk, row, holds, held_since)


def _unique(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """Each cause once: all parts of a document are often refused for one reason."""
    kept: list[Hold] = []
    for hold in holds:
        if hold not in kept:
            kept.append(hold)
    return tuple(kept)


def _hold_for(fault: Fault) -> Hold:
    rule = rule_for(fault)
    facts = {
        "code": fault.code,
        "message": fault.message,
        "detail": fault.detail,
        "sentence": rule.sentence,
        "who": rule.who.value,
    }
    target = duplicate_target(fault)
    if target is None:
        return Hold(cause=Cause.QUICKBOOKS_REFUSED, subject=fault.code, facts=facts)
    return Hold(
        cause=Cause.DUPLICATE_NUMBER, subject=fault.code, facts=facts | {"type": str(target[0]), "id": target[1]}
    )


def _vendor_created(tx: Tx, desk: Desk, intent: IntentRow, record: dict[str, Any]) -> None:
    now = desk.clock.now()
    links.put(
        tx,
        desk.connection_id,
        LinkRow(
            kind="vendor",
            basware_id=intent.subject,
            quickbooks_type="Vendor",
            quickbooks_id=str(record["Id"]),
            sync_token=str(record.get("SyncToken", "")),
        ),
        now,
    )
    for row in _waiting_for(tx, desk, intent.subject):
        documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.RECEIVED, now, expected={DocumentState.VENDOR_PENDING}
        )


def _vendor_refused(tx: Tx, desk: Desk, intent: IntentRow, faults: tuple[Fault, ...]) -> None:
    now = desk.clock.now()
    name = str(wire.decode(intent.body.encode()).get("DisplayName", ""))
    for row in _waiting_for(tx, desk, intent.subject):
        holds = _unique(_vendor_hold(fault, name, row) for fault in faults)
        documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.HELD, now,
            expected={DocumentState.VENDOR_PENDING}, holds=holds, held_since=row.held_since or now,
        )  # fmt: skip


def _vendor_hold(fault: Fault, name: str, row: DocumentRow) -> Hold:
    if fault.code == "6240":
        return Hold(cause=Cause.VENDOR_NAME_TAKEN, subject=name, facts={"name": name, "supplier": row.supplier_code})
    return _hold_for(fault)


def _waiting_for(tx: Tx, desk: Desk, supplier_code: str) -> list[DocumentRow]:
    pending = documents.in_state(tx, desk.connection_id, {DocumentState.VENDOR_PENDING})
    return [row for row in pending if row.supplier_code == supplier_code]
