"""What we answer to Basware about a document, checked against Basware's limits before anything is stored or sent."""

from datetime import UTC, datetime

import msgspec

LONGEST_MESSAGE = 250
"""Longest responseMessage; Basware shows it in the invoice's action log (P2P spec, TransferResponseEntity)."""

# Lengths of TransferResponseEntity (Basware P2P spec): field of ours, name on the wire, longest value.
_LIMITS = (
    ("external_code", "externalCode", 36),
    ("source_system", "sourceSystem", 32),
    ("voucher_number_1", "voucherNumber1", 25),
    ("voucher_number_2", "voucherNumber2", 25),
)


class TransferResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one transfer of a document.

    `external_code` is new for every answer and the same when one is repeated. Basware takes voucher numbers and payment block
    over only with `success`. `transfer_date` is a point in time with zone.
    """

    external_code: str
    success: bool
    message: str
    voucher_number_1: str = ""
    voucher_number_2: str = ""
    source_system: str = ""
    transfer_date: datetime | None = None
    payment_block: bool = False


def transfer_response_body(response: TransferResponse) -> bytes:
    """The body of POST /v1/accountingDocuments/{invoiceId}/transferResponses.

    A message that is too long is cut at a word. Raises ValueError naming everything else Basware would refuse.
    """
    problems = [
        f"{wire} has {len(value)} characters, Basware takes {longest}"
        for name, wire, longest in _LIMITS
        if len(value := getattr(response, name)) > longest
    ]
    if not response.external_code:
        problems.append("externalCode is empty")
    if not response.message.strip():
        problems.append("responseMessage is empty")
    if response.transfer_date is not None and response.transfer_date.tzinfo is None:
        problems.append("transferDate has no time zone")
    if problems:
        raise ValueError("This answer cannot be sent to Basware: " + "; ".join(problems))
    body: dict[str, object] = {
        "externalCode": response.external_code,
        "success": response.success,
        "responseMessage": shorten_message(response.message),
    }
    body |= {wire: value for name, wire, _ in _LIMITS[1:] if (value := getattr(response, name))}
    if response.transfer_date is not None:
        body["transferDate"] = response.transfer_date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body["paymentBlock"] = response.payment_block
    return msgspec.json.encode(body)


def shorten_message(message: str, longest: int = LONGEST_MESSAGE) -> str:
    """A message within Basware's limit, cut after a whole word where there is one, with an ellipsis."""
    text = message.strip()
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    if not text[longest - 1].isspace():
        words = head.rsplit(None, 1)
        head = words[0] if len(words) > 1 else head
    return head.rstrip() + "…"
