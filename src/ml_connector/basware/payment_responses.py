"""A payment response on Basware's wire, and what a document says about its own payment.

Basware clears every field that a payment response leaves out (P2P specification, notes of paymentResponses), so each one carries
all that is known. Sizes are checked before anything is stored or sent.
"""

from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.basware.responses import shorten_message
from ml_connector.basware.translation import UnreadableDocument

KEPT = 100
"""Responses Basware keeps of a document, the latest (P2P specification, paymentResponses)."""

# Lengths of PaymentResponseEntity (Basware P2P specification): field of ours, name on the wire, longest value.
_LIMITS = (
    ("external_code", "externalCode", 36),
    ("source_system", "sourceSystem", 32),
    ("term_code", "paymentTermCode", 25),
    ("method", "paymentMethod", 25),
    ("check_number", "checkNumber", 25),
    ("message", "paymentMessage", 100),
    ("number", "paymentNumber", 250),
    ("document", "paymentDocument", 250),
    ("reversal_document", "paymentReversalDocument", 250),
)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class PaymentResponse(msgspec.Struct, frozen=True, kw_only=True):
    """How far an invoice is paid. `paid_total` counts up over all payments; both amounts are in the invoice's currency and have
    the sign of its total. Without a day Basware puts in the present."""

    external_code: str
    response_message: str
    paid_total: Decimal
    cash_discount: Decimal
    payment_block: bool
    day: date | None = None
    source_system: str = ""
    term_code: str = ""
    method: str = ""
    check_number: str = ""
    message: str = ""
    number: str = ""
    document: str = ""
    reversal_document: str = ""


class OwnPayment(msgspec.Struct, frozen=True, rename="camel"):
    """What a document itself says about its payment."""

    payment_term_code: str | None = None
    payment_method: str | None = None
    payment_message: str | None = None
    payment_block: bool | None = None


def payment_response_body(response: PaymentResponse) -> bytes:
    """The body of POST /v1/accountingDocuments/{invoiceId}/paymentResponses.

    `success` is always true: Basware updates nothing otherwise. Raises ValueError naming everything Basware would refuse.
    """
    problems = [
        f"{wire} has {len(value)} characters, Basware takes {longest}"
        for name, wire, longest in _LIMITS
        if len(value := getattr(response, name)) > longest
    ]
    if problems:
        raise ValueError("This payment response cannot be sent to Basware: " + "; ".join(problems))
    body: dict[str, object] = {
        "externalCode": response.external_code,
        "success": True,
        "responseMessage": shorten_message(response.response_message),
        "paidTotal": _plain(response.paid_total),
        "cashDiscount": _plain(response.cash_discount),
        "paymentBlock": response.payment_block,
    }
    body |= {wire: value for name, wire, _ in _LIMITS[1:] if (value := getattr(response, name))}
    if response.day is not None:
        body["paymentDate"] = f"{response.day.isoformat()}T00:00:00Z"
    return _ENCODER.encode(body)


def _plain(amount: Decimal) -> msgspec.Raw:
    """An amount with at least its cents, as Basware's own examples write it, and the same however it was computed."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(1, -exponent) if isinstance(exponent, int) else 1
    return msgspec.Raw(f"{amount + 0:.{places}f}".encode())


def own_payment(raw: bytes) -> OwnPayment:
    """What a document says about its payment. Raises UnreadableDocument."""
    try:
        return msgspec.json.decode(raw, type=OwnPayment)
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument((f"its payment terms cannot be read: {error}",), "") from error


def payment_codes(raw: bytes) -> tuple[str, ...]:
    """External codes of the payment responses Basware holds for a document, as it lists them. Raises UnreadableDocument."""
    try:
        listed = msgspec.json.decode(raw, type=_Paid).payment_responses or []
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument((f"paymentResponses cannot be read: {error}",), "") from error
    return tuple(one.external_code for one in listed if one.external_code)


class _Response(msgspec.Struct, frozen=True, rename="camel"):
    external_code: str | None = None


class _Paid(msgspec.Struct, frozen=True, rename="camel"):
    payment_responses: list[_Response] | None = None
