"""What the ledger reports back on an approved invoice: the verdict on its transfer, and its payments.

Source: Basware P2P specification, notes of transferResponses and paymentResponses. Payment fields that are left out are cleared
on the invoice, `paidTotal` counts up, the present is the payment date of a response without one.
"""

from collections.abc import Mapping
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.bodies import read_entity
from twins.basware.contracts import spend_on_invoice
from twins.basware.life_cycle import TRANSFER
from twins.basware.monitoring import note_response
from twins.basware.rendering import shown_gross
from twins.basware.routing import Route
from twins.basware.schemas import PAYMENT_RESPONSE, TRANSFER_RESPONSE
from twins.basware.state import PAID, TRANSFERRED, Record
from twins.basware.values import stamp, to_decimal
from twins.basware.verdicts import Verdict, keep, refuse_race, refuse_used_code, take_verdict
from twins.http import Response

_TRANSFER = Verdict("Transfer", "transferResponses", "TransferResponse", TRANSFER, TRANSFER_RESPONSE, 400, 409)

# Fields of the invoice that a payment response sets; those it leaves out become empty. The one misspelt is Basware's spelling.
_PAYMENT_FIELDS = {
    "paymentTermCode": "paymentTermCode",
    "paymentMethod": "paymentMethod",
    "paymentMessage": "paymentMessage",
    "paymentReversalDocument": "paymentRevelsalDocument",
}


def transfer_response(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/transferResponses."""
    answer = take_verdict(call, _TRANSFER, invoice_id)
    record = call.record(invoice_id)
    if answer.status == 200 and record is not None and record.status == TRANSFERRED:
        spend_on_invoice(call.world, call.tenant, record)
    return answer


def payment_response(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/paymentResponses, repeatable; the invoice is Paid once it is covered."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    body = read_entity(call, PAYMENT_RESPONSE)
    if isinstance(body, Response):
        return body
    code = body["externalCode"]
    if record.status not in {TRANSFERRED, PAID}:
        message = f"a paymentResponse is not allowed when processingStatus is {record.status}"
        return call.refuse(400, Code.DATA, [message], code)
    if refused := refuse_race(call, record, code) or refuse_used_code(call, record, code):
        return refused
    body = {**body, "paymentDate": body.get("paymentDate") or stamp(call.now)}
    keep(record, "paymentResponses", body)
    record.log.append(f"Payment: {body.get('responseMessage') or 'no message'}")
    status = record.status
    if body["success"]:
        record.entity |= {field: body.get(name) for name, field in _PAYMENT_FIELDS.items()}
        record.entity["paymentBlock"] = body["paymentBlock"]
        status = PAID if _paid(call, record, body) else TRANSFERRED
    call.tenant.move(record, status, call.now)
    note_response(call, "PaymentResponse", invoice_id, code)
    return in_json(body)


def _paid(call: Call, record: Record, body: Mapping[str, Any]) -> bool:
    """Whether a payment makes the invoice Paid: the first one, or the one that brings the total to the gross sum.

    The total is what was paid so far with the discount taken; where credit notes are negative they count down.
    """
    if call.world.switches.paid_when == "first success":
        return True
    paid = to_decimal(body.get("paidTotal")) + to_decimal(body.get("cashDiscount"))
    gross = shown_gross(call.world, record)
    return paid <= gross if gross < 0 else paid >= gross


_ONE = ("v1", "accountingDocuments", "*")

ROUTES = (
    Route("POST", (*_ONE, "transferResponses"), "transferResponses", transfer_response, "accountingDocuments"),
    Route("POST", (*_ONE, "paymentResponses"), "paymentResponses", payment_response, "accountingDocuments"),
)
