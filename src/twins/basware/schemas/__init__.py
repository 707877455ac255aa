"""What Basware's specification says of the bodies it accepts, as data, and the strict check against it.

Source: Basware P2P specification, components/schemas; a test compares every table here with the published file.
"""

from twins.basware.schemas.check import PUBLISHED, problems, schema
from twins.basware.schemas.notation import Field, Schema

TRANSFER_RESPONSE = schema("TransferResponseEntity")
PAYMENT_RESPONSE = schema("PaymentResponseEntity")
PREBOOK_RESPONSE = schema("PrebookResponseEntity")
ENRICHMENT_RESPONSE = schema("EnrichmentResponseEntity")

__all__ = [
    "ENRICHMENT_RESPONSE",
    "PAYMENT_RESPONSE",
    "PREBOOK_RESPONSE",
    "PUBLISHED",
    "TRANSFER_RESPONSE",
    "Field",
    "Schema",
    "problems",
    "schema",
]
