"""Finding out what became of writes whose answer never came. Nothing is guessed, and nothing is done twice.

First the vendor's own time limit has to pass, so that nothing can still be under way. Then QuickBooks is asked for our marker.
What is found is done. If nothing of a batch is found, the identical request is sent again with the same request id: Intuit
answers from memory if it was executed after all. If only some is found, the batch broke off in the middle, and the rest is
ready again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ml_connector.model.books import TransactionType
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.errors import Refused
from ml_connector.quickbooks.queries import literal
from ml_connector.rules.marker import find_accrual, find_marker, find_undo
from ml_connector.store import batches, intents, links
from ml_connector.store.batches import BatchRow
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import ACCRUES, BatchState, IntentState, Operation, System
from ml_connector.work.credits.applied import find_application
from ml_connector.work.delivery import Delivered, mark_unclear, send
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import look_up
from ml_connector.work.order_results import find_order
from ml_connector.work.results import Sent, apply_success
from ml_connector.work.taken_back.undone import TAKEN_BACK

_NEW = frozenset({Operation.CREATE, Operation.REVERSE, Operation.POST_AGAIN}) | ACCRUES
"""Writes that make a transaction, to be looked for by its number and mark."""

_ASKED_FOR = frozenset({Operation.CREATE_VENDOR, Operation.CREATE_ORDER, Operation.APPLY_CREDIT})
"""Writes that make something else, which is asked for one by one."""

_BY_SYNC_TOKEN = frozenset({Operation.UPDATE, Operation.UPDATE_ORDER, Operation.RESTORE, Operation.REACTIVATE})
"""Writes that name the version they replace, so that sending one again can do nothing twice."""


def settle_unclear(desk: Desk) -> tuple[Delivered, datetime | None]:
    """Settle every unanswered batch that may be settled now; also when the next one may be, if any is left.

    A batch still marked as being sent belongs to a process that died: this one holds the connection's lease.
    """
    delivered, next_due = Delivered(), None
    wait = timedelta(seconds=desk.settings.quickbooks.settle_after)
    with desk.database.read() as tx:
        unanswered = batches.open_batches(tx, desk.connection_id, System.QUICKBOOKS)
    for batch in unanswered:
        if batch.state is BatchState.SENDING:
            with desk.write() as tx:
                group = batches.intents_of_batch(tx, desk.connection_id, batch.id)
                mark_unclear(tx, desk, batch, group, "the process that sent it ended before the answer")
        due = batch.sent_at + wait
        if due > desk.clock.now():
            next_due = due if next_due is None else min(next_due, due)
            continue
        _settle(desk, batch.id, delivered)
    return delivered, next_due


def _settle(desk: Desk, batch_id: str, delivered: Delivered) -> None:
    with desk.database.read() as tx:
        batch = batches.get_batch(tx, desk.connection_id, batch_id)
        group = batches.intents_of_batch(tx, desk.connection_id, batch_id)
    found = _found(desk, group)
    if not found:
        _note_sending(desk, batch)
        try:
            send(desk, batch, group, delivered)
        except Refused:
            _release(desk, batch, group, {}, delivered)
        return
    _release(desk, batch, group, found, delivered)


def _note_sending(desk: Desk, batch: BatchRow) -> None:
    """From now on the vendor's time limit runs anew, should this answer get lost as well."""
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        batches.set_batch(
            tx, desk.connection_id, batch.id, now, expected={BatchState.UNCLEAR}, state=BatchState.UNCLEAR,
            worker=desk.worker, sent_at=now,
        )  # fmt: skip


def _release(
    desk: Desk, batch: BatchRow, group: Sequence[IntentRow], found: dict[str, dict[str, Any]], delivered: Delivered
) -> None:
    """Close the batch: what was found is done, the rest is ready for another one."""
    now = desk.clock.now()
    with desk.write() as tx:
        batches.set_batch(
            tx,
            desk.connection_id,
            batch.id,
            now,
            expected={BatchState.SENDING, BatchState.UNCLEAR},
            state=BatchState.DONE,
        )
        for intent in group:
            if intent.id in found:
                delivered.count(
                    apply_success(
                        tx, desk, intent, found[intent.id], Sent(request_id=batch.id), how="found in QuickBooks"
                    )
                )
        rest = [intent.id for intent in group if intent.id not in found]
        _make_ready(tx, desk, rest, now)


