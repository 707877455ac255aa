"""What Basware is told about prebookings that are accrued: the entry that stands, that none was needed, or why there is none.

Only queued here; `work/early_answers.py` sends it, exactly once.
"""

from collections.abc import Sequence

import msgspec

from ml_connector.basware.early_responses import EarlyResponse, is_blocked, prebook_response_body
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.flows.answers import Answer, failure_answer
from ml_connector.flows.early_answers import accrual_answer, invoiced_answer
from ml_connector.flows.identity import early_code
from ml_connector.model.holds import Hold
from ml_connector.model.postings import Posting
from ml_connector.store import accruals, inbox, intents
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.intents import NewIntent
from ml_connector.store.schema import Operation, System
from ml_connector.work.desk import Desk


def queue_accrual_answers(desk: Desk) -> int:
    """Put the answer to every prebooking that is decided into the outbox; how many."""
    with desk.database.read() as tx:
        if not accruals.unanswered(tx, desk.connection_id):
            return 0
    with desk.write() as tx:
        rows = accruals.unanswered(tx, desk.connection_id)
        for row in rows:
            answer = _answer(row)
            _queue(tx, desk, row, answer)
            accruals.move(
                tx, desk.connection_id, row, row.state, desk.clock.now(), expected=row.state, answered=row.sending
            )
    return len(rows)


def queue_failure(tx: Tx, desk: Desk, row: AccrualRow, holds: Sequence[Hold]) -> None:
    """Tell Basware that a prebooking failed, for these reasons."""
    _queue(tx, desk, row, failure_answer(holds))


def _answer(row: AccrualRow) -> Answer:
    if not row.quickbooks_id:
        return invoiced_answer()
    posting = msgspec.json.decode(row.posting, type=Posting)
    return accrual_answer(row.quickbooks_id, posting.doc_number, posting.txn_date)


def _queue(tx: Tx, desk: Desk, row: AccrualRow, answer: Answer) -> None:
    code = early_code(
        desk.connection_id, row.invoice_id, operation=Operation.PREBOOK_RESPONSE.value, sending=row.sending
    )
    response = EarlyResponse(
        external_code=code,
        success=answer.success,
        message=answer.message,
        source_system=desk.policy.source_system,
        payment_block=_blocked(tx, desk, row),
        voucher_number_1=answer.voucher_number_1,
        voucher_number_2=answer.voucher_number_2,
    )
    new = NewIntent(
        id=code,
        system=System.BASWARE,
        operation=Operation.PREBOOK_RESPONSE,
        subject=row.invoice_id,
        entity="PrebookResponse",
        body=prebook_response_body(response).decode(),
        request_id=code,
    )
    intents.add(tx, desk.connection_id, new, desk.clock.now())


def _blocked(tx: Tx, desk: Desk, row: AccrualRow) -> bool:
    """The payment block of the invoice: Basware would take another value over. One that cannot be read has none to lose."""
    raw = inbox.payloads(tx, desk.connection_id, [row.inbox_id])[row.inbox_id]
    try:
        return is_blocked(raw.encode())
    except UnreadableDocument:
        return False
