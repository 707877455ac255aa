"""QuickBooks' purchase orders, items and the order links of bills, in the model's terms.

Source: Intuit's API reference of PurchaseOrder, Item and Bill. Nothing is fetched here.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ml_connector.model.orders import LinkedBillLine, OrderItem, OrderLine, PurchaseOrder, WantedLine, WantedOrder
from ml_connector.quickbooks.records import Record, day, flag, members, name_of, number, reference, required, text
from ml_connector.quickbooks.translation_postings import fitting
from ml_connector.quickbooks.wire import MAX_DOC_NUMBER, MAX_PRIVATE_NOTE, UnreadableError

Body = dict[str, Any]

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


def order_body(order: WantedOrder) -> Body:
    """The JSON that creates a purchase order. Raises UnsendableError for one that QuickBooks could not hold."""
    return _head(order) | {"Line": [_order_line(line) for line in order.lines]}


def order_update_body(order: WantedOrder, existing: Record, line_ids: Mapping[str, str]) -> Body:
    """The JSON that brings an order, as just read, to what is wanted: sparse, so that what people entered beside it stays.

    `line_ids` are the ids of our lines by key. Lines that people added stay. So do lines of ours that are no longer wanted once a
    bill was made from the order: taking them out would take the bill's links away.
    """
    ours = {line_ids[line.key]: line for line in order.lines if line.key in line_ids}
    billed = bool(members(existing, "LinkedTxn"))
    known = set(line_ids.values())
    lines = list[Body]()
    for line in members(existing, "Line"):
        wanted = ours.get(text(line, "Id"))
        if wanted is not None:
            lines.append(_order_line(wanted) | {"Id": text(line, "Id")})
        elif billed or text(line, "Id") not in known:
            lines.append(dict(line))
    here = {text(line, "Id") for line in members(existing, "Line")}
    lines += [_order_line(line) for line in order.lines if line_ids.get(line.key) not in here]
    if not lines:
        lines = [
            dict(line) for line in members(existing, "Line")
        ]  # an order has lines; closing it says that nothing is due
    return {
        "Id": required(existing, "Id"),
        "SyncToken": required(existing, "SyncToken"),
        "sparse": True,
        **_head(order),
        "Line": lines,
    }


def made_of(sent: Record, existing: Record) -> list[str]:
    """The ids of those lines in an order, as just read, that an update without an answer may have added: for each line that was
    sent without an id, in that order, the id of one that says the same; empty where there is none."""
    known = {text(line, "Id") for line in members(sent, "Line")}
    free = [line for line in members(existing, "Line") if text(line, "Id") not in known]
    found = list[str]()
    for line in members(sent, "Line"):
        if "Id" not in line:
            same = next((one for one in free if _says(one) == _says(line)), None)
            found.append("" if same is None else text(same, "Id"))
            free = [one for one in free if one is not same]
    return found


def _says(line: Record) -> tuple[Decimal | None, str, str]:
    """What tells lines apart: the amount, and what it is for. QuickBooks may clean the description."""
    detail = {name: line.get(name) for name in _DETAILS}
    references = [reference(one, name) for one in detail.values() if isinstance(one, dict) for name in _ABOUT]
    return number(line, "Amount"), text(line, "DetailType"), " ".join(references)


_ABOUT = ("ItemRef", "AccountRef", "ClassRef", "CustomerRef")


def _head(order: WantedOrder) -> Body:
    head: Body = {
        "VendorRef": {"value": order.vendor_id},
        "APAccountRef": {"value": order.payable_account_id},
        "DocNumber": fitting("number", order.number, MAX_DOC_NUMBER),
        "PrivateNote": fitting("memo", order.memo, MAX_PRIVATE_NOTE),
    }
    if order.day is not None:
        head["TxnDate"] = order.day.isoformat()
    if order.multicurrency:
        head["CurrencyRef"] = {"value": order.currency}
        if order.exchange_rate is not None:
            head["ExchangeRate"] = order.exchange_rate
    if order.location_id:
        head["DepartmentRef"] = {"value": order.location_id}
    if order.closed or order.reopened:
        head["POStatus"] = "Closed" if order.closed else "Open"
    return head


def _order_line(line: WantedLine) -> Body:
    kind = "ItemBasedExpenseLineDetail" if line.item_id else "AccountBasedExpenseLineDetail"
    detail: Body = {"ItemRef": {"value": line.item_id}} if line.item_id else {"AccountRef": {"value": line.account_id}}
    if line.item_id:
        detail |= {"Qty": line.quantity, "UnitPrice": line.unit_price}
    detail |= {"ClassRef": {"value": line.class_id}} if line.class_id else {}
    detail |= {"CustomerRef": {"value": line.customer_id}} if line.customer_id else {}
    body: Body = {"DetailType": kind, "Amount": line.amount, kind: detail}
    return body | ({"Description": line.description} if line.description else {})
