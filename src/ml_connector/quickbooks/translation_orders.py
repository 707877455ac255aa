"""QuickBooks' purchase orders, items and the order links of bills, in the model's terms.

Source: Intuit's API reference of PurchaseOrder, Item and Bill. Nothing is fetched here.
"""

from decimal import Decimal

from ml_connector.model.orders import LinkedBillLine, OrderItem, OrderLine, PurchaseOrder
from ml_connector.quickbooks.records import Record, day, flag, members, name_of, number, reference, required, text
from ml_connector.quickbooks.wire import UnreadableError

_DETAILS = ("ItemBasedExpenseLineDetail", "AccountBasedExpenseLineDetail")


def order_from(record: Record, *, deleted: bool = False) -> PurchaseOrder:
    """A purchase order. Lines that only describe something have nothing to match and are left out."""
    return PurchaseOrder(
        id=required(record, "Id"),
        sync_token=text(record, "SyncToken"),
        vendor_id=reference(record, "VendorRef"),
        number=text(record, "DocNumber").strip(),
        currency=reference(record, "CurrencyRef"),
        day=day(record, "TxnDate"),
        closed=text(record, "POStatus").lower() == "closed",
        deleted=deleted,
        location_id=reference(record, "DepartmentRef"),
        class_id=reference(record, "ClassRef"),
        memo=text(record, "PrivateNote"),
        total=number(record, "TotalAmt") or Decimal(0),
        lines=tuple(_line(line) for line in members(record, "Line") if text(line, "DetailType") in _DETAILS),
        bill_ids=tuple(text(link, "TxnId") for link in members(record, "LinkedTxn") if text(link, "TxnType") == "Bill"),
    )


def _line(line: Record) -> OrderLine:
    detail = line.get(text(line, "DetailType"))
    if not isinstance(detail, dict):
        raise UnreadableError(f"line {text(line, 'Id')} has no {text(line, 'DetailType')}")
    return OrderLine(
        id=required(line, "Id"),
        number=int(number(line, "LineNum") or 0),
        amount=number(line, "Amount") or Decimal(0),
        description=text(line, "Description"),
        quantity=number(detail, "Qty"),
        unit_price=number(detail, "UnitPrice"),
        item_id=reference(detail, "ItemRef"),
        account_id=reference(detail, "AccountRef"),
        class_id=reference(detail, "ClassRef"),
        customer_id=reference(detail, "CustomerRef"),
        tax_code_id=reference(detail, "TaxCodeRef"),
    )


def item_from(record: Record) -> OrderItem:
    """A product or service. Stock is bought on its asset account, everything else on its expense account."""
    stocked = text(record, "Type") == "Inventory"
    return OrderItem(
        id=required(record, "Id"),
        name=name_of(record, "FullyQualifiedName") or name_of(record, "Name"),
        sku=text(record, "Sku"),
        account_id=reference(record, "AssetAccountRef" if stocked else "ExpenseAccountRef"),
        active=flag(record, "Active", absent=True),
    )


def order_links_of(bill: Record) -> list[LinkedBillLine]:
    """What the lines of a bill take of purchase orders."""
    return [
        LinkedBillLine(
            bill_id=required(bill, "Id"),
            order_id=text(link, "TxnId"),
            order_line_id=text(link, "TxnLineId"),
            amount=number(line, "Amount") or Decimal(0),
            quantity=number(line, "ItemBasedExpenseLineDetail", "Qty"),
        )
        for line in members(bill, "Line")
        for link in members(line, "LinkedTxn")
        if text(link, "TxnType") == "PurchaseOrder"
    ]
