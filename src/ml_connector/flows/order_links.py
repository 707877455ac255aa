"""Which line of which QuickBooks order a bill line belongs to, for invoices that Basware matched with an order.

Pure. It adds links to a plan that stands; where there is no order to link to, the plan stays and says why.
"""

from collections.abc import Iterable, Mapping

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.orders import OrderItem, OrderLine, PurchaseOrder
from ml_connector.model.postings import DocumentPlan, Explanation, Posting, PostingLine
from ml_connector.rules.texts import shorten_number


class KnownOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of QuickBooks. `numbers`: ids of its lines by the line number Basware knows them under; `shared`: numbers that
    several lines have had there, one after the other."""

    order: PurchaseOrder
    numbers: Mapping[str, tuple[str, ...]]
    shared: frozenset[str] = frozenset()


Orders = Mapping[str, tuple[KnownOrder, ...]]
"""Orders by number, in small letters."""


def order_numbers(document: AccountingDocument) -> set[str]:
    """Numbers of orders an invoice was matched with, as QuickBooks would hold them."""
    given = [*document.order_numbers, *(row.order_number for row in document.rows)]
    return {number for one in given if (number := shorten_number(one))}


def with_order_links(
    plan: DocumentPlan, document: AccountingDocument, orders: Orders, items: Mapping[str, OrderItem]
) -> DocumentPlan:
    """The plan, its bill lines linked to the order lines that their coding rows were matched with."""
    if not plan.postings or not order_numbers(document):
        return plan
    rows = {row.row_index: row for row in document.rows}
    told = list[Explanation]()
    postings = tuple(_linked(posting, document, rows, orders, items, told) for posting in plan.postings)
    return msgspec.structs.replace(plan, postings=postings, explanations=(*plan.explanations, *told))


def _linked(  # noqa: PLR0917
    posting: Posting,
    document: AccountingDocument,
    rows: Mapping[int, CodingRow],
    orders: Orders,
    items: Mapping[str, OrderItem],
    told: list[Explanation],
) -> Posting:
    if posting.type is not TransactionType.BILL:
        return posting  # QuickBooks links bills only
    lines = tuple(_line(line, posting, document, rows, orders, items, told) for line in posting.lines)
    return msgspec.structs.replace(posting, lines=lines)


def _line(  # noqa: PLR0917
    line: PostingLine,
    posting: Posting,
    document: AccountingDocument,
    rows: Mapping[int, CodingRow],
    orders: Orders,
    items: Mapping[str, OrderItem],
    told: list[Explanation],
) -> PostingLine:
    if len(line.rows) > 1:
        told += _merged(line, rows)
        return line
    row = rows.get(line.rows[0]) if line.rows else None
    number = (row.order_number if row else "") or (
        document.order_numbers[0] if len(document.order_numbers) == 1 else ""
    )
    if row is None or not number:
        return line
    source = f"order {number}" + (f", line {row.order_line_number}" if row.order_line_number else "")
    found = [
        one for one in orders.get(shorten_number(number).casefold(), ()) if one.order.vendor_id == posting.vendor_id
    ]
    order_line = None
    if not found:
        result = "not linked: QuickBooks has no such order of this vendor"
    elif len(found) > 1:
        result = f"not linked: QuickBooks has {len(found)} orders with this number for this vendor"
    else:
        order_line = _order_line(found[0], row, line, items)
        result = (
            f"PurchaseOrder {found[0].order.id}, line {order_line.id}" if order_line else "not linked: no one line fits"
        )
    told.append(
        Explanation(field=f"row {row.row_index}: order", source=source, rule="matched in Basware", result=result)
    )
    if order_line is None:
        return line
    return msgspec.structs.replace(line, order_id=found[0].order.id, order_line_id=order_line.id)


def _merged(line: PostingLine, rows: Mapping[int, CodingRow]) -> list[Explanation]:
    """What is told of a line that stands for several coding rows: QuickBooks links a line as a whole."""
    numbers = dict.fromkeys(row.order_number for one in line.rows if (row := rows.get(one)) and row.order_number)
    field = f"rows {line.rows[0]} to {line.rows[-1]}: order"
    result = f"not linked: one line of the bill stands for {len(line.rows)} coding rows"
    return [
        Explanation(field=field, source=f"order {number}", rule="matched in Basware", result=result)
        for number in numbers
    ]


def _order_line(
    known: KnownOrder, row: CodingRow, line: PostingLine, items: Mapping[str, OrderItem]
) -> OrderLine | None:
    """The line Basware names, or the only one that fits: of several the one on the same item, or on the same account. A row
    that names neither order nor line, such as freight beside what was ordered, fits only on the same account."""
    number = row.order_line_number.strip()
    ids = known.numbers.get(number)
    fitting = [one for one in known.order.lines if ids is None or one.id in ids]
    if ids is None and number:
        return None
    if len(fitting) > 1 and line.item_id:
        fitting = [one for one in fitting if one.item_id == line.item_id] or fitting
    if len(fitting) > 1 or number in known.shared or not (row.order_number or number):
        fitting = [one for one in fitting if _account(one, items) == line.account_id]
    return fitting[0] if len(fitting) == 1 else None


def _account(line: OrderLine, items: Mapping[str, OrderItem]) -> str:
    item = items.get(line.item_id)
    return line.account_id or (item.account_id if item else "")


def index_orders(known: Iterable[KnownOrder]) -> Orders:
    """Orders by number, those without one by their id, as Basware was given them."""
    found: dict[str, tuple[KnownOrder, ...]] = {}
    for one in known:
        key = (one.order.number or one.order.id).casefold()
        found[key] = (*found.get(key, ()), one)
    return found
