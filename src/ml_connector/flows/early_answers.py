"""What Basware is told about invoices that are not to be posted yet, or not by us: prebooking, and mode InvoiceEnrichment.

Pure: the caller stores the answer as an intent and sends it. Nothing here leads to a transaction in QuickBooks.
"""

from datetime import date

from ml_connector.flows.answers import Answer

NOT_ENRICHED = (
    "Not taken over: only invoices approved in Basware are posted to QuickBooks, and this one is sent for enrichment, to be "
    "approved elsewhere. Set its processing mode to Standard, or connect the system that approves it."
)
INVOICED = "Nothing to accrue: the invoice is in QuickBooks already."
NOTED = "Noted. Nothing is posted in QuickBooks before the invoice is approved and transferred."


def enrichment_answer() -> Answer:
    """An invoice that Basware only completes and another system approves is refused, with what to do about it."""
    return Answer(success=False, message=NOT_ENRICHED)


def prebook_answer() -> Answer:
    """A prebooking is taken note of without any transaction, so that approval can go on; there is no number to tell."""
    return Answer(success=True, message=NOTED)


def accrual_answer(quickbooks_id: str, number: str, day: date) -> Answer:
    """A prebooking whose cost stands in the books: the journal entry's id as first voucher number, its number as second."""
    return Answer(
        success=True,
        message=(
            f"Accrued in QuickBooks as journal entry {number} of {day.isoformat()}. It is reversed when the invoice is posted, or "
            f"its prebooking cancelled."
        ),
        voucher_number_1=quickbooks_id[:25],
        voucher_number_2=number[:25],
    )


def invoiced_answer() -> Answer:
    """A prebooking of an invoice that is in the books itself."""
    return Answer(success=True, message=INVOICED)
