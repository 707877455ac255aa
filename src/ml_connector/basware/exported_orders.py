"""An exported purchase order as Basware sends it, in the model's terms.

Source: Basware P2P specification, ExportedPurchaseOrderEntity and its lines and coding rows.
"""

from decimal import Decimal

import msgspec

from ml_connector.basware.fields import Fields
from ml_connector.model.orders import CODING_LIMITS, ExportedCoding, ExportedLine, ExportedOrder

_GONE = frozenset({"Canceled", "Deleted", "SupplierRejected"})
_CODES = frozenset(CODING_LIMITS)


class UnreadableOrderError(ValueError):
    """An order that makes no sense; the message says all that is wrong with it."""


def read_order(raw: str) -> ExportedOrder:
    """One exported order. Raises UnreadableOrderError."""
    problems: list[str] = []
    try:
        tree = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableOrderError(f"it is no JSON object: {error}") from error
    fields = Fields(tree, problems)
    order = ExportedOrder(
        external_code=fields.text("externalCode", required=True, longest=100),
        number=fields.text("orderNumber", required=True, longest=32),
        status=fields.text("orderStatus"),
        company_code=fields.text("companyCode"),
        supplier_code=fields.text("supplierCode"),
        supplier_name=fields.text("supplierName"),
        currency=fields.text("purchaseCurrency", required=True).upper(),
        company_currency=fields.text("companyCurrency").upper(),
        exchange_rate=fields.amount("exchangeRateComp"),
        day=fields.day("orderCreationTime"),
        note=fields.text("purpose"),
        contract_number=fields.text("contractNumber"),
        lines=tuple(_line(line) for line in fields.objects("orderLines")),
    )
    if problems:
        raise UnreadableOrderError("; ".join(problems[:10]))
    return order


def _line(fields: Fields) -> ExportedLine:
    tax = fields.text("taxCode")
    rows = tuple(_coding(row) for row in fields.objects("codingRows"))
    if tax:
        rows = tuple(msgspec.structs.replace(row, codes={"taxCode": tax, **row.codes}) for row in rows)
    refund = fields.text("lineType") == "CostLine" and (fields.amount("netSum") or 0) < 0
    return ExportedLine(
        external_code=fields.text("externalCode", required=True, longest=100),
        number=str(fields.whole("orderLineNumber") or ""),
        net=fields.amount("netSum") or Decimal(0),
        gone=fields.text("lineStatus") in _GONE,
        quantity=None if refund else fields.amount("quantity"),
        unit_price=fields.amount("netUnitPrice"),
        description=fields.text("description"),
        product_code=fields.text("buyerProductCode"),
        coding=rows,
    )


def _coding(fields: Fields) -> ExportedCoding:
    return ExportedCoding(
        external_code=fields.text("externalCode", longest=100),
        percent=fields.amount("splitPercent") or Decimal(0),
        codes=fields.named(_CODES),
    )
