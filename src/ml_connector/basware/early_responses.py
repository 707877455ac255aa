"""Responses to invoices before their transfer: prebooking and enrichment, on Basware's wire (P2P specification,
PrebookResponseEntity and EnrichmentResponseEntity)."""

from datetime import UTC, datetime

import msgspec

from ml_connector.basware.responses import shorten_message
from ml_connector.basware.translation import UnreadableDocument


class EarlyResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict before the transfer. Only a prebook response carries the document's own `payment_block`, and voucher numbers."""

    external_code: str
    success: bool
    message: str
    source_system: str = ""
    payment_block: bool = False
    voucher_number_1: str = ""
    voucher_number_2: str = ""


def prebook_response_body(response: EarlyResponse) -> bytes:
    """The body of POST /v1/accountingDocuments/{invoiceId}/prebookResponses. Without a date: P2P keeps that of the arrival."""
    vouchers = {"voucherNumber1": response.voucher_number_1, "voucherNumber2": response.voucher_number_2}
    given = {name: number for name, number in vouchers.items() if number}
    return msgspec.json.encode(_common(response) | {"paymentBlock": response.payment_block} | given)


def enrichment_response_body(response: EarlyResponse, now: datetime) -> bytes:
    """The body of POST /v1/accountingDocuments/{invoiceId}/enrichmentResponses."""
    return msgspec.json.encode(_common(response) | {"transferDate": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})


def _common(response: EarlyResponse) -> dict[str, object]:
    body: dict[str, object] = {
        "externalCode": response.external_code,
        "success": response.success,
        "responseMessage": shorten_message(response.message),
    }
    return body | ({"sourceSystem": response.source_system} if response.source_system else {})


class _Code(msgspec.Struct, frozen=True, rename="camel"):
    external_code: str | None = None


class _Seen(msgspec.Struct, frozen=True, rename="camel"):
    prebook_responses: list[_Code] | None = None
    enrichment_responses: list[_Code] | None = None
    payment_block: bool | None = None


def early_codes(raw: bytes) -> frozenset[str]:
    """External codes of the prebook and enrichment responses Basware holds for a document. Raises UnreadableDocument."""
    seen = _seen(raw)
    listed = [*(seen.prebook_responses or ()), *(seen.enrichment_responses or ())]
    return frozenset(one.external_code for one in listed if one.external_code)


def is_blocked(raw: bytes) -> bool:
    """Whether the document is blocked for payment. Raises UnreadableDocument."""
    return bool(_seen(raw).payment_block)


def _seen(raw: bytes) -> _Seen:
    try:
        return msgspec.json.decode(raw, type=_Seen)
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument((f"its responses cannot be read: {error}",), "") from error
