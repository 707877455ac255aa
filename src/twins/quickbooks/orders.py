"""Purchase orders and the bills linked to them: which links hold, what is billed of each line, when an order closes.

A link names order, type and order line together on the bill line, and the order in the bill's head. An invalid one is dropped
without a word and the bill is made all the same, as users of the service report.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from twins.quickbooks.company import Company
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.values import ZERO, Json, amount_of, natural

_ITEM = "ItemBasedExpenseLineDetail"


@dataclass(frozen=True)
class Measure:
    """How much of an order line: money, and pieces where the line counts them."""

    amount: Decimal = ZERO
    pieces: Decimal = ZERO

    def __add__(self, other: "Measure") -> "Measure":
        return Measure(self.amount + other.amount, self.pieces + other.pieces)

    def __sub__(self, other: "Measure") -> "Measure":
        return Measure(self.amount - other.amount, self.pieces - other.pieces)


def measure(line: Json) -> Measure:
    """What a line of an order or a bill is about."""
    return Measure(amount_of(line, "Amount"), Decimal(line.get(_ITEM, {}).get("Qty", ZERO)))


def billed(company: Company, order: Json, *, but: str = "", also: str = "") -> dict[str, Measure]:
    """What bills have taken of each line of an order; leaving out the bill `but`, and looking into `also` too."""
    taken: dict[str, Measure] = {}
    keys = dict.fromkeys([*(link["TxnId"] for link in order.get("LinkedTxn", ())), also])
    for bill in (company.get("Bill", key) for key in keys if key not in {"", but}):
        for line in bill["Line"] if bill is not None else ():
            for link in line["LinkedTxn"]:
                if link["TxnId"] == order["Id"]:
                    taken[link["TxnLineId"]] = taken.get(link["TxnLineId"], Measure()) + measure(line)
    return taken


def remaining(company: Company, order: Json, *, but: str = "") -> dict[str, Measure]:
    """What is left to bill of each line of an order."""
    taken = billed(company, order, but=but)
    return {line["Id"]: measure(line) - taken.get(line["Id"], Measure()) for line in order["Line"]}


class _Links:
    """Decides on the links of one bill that is being written."""

    def __init__(self, context: Context, record: Json, old: Json | None) -> None:
        self._context = context
        self._record = record
        self._old_lines = {line["Id"]: line for line in old["Line"]} if old is not None else {}
        self._heads = {
            link.get("TxnId") for link in record.get("LinkedTxn", ()) if link.get("TxnType") == "PurchaseOrder"
        }
        self._left: dict[str, dict[str, Measure]] = {}

    def kept(self, asked: Json, line: Json) -> list[Json]:
        """The links of a line that hold. `asked` is the line as the request has it."""
        return [link for link in line["LinkedTxn"] if self._holds(asked, line, link)]

    def _holds(self, asked: Json, line: Json, link: Json) -> bool:
        order = self._context.company.get("PurchaseOrder", link.get("TxnId", ""))
        if link.get("TxnType") != "PurchaseOrder" or order is None:
            return False
        if ("PurchaseOrder", order["Id"]) in self._context.hidden:
            return False
        if order["VendorRef"]["value"] != self._record["VendorRef"]["value"]:
            return False
        own = self._record.get("Id", "")
        left = self._left.setdefault(order["Id"], remaining(self._context.company, order, but=own))
        part = left.get(link.get("TxnLineId", ""))
        if part is None:
            return False
        held = link in self._old_lines.get(line["Id"], {}).get("LinkedTxn", ())
        may_be_made = self._is_new_line(asked) and self._takes(order) and _fits(measure(line), part)
        if not held and not may_be_made:
            return False
        left[link["TxnLineId"]] = part - measure(line)
        return True

    def _is_new_line(self, asked: Json) -> bool:
        """Whether a link may be made on this line: it has to be new, and not to say which number it has."""
        numbered = "LineNum" in asked and not self._context.switches.order_link_with_line_number
        return asked.get("Id") not in self._old_lines and (not numbered or self._context.lenient)

    def _takes(self, order: Json) -> bool:
        """Whether an order takes further links: it is named in the head, and open, or closed by this bill alone."""
        needs_head = self._context.switches.order_link_needs_head and not self._context.lenient
        if needs_head and order["Id"] not in self._heads:
            return False
        own = {"TxnId": self._record.get("Id", ""), "TxnType": "Bill"} in order.get("LinkedTxn", ())
        return order["POStatus"] == "Open" or (own and not order.get("ManuallyClosed", False))


def _fits(wanted: Measure, left: Measure) -> bool:
    if wanted.pieces and left.pieces:
        return wanted.pieces <= left.pieces
    return wanted.amount <= left.amount


def keep_valid_links(context: Context, kind: str, record: Json, asked: Json, old: Json | None) -> Json:
    """The record with those order links the service accepts, on its lines and in its head. `asked` is the request."""
    links = _Links(context, record, old)
    lines = [
        {**line, "LinkedTxn": links.kept(wanted, line) if kind == "Bill" else []}
        for wanted, line in zip(asked["Line"], record["Line"], strict=True)
    ]
    linked = dict.fromkeys(link["TxnId"] for line in lines for link in line["LinkedTxn"])
    payments = [link for link in (old or {}).get("LinkedTxn", ()) if link["TxnType"].startswith("BillPayment")]
    return _with_head({**record, "Line": lines}, list(linked), payments)


def _with_head(record: Json, order_ids: list[str], payments: list[Json]) -> Json:
    head = [{"TxnId": key, "TxnType": "PurchaseOrder"} for key in order_ids] + payments
    return {**record, "LinkedTxn": head} if head else without(record, "LinkedTxn")


def linked_orders(record: Json | None) -> dict[str, None]:
    """Ids of the orders a bill is linked to."""
    links = (record or {}).get("LinkedTxn", ())
    return {link["TxnId"]: None for link in links if link["TxnType"] == "PurchaseOrder"}


def with_status(context: Context, order: Json, old: Json | None) -> Json:
    """An order being written, open or closed: by hand when the request changes its status, otherwise by what is billed."""
    before = old["POStatus"] if old is not None else "Open"
    by_hand = order.get("ManuallyClosed", False)
    if "ManuallyClosed" not in context.supplied:
        by_hand = (old or {}).get("ManuallyClosed", False)
        if order["POStatus"] != before:
            by_hand = order["POStatus"] == "Closed"
    order = {**without(order, "ManuallyClosed"), **({"ManuallyClosed": True} if by_hand else {})}
    return _stands(context, order, billed(context.company, order) if old is not None else {})


def _stands(context: Context, order: Json, taken: dict[str, Measure]) -> Json:
    """The order as it stands when this much of its lines is billed."""
    rest = [(measure(line), taken.get(line["Id"], Measure())) for line in order["Line"]]
    done = any(want.amount for want, _got in rest) and all(_is_covered(want, got) for want, got in rest)
    closed = order.get("ManuallyClosed", False) or (done and context.switches.orders_close_when_billed)
    lines = []
    for line in order["Line"]:
        pieces = taken.get(line["Id"], Measure()).pieces
        lines.append({**without(line, "Received"), **({"Received": natural(pieces)} if pieces else {})})
    return {**order, "Line": lines, "POStatus": "Closed" if closed else "Open"}


def _is_covered(wanted: Measure, got: Measure) -> bool:
    return got.amount >= wanted.amount or bool(wanted.pieces and got.pieces >= wanted.pieces)


def refreshed(context: Context, order: Json, bill_id: str = "") -> Json:
    """A stored order as it stands after its bills, or the one bill, changed."""
    known = dict.fromkeys([*(link["TxnId"] for link in order.get("LinkedTxn", ())), bill_id])
    bills = [key for key in known if order["Id"] in linked_orders(context.company.get("Bill", key))]
    links = [{"TxnId": key, "TxnType": "Bill"} for key in bills]
    changed = _stands(context, order, billed(context.company, order, also=bill_id))
    return {**changed, "LinkedTxn": links} if links else without(changed, "LinkedTxn")


def after_bill(context: Context, record: Json | None, old: Json | None) -> Iterator[tuple[str, Json]]:
    """The orders that a bill changes which was written, or deleted where there is no `record`."""
    for key in sorted(linked_orders(record) | linked_orders(old), key=int):
        order = context.company.get("PurchaseOrder", key)
        if order is not None:
            yield "PurchaseOrder", refreshed(context, order, record["Id"] if record is not None else "")


def after_order(context: Context, record: Json | None, old: Json | None) -> Iterator[tuple[str, Json]]:
    """The bills that lose links when an order loses lines, its vendor, or itself; then the order as it stands."""
    if old is None or "LinkedTxn" not in old:
        return
    lines = {line["Id"] for line in record["Line"]} if record is not None else set()
    for link in old["LinkedTxn"]:
        bill = context.company.get("Bill", link["TxnId"])
        if bill is None:
            continue
        same = record is not None and record["VendorRef"]["value"] == bill["VendorRef"]["value"]
        yield "Bill", _unlinked(bill, old["Id"], lines if same else set())
    stored = context.company.get("PurchaseOrder", old["Id"])
    if stored is not None:
        yield "PurchaseOrder", refreshed(context, stored)


def _unlinked(bill: Json, order_id: str, lines: set[str]) -> Json:
    """The bill without links to an order's lines other than these."""
    kept = [
        {
            **line,
            "LinkedTxn": [
                each for each in line["LinkedTxn"] if each["TxnId"] != order_id or each["TxnLineId"] in lines
            ],
        }
        for line in bill["Line"]
    ]
    orders = dict.fromkeys(link["TxnId"] for line in kept for link in line["LinkedTxn"])
    payments = [link for link in bill["LinkedTxn"] if link["TxnType"].startswith("BillPayment")]
    return _with_head({**bill, "Line": kept}, list(orders), payments)
