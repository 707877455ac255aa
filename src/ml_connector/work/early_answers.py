"""Answers invoices that wait for something before their transfer: a prebooking noted, an enrichment refused, each exactly once.

How an answer is sent is `telling.py`'s. Nothing is ever posted from here, and an invoice that is transferred later goes its usual
way.
"""

from collections.abc import Collection, Iterator
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
from ml_connector.basware.translation import UnreadableDocument
from ml_connector.flows.early_answers import enrichment_answer, prebook_answer
from ml_connector.flows.identity import early_code
from ml_connector.model.policy import Prebook
from ml_connector.store import alerts, cursors, intents, notices
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.schema import Operation, Severity, System
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import to_the_end
from ml_connector.work.feeds.verdicts import expect_outcome
from ml_connector.work.same_customer import codes_to_take
from ml_connector.work.telling import Telling, note, send_ready, settle

FEED = "basware.accountingDocuments, before transfer"
REFUSED_ALERT = "answer before transfer refused"


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


def answer_early(desk: Desk) -> Delivered:
    """Look for such invoices where that is switched on and due, then send every answer that is; what became of them."""
    stages = [_PREBOOK] if desk.policy.prebook is Prebook.ANSWER else []
    stages += [_ENRICHMENT] if desk.settings.basware.early.refuse_enrichment else []
    if stages:
        _look(desk, stages)
    delivered = Delivered()
    for kind in _TELLINGS:
        settle(desk, kind, delivered)
        send_ready(desk, kind, delivered)
    return delivered


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


class _EarlyAnswer(Telling):
    """The answer to one thing an invoice waits for."""

    unanswered = "answer before transfer: outcome unknown"

    def __init__(self, stage: _Stage) -> None:
        self.operation, self.waiting = stage.operation, stage.waiting
        self._stage = stage

    def send(self, desk: Desk, intent: IntentRow) -> str:
        body = intent.body.encode()
        if self._stage is _PREBOOK:
            return desk.basware.send_prebook_response(intent.subject, body)
        return desk.basware.send_enrichment_response(intent.subject, body)

    def codes(self, raw: bytes) -> Collection[str]:
        return early_codes(raw)

    def done(self, tx: Tx, desk: Desk, intent: IntentRow, trace: str) -> None:
        note(tx, desk, intent, "prebooking noted" if self._stage is _PREBOOK else "enrichment refused", trace=trace)
        alerts.clear(tx, desk.connection_id, kind=REFUSED_ALERT, subject=intent.subject, now=desk.clock.now())
        expect_outcome(tx, desk, intent, trace, entity_type=intent.entity)

    def refused(self, tx: Tx, desk: Desk, intent: IntentRow, reason: str, trace: str) -> None:
        note(tx, desk, intent, "answer before transfer refused by Basware", reason=reason, trace=trace)
        message = (
            f"Basware does not take the {intent.operation.value} for document {intent.subject}: {reason} Answer it in Basware by "
            f"hand, or send it again there: each sending is answered anew."
        )
        alerts.raise_(
            tx, desk.connection_id, kind=REFUSED_ALERT, subject=intent.subject, severity=Severity.WARNING, message=message,
            now=desk.clock.now(),
        )  # fmt: skip


_TELLINGS = (_EarlyAnswer(_PREBOOK), _EarlyAnswer(_ENRICHMENT))