def _make_ready(tx: Tx, desk: Desk, names: list[str], now: datetime) -> None:
    intents.mark(
        tx, desk.connection_id, names, now, expected={IntentState.UNCLEAR}, state=IntentState.READY, batch_id=None
    )


def _found(desk: Desk, group: Sequence[IntentRow]) -> dict[str, dict[str, Any]]:
    """The records these writes left in QuickBooks, by intent, all looked up together.

    Updates are not looked for: sending one again is safe by itself, since it carries the sync token it replaces.
    """
    bodies = {intent.id: wire.decode(intent.body.encode()) for intent in group}
    creates = [intent for intent in group if intent.operation in _NEW]
    deletions = [intent for intent in group if intent.operation is Operation.DELETE]
    undone = _undone_before(desk, creates)
    numbers = [str(bodies[intent.id].get("DocNumber", "")) for intent in creates]
    marked: dict[tuple[str, str, int], dict[str, Any]] = {}
    reversals: dict[tuple[str, str], dict[str, Any]] = {}
    accrued: dict[tuple[str, int], dict[str, Any]] = {}
    ids = [(TransactionType(intent.entity), str(bodies[intent.id]["Id"])) for intent in deletions]
    there = look_up(desk.quickbooks, load_books(desk), numbers=numbers, ids=ids).records
    for (type_, id_), one in there.items():
        memo = str(one.get("PrivateNote", ""))
        if (undo := find_undo(memo)) is not None:
            reversals[undo] = one
        elif (accrual := find_accrual(memo)) is not None:
            accrued[accrual] = one
        elif (marker := find_marker(memo)) is not None and (type_.value, id_) not in undone:
            marked[type_.value, marker.invoice_id, marker.part] = one
    found: dict[str, dict[str, Any]] = {}
    record: dict[str, Any] | None
    for intent in group:
        if intent.operation in _ASKED_FOR:
            record = _ask_for(desk, intent, bodies[intent.id])
        elif intent.operation is Operation.ACCRUE:
            record = accrued.get((intent.invoice_id or "", intent.part))
        elif intent.operation in {Operation.REVERSE, Operation.REVERSE_ACCRUAL}:
            record = reversals.get((intent.invoice_id or "", intent.subject.partition(":")[2]))
        elif intent.operation is Operation.DELETE:
            stands = (TransactionType(intent.entity), str(bodies[intent.id]["Id"])) in there
            record = None if stands else bodies[intent.id]
        else:
            record = marked.get((intent.entity, intent.invoice_id or "", intent.part))
        if record is not None and intent.operation not in _BY_SYNC_TOKEN:
            found[intent.id] = record
    return found


def _undone_before(desk: Desk, creates: Sequence[IntentRow]) -> set[tuple[str, str]]:
    """Transactions with our marker that were reversed since: they stand in QuickBooks and are not what is looked for."""
    with desk.database.read() as tx:
        return {
            (link.quickbooks_type, link.quickbooks_id)
            for invoice_id in {intent.invoice_id for intent in creates if intent.invoice_id}
            for link in links.for_record(tx, desk.connection_id, TAKEN_BACK, invoice_id)
        }


def _ask_for(desk: Desk, intent: IntentRow, body: dict[str, Any]) -> dict[str, Any] | None:
    if intent.operation is Operation.CREATE_VENDOR:
        return _find_vendor(desk, body)
    if intent.operation is Operation.CREATE_ORDER:
        return find_order(desk, intent.subject, str(body.get("DocNumber", "")))
    return find_application(desk, intent)


def _find_vendor(desk: Desk, body: dict[str, Any]) -> dict[str, Any] | None:
    name, number = str(body["DisplayName"]), str(body.get("AcctNum", ""))
    for record in desk.quickbooks.query_all("Vendor", f"DisplayName = {literal(name)}"):
        if str(record.get("AcctNum", "")) == number:
            return record
    return None
