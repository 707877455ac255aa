"""What P2P checks when a matching order or one of its lines arrives, and what goods receipts add up to.

Source: Basware P2P specification, notes of matchingOrders and matchingOrderLines and field texts of OrderLineEntity and
GoodsReceiptEntity (matching modes, net or gross on the whole order, receipts and their reversal).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from twins.basware.import_rules import Candidate, Rule
from twins.basware.intake import Finding
from twins.basware.p2p_store import ORDER_LINES, ORDERS, VENDORS
from twins.basware.values import to_decimal

_PRICES = {"net": ("netSum", "netPrice"), "gross": ("grossSum", "grossPrice")}


def order_number_code(order: Mapping[str, Any]) -> tuple[str, str]:
    """What makes an order unique in P2P: number, source system, company and organization element."""
    names = ("orderNumber", "sourceSystem", "organizationElementCode")
    return str(order["companyCode"]), "\n".join(str(order[name]) for name in names)


def order_belongs(candidate: Candidate) -> Iterator[Finding]:
    """Company, organization element and supplier are in P2P."""
    order, units = candidate.entity, candidate.store.units
    company = str(order["companyCode"])
    if company not in units:
        yield Finding(f"Record skipped: company code {company} was not found")
    elif candidate.store.find(VENDORS, company, str(order["supplierCode"])) is None:
        yield Finding(f"Supplier {order['supplierCode']} was not found in company {company}")
    if order["organizationElementCode"] not in units:
        yield Finding(f"Organization element {order['organizationElementCode']} was not found")


def order_is_new(candidate: Candidate) -> Iterator[Finding]:
    """No other order has the same number, source system, company and organization element."""
    holder = candidate.store.holder(ORDERS, order_number_code(candidate.entity))
    if holder is not None and holder.key != candidate.key:
        yield Finding(f"Order {candidate.entity['orderNumber']} is there already as {holder.key}")


def line_has_order(candidate: Candidate) -> Iterator[Finding]:
    """The order was imported before, and a line stays with it."""
    order = candidate.entity["orderExternalCode"]
    if candidate.store.row(ORDERS, str(order)) is None:
        yield Finding(f"Order {order} was not found")
    before = candidate.before
    if before is not None and before.entity["orderExternalCode"] != order:
        yield Finding(f"The line belongs to order {before.entity['orderExternalCode']}")


def line_matching_mode(candidate: Candidate) -> Iterator[Finding]:
    """What each matching mode asks of a line."""
    line = candidate.entity
    mode, quantity = line["matchingMode"], to_decimal(line["quantity"])
    if quantity <= 0:
        yield Finding("quantity must be above zero")
    if mode in {"Blanket", "Service"} and quantity != 1:
        yield Finding(f"quantity must be 1 with matchingMode {mode}")
    if mode == "Blanket" and line.get("isReceiptRequired"):
        yield Finding("isReceiptRequired true is not allowed with matchingMode Blanket")
    if mode == "Service":
        for name in ("isReceiptRequired", "isReceiptBasedMatching"):
            if line.get(name) is not True:
                yield Finding(f"{name} must be true with matchingMode Service")
        if line.get("orderLineCoding"):
            yield Finding("orderLineCoding is not for matchingMode Service and was left out", "Warning")
    prices = [line[name] for name in ("netPrice", "grossPrice") if line.get(name) is not None]
    if mode == "Return" and not any(to_decimal(price) < 0 for price in prices):
        yield Finding("matchingMode Return needs a negative unit price")


def order_is_net_or_gross(candidate: Candidate) -> Iterator[Finding]:
    """All lines of an order have net amounts, or all have gross ones."""
    line = candidate.entity
    if line.get("isDeleted"):
        return
    same_request = {str(other["externalCode"]): other for other in candidate.together}
    saved = {row.key: row.entity for row in candidate.store.lines(str(line["orderExternalCode"]))}
    lines = {**saved, **same_request, candidate.key: line}
    kinds = [_kinds(other) for other in lines.values() if _counts_with(other, line)]
    if not _kinds(line):
        yield Finding("Net or gross amounts are missing")
    elif not set.intersection(*kinds):
        yield Finding("The order has net amounts on some lines and gross amounts on others")


def line_receipts(candidate: Candidate) -> Iterator[Finding]:
    """Goods receipts have codes of their own, reversals point at what they reverse, closed lines get none."""
    receipts = candidate.inner("goodsReceipts")
    codes = [str(receipt["externalCode"]) for receipt in receipts]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Finding(f"Goods receipt {code} is there twice")
    before = candidate.before
    known = {str(receipt["externalCode"]) for receipt in before.all_receipts()} if before else set()
    closed = before is not None and before.entity.get("isClosed") and candidate.entity.get("isClosed") is not False
    if closed and set(codes) - known:
        yield Finding("The line is closed and takes no new goods receipts")
    yield from _reversals(receipts, [*receipts, *(before.receipts if before else ())])
    for receipt in receipts:
        yield from _receipt_coding(candidate.entity["matchingMode"], receipt)


def line_users(candidate: Candidate) -> Iterator[Finding]:
    """A person is named by e-mail address or external code."""
    for user in candidate.inner("referenceUsers"):
        if not user.get("userEmail") and not user.get("userExternalCode"):
            yield Finding("referenceUsers: userEmail or userExternalCode is needed")


ORDER_RULES: Mapping[str, tuple[Rule, ...]] = {
    ORDERS: (order_belongs, order_is_new),
    ORDER_LINES: (line_has_order, line_matching_mode, order_is_net_or_gross, line_receipts, line_users),
}
"""What is checked for each, in this order."""


def received(receipts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is left of each goods receipt after its reversals.

    A reversed receipt is computed anew as quantity times unit price; without a unit price its sum becomes 0.
    """
    live = [receipt for receipt in receipts if not receipt.get("isDeleted")]
    backward: dict[str, Decimal] = {}
    for receipt in live:
        if reference := receipt.get("referenceGRExternalCode"):
            backward[reference] = backward.get(reference, Decimal(0)) + to_decimal(receipt["quantity"])
    return [
        _what_is_left(receipt, backward.get(str(receipt["externalCode"])))
        for receipt in live
        if not receipt.get("referenceGRExternalCode")
    ]


