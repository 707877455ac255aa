"""What the ledger reports back: the verdict on a transfer, and payments.

Source: Basware P2P specification, notes of transferResponses and paymentResponses: nothing more once Transferred, a new external
code each time, voucher numbers and payment block only with success, omitted payment fields are cleared, 100 responses are kept.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.monitoring import note_response
from twins.basware.schemas import PAYMENT_RESPONSE, TRANSFER_RESPONSE, Field, problems
from twins.basware.state import FAILED, IN_PROGRESS, PAID, RESPONSES_KEPT, TRANSFERRED, WAITING, Record
from twins.basware.values import decode, stamp, to_decimal
from twins.http import Response

# Fields of the invoice that a payment response sets; those it leaves out become empty.
_PAYMENT_FIELDS = ("paymentTermCode", "paymentMethod", "paymentMessage")


def transfer_response(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/transferResponses."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    body = _body(call, TRANSFER_RESPONSE)
    if isinstance(body, Response):
        return body
    code = body["externalCode"]
    if record.status not in _open_statuses(call):
        message = f"a transferResponse is not allowed when processingStatus is {record.status}"
        return call.refuse(400, Code.DATA, [message], code)
    if code in record.codes:
        return _duplicate(call, code)
    _keep(record, "transferResponses", body)
    record.answers.append({**body, "transfer": record.transfer, "at": stamp(call.now)})
    record.log.append(f"Transfer {'succeeded' if body['success'] else 'failed'}: {body['responseMessage']}")
    if body["success"]:
        for name in ("voucherNumber1", "voucherNumber2"):
            if body.get(name) is not None:
                record.entity[name] = body[name]
        record.entity["paymentBlock"] = body["paymentBlock"]
    call.tenant.move(record, TRANSFERRED if body["success"] else FAILED, call.now)
    note_response(call, "TransferResponse", invoice_id, code)
    return in_json(body)


def payment_response(call: Call, invoice_id: str) -> Response:
    """POST /v1/accountingDocuments/{invoiceId}/paymentResponses, repeatable; the invoice is Paid once it is covered."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    body = _body(call, PAYMENT_RESPONSE)
    if isinstance(body, Response):
        return body
    code = body["externalCode"]
    if record.status not in {TRANSFERRED, PAID}:
        message = f"a paymentResponse is not allowed when processingStatus is {record.status}"
        return call.refuse(400, Code.DATA, [message], code)
    if code in record.codes:
        return _duplicate(call, code)
    body = {**body, "paymentDate": body.get("paymentDate") or stamp(call.now)}
    _keep(record, "paymentResponses", body)
    record.log.append(f"Payment: {body.get('responseMessage') or 'no message'}")
    status = record.status
    if body["success"]:
        record.entity |= {name: body.get(name) for name in _PAYMENT_FIELDS}
        record.entity["paymentBlock"] = body["paymentBlock"]
        status = PAID if _covered(record, body) else TRANSFERRED
    call.tenant.move(record, status, call.now)
    note_response(call, "PaymentResponse", invoice_id, code)
    return in_json(body)


def _body(call: Call, schema: Mapping[str, Field]) -> dict[str, Any] | Response:
    """The request's body, strictly checked, or the answer it gets."""
    if "json" not in call.request.headers.get("content-type", "").lower():
        return empty(415)
    try:
        body = decode(call.request.body)
    except msgspec.DecodeError as error:
        return call.refuse(400, Code.SCHEMA, [f"the body is not JSON: {error}"])
    found = problems(schema, body)
    if not found:
        return dict(body)
    code = body.get("externalCode") if isinstance(body, dict) else ""
    return call.refuse(400, Code.SCHEMA, found, code if isinstance(code, str) else "")


def _open_statuses(call: Call) -> set[str]:
    """Where a transfer response may come."""
    switches = call.world.switches
    statuses = {IN_PROGRESS}
    if switches.answer_without_acknowledge:
        statuses.add(WAITING)
    if switches.answer_after_failure:
        statuses.add(FAILED)
    return statuses


def _duplicate(call: Call, code: str) -> Response:
    return call.refuse(409, Code.CONFLICT, [f"externalCode {code} was used before on this accounting document"], code)


def _keep(record: Record, name: str, body: dict[str, Any]) -> None:
    """Add a response; only the latest hundred stay visible."""
    record.codes.add(body["externalCode"])
    record.entity[name] = [*record.entity[name], body][-RESPONSES_KEPT:]


def _covered(record: Record, body: Mapping[str, Any]) -> bool:
    """Whether the total paid so far, with the discount taken, reaches the invoice's gross sum; credit notes count down."""
    paid = to_decimal(body.get("paidTotal")) + to_decimal(body.get("cashDiscount"))
    gross = to_decimal(record.entity.get("grossSum"))
    return paid <= gross if gross < 0 else paid >= gross
