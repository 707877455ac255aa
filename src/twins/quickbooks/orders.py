"""Links from bills to purchase orders. An invalid link is dropped without a word and the bill is made all the same.

A link names order, type and order line together; threads of users report that the service drops any other.
"""

from decimal import Decimal

from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.values import ZERO, Json, amount_of


def keep_valid_links(context: Context, kind: str, record: Json) -> Json:
    """The record with those order links the service accepts, on its lines and in its head."""
    lines = [{**line, "LinkedTxn": [link for link in line["LinkedTxn"] if _is_valid(context, kind, record, link)]}
             for line in record["Line"]]  # fmt: skip
    linked = dict.fromkeys(link["TxnId"] for line in lines for link in line["LinkedTxn"])
    stored = context.company.get(kind, record.get("Id", "")) or {}
    payments = [link for link in stored.get("LinkedTxn", ()) if link["TxnType"].startswith("BillPayment")]
    head = [{"TxnId": key, "TxnType": "PurchaseOrder"} for key in linked] + payments
    record = {**record, "Line": lines}
    return {**record, "LinkedTxn": head} if head else without(record, "LinkedTxn")


def _is_valid(context: Context, kind: str, record: Json, link: Json) -> bool:
    order = context.company.get("PurchaseOrder", link.get("TxnId", ""))
    if kind != "Bill" or link.get("TxnType") != "PurchaseOrder" or order is None:
        return False
    already = {"TxnId": record.get("Id", ""), "TxnType": "Bill"} in order.get("LinkedTxn", ())
    return (
        (order["POStatus"] == "Open" or already)
        and order["VendorRef"]["value"] == record["VendorRef"]["value"]
        and any(line["Id"] == link.get("TxnLineId") for line in order["Line"])
    )


def linked_orders(record: Json) -> set[str]:
    """Ids of the orders a bill is linked to."""
    return {link["TxnId"] for link in record.get("LinkedTxn", ()) if link["TxnType"] == "PurchaseOrder"}


def billed(context: Context, order: Json) -> Json:
    """The order as it stands after its bills changed: its links, and closed once every line is billed in full."""
    bills = [each for each in context.company.tables["Bill"].records.values() if order["Id"] in linked_orders(each)]
    amounts: dict[str, Decimal] = {}
    for bill in bills:
        for line in bill["Line"]:
            for link in line["LinkedTxn"]:
                if link["TxnId"] == order["Id"]:
                    amounts[link["TxnLineId"]] = amounts.get(link["TxnLineId"], ZERO) + amount_of(line, "Amount")
    done = all(amounts.get(line["Id"], ZERO) >= amount_of(line, "Amount") for line in order["Line"])
    links = [{"TxnId": bill["Id"], "TxnType": "Bill"} for bill in bills]
    closed = done or order.get("ManuallyClosed", False)
    changed = {**order, "LinkedTxn": links, "POStatus": "Closed" if closed else "Open"}
    return changed if links else without(changed, "LinkedTxn")
