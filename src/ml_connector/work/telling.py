"""Telling Basware something about a document, exactly once: the one loop every kind of response goes through.

A response and its external code are stored before they are sent. When no answer comes, the document itself tells: it lists the
responses it holds, by external code. What is told, and what becomes of the document then, is each kind's own: `answering.py`,
`early_answers.py`, `payments/sending.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence

import msgspec

from ml_connector.basware.client import RawDocument
from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.store import audit, intents
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import IntentState, Operation, System
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.verdicts import expect_outcomes_soon

GROUP = 25
"""Responses marked as being sent together; after a crash at most this many are looked up one by one."""
_CONFLICT = 409
"""Basware's answer to an external code it has had (P2P specification: the code is unique within the invoice)."""
_OPEN = {IntentState.SENDING, IntentState.UNCLEAR}


class Telling(ABC):
    """One kind of response."""

    operation: Operation
    unanswered: str
    """What the audit says when no answer came."""
    shown: int | None = None
    """How many responses of this kind a document shows, the latest ones; None: all of them."""
    conflicts: int = 0
    """How often a response is sent to no other answer than a conflict, while Basware does not show it, before a person is told."""
    waiting: str = ""
    """The status in which Basware may want the document acknowledged before it takes the response; empty: it never does."""

    @abstractmethod
    def send(self, desk: Desk, intent: IntentRow) -> str:
        """Make the call; Basware's name for it. Raises NoAnswer and Refused."""

    @abstractmethod
    def codes(self, raw: bytes) -> Collection[str]:
        """The external codes of the responses of this kind that a document holds. Raises UnreadableDocument."""

    @abstractmethod
    def done(self, tx: Tx, desk: Desk, intent: IntentRow, trace: str) -> None:
        """What follows for the document when Basware has the response; once, in the transaction that says so."""

    @abstractmethod
    def refused(self, tx: Tx, desk: Desk, intent: IntentRow, reason: str, trace: str) -> None:
        """What follows for the document when Basware does not take the response."""


def settle(desk: Desk, kind: Telling, delivered: Delivered) -> None:
    """Find out what became of responses that were sent before and never answered."""
    with desk.database.read() as tx:
        left_over = intents.in_state(tx, desk.connection_id, _OPEN, system=System.BASWARE, operation=kind.operation)
    for intent in left_over:
        desk.keep_lease()
        _one_by_one(_settle, desk, kind, intent, delivered)


def send_ready(
    desk: Desk, kind: Telling, delivered: Delivered, *, watch: str = "", queue: Callable[[Desk], None] | None = None
) -> None:
    """Send what is ready, in groups. `queue` puts the next ones into the outbox before each group; `watch` names the work to
    whoever watches."""
    while True:
        if queue is not None:
            queue(desk)
        group = _next_group(desk, kind)
        if not group:
            break
        if watch:
            with desk.database.read() as tx:
                left = intents.ready_count(tx, desk.connection_id, System.BASWARE, operation=kind.operation)
            done = delivered.done + delivered.refused + delivered.unclear
            desk.watch(watch, done, done + len(group) + left)
        for intent in group:
            _one_by_one(_send, desk, kind, intent, delivered)
    if delivered.done:
        expect_outcomes_soon(desk)


def note(tx: Tx, desk: Desk, intent: IntentRow, action: str, *, reason: str = "", trace: str = "") -> None:
    """Write into the audit what became of a response, with what it said."""
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action=action, subject=subject_of(intent),
        after=intent.body, reason=reason, request_id=intent.request_id, trace=trace,
    )  # fmt: skip


def subject_of(intent: IntentRow) -> str:
    """The Basware document a response is about."""
    return intent.invoice_id or intent.subject


def _next_group(desk: Desk, kind: Telling) -> Sequence[IntentRow]:
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        group = intents.ready(tx, desk.connection_id, System.BASWARE, GROUP, operation=kind.operation)
        names = [intent.id for intent in group]
        intents.mark(
            tx, desk.connection_id, names, desk.clock.now(), expected={IntentState.READY}, state=IntentState.SENDING
        )
    return group


