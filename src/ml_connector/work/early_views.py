"""Invoices that wait for something before their transfer, as lines of `documents list`: accrued, or answered in vain.

Such an invoice is no document of ours yet, so what is known of it comes from its accrual and from what became of the answer.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec

from ml_connector.store import accruals, intents, outcome_lists
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import IntentState, Operation, RequestState
from ml_connector.work.desk import Desk

BEFORE_TRANSFER = "before transfer"
"""The state people are shown of an invoice that was not handed over yet."""

_ANSWERS = {
    Operation.PREBOOK_RESPONSE: "PrebookResponse",
    Operation.ENRICHMENT_RESPONSE: "EnrichmentTransferResponse",
}


class EarlyInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an invoice before its transfer: its newest accrual, if any, and why its answer failed, if it did."""

    invoice_id: str
    accrual: AccrualRow | None
    problem: str
    since: datetime


def answer_problems(tx: Tx, desk: Desk, invoice_ids: Collection[str] | None = None) -> dict[str, tuple[str, datetime]]:
    """By invoice, why the last answer to it before its transfer failed, and when it was made; of some invoices or of all."""
    found: dict[str, tuple[str, datetime]] = {}
    for operation, entity_type in _ANSWERS.items():
        refused = intents.in_state(tx, desk.connection_id, IntentState.REFUSED, operation=operation)
        asked = invoice_ids
        if asked is None:  # only what failed or was refused can be a problem; that is little among very many requests
            failed = outcome_lists.failed_subjects(tx, desk.connection_id, entity_type)
            asked = failed | {intent.subject for intent in refused}
        latest = outcome_lists.latest_of(tx, desk.connection_id, entity_type, asked)
        for row in latest.values():
            if row.state is RequestState.FAILED:
                found[row.subject] = (f"Basware took the answer and refused it afterwards: {row.problem}", row.sent_at)
        for intent in refused:
            if invoice_ids is not None and intent.subject not in invoice_ids:
                continue
            heard = latest.get(intent.subject)
            if heard is None or heard.sent_at <= intent.updated_at:
                detail = msgspec.json.decode(intent.fault, type=dict[str, str]).get("detail", "")
                found[intent.subject] = (f"Basware refused the answer: {detail}", intent.created_at)
    return found


def early_invoices(tx: Tx, desk: Desk) -> dict[str, EarlyInvoice]:
    """Invoices with an accrual that is not over, or with an answer before the transfer that failed."""
    problems = answer_problems(tx, desk)
    newest = {
        row.invoice_id: row
        for row in accruals.in_state(tx, desk.connection_id, accruals.UNPOSTED | accruals.IN_THE_BOOKS)
    }
    return {
        invoice_id: EarlyInvoice(
            invoice_id=invoice_id,
            accrual=newest.get(invoice_id),
            problem=problems[invoice_id][0] if invoice_id in problems else "",
            since=newest[invoice_id].noted_at if invoice_id in newest else problems[invoice_id][1],
        )
        for invoice_id in sorted({*newest, *problems})
    }
