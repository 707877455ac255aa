"""A tenant's holdings as rows for people to read: accounting documents and vendors. Reads only."""

from typing import Any

from twins.basware.values import to_decimal
from twins.rows import DocumentRow, VendorRow

KIND = "accountingDocument"


def document(entity: dict[str, Any]) -> DocumentRow:
    """An accounting document; its total has Basware's sign, which is negative for credits."""
    total = entity.get("grossSum")
    return DocumentRow(
        kind=KIND,
        id=str(entity["invoiceId"]),
        number=str(entity.get("invoiceNumber") or ""),
        supplier_code=str(entity.get("supplierCode") or ""),
        supplier=str(entity.get("supplierName") or ""),
        date=str(entity.get("invoiceDate") or "")[:10],
        total=None if total is None else to_decimal(total),
        currency=str(entity.get("currencyCode") or ""),
        status=str(entity["processingStatus"]),
    )


def vendor(entity: dict[str, Any]) -> VendorRow:
    """A vendor as P2P has it; its currency is that of its first means of payment."""
    means: list[dict[str, Any]] = entity.get("paymentMeans") or [{}]
    standing: dict[str, Any] = entity.get("processingStatus") or {}
    return VendorRow(
        id=str(entity.get("externalCode") or ""),
        code=str(entity.get("vendorCode") or ""),
        name=str(entity.get("name") or ""),
        currency=str(means[0].get("currencyCode") or ""),
        active=standing.get("active") is not False,
        origin=str(entity.get("origin") or ""),
    )