def _one_by_one(
    step: Callable[[Desk, Telling, IntentRow, Delivered], None],
    desk: Desk,
    kind: Telling,
    intent: IntentRow,
    delivered: Delivered,
) -> None:
    """Send or settle one. A document that cannot be read tells nothing about its own response, and stops no other."""
    try:
        step(desk, kind, intent, delivered)
    except (UnreadablePage, UnreadableDocument) as error:
        _unclear(desk, kind, intent, str(error), delivered)


def _send(desk: Desk, kind: Telling, intent: IntentRow, delivered: Delivered) -> None:
    if _attempt(desk, kind, intent, delivered) is not None:
        _settle(desk, kind, intent, delivered)


def _settle(desk: Desk, kind: Telling, intent: IntentRow, delivered: Delivered) -> None:
    """A response whose outcome is unknown: either the document lists it, or it is sent again under the same external code."""
    document = desk.basware.document(subject_of(intent))
    if intent.request_id in _codes(kind, document):
        _done(desk, kind, intent, "", delivered)
    elif (lost := _attempt(desk, kind, intent, delivered)) is not None:
        _unclear(desk, kind, intent, str(lost), delivered)


def _attempt(desk: Desk, kind: Telling, intent: IntentRow, delivered: Delivered) -> NoAnswer | None:
    """Send once and record what Basware says; the error when it says nothing."""
    try:
        trace = kind.send(desk, intent)
    except NoAnswer as lost:
        return lost
    except Refused as refusal:
        _judge(desk, kind, intent, refusal, delivered)
    else:
        _done(desk, kind, intent, trace, delivered)
    return None


def _judge(desk: Desk, kind: Telling, intent: IntentRow, refusal: Refused, delivered: Delivered) -> None:
    """A refusal: a response that Basware already holds is refused too, and the document tells whether it is ours."""
    document = desk.basware.document(subject_of(intent))
    codes, conflict = _codes(kind, document), refusal.status == _CONFLICT
    # Of more than it shows Basware drops the oldest: a code it has had and no longer shows was taken, too.
    dropped = conflict and kind.shown is not None and len(codes) >= kind.shown
    if intent.request_id in codes or dropped:
        _done(desk, kind, intent, refusal.request_id, delivered)
    elif conflict and intent.attempts < kind.conflicts:
        _unclear(desk, kind, intent, str(refusal), delivered)
    elif document is not None and kind.waiting and document.status == kind.waiting and _acknowledged(desk, intent):
        _unclear(desk, kind, intent, f"acknowledged first, since Basware said: {refusal}", delivered)
    else:
        _refused(desk, kind, intent, refusal, delivered)


def _acknowledged(desk: Desk, intent: IntentRow) -> bool:
    """Acknowledge a document that was not; whether that was what its response waited for."""
    try:
        return desk.basware.acknowledge(subject_of(intent))
    except NoAnswer:
        return True  # the next run finds out by sending the response again
    except Refused:
        return False


def _codes(kind: Telling, document: RawDocument | None) -> Collection[str]:
    return kind.codes(document.raw) if document is not None else ()


def _done(desk: Desk, kind: Telling, intent: IntentRow, trace: str, delivered: Delivered) -> None:
    with desk.write() as tx:
        now = desk.clock.now()
        if not intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.DONE):
            return
        kind.done(tx, desk, intent, trace)
    delivered.count(IntentState.DONE)
    delivered.failures += intent.entity == "failure"


def _unclear(desk: Desk, kind: Telling, intent: IntentRow, reason: str, delivered: Delivered) -> None:
    with desk.write() as tx:
        intents.mark(
            tx, desk.connection_id, [intent.id], desk.clock.now(),
            expected=_OPEN, state=IntentState.UNCLEAR, attempts=intent.attempts + 1,
        )  # fmt: skip
        note(tx, desk, intent, kind.unanswered, reason=reason)
    delivered.count(IntentState.UNCLEAR)


def _refused(desk: Desk, kind: Telling, intent: IntentRow, refusal: Refused, delivered: Delivered) -> None:
    reason = str(refusal)
    with desk.write() as tx:
        fault = msgspec.json.encode({"detail": reason}).decode()
        now = desk.clock.now()
        intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.REFUSED, fault=fault)
        kind.refused(tx, desk, intent, reason, refusal.request_id)
    delivered.count(IntentState.REFUSED)
