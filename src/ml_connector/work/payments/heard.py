"""What follows when Basware does not take a payment response, at once or afterwards: a hold on the payment, never on the posting.

Called inside the transaction that records the refusal.
"""

from datetime import timedelta

from ml_connector.model.holds import Cause, Hold
from ml_connector.store import alerts, audit, documents, jobs, outcomes, payments
from ml_connector.store.database import Tx
from ml_connector.store.outcomes import RequestRow
from ml_connector.store.schema import PaymentState, RequestState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job

PAYMENT_RESPONSE = "PaymentResponse"
"""The entity type of a payment response (Basware P2P specification, requestStatus entityType)."""

ALERT = "payments"
"""The kind of alert that says that Basware was not told of payments."""

_TECHNICAL = "Technical"
_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=12)

_ACTIONS = {
    RequestState.DONE: "payment processed by Basware",
    RequestState.FAILED: "payment not processed by Basware",
    RequestState.UNHEARD: "Basware never said what became of the payment response",
}


def settle_payment(tx: Tx, desk: Desk, row: RequestRow, state: RequestState, problem: str, request_id: str) -> None:  # noqa: PLR0917
    """Note what P2P made of a payment response, if it is the document's latest; an overtaken one says nothing any more."""
    now = desk.clock.now()
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action=_ACTIONS[state], subject=row.subject, reason=problem,
        request_id=row.id, trace=request_id,
    )  # fmt: skip
    known = payments.get(tx, desk.connection_id, row.subject)
    if not problem or known is None or known.last_code != row.id:
        return
    if state is not RequestState.FAILED:
        told = f"Basware took its payment with a warning: {problem}"
        if state is RequestState.DONE:
            documents.set_columns(tx, desk.connection_id, row.subject, now, note=told)
        return
    said = outcomes.items_of(tx, desk.connection_id, request_id)
    technical = any(one.category == _TECHNICAL for one in said if one.external_code == row.id)
    again_at = now + min(_FIRST_WAIT * 2**known.tries, _LONGEST_WAIT) if technical and known.tries < _TRIES else None
    detail = f"its interface took the response, and Purchase-to-Pay refused it afterwards: {problem}"
    payments.change(
        tx, desk.connection_id, row.subject, now, state=PaymentState.REFUSED, holds=(not_told(detail),),
        tries=known.tries + 1, next_at=again_at,
    )  # fmt: skip
    note(tx, desk, row.subject, detail)
    if again_at is not None:
        jobs.bring_forward(tx, desk.connection_id, Job.PAYMENTS, again_at, now)


def not_told(detail: str) -> Hold:
    """Why Basware was not told of a payment."""
    return Hold(cause=Cause.PAYMENT_NOT_TOLD, facts={"detail": detail})


_NOT_TOLD = "Basware was not told of its payment: "


def note(tx: Tx, desk: Desk, invoice_id: str, detail: str) -> None:
    """Show it on the document, which stays what it is, and in the one alert about payments."""
    documents.set_columns(
        tx, desk.connection_id, invoice_id, desk.clock.now(),
        note=f"{_NOT_TOLD}{detail}. Its page under Payments, or `ml-connector payments show`, says what to do.",
    )  # fmt: skip
    tell_people(tx, desk)


def note_over(tx: Tx, desk: Desk, invoice_id: str) -> None:
    """Basware was told after all: nothing on the document says otherwise any more."""
    document = documents.get(tx, desk.connection_id, invoice_id)
    if document is not None and document.note.startswith(_NOT_TOLD):
        documents.set_columns(tx, desk.connection_id, invoice_id, desk.clock.now(), note="")
        tell_people(tx, desk)


def tell_people(tx: Tx, desk: Desk) -> None:
    """One alert for all payments that Basware was not told of, until there are none."""
    now, refused = desk.clock.now(), payments.refused(tx, desk.connection_id)
    if not refused:
        alerts.clear(tx, desk.connection_id, kind=ALERT, now=now)
        return
    message = (
        f"Basware did not take the payments of {refused} document{'s' * (refused > 1)}. "
        "Under Payments in the console, or with `ml-connector payments list --state refused`, you see why and what to do."
    )
    alerts.raise_(tx, desk.connection_id, kind=ALERT, severity=Severity.ERROR, message=message, now=now)
