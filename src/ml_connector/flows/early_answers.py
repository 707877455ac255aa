"""What Basware is told about invoices that are not to be posted yet, or not by us: prebooking, and mode InvoiceEnrichment.

Pure: the caller stores the answer as an intent and sends it. Nothing here leads to a transaction in QuickBooks.
"""

from ml_connector.flows.answers import Answer

NOT_ENRICHED = (
    "Not taken over: only invoices approved in Basware are posted to QuickBooks, and this one is sent for enrichment, to be "
    "approved elsewhere. Set its processing mode to Standard, or connect the system that approves it."
)
NOTED = "Noted. Nothing is posted in QuickBooks before the invoice is approved and transferred."


def enrichment_answer() -> Answer:
    """An invoice that Basware only completes and another system approves is refused, with what to do about it."""
    return Answer(success=False, message=NOT_ENRICHED)


def prebook_answer() -> Answer:
    """A prebooking is taken note of without any transaction, so that approval can go on; there is no number to tell."""
    return Answer(success=True, message=NOTED)
