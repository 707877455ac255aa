"""Answers invoices that wait for something before their transfer: a prebooking noted, an enrichment refused, each exactly once.

The response and its external code are stored before they are sent; when no answer comes, the document itself tells: it lists the
responses it holds. Nothing is ever posted from here, and an invoice that is transferred later goes its usual way.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from ml_connector.basware.client import RawDocument
from ml_connector.basware.early_responses import (
    EarlyResponse,
    early_codes,
    enrichment_response_body,
    is_blocked,
    prebook_response_body,
)
from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.flows.early_answers import enrichment_answer, prebook_answer
from ml_connector.flows.identity import early_code
from ml_connector.model.policy import Prebook
from ml_connector.store import alerts, audit, cursors, intents, notices
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.schema import IntentState, Operation, Severity, System
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import to_the_end
from ml_connector.work.feeds.verdicts import expect_outcome, expect_outcomes_soon
from ml_connector.work.same_customer import codes_to_take

FEED = "basware.accountingDocuments, before transfer"
REFUSED_ALERT = "answer before transfer refused"
_OPEN = {IntentState.SENDING, IntentState.UNCLEAR}
_GROUP = 25


class _Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One thing an invoice can wait for before its transfer, in Basware's words."""

    operation: Operation
    waiting: str
    in_progress: str
    mode: str
    entity_type: str


_PREBOOK = _Stage(
    operation=Operation.PREBOOK_RESPONSE,
    waiting="WaitingForPrebook",
    in_progress="PrebookInProgress",
    mode="Standard",
    entity_type="PrebookResponse",
)
_ENRICHMENT = _Stage(
    operation=Operation.ENRICHMENT_RESPONSE,
    waiting="WaitingForEnrichmentTransfer",
    in_progress="EnrichmentTransferInProgress",
    mode="InvoiceEnrichment",
    entity_type="EnrichmentTransferResponse",
)
_BY_OPERATION = {stage.operation: stage for stage in (_PREBOOK, _ENRICHMENT)}


def answer_early(desk: Desk) -> Delivered:
    """Look for such invoices where that is switched on and due, then send every answer that is; what became of them."""
    stages = [_PREBOOK] if desk.policy.prebook is Prebook.ANSWER else []
    stages += [_ENRICHMENT] if desk.settings.basware.early.refuse_enrichment else []
    if stages:
        _look(desk, stages)
    return _send_all(desk)


def _look(desk: Desk, stages: list[_Stage]) -> None:
    now = desk.clock.now()
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, FEED)
        announced = notices.waiting_count(tx, desk.connection_id, System.BASWARE, entities={"AccountingDocuments"})
    pause = timedelta(minutes=desk.settings.basware.early.look_minutes)
    if text and now < datetime.fromisoformat(text) + pause and not announced:
        return
    for company_code in codes_to_take(desk):
        for stage in stages:
            for status in (stage.waiting, stage.in_progress):
                for page in _pages(desk, stage, status, company_code):
                    desk.keep_lease()
                    with desk.write() as tx:
                        for raw in page:
                            _queue(tx, desk, stage, raw)
    with desk.write() as tx:
        cursors.put(tx, desk.connection_id, FEED, now.isoformat(), now)


def _pages(desk: Desk, stage: _Stage, status: str, company_code: str) -> Iterator[tuple[RawDocument, ...]]:
    size = desk.settings.basware.page_size
    for page in to_the_end(
        lambda: desk.basware.documents(status, company_code=company_code, page_size=size, mode=stage.mode)
    ):
        yield tuple(page.documents)


def _queue(tx: Tx, desk: Desk, stage: _Stage, raw: RawDocument) -> None:
    """Put the answer to one sending of a document into the outbox. Seen again, it stands there once."""
    if not raw.invoice_id:
        return  # without an identity there is no address to answer to
    known = intents.for_subject(tx, desk.connection_id, stage.operation, raw.invoice_id)
    if any(one.state in intents.UNDER_WAY for one in known):
        return  # its time stamp may have moved while the answer is on its way
    now = desk.clock.now()
    code = early_code(desk.connection_id, raw.invoice_id, operation=stage.operation.value, sending=raw.last_updated)
    try:
        body = _body(desk, stage, raw, code, now)
    except UnreadableDocument:
        return  # Basware lists it again; nothing is said on a guess
    new = NewIntent(
        id=code,
        system=System.BASWARE,
        operation=stage.operation,
        subject=raw.invoice_id,
        entity=stage.entity_type,
        body=body.decode(),
        request_id=code,
    )
    intents.add(tx, desk.connection_id, new, now)


def _body(desk: Desk, stage: _Stage, raw: RawDocument, code: str, now: datetime) -> bytes:
    answer = prebook_answer() if stage is _PREBOOK else enrichment_answer()
    response = EarlyResponse(
        external_code=code,
        success=answer.success,
        message=answer.message,
        source_system=desk.policy.source_system,
        payment_block=is_blocked(raw.raw),
    )
    return prebook_response_body(response) if stage is _PREBOOK else enrichment_response_body(response, now)


