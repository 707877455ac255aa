"""After a posting: the invoice's tax beside QuickBooks'. A difference is noted with the document, a large one told to people.

Never touches the transaction. The comparison shown later is made anew from the copy of the record, so it follows corrections.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.model.postings import Posting
from ml_connector.model.tax_in_books import TaxComparison
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import booked_tax
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.rules.tax_difference import compare_tax, is_beyond, tax_alert, tax_told
from ml_connector.store import alerts, audit
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk

TAX_ALERT = "tax"
"""The kind of alert about tax that differs; its subject names the transaction."""


def note_tax(tx: Tx, desk: Desk, row: DocumentRow, posting: Posting, record: dict[str, Any], *, entity: str) -> None:
    """Compare the tax of a transaction just written; a later write that is right takes the alert back."""
    now, subject = desk.clock.now(), f"{entity} {record['Id']}"
    try:
        tax = compare_tax(posting, booked_tax(record))
    except UnreadableError as error:  # the write stands all the same; the history says why nothing was compared
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="tax not compared",
            subject=row.invoice_id, reason=f"{subject}: {error}",
        )  # fmt: skip
        return
    if tax is None:
        return
    if tax.difference or tax.not_as_sent:
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="tax differs",
            subject=row.invoice_id, reason=f"{subject}: {tax_told(tax)}",
        )  # fmt: skip
    if is_beyond(tax, desk.policy.tax_tolerance):
        severity = Severity.ERROR if tax.not_as_sent else Severity.WARNING
        message = tax_alert(row.invoice_number, subject, tax)
        alerts.raise_(
            tx, desk.connection_id, kind=TAX_ALERT, subject=subject, severity=severity, message=message, now=now
        )
    else:
        alerts.clear(tx, desk.connection_id, kind=TAX_ALERT, subject=subject, now=now)


class TaxView(msgspec.Struct, frozen=True, kw_only=True):
    """The tax of one posted transaction, invoiced and in QuickBooks; see `TaxComparison`."""

    transaction: str
    currency: str
    invoiced: Decimal
    booked: Decimal
    computed: Decimal
    difference: Decimal
    beyond_tolerance: bool


def tax_views(tx: Tx, desk: Desk, own: Iterable[LinkRow]) -> tuple[TaxView, ...]:
    """The tax of a document's transactions, as QuickBooks has them by now."""
    found = ((link, _tax_now(tx, desk.connection_id, link)) for link in own)
    return tuple(
        TaxView(
            transaction=f"{link.quickbooks_type} {link.quickbooks_id}",
            currency=tax.currency,
            invoiced=tax.invoiced,
            booked=tax.booked,
            computed=tax.computed,
            difference=tax.difference,
            beyond_tolerance=is_beyond(tax, desk.policy.tax_tolerance),
        )
        for link, tax in found
        if tax is not None
    )


def _tax_now(tx: Tx, connection_id: str, link: LinkRow) -> TaxComparison | None:
    """None where QuickBooks keeps no tax on the transaction, or where no copy of it is kept."""
    if not link.agreed:
        return None
    kept = book_store.some_of(tx, connection_id, link.quickbooks_type, [link.quickbooks_id]).get(link.quickbooks_id)
    if kept is None or not kept.payload:
        return None
    try:
        booked = booked_tax(wire.decode(kept.payload.encode()))
    except UnreadableError:
        return None
    return compare_tax(msgspec.json.decode(link.agreed, type=Posting), booked)