def _what_is_left(receipt: Mapping[str, Any], reversed_quantity: Decimal | None) -> dict[str, Any]:
    quantity = to_decimal(receipt["quantity"]) + (reversed_quantity or 0)
    left: dict[str, Any] = {"externalCode": receipt["externalCode"], "quantity": quantity}
    for total, price in _PRICES.values():
        if reversed_quantity is None and receipt.get(total) is not None:
            left[total] = to_decimal(receipt[total])
        elif receipt.get(price) is not None or reversed_quantity is not None:
            left[total] = quantity * to_decimal(receipt.get(price))
    return left


def _kinds(line: Mapping[str, Any]) -> set[str]:
    """Which amounts a line has, on itself or on its receipts."""
    places = (line, *(line.get("goodsReceipts") or ()))
    return {
        kind
        for kind, names in _PRICES.items()
        if any(place.get(name) is not None for place in places for name in names)
    }


def _counts_with(other: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Whether another line is a living one of the same order, and has amounts of its own."""
    same_order = other["orderExternalCode"] == line["orderExternalCode"]
    return same_order and not other.get("isDeleted") and bool(_kinds(other))


def _reversals(receipts: list[Mapping[str, Any]], all_receipts: list[Mapping[str, Any]]) -> Iterator[Finding]:
    originals = {
        str(receipt["externalCode"]): to_decimal(receipt["quantity"])
        for receipt in all_receipts
        if not receipt.get("referenceGRExternalCode") and not receipt.get("isDeleted")
    }
    left = dict(originals)
    for receipt in receipts:
        code, reference = receipt["externalCode"], receipt.get("referenceGRExternalCode")
        quantity = to_decimal(receipt["quantity"])
        if receipt.get("isDeleted"):
            continue
        if not reference:
            if quantity < 0:
                yield Finding(f"Goods receipt {code} is negative and has no referenceGRExternalCode")
        elif reference not in originals:
            yield Finding(f"Goods receipt {reference}, reversed by {code}, was not found on the line")
        elif quantity >= 0:
            yield Finding(f"Goods receipt {code} reverses {reference} and needs a negative quantity")
        else:
            left[reference] += quantity
            if left[reference] < 0:
                yield Finding(f"Goods receipt {code} reverses more than is left of {reference}")


def _receipt_coding(mode: str, receipt: Mapping[str, Any]) -> Iterator[Finding]:
    rows = receipt.get("receiptCoding") or ()
    if mode == "Service" and len(rows) > 1:
        yield Finding(f"Goods receipt {receipt['externalCode']}: one receiptCoding row at most")
    if mode != "Service" and rows:
        yield Finding(
            f"Goods receipt {receipt['externalCode']}: receiptCoding is for service orders and was left out", "Warning"
        )
