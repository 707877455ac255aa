"""Telling Basware how far documents are paid, each time exactly once, and only of documents it knows as transferred.

How it is sent is `work/telling.py`'s.
"""

from collections.abc import Collection

import msgspec

from ml_connector.basware.payment_responses import KEPT, payment_codes, payment_response_body
from ml_connector.flows.identity import payment_code
from ml_connector.model.payments import Picture
from ml_connector.store import intents, payments
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.schema import Operation, PaymentState, System
from ml_connector.work import telling
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.verdicts import expect_outcome
from ml_connector.work.payments.heard import PAYMENT_RESPONSE, not_told, note, note_over
from ml_connector.work.payments.looking import response_of
from ml_connector.work.telling import GROUP, Telling


def settle_payment_responses(desk: Desk) -> Delivered:
    """Find out what became of responses that were sent before and never answered."""
    delivered = Delivered()
    telling.settle(desk, _PAYMENT, delivered)
    return delivered


def send_payment_responses(desk: Desk) -> Delivered:
    """Send a response for every document with news."""
    delivered = Delivered()
    telling.send_ready(desk, _PAYMENT, delivered, watch="telling Basware of payments", queue=_queue)
    return delivered


def _queue(desk: Desk) -> None:
    """Put the responses of the next documents into the outbox, with the state that says so."""
    now = desk.clock.now()
    with desk.write() as tx:
        for row, round_ in payments.due(tx, desk.connection_id, GROUP):
            number = row.number + 1
            code = payment_code(desk.connection_id, row.invoice_id, number)
            picture = msgspec.json.decode(row.picture, type=Picture)
            response = response_of(desk, picture, code, source_system=desk.policy.source_system)
            new = NewIntent(
                id=code,
                system=System.BASWARE,
                operation=Operation.PAYMENT_RESPONSE,
                subject=row.invoice_id,
                round=round_,
                entity=PAYMENT_RESPONSE,
                body=payment_response_body(response).decode(),
                request_id=code,
            )
            intents.add(tx, desk.connection_id, new, now)
            payments.change(
                tx, desk.connection_id, row.invoice_id, now, state=PaymentState.SENDING, number=number, open_code=code,
                last_code=code, tried_digest=row.digest, round=round_,
            )  # fmt: skip


class _PaymentResponse(Telling):
    """How far a document is paid."""

    operation = Operation.PAYMENT_RESPONSE
    unanswered = "no answer from Basware about a payment"
    shown = KEPT
    conflicts = 5

    def send(self, desk: Desk, intent: IntentRow) -> str:
        return desk.basware.send_payment_response(intent.subject, intent.body.encode())

    def codes(self, raw: bytes) -> Collection[str]:
        return payment_codes(raw)

    def done(self, tx: Tx, desk: Desk, intent: IntentRow, trace: str) -> None:
        now = desk.clock.now()
        row = payments.get(tx, desk.connection_id, intent.subject)
        if row is not None:
            # While a response is on its way nothing is worked out, so the picture is the one that was sent.
            payments.change(
                tx, desk.connection_id, intent.subject, now, intent.id, state=PaymentState.TOLD, open_code="",
                told=row.picture, told_digest=row.tried_digest, told_at=now, holds=(), wanted=False,
            )  # fmt: skip
        telling.note(tx, desk, intent, "told Basware of payments", trace=trace)
        expect_outcome(tx, desk, intent, trace, entity_type=PAYMENT_RESPONSE)
        note_over(tx, desk, intent.subject)

    def refused(self, tx: Tx, desk: Desk, intent: IntentRow, reason: str, trace: str) -> None:
        payments.change(
            tx, desk.connection_id, intent.subject, desk.clock.now(), intent.id, state=PaymentState.REFUSED, open_code="",
            holds=(not_told(reason),), next_at=None,
        )  # fmt: skip
        note(tx, desk, intent.subject, reason)
        telling.note(tx, desk, intent, "payment refused by Basware", reason=reason, trace=trace)


_PAYMENT = _PaymentResponse()
