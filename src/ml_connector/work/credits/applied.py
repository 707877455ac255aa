"""What follows from QuickBooks' answer to a payment of zero: the credit is applied, tried again, or left to a person.

QuickBooks cuts a line down to what is still open when the payment arrives, without a word, so every answer is compared with what
was asked. Applying the same answer twice changes nothing.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ml_connector.model.credits import CreditState, Target
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.faults import Fault
from ml_connector.quickbooks.queries import ids_in
from ml_connector.quickbooks.records import required
from ml_connector.quickbooks.translation_credits import uses_of
from ml_connector.quickbooks.translation_payments import payments_of
from ml_connector.rules.marker import find_credit
from ml_connector.store import alerts, applied_credits, audit
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import Severity
from ml_connector.work.credits.applying import ALERT, stay_open
from ml_connector.work.desk import Desk

_TRIES = 3
_APPLYING = frozenset({CreditState.APPLYING})


def credit_applied(tx: Tx, desk: Desk, intent: IntentRow, record: dict[str, Any]) -> None:
    """The payment is in QuickBooks: what it settles is the truth, and a person is told where that is not what was asked."""
    row = applied_credits.get(tx, desk.connection_id, _credit_id(intent))
    if row is None:
        return
    now, payment_id = desk.clock.now(), required(record, "Id")
    asked, got = uses_of(wire.decode(intent.body.encode())), uses_of(record)
    own: Target = ("VendorCredit", row.credit_id)
    amount = got.get(own, Decimal(0))
    if not applied_credits.move(
        tx, desk.connection_id, row.credit_id, CreditState.APPLIED, now, _APPLYING,
        amount=amount, payment_id=payment_id, why="", tries=0,
    ):  # fmt: skip
        return
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="vendor credit applied", subject=row.invoice_id,
        reason=f"{amount} by BillPayment {payment_id}",
    )  # fmt: skip
    if asked == got:
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=row.invoice_id, now=now)
        return
    message = (
        f"QuickBooks applied VendorCredit {row.credit_id} otherwise than asked: {_told(got)} instead of {_told(asked)}, "
        f"since something was paid at the same moment. Open BillPayment {payment_id} in QuickBooks and correct or delete it."
    )
    alerts.raise_(
        tx, desk.connection_id, kind=ALERT, subject=row.invoice_id, severity=Severity.ERROR, message=message, now=now
    )


def credit_refused(tx: Tx, desk: Desk, intent: IntentRow, faults: Sequence[Fault]) -> None:
    """QuickBooks said no, perhaps because something was paid meanwhile: a fresh look, and after some of them a person."""
    row = applied_credits.get(tx, desk.connection_id, _credit_id(intent))
    if row is None:
        return
    why = "; ".join(f"QuickBooks refused it ({one.code}): {one.detail or one.message}" for one in faults)
    if row.tries + 1 >= _TRIES:
        stay_open(tx, desk, row, why, expected=_APPLYING, needs_person=True)
        return
    applied_credits.move(
        tx, desk.connection_id, row.credit_id, CreditState.WAITING, desk.clock.now(), _APPLYING,
        why=why, tries=row.tries + 1, amount=None,
    )  # fmt: skip


def find_application(desk: Desk, intent: IntentRow) -> dict[str, Any] | None:
    """The payment an unanswered write left in QuickBooks: among those the credit names, the one with our mark."""
    credit_id = _credit_id(intent)
    payments = [one for record in _records(desk, "VendorCredit", [credit_id]) for one in payments_of(record)]
    own = (intent.invoice_id, credit_id)
    candidates = _records(desk, "BillPayment", payments)
    return next((one for one in candidates if find_credit(str(one.get("PrivateNote", ""))) == own), None)


def _records(desk: Desk, entity: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    statements = ids_in(entity, ids) if ids else []
    return [record for records in desk.quickbooks.batch_queries(statements) for record in records] if statements else []


def _credit_id(intent: IntentRow) -> str:
    return intent.subject.partition(":")[2]


def _told(uses: dict[Target, Decimal]) -> str:
    return ", ".join(f"{amount} of {kind} {id_}" for (kind, id_), amount in uses.items()) or "nothing"
