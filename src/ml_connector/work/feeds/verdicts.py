"""What it means to us that Basware processed a request, or did not: on the request, its records, and the document it answered.

An answer that Basware's interface took and P2P refused afterwards leaves its document where a refused answer does: held, with the
reason, until it is answered anew.
"""

from datetime import timedelta

import msgspec

from ml_connector.basware.monitoring import GOOD_ITEMS, WARNING, ItemOutcome, RequestStatus
from ml_connector.model.holds import Cause, Hold
from ml_connector.store import audit, documents, intents, jobs, outcomes
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.outcomes import OutcomeRow, RequestRow
from ml_connector.store.schema import DocumentState, Operation, RequestState
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.payments.heard import PAYMENT_RESPONSE, settle_payment
from ml_connector.work.sending.heard import is_outgoing, settle_records

REQUEST_STATUS, ERROR_FEEDBACKS = "requestStatus", "errorFeedbacks"
TRANSFER_RESPONSE = "TransferResponse"
"""The entity type of an answer to a document (Basware P2P specification, requestStatus entityType)."""

_LONGEST_PROBLEM = 2000


def expect_outcome(
    tx: Tx, desk: Desk, intent: IntentRow, request_id: str, *, entity_type: str = TRANSFER_RESPONSE
) -> None:
    """Note that Basware's interface took an answer. `request_id` is empty when its own answer got lost: then the external code,
    which names the answer everywhere, finds the outcome."""
    now = desk.clock.now()
    outcomes.expect(
        tx,
        desk.connection_id,
        intent.id,
        request_id=request_id,
        entity_type=entity_type,
        subject=intent.invoice_id or intent.subject,
        now=now,
        next_at=now + timedelta(seconds=desk.settings.basware.outcomes.first_wait),
    )


def expect_outcomes_soon(desk: Desk) -> None:
    """Have the outcomes of what was just sent asked for when their time has come, whatever the plan says."""
    now = desk.clock.now()
    at = now + timedelta(seconds=desk.settings.basware.outcomes.first_wait)
    with desk.write() as tx:
        jobs.bring_forward(tx, desk.connection_id, Job.OUTCOMES, at, now)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request. `problem` is in Basware's words; a request that is done can have one too: a warning."""

    state: RequestState
    problem: str = ""


def verdict_of(status: RequestStatus) -> Verdict:
    """What a final request status comes to. Basware calls a request an error already when one record has a warning."""
    if not status.failed:
        return Verdict(state=RequestState.DONE)
    bad = [item for item in status.items if item.status not in GOOD_ITEMS and item.status != WARNING]
    if bad or not status.items:
        problem = _said(bad) or "Basware calls it an error and names no reason"
        return Verdict(state=RequestState.FAILED, problem=problem)
    warned = [item for item in status.items if item.status == WARNING]
    return Verdict(state=RequestState.DONE, problem=_said(warned))


def outcome_rows(status: RequestStatus) -> list[OutcomeRow]:
    """Each record of a request, for keeping."""
    return [
        OutcomeRow(
            request_id=status.request_id,
            system=item.system,
            external_code=item.external_code,
            entity_type=status.entity_type,
            status=item.status,
            category=next((error.category for error in item.errors if error.category), ""),
            problem=item.problem[:_LONGEST_PROBLEM],
            source=REQUEST_STATUS,
            last_updated=status.last_updated.isoformat() if status.last_updated else "",
        )
        for item in status.items
    ]


def settle(
    tx: Tx, desk: Desk, row: RequestRow, verdict: Verdict, *, request_id: str, acknowledged: bool = False
) -> bool:
    """Write down what became of a request with everything that follows from it; False if that was known already."""
    settled = outcomes.settle(
        tx,
        desk.connection_id,
        row.id,
        verdict.state,
        desk.clock.now(),
        request_id=request_id,
        problem=verdict.problem,
        acknowledged=acknowledged,
    )
    if settled and row.entity_type == TRANSFER_RESPONSE:
        _tell_document(tx, desk, row, verdict, request_id)
    elif settled and row.entity_type == PAYMENT_RESPONSE:
        settle_payment(tx, desk, row, verdict.state, verdict.problem, request_id)
    elif settled and is_outgoing(row):
        named = msgspec.structs.replace(row, request_id=request_id)
        settle_records(tx, desk, named, verdict.state, verdict.problem)
    return settled


def _tell_document(tx: Tx, desk: Desk, row: RequestRow, verdict: Verdict, request_id: str) -> None:
    """Show on a document what became of its answer, if that is still its latest one."""
    now = desk.clock.now()
    action = _ACTIONS[verdict.state]
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action=action, subject=row.subject, reason=verdict.problem,
        request_id=row.id, trace=request_id,
    )  # fmt: skip
    if not verdict.problem or not _is_latest(tx, desk, row):
        return
    if verdict.state is RequestState.FAILED:
        detail = f"Its interface took it, and Purchase-to-Pay refused it afterwards: {verdict.problem}"
        hold = Hold(cause=Cause.ANSWER_REFUSED, facts={"detail": detail})
        documents.set_state(
            tx, desk.connection_id, row.subject, DocumentState.HELD, now,
            expected={DocumentState.CONFIRMED, DocumentState.RETURNED}, holds=(hold,), held_since=now,
        )  # fmt: skip
    elif verdict.state is RequestState.DONE:
        note = f"Basware took the answer with a warning: {verdict.problem}"
        documents.set_columns(tx, desk.connection_id, row.subject, now, note=note)


_ACTIONS = {
    RequestState.DONE: "answer processed by Basware",
    RequestState.FAILED: "answer not processed by Basware",
    RequestState.UNHEARD: "Basware never said what became of the answer",
}


def _is_latest(tx: Tx, desk: Desk, row: RequestRow) -> bool:
    """Whether the document was not sent, or answered, again since."""
    document = documents.get(tx, desk.connection_id, row.subject)
    if document is None:
        return False
    answers = [
        intent
        for intent in intents.for_document(tx, desk.connection_id, row.subject)
        if intent.operation is Operation.TRANSFER_RESPONSE
    ]
    return bool(answers) and answers[-1].id == row.id and answers[-1].round == document.round


def _said(items: list[ItemOutcome]) -> str:
    """What Basware says about these records, in one line."""
    several = len(items) > 1
    told = (
        (f"{item.external_code}: " if several else "")
        + (item.problem or f"Basware calls it {item.status or 'nothing'}")
        for item in items
    )
    return "; ".join(told)[:_LONGEST_PROBLEM]
