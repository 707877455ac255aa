"""Prebooking: the ledger books the cost of an invoice before it is approved, and says so.

Source: Basware P2P specification, notes of prebookResponses: none for what is Prebooked, failures are handled by hand in P2P, the
date sent along isn't kept, the moment of arrival is.
"""

from twins.basware.answers import Call
from twins.basware.life_cycle import PREBOOK
from twins.basware.routing import Route
from twins.basware.schemas import PREBOOK_RESPONSE
from twins.basware.values import stamp
from twins.basware.verdicts import Verdict, take_verdict
from twins.http import Response

_PREBOOK = Verdict("Prebooking", "prebookResponses", "PrebookResponse", PREBOOK, PREBOOK_RESPONSE, 409, 400)


def prebook_response(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/prebookResponses."""
    answer = take_verdict(call, _PREBOOK, invoice_id)
    record = call.record(invoice_id)
    if record is not None and answer.status == 200:
        kept = record.entity["prebookResponses"]
        record.entity["prebookResponses"] = [*kept[:-1], {**kept[-1], "prebookDate": stamp(call.now)}]
        record.entity["prebooked"] = record.status == PREBOOK.done
    return answer


ROUTES = (
    Route(
        "POST",
        ("v1", "accountingDocuments", "*", "prebookResponses"),
        "prebookResponses",
        prebook_response,
        "accountingDocuments",
    ),
)
