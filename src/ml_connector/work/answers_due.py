"""Which answer Basware is owed: what a document became, or that it failed, as soon as the policy says so."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ml_connector.flows.answers import Posted, failure_answer, failure_is_due
from ml_connector.model.holds import Hold
from ml_connector.store import documents, intents, links
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.outbox import queue_answer
from ml_connector.work.plans import UNREADABLE_PREFIX


def posted_as(tx: Tx, desk: Desk, invoice_id: str) -> list[Posted]:
    """The transactions a document became, in order of their parts."""
    found = links.for_record(tx, desk.connection_id, "invoice", invoice_id)
    return [Posted(type=one.quickbooks_type, id=one.quickbooks_id, doc_number=one.doc_number) for one in found]


def answer_if_due(
    tx: Tx, desk: Desk, row: DocumentRow, holds: Sequence[Hold], held_since: datetime, *, refuse: bool = False
) -> bool:
    """Tell Basware that a held document failed, if the policy says now.

    Documents Basware never named cannot be answered. One that stands in QuickBooks from an earlier sending, or in part, has not
    failed: it stays held until a person brings both sides together.
    """
    if row.invoice_id.startswith(UNREADABLE_PREFIX) or posted_as(tx, desk, row.invoice_id):
        return False
    if not refuse and not failure_is_due(holds, desk.policy, held_since, desk.clock.now()):
        return False
    # Basware takes the payment block over from successful answers only (TransferResponseEntity).
    queue_answer(tx, desk, row, failure_answer(holds), payment_block=False)
    return True


def answer_held(desk: Desk) -> int:
    """Answer held documents whose hold time is over; how many."""
    with desk.write() as tx:
        return sum(_answer_overdue(tx, desk))


def _answer_overdue(tx: Tx, desk: Desk) -> Iterator[bool]:
    busy = intents.busy_documents(tx, desk.connection_id)
    for row in documents.in_state(tx, desk.connection_id, {DocumentState.HELD}):
        if row.invoice_id not in busy and row.held_since is not None:
            yield answer_if_due(tx, desk, row, row.holds, row.held_since)