def _send_all(desk: Desk) -> Delivered:
    delivered = Delivered()
    for stage in _BY_OPERATION.values():
        with desk.database.read() as tx:
            left_over = intents.in_state(
                tx, desk.connection_id, _OPEN, system=System.BASWARE, operation=stage.operation
            )
        for intent in left_over:
            desk.keep_lease()
            _one(desk, intent, delivered, lookup=True)
        while group := _next_group(desk, stage):
            for intent in group:
                _one(desk, intent, delivered, lookup=False)
    if delivered.done:
        expect_outcomes_soon(desk)
    return delivered


def _next_group(desk: Desk, stage: _Stage) -> list[IntentRow]:
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        group = intents.ready(tx, desk.connection_id, System.BASWARE, _GROUP, operation=stage.operation)
        names = [intent.id for intent in group]
        intents.mark(
            tx, desk.connection_id, names, desk.clock.now(), expected={IntentState.READY}, state=IntentState.SENDING
        )
    return group


def _one(desk: Desk, intent: IntentRow, delivered: Delivered, *, lookup: bool) -> None:
    """Send one answer, or first look whether it arrived: it may have been sent by a process that died."""
    try:
        if lookup and intent.request_id in _held_codes(desk, intent):
            _done(desk, intent, "", delivered)
            return
        try:
            trace = _send(desk, intent)
        except NoAnswer as lost:
            if intent.request_id in _held_codes(desk, intent):
                _done(desk, intent, "", delivered)
            else:
                _unclear(desk, intent, str(lost), delivered)
        except Refused as refusal:
            _judge(desk, intent, refusal, delivered)
        else:
            _done(desk, intent, trace, delivered)
    except (UnreadablePage, UnreadableDocument) as error:
        _unclear(desk, intent, str(error), delivered)


def _send(desk: Desk, intent: IntentRow) -> str:
    body = intent.body.encode()
    if intent.operation is Operation.PREBOOK_RESPONSE:
        return desk.basware.send_prebook_response(intent.subject, body)
    return desk.basware.send_enrichment_response(intent.subject, body)


def _judge(desk: Desk, intent: IntentRow, refusal: Refused, delivered: Delivered) -> None:
    """A refusal: perhaps because Basware holds the answer already (409), or wants the document acknowledged first."""
    raw = desk.basware.document(intent.subject)
    stage = _BY_OPERATION[intent.operation]
    if raw is not None and intent.request_id in early_codes(raw.raw):
        _done(desk, intent, refusal.request_id, delivered)
    elif raw is not None and raw.status == stage.waiting and _acknowledged(desk, intent):
        _unclear(desk, intent, f"acknowledged first, since Basware said: {refusal}", delivered)
    else:
        _refused(desk, intent, refusal, delivered)


def _acknowledged(desk: Desk, intent: IntentRow) -> bool:
    """Acknowledge a document that was not; whether that was what its answer waited for."""
    try:
        return desk.basware.acknowledge(intent.subject)
    except NoAnswer:
        return True  # the next run finds out by sending the answer again
    except Refused:
        return False


def _held_codes(desk: Desk, intent: IntentRow) -> frozenset[str]:
    raw = desk.basware.document(intent.subject)
    return early_codes(raw.raw) if raw is not None else frozenset()


def _done(desk: Desk, intent: IntentRow, trace: str, delivered: Delivered) -> None:
    now = desk.clock.now()
    with desk.write() as tx:
        if not intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.DONE):
            return
        action = "prebooking noted" if intent.operation is Operation.PREBOOK_RESPONSE else "enrichment refused"
        _audit(tx, desk, intent, action, trace=trace)
        alerts.clear(tx, desk.connection_id, kind=REFUSED_ALERT, subject=intent.subject, now=now)
        expect_outcome(tx, desk, intent, trace, entity_type=intent.entity)
    delivered.count(IntentState.DONE)


def _unclear(desk: Desk, intent: IntentRow, reason: str, delivered: Delivered) -> None:
    with desk.write() as tx:
        intents.mark(
            tx, desk.connection_id, [intent.id], desk.clock.now(),
            expected={IntentState.SENDING}, state=IntentState.UNCLEAR,
        )  # fmt: skip
        _audit(tx, desk, intent, "answer before transfer: outcome unknown", reason=reason)
    delivered.count(IntentState.UNCLEAR)


def _refused(desk: Desk, intent: IntentRow, refusal: Refused, delivered: Delivered) -> None:
    now, reason = desk.clock.now(), str(refusal)
    with desk.write() as tx:
        fault = msgspec.json.encode({"detail": reason}).decode()
        intents.mark(tx, desk.connection_id, [intent.id], now, expected=_OPEN, state=IntentState.REFUSED, fault=fault)
        _audit(tx, desk, intent, "answer before transfer refused by Basware", reason=reason, trace=refusal.request_id)
        message = (
            f"Basware does not take the {intent.operation.value} for document {intent.subject}: {reason} Answer it in Basware by "
            f"hand, or send it again there: each sending is answered anew."
        )
        alerts.raise_(
            tx, desk.connection_id, kind=REFUSED_ALERT, subject=intent.subject, severity=Severity.WARNING, message=message,
            now=now,
        )  # fmt: skip
    delivered.count(IntentState.REFUSED)


def _audit(tx: Tx, desk: Desk, intent: IntentRow, action: str, *, reason: str = "", trace: str = "") -> None:
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action=action, subject=intent.subject,
        after=intent.body, reason=reason, request_id=intent.request_id, trace=trace,
    )  # fmt: skip
