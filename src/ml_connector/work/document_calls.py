"""The technical side of one document: every write that was meant for it, with its calls, answers and bodies, and what arrived.

Bodies are shown without bank details and anything that could be a secret. Read only.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from ml_connector.store import batches, calls, inbox, intents
from ml_connector.store.batches import BatchRow
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import IntentState
from ml_connector.work.desk import Desk

_HIDDEN = re.compile(r"bank|iban|bban|bic$|token|secret|password|taxidentifier|taxid|ssn", re.IGNORECASE)
_ACCOUNT = ("financialAccountIdentifiers", "id")
"""Where Basware's vendors have the number of an account (VendorPaymentMeanEntity)."""
_MASK = "…"


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `status` is 0 when no answer came; `trace` the other system's own name of it."""

    at: datetime
    system: str
    method: str
    path: str
    status: int
    trace: str
    milliseconds: int


class WriteView(msgspec.Struct, frozen=True, kw_only=True):
    """One write of the outbox. Texts are JSON for people, redacted; `calls` are those that were made for it."""

    id: str
    system: str
    operation: str
    entity: str
    state: str
    part: int
    round: int
    request_id: str
    attempts: int
    trace: str
    sent_at: datetime | None
    created_at: datetime
    body: str
    result: str
    fault: str
    calls: tuple[CallView, ...]


class TechnicalView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was sent for a document, oldest first, and what arrived, redacted."""

    writes: tuple[WriteView, ...]
    raw: str
    content_hash: str
    proposal: str


def technical_view(desk: Desk, row: DocumentRow) -> TechnicalView:
    """The technical side of one document."""
    with desk.database.read() as tx:
        own = intents.for_document(tx, desk.connection_id, row.invoice_id)
        sent = _batches(tx, desk, own)
        requests = {one.request_id for one in own} | set(sent)
        made = calls.with_requests(tx, desk.connection_id, requests)
        raw = inbox.get(tx, desk.connection_id, row.inbox_id)
    return TechnicalView(
        writes=tuple(_write(one, sent.get(one.batch_id or ""), made) for one in own),
        raw=redacted(raw.payload) if raw else "",
        content_hash=row.content_hash,
        proposal=row.proposal,
    )


def _batches(tx: Tx, desk: Desk, own: Iterable[IntentRow]) -> dict[str, BatchRow]:
    names = {one.batch_id for one in own if one.batch_id}
    return {name: batches.get_batch(tx, desk.connection_id, name) for name in sorted(names)}


def _write(one: IntentRow, batch: BatchRow | None, made: Iterable[calls.CallRow]) -> WriteView:
    names = {one.request_id, one.batch_id or one.request_id}
    return WriteView(
        id=one.id,
        system=one.system.value,
        operation=one.operation.value,
        entity=one.entity,
        state=one.state.value,
        part=one.part,
        round=one.round,
        request_id=one.batch_id or one.request_id if one.state is not IntentState.PROPOSED else "",
        attempts=one.attempts,
        trace=batch.trace if batch else "",
        sent_at=batch.sent_at if batch else None,
        created_at=one.created_at,
        body=redacted(one.body),
        result=redacted(one.result),
        fault=redacted(one.fault),
        calls=tuple(
            CallView(
                at=call.at, system=call.system.value, method=call.method, path=call.path, status=call.status,
                trace=call.trace, milliseconds=call.milliseconds,
            )
            for call in made
            if call.request_id in names
        ),
    )  # fmt: skip


def redacted(text: str) -> str:
    """JSON for people, without what nobody needs to see here; a text that is no JSON is not shown at all."""
    if not text:
        return ""
    try:
        tree = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return f"{len(text)} characters that are no JSON"
    return json.dumps(masked(tree), ensure_ascii=False, indent=2)


def masked(tree: Any, within: str = "") -> Any:
    """Plain data without what nobody needs to see: of the number of a vendor's bank account the end is left."""
    if isinstance(tree, dict):
        return {name: _left(name, value, within) for name, value in tree.items()}
    if isinstance(tree, list):
        return [masked(one, within) for one in tree]
    return tree


def _left(name: str, value: Any, within: str) -> Any:
    if (within, name) == _ACCOUNT:
        return f"{_MASK}{str(value)[-4:]}" if value else value
    if _HIDDEN.search(name):
        return _MASK if value else value
    return masked(value, name)
