"""Telling Basware what became of each document, exactly once for each sending. How it is sent is `telling.py`'s."""

from collections.abc import Collection

from ml_connector.basware.translation import answered_codes
from ml_connector.model.holds import Cause, Hold
from ml_connector.store import document_rounds, documents
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import DocumentState, Operation
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.verdicts import expect_outcome
from ml_connector.work.plans import plan_of
from ml_connector.work.telling import Telling, note, send_ready, settle, subject_of


def answer_basware(desk: Desk) -> Delivered:
    """Send every transfer response that is due, after settling those whose outcome is unknown."""
    delivered = Delivered()
    settle(desk, _TRANSFER, delivered)
    send_ready(desk, _TRANSFER, delivered, watch="answering Basware")
    return delivered


class _TransferResponse(Telling):
    """The voucher number of a posted document, or why one cannot be posted."""

    operation = Operation.TRANSFER_RESPONSE
    unanswered = "no answer from Basware"

    def send(self, desk: Desk, intent: IntentRow) -> str:
        return desk.basware.send_transfer_response(subject_of(intent), intent.body.encode())

    def codes(self, raw: bytes) -> Collection[str]:
        return answered_codes(raw)

    def done(self, tx: Tx, desk: Desk, intent: IntentRow, trace: str) -> None:
        now = desk.clock.now()
        success = intent.entity == "success"
        target = DocumentState.CONFIRMED if success else DocumentState.RETURNED
        expected = DocumentState.POSTED if success else DocumentState.HELD
        row = documents.get(tx, desk.connection_id, subject_of(intent))
        if row is not None and row.round == intent.round and _answers_latest(row):
            documents.set_state(tx, desk.connection_id, row.invoice_id, target, now, expected={expected})
        elif row is not None:
            document_rounds.next_round(tx, desk.connection_id, row.invoice_id, now, expected={expected})
        note(tx, desk, intent, "answered Basware", trace=trace)
        expect_outcome(tx, desk, intent, trace)

    def refused(self, tx: Tx, desk: Desk, intent: IntentRow, reason: str, trace: str) -> None:
        now = desk.clock.now()
        hold = Hold(cause=Cause.ANSWER_REFUSED, facts={"detail": reason})
        documents.set_state(
            tx, desk.connection_id, subject_of(intent), DocumentState.HELD, now,
            expected={DocumentState.POSTED, DocumentState.HELD}, holds=(hold,), held_since=now,
        )  # fmt: skip
        note(tx, desk, intent, "answer refused by Basware", reason=reason, trace=trace)


_TRANSFER = _TransferResponse()


def _answers_latest(row: documents.DocumentRow) -> bool:
    """Whether the document that was planned is still the one Basware sent last."""
    return not row.plan or plan_of(row).inbox_id == row.inbox_id
