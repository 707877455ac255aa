"""Notes each vendor credit that may be applied to a bill, in the transaction that learns of its being in QuickBooks.

Whether and how much is applied is decided later, with a fresh look. Where the policy leaves credits open, nothing is noted.
"""

from ml_connector.model.credits import CreditOrigin, CreditState
from ml_connector.model.documents import AccountingDocument, header_value
from ml_connector.model.policy import VendorCredits
from ml_connector.store import applied_credits, inbox
from ml_connector.store.applied_credits import CreditRow
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.work.desk import Desk
from ml_connector.work.reading import readable

CREDIT, BILL = "VendorCredit", "Bill"


def note_credit_note(tx: Tx, desk: Desk, row: DocumentRow, credit_id: str) -> None:
    """A credit note of Basware's is in QuickBooks as this vendor credit: it is for the invoice it names."""
    if desk.policy.vendor_credits is VendorCredits.LEAVE:
        return
    document = _document(tx, desk, row)
    if document is None:
        return
    field = desk.policy.credited_invoice_field
    bum_id, number = document.parent_bum_id, header_value(document, field) if field else ""
    named = bool(bum_id or number)
    said = f"parentInvoiceBumId{f' or {field}' if field else ''}"
    noted = CreditRow(
        credit_id=credit_id,
        invoice_id=row.invoice_id,
        origin=CreditOrigin.CREDIT_NOTE,
        state=CreditState.WAITING if named else CreditState.OPEN,
        named_bum_id=bum_id,
        named_number=number,
        supplier_code=document.supplier_code,
        why="" if named else f"the credit note names no invoice in {said}",
    )
    applied_credits.note(tx, desk.connection_id, noted, desk.clock.now())


def note_reversal(tx: Tx, desk: Desk, row: DocumentRow, *, credit_id: str, bill_id: str) -> None:
    """A posted document was taken back: this credit and this bill, one of them the reversal, settle each other."""
    if desk.policy.vendor_credits is VendorCredits.LEAVE:
        return
    noted = CreditRow(
        credit_id=credit_id,
        invoice_id=row.invoice_id,
        origin=CreditOrigin.REVERSAL,
        state=CreditState.WAITING,
        bill_id=bill_id,
        supplier_code=row.supplier_code,
    )
    applied_credits.note(tx, desk.connection_id, noted, desk.clock.now())


def _document(tx: Tx, desk: Desk, row: DocumentRow) -> AccountingDocument | None:
    """The credit note as Basware sent it last; None where that sending cannot be read, which holds it by itself."""
    return readable(inbox.payloads(tx, desk.connection_id, [row.inbox_id])[row.inbox_id])
