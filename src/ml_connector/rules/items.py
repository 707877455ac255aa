"""Rows on a QuickBooks item: how many pieces at what price, and what becomes of them on a journal entry, which has no items.

Which item a row is on, and whether it can be bought at all, is decided in `coding.py`.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from ml_connector.model.books import Item, TransactionType
from ml_connector.model.documents import CodingRow
from ml_connector.model.holds import Cause
from ml_connector.model.policy import StockWithoutQuantity
from ml_connector.rules.coding import CodedRow
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.pieces import FRACTION, MOST, in_pieces, one_piece
from ml_connector.rules.shares import is_usable


def with_pieces(
    task: Task, type_: TransactionType, rows: Sequence[CodedRow], findings: Findings
) -> tuple[CodedRow, ...]:
    """The rows, those on an item with their pieces; on a journal entry, with the item's account in its place."""
    journal = type_ is TransactionType.JOURNAL_ENTRY
    return tuple(
        row if not row.item_id else _on_account(task, row, findings) if journal else _counted(task, row, findings)
        for row in rows
    )


def _on_account(task: Task, coded: CodedRow, findings: Findings) -> CodedRow:
    """The row without its item: QuickBooks would book it on the item's account as well. Stock would go uncounted, so it is held."""
    item, row = task.books.items[coded.item_id], coded.row
    if item.is_stock:
        findings.hold(Cause.ITEM_NEEDS_BILL, item.label, rows=(row.row_index,), target=_label(item))
    rule = "a journal entry has no items"
    findings.explain(f"row {row.row_index}: item", f"item {_label(item)}", rule, "posted on the item's account")
    return msgspec.structs.replace(coded, item_id="")


def _counted(task: Task, coded: CodedRow, findings: Findings) -> CodedRow:
    """The row with its pieces: as Basware counts them, else one at the whole amount. The amount always wins."""
    item, row, amount = task.books.items[coded.item_id], coded.row, coded.amount.amount
    field, price_field = task.policy.sources.quantity, task.policy.sources.unit_price
    quantity, price = _quantity(row, field), row.prices.get(price_field)
    pieces = in_pieces(amount, quantity, price) if quantity is not None else ()
    told = f"{field} {quantity:f} on row {row.row_index}" if quantity is not None else _without(field, row)
    if len(pieces) > 1:
        rule = "the last pieces apart, since no price gives the amount to the cent"
    elif pieces:
        given = price is not None and price.is_finite() and pieces[0].unit_price == price
        rule = f"{price_field} as it is" if given else "price from the amount"
    else:
        why = "no price of five decimals gives the amount" if quantity is not None else "Basware gives no quantity"
        if item.is_stock and task.policy.stock_without_quantity is StockWithoutQuantity.HOLD:
            facts = {"target": _label(item), "why": _why(field, quantity)}
            findings.hold(Cause.ITEM_QUANTITY_MISSING, item.label, rows=(row.row_index,), **facts)
        pieces, rule = (one_piece(amount),), f"one piece at the whole amount: {why}"
    shown = " and ".join(f"{one.quantity:f} x {one.unit_price:f}" for one in pieces)
    findings.explain(f"row {row.row_index}: quantity", told, rule, shown)
    return msgspec.structs.replace(coded, pieces=pieces)


def _quantity(row: CodingRow, field: str) -> Decimal | None:
    """The row's quantity in QuickBooks' digits; None when Basware gives none, or zero."""
    given = row.quantities.get(field)
    if given is None or not is_usable(given) or abs(given) > MOST:
        return None
    return given.quantize(FRACTION, ROUND_HALF_UP).normalize() or None


def _without(field: str, row: CodingRow) -> str:
    return f"no {field} on row {row.row_index}" if field else "no field is named for quantities"


def _why(field: str, quantity: Decimal | None) -> str:
    if quantity is not None:
        return f"{field} {quantity:f} gives no price for one piece that QuickBooks can write"
    return f"Basware gives no {field}" if field else "no field is named for quantities (`sources.quantity`)"


def _label(item: Item) -> str:
    return f"{item.label} ({item.id})"
