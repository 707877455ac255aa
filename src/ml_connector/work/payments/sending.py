"""Telling Basware how far documents are paid, each time exactly once, and only of documents it knows as transferred.

The response and its external code are stored before they are sent. When no answer comes, the document itself tells: it lists the
responses it holds, by external code.
"""

from collections.abc import Callable, Sequence

import msgspec

from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.payment_responses import KEPT, payment_codes, payment_response_body
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.flows.identity import payment_code
from ml_connector.model.payments import Picture
from ml_connector.store import audit, intents, payments
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.schema import IntentState, Operation, PaymentState, System
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.verdicts import expect_outcome, expect_outcomes_soon
from ml_connector.work.payments.heard import PAYMENT_RESPONSE, not_told, note, note_over
from ml_connector.work.payments.looking import response_of

_GROUP = 25
"""Responses marked as being sent together; after a crash at most this many are looked up one by one."""
_OPEN = {IntentState.SENDING, IntentState.UNCLEAR}
_CONFLICT = 409
"""Basware's answer to an external code it has had (P2P specification: the code is unique within the invoice)."""
_CONFLICTS = 5
"""How often a response is sent to no other answer than a conflict, while Basware does not show it, before a person is told."""


def settle_payment_responses(desk: Desk) -> Delivered:
    """Find out what became of responses that were sent before and never answered."""
    delivered = Delivered()
    with desk.database.read() as tx:
        left_over = intents.in_state(
            tx, desk.connection_id, _OPEN, system=System.BASWARE, operation=Operation.PAYMENT_RESPONSE
        )
    for intent in left_over:
        desk.keep_lease()
        _one_by_one(_settle, desk, intent, delivered)
    return delivered


def send_payment_responses(desk: Desk) -> Delivered:
    """Send a response for every document with news."""
    delivered = Delivered()
    while True:
        _queue(desk)
        group = _next_group(desk)
        if not group:
            if delivered.done:
                expect_outcomes_soon(desk)
            return delivered
        done = delivered.done + delivered.refused + delivered.unclear
        desk.watch("telling Basware of payments", done, done + len(group))
        for intent in group:
            _one_by_one(_send, desk, intent, delivered)


def _queue(desk: Desk) -> None:
    """Put the responses of the next documents into the outbox, with the state that says so."""
    now = desk.clock.now()
    with desk.write() as tx:
        for row, round_ in payments.due(tx, desk.connection_id, _GROUP):
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


def _one_by_one(
    step: Callable[[Desk, IntentRow, Delivered], None], desk: Desk, intent: IntentRow, delivered: Delivered
) -> None:
    """Send or settle one response. A document that cannot be read tells nothing about its own, and stops no other."""
    try:
        step(desk, intent, delivered)
    except (UnreadablePage, UnreadableDocument) as error:
        _unclear(desk, intent, str(error), delivered)


def _next_group(desk: Desk) -> Sequence[IntentRow]:
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        group = intents.ready(tx, desk.connection_id, System.BASWARE, _GROUP, operation=Operation.PAYMENT_RESPONSE)
        names = [intent.id for intent in group]
        intents.mark(
            tx, desk.connection_id, names, desk.clock.now(), expected={IntentState.READY}, state=IntentState.SENDING
        )
    return group


def _send(desk: Desk, intent: IntentRow, delivered: Delivered) -> None:
    if _attempt(desk, intent, delivered) is not None:
        _settle(desk, intent, delivered)


def _settle(desk: Desk, intent: IntentRow, delivered: Delivered) -> None:
    """A response whose outcome is unknown: either the document lists it, or it is sent again under the same external code."""
    if intent.request_id in _held_codes(desk, intent.subject):
        _done(desk, intent, "", delivered)
    elif (lost := _attempt(desk, intent, delivered)) is not None:
        _unclear(desk, intent, str(lost), delivered)


def _attempt(desk: Desk, intent: IntentRow, delivered: Delivered) -> NoAnswer | None:
    """Send once and record what Basware says; the error when it says nothing."""
    try:
        trace = desk.basware.send_payment_response(intent.subject, intent.body.encode())
    except NoAnswer as lost:
        return lost
    except Refused as refusal:
        codes = _held_codes(desk, intent.subject)
        # Basware drops the oldest of more than it keeps: a code it has had and no longer shows was taken, too.
        if intent.request_id in codes or (refusal.status == _CONFLICT and len(codes) >= KEPT):
            _done(desk, intent, refusal.request_id, delivered)
        elif refusal.status == _CONFLICT and intent.attempts < _CONFLICTS:
            _unclear(desk, intent, str(refusal), delivered)
        else:
            _refused(desk, intent, str(refusal), refusal.request_id, delivered)
    else:
        _done(desk, intent, trace, delivered)
    return None


def _held_codes(desk: Desk, invoice_id: str) -> Sequence[str]:
    raw = desk.basware.document(invoice_id)
    return payment_codes(raw.raw) if raw is not None else ()


def _unclear(desk: Desk, intent: IntentRow, reason: str, delivered: Delivered) -> None:
    with desk.write() as tx:
        intents.mark(
            tx, desk.connection_id, [intent.id], desk.clock.now(),
            expected=_OPEN, state=IntentState.UNCLEAR, attempts=intent.attempts + 1,
        )  # fmt: skip
        _audit(tx, desk, intent, "no answer from Basware about a payment", reason=reason)
    delivered.count(IntentState.UNCLEAR)


def _done(desk: Desk, intent: IntentRow, trace: str, delivered: Delivered) -> None:
    now = desk.clock.now()
    with desk.write() as tx:
        if not intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.DONE):
            return
        row = payments.get(tx, desk.connection_id, intent.subject)
        if row is not None:
            # While a response is on its way nothing is worked out, so the picture is the one that was sent.
            payments.change(
                tx, desk.connection_id, intent.subject, now, intent.id, state=PaymentState.TOLD, open_code="",
                told=row.picture, told_digest=row.tried_digest, told_at=now, holds=(), wanted=False,
            )  # fmt: skip
        _audit(tx, desk, intent, "told Basware of payments", trace=trace)
        expect_outcome(tx, desk, intent, trace, entity_type=PAYMENT_RESPONSE)
        note_over(tx, desk, intent.subject)
    delivered.count(IntentState.DONE)


def _refused(desk: Desk, intent: IntentRow, reason: str, trace: str, delivered: Delivered) -> None:
    now = desk.clock.now()
    with desk.write() as tx:
        fault = msgspec.json.encode({"detail": reason}).decode()
        intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.REFUSED, fault=fault)
        payments.change(
            tx, desk.connection_id, intent.subject, now, intent.id, state=PaymentState.REFUSED, open_code="",
            holds=(not_told(reason),), next_at=None,
        )  # fmt: skip
        note(tx, desk, intent.subject, reason)
        _audit(tx, desk, intent, "payment refused by Basware", reason=reason, trace=trace)
    delivered.count(IntentState.REFUSED)


def _audit(tx: Tx, desk: Desk, intent: IntentRow, action: str, *, reason: str = "", trace: str = "") -> None:
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action=action, subject=intent.subject,
        after=intent.body, reason=reason, request_id=intent.request_id, trace=trace,
    )  # fmt: skip
