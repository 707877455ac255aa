"""Responses about invoices, and the small bodies of housekeeping, as Basware publishes them.

The notation is explained in `notation`.
"""

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "TransferResponseEntity": (
        "externalCode*:1-36 success*@flag responseMessage*:1-250 sourceSystem:32 voucherNumber{1..2}:25 "
        "transferDate@instant paymentBlock*@flag"
    ),
    "PaymentResponseEntity": (
        "externalCode*:1-36 success*@flag responseMessage:250 sourceSystem:32 paymentDate@instant "
        "paymentTermCode:25 paymentBlock*@flag paymentMethod:25 paidTotal@number cashDiscount@number "
        "checkNumber:25 paymentMessage:100 paymentNumber:250 paymentDocument:250 paymentReversalDocument:250"
    ),
    "PrebookResponseEntity": (
        "externalCode*:1-36 success*@flag responseMessage*:1-250 sourceSystem:32 voucherNumber{1..2}:25 "
        "prebookDate@instant paymentBlock*@flag"
    ),
    "EnrichmentResponseEntity": "externalCode*:1-36 success*@flag responseMessage*:1-250 sourceSystem:32 transferDate@instant",
    "DeleteRequest": "lastUpdated@instant externalCode:36",
    "ProcessingStatusGetBatchRequest": "requestIds>text[]",
}
