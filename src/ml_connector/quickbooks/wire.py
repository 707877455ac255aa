"""Bytes to values and back without losing a cent, the envelope of a batch, and QuickBooks' limits in one place.

Knows JSON and limits; nothing of calls or of what the records mean.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

# Intuit, "Limits and throttles"
MAX_BATCH_ITEMS = 30
MAX_PAGE = 1000
MAX_CHANGES = 1000
MAX_LINES = 10_000
SERVICE_GIVES_UP_AFTER = 120.0  # seconds a request may take
# Intuit, "RequestId feature" (blog of 6 April 2015)
MAX_REQUEST_ID = 50
MAX_BATCH_REQUEST_ID = 36
MAX_BATCH_ITEM_ID = 10
# Intuit, API reference of Bill, VendorCredit, JournalEntry and Vendor
MAX_DOC_NUMBER = 21
MAX_PRIVATE_NOTE = 4000
MAX_DESCRIPTION = 4000
MAX_DISPLAY_NAME = 500
MAX_COMPANY_NAME = 100
MAX_VENDOR_NUMBER = 100
MAX_DIGITS = 15

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class UnreadableError(ValueError):
    """An answer or record of QuickBooks has a shape we cannot read."""


class UnsendableError(ValueError):
    """What we were about to send breaks a rule of ours or of QuickBooks; it must not leave the house."""


def decode(body: bytes) -> dict[str, Any]:
    """A JSON object with every fraction as an exact Decimal. Raises UnreadableError for anything else."""
    try:
        value = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UnreadableError(f"expected a JSON object, got {type(value).__name__}")
    return value


def encode(value: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8 with amounts as plain numbers, digit for digit. Raises UnsendableError for floats, NaN and infinities."""
    try:
        return _ENCODER.encode(_checked(value))
    except UnicodeEncodeError as error:
        raise UnsendableError("a text has characters that cannot be written as UTF-8") from error


def _checked(value: Any) -> Any:
    match value:
        case None | str() | bool() | int() | date():
            return value
        case Decimal():
            return _plain_number(value)
        case Mapping():
            return {key: _checked(item) for key, item in value.items()}
        case list() | tuple():
            return [_checked(item) for item in value]
        case _:
            raise UnsendableError(f"a {type(value).__name__} is never sent; amounts are Decimal")


def _plain_number(value: Decimal) -> Decimal | msgspec.Raw:
    if not value.is_finite():
        raise UnsendableError(f"{value} is not an amount")
    text = str(value)
    return msgspec.Raw(format(value, "f").encode()) if "E" in text else value


class Operation(StrEnum):
    """What a batch item does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """One write of a batch. `entity` is QuickBooks' name (`Bill`), `body` the record's JSON, `b_id` unique in the batch."""

    b_id: str
    operation: Operation
    entity: str
    body: Mapping[str, Any]


def batch_body(items: Sequence[BatchItem]) -> bytes:
    """The bytes of one batch request, to be stored before they are sent. Raises UnsendableError beyond QuickBooks' limits."""
    ids = [item.b_id for item in items]
    if not 1 <= len(items) <= MAX_BATCH_ITEMS:
        raise UnsendableError(f"a batch has 1 to {MAX_BATCH_ITEMS} items, not {len(items)}")
    if len(set(ids)) != len(ids) or any(not 1 <= len(b_id) <= MAX_BATCH_ITEM_ID for b_id in ids):
        raise UnsendableError(f"batch item ids must differ and have 1 to {MAX_BATCH_ITEM_ID} characters")
    requests = [{"bId": item.b_id, "operation": str(item.operation), item.entity: item.body} for item in items]
    return encode({"BatchItemRequest": requests})


def query_batch_body(statements: Sequence[str]) -> bytes:
    """The bytes of a batch that only reads: several SELECT statements, numbered from 1."""
    if not 1 <= len(statements) <= MAX_BATCH_ITEMS:
        raise UnsendableError(f"a batch has 1 to {MAX_BATCH_ITEMS} items, not {len(statements)}")
    return encode({"BatchItemRequest": [{"bId": str(n), "Query": text} for n, text in enumerate(statements, start=1)]})
