"""Enrichment: Basware only checks and completes an invoice, and another system approves it for payment.

Source: Basware P2P specification, notes of enrichmentResponses: for documents of the mode InvoiceEnrichment, none for what is
transferred already; 409 is not among the answers.
"""

from twins.basware.answers import Call
from twins.basware.life_cycle import ENRICHMENT
from twins.basware.routing import Route
from twins.basware.schemas import ENRICHMENT_RESPONSE
from twins.basware.verdicts import Verdict, take_verdict
from twins.http import Response

_ENRICHMENT = Verdict(
    "Enrichment transfer",
    "enrichmentResponses",
    "EnrichmentTransferResponse",
    ENRICHMENT,
    ENRICHMENT_RESPONSE,
    400,
    400,
)


def enrichment_response(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/enrichmentResponses."""
    return take_verdict(call, _ENRICHMENT, invoice_id)


ROUTES = (
    Route(
        "POST",
        ("v1", "accountingDocuments", "*", "enrichmentResponses"),
        "enrichmentResponses",
        enrichment_response,
        "accountingDocuments",
    ),
)
