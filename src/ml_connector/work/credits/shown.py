"""What people and programs are shown of a document's vendor credits: which bill they are for, and how far that has come."""

from decimal import Decimal

import msgspec

from ml_connector.store import applied_credits
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk


class CreditView(msgspec.Struct, frozen=True, kw_only=True):
    """One vendor credit. `names` is the bill's id in QuickBooks, or the invoice as the credit note names it."""

    credit_id: str
    origin: str
    state: str
    names: str
    amount: Decimal | None
    payment_id: str
    why: str


def credits_of(tx: Tx, desk: Desk, invoice_id: str) -> tuple[CreditView, ...]:
    """The vendor credits of one document that were looked at, oldest first."""
    return tuple(
        CreditView(
            credit_id=row.credit_id,
            origin=row.origin.value,
            state=row.state.value,
            names=row.bill_id or row.named_number or row.named_bum_id,
            amount=row.amount,
            payment_id=row.payment_id,
            why=row.why,
        )
        for row in applied_credits.of_document(tx, desk.connection_id, invoice_id)
    )
