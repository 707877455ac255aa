"""Telling Basware what became of each document, exactly once for each sending.

The response and its external code are stored before they are sent. When no answer comes, the document itself tells: it lists the
responses it holds, by external code.
"""

from collections.abc import Callable, Sequence

import msgspec

from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.translation import UnreadableDocument, answered_codes
from ml_connector.model.holds import Cause, Hold
from ml_connector.store import audit, documents, intents
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import DocumentState, IntentState, Operation, System
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.verdicts import expect_outcome, expect_outcomes_soon
from ml_connector.work.plans import plan_of

_GROUP = 25
"""Answers marked as being sent together; after a crash at most this many are looked up one by one."""
_OPEN = {IntentState.SENDING, IntentState.UNCLEAR}
_ANSWER = Operation.TRANSFER_RESPONSE
"""What this job sends; payment responses are sent by theirs."""


def answer_basware(desk: Desk) -> Delivered:
    """Send every transfer response that is due, after settling those whose outcome is unknown."""
    delivered = Delivered()
    with desk.database.read() as tx:
        left_over = intents.in_state(tx, desk.connection_id, _OPEN, system=System.BASWARE, operation=_ANSWER)
    for intent in left_over:
        _one_by_one(_settle, desk, intent, delivered)
    while True:
        group = _next_group(desk)
        if not group:
            if delivered.done:
                expect_outcomes_soon(desk)
            return delivered
        with desk.database.read() as tx:
            left = intents.ready_count(tx, desk.connection_id, System.BASWARE, operation=_ANSWER)
        done = delivered.done + delivered.refused + delivered.unclear
        desk.watch("answering Basware", done, done + len(group) + left)
        for intent in group:
            _one_by_one(_send, desk, intent, delivered)


def _one_by_one(
    step: Callable[[Desk, IntentRow, Delivered], None], desk: Desk, intent: IntentRow, delivered: Delivered
) -> None:
    """Send or settle one answer. A document that cannot be read tells nothing about its own answer, and stops no other."""
    try:
        step(desk, intent, delivered)
    except (UnreadablePage, UnreadableDocument) as error:
        _unclear(desk, intent, str(error), delivered)


def _next_group(desk: Desk) -> Sequence[IntentRow]:
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        group = intents.ready(tx, desk.connection_id, System.BASWARE, _GROUP, operation=_ANSWER)
        names = [intent.id for intent in group]
        intents.mark(
            tx, desk.connection_id, names, desk.clock.now(), expected={IntentState.READY}, state=IntentState.SENDING
        )
    return group


def _send(desk: Desk, intent: IntentRow, delivered: Delivered) -> None:
    if _attempt(desk, intent, delivered) is not None:
        _settle(desk, intent, delivered)


def _settle(desk: Desk, intent: IntentRow, delivered: Delivered) -> None:
    """An answer whose outcome is unknown: either the document lists it, or it is sent again under the same external code."""
    if intent.request_id in _held_codes(desk, intent.invoice_id or ""):
        _done(desk, intent, "", delivered)
    elif (lost := _attempt(desk, intent, delivered)) is not None:
        _unclear(desk, intent, str(lost), delivered)


def _attempt(desk: Desk, intent: IntentRow, delivered: Delivered) -> NoAnswer | None:
    """Send once and record what Basware says; the error when it says nothing."""
    invoice_id = intent.invoice_id or ""
    try:
        trace = desk.basware.send_transfer_response(invoice_id, intent.body.encode())
    except NoAnswer as lost:
        return lost
    except Refused as refusal:
        # A response Basware already holds is refused too: the document tells whether it is ours.
        if intent.request_id in _held_codes(desk, invoice_id):
            _done(desk, intent, refusal.request_id, delivered)
        else:
            _refused(desk, intent, str(refusal), refusal.request_id, delivered)
    else:
        _done(desk, intent, trace, delivered)
    return None


def _unclear(desk: Desk, intent: IntentRow, reason: str, delivered: Delivered) -> None:
    with desk.write() as tx:
        intents.mark(
            tx, desk.connection_id, [intent.id], desk.clock.now(),
            expected={IntentState.SENDING}, state=IntentState.UNCLEAR,
        )  # fmt: skip
        _audit(tx, desk, intent, "no answer from Basware", reason=reason)
    delivered.count(IntentState.UNCLEAR)


def _held_codes(desk: Desk, invoice_id: str) -> frozenset[str]:
    raw = desk.basware.document(invoice_id)
    return answered_codes(raw.raw) if raw is not None else frozenset()


def _done(desk: Desk, intent: IntentRow, trace: str, delivered: Delivered) -> None:
    now = desk.clock.now()
    with desk.write() as tx:
        if not intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.DONE):
            return
        success = intent.entity == "success"
        target = DocumentState.CONFIRMED if success else DocumentState.RETURNED
        expected = DocumentState.POSTED if success else DocumentState.HELD
        row = documents.get(tx, desk.connection_id, intent.invoice_id or "")
        if row is not None and row.round == intent.round and _answers_latest(row):
            documents.set_state(tx, desk.connection_id, row.invoice_id, target, now, expected={expected})
        elif row is not None:
            documents.next_round(tx, desk.connection_id, row.invoice_id, now, expected={expected})
        _audit(tx, desk, intent, "answered Basware", trace=trace)
        expect_outcome(tx, desk, intent, trace)
    delivered.count(IntentState.DONE)
    delivered.failures += intent.entity == "failure"


def _answers_latest(row: documents.DocumentRow) -> bool:
    """Whether the document that was planned is still the one Basware sent last."""
    return not row.plan or plan_of(row).inbox_id == row.inbox_id


def _refused(desk: Desk, intent: IntentRow, reason: str, trace: str, delivered: Delivered) -> None:
    now = desk.clock.now()
    hold = Hold(cause=Cause.ANSWER_REFUSED, facts={"detail": reason})
    with desk.write() as tx:
        intents.mark(
            tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.REFUSED, fault=_fault(reason)
        )
        documents.set_state(
            tx, desk.connection_id, intent.invoice_id or "", DocumentState.HELD, now,
            expected={DocumentState.POSTED, DocumentState.HELD}, holds=(hold,), held_since=now,
        )  # fmt: skip
        _audit(tx, desk, intent, "answer refused by Basware", reason=reason, trace=trace)
    delivered.count(IntentState.REFUSED)


def _fault(reason: str) -> str:
    return msgspec.json.encode({"detail": reason}).decode()


def _audit(tx: Tx, desk: Desk, intent: IntentRow, action: str, *, reason: str = "", trace: str = "") -> None:
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action=action, subject=intent.invoice_id or "",
        after=intent.body, reason=reason, request_id=intent.request_id, trace=trace,
    )  # fmt: skip
