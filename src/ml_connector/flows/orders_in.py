"""Basware's purchase orders as QuickBooks is to hold them: by the same rules for vendors, codes and currencies as invoices.

Pure. An order is put into QuickBooks whole or not at all; every cause that keeps it out is found at once.
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books
from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.money import ZERO, minor_unit
from ml_connector.model.orders import ExportedLine, ExportedOrder, OrderItem, OrderPlan, WantedLine, WantedOrder
from ml_connector.model.policy import PostingPolicy, RateSource, UnknownVendor
from ml_connector.rules.amounts import RowAmount
from ml_connector.rules.coding import CodedRow, code_rows
from ml_connector.rules.currency import exchange_rate, payable_account
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.marker import MEMO_LIMIT, marker_text
from ml_connector.rules.numbers import doc_number
from ml_connector.rules.shares import distribute
from ml_connector.rules.texts import clean
from ml_connector.rules.vendors import choose_vendor


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What every order of a run is planned from. `items`: products by SKU, empty where lines do not become item lines."""

    books: Books
    mapping: CodeMapping
    policy: PostingPolicy
    vendor_links: Mapping[str, str] = {}
    items: Mapping[str, OrderItem] = {}


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a line that one coding row takes: the row at `index`."""

    line: ExportedLine
    key: str
    index: int
    amount: Decimal
    whole: bool


def plan_order(order: ExportedOrder, around: Surroundings, *, exists: bool) -> OrderPlan:
    """What is to become of an order. One that is over, or has no line left, is closed in QuickBooks, and never made there."""
    pieces = _pieces(order)
    if not exists and (order.over or not pieces):
        return OrderPlan()
    task = _task(order, pieces, around)
    findings = Findings()
    vendor = choose_vendor(task, around.vendor_links, findings).vendor
    rate = exchange_rate(task, {}, findings)
    payable = payable_account(task, findings)
    coded = code_rows(
        task, [_amount(row, piece) for row, piece in zip(task.document.rows, pieces, strict=True)], findings
    )
    number = doc_number(task, 0, 1, findings)
    if findings.holds or vendor is None or payable is None:
        return OrderPlan(holds=findings.holds)
    locations = {row.location_id for row in coded if row.location_id}
    wanted = WantedOrder(
        vendor_id=vendor.id,
        payable_account_id=payable.id,
        number=number,
        memo=order_memo(order, latin1_only=task.latin1_only),
        currency=order.currency,
        day=order.day,
        exchange_rate=rate,
        multicurrency=around.books.preferences.multicurrency,
        location_id=next(iter(locations)) if len(locations) == 1 else "",
        closed=order.over or not pieces,
        lines=tuple(_wanted(task, row, piece, around) for row, piece in zip(coded, pieces, strict=True)),
    )
    return OrderPlan(wanted=wanted)


def order_memo(order: ExportedOrder, *, latin1_only: bool) -> str:
    """The memo, with the marker by which the order is known again whatever becomes of our own records."""
    said = "; ".join(filter(None, (f"Basware order {order.number}", order.note, _contract(order))))
    marker = marker_text(order.external_code, 0)
    text = clean(said, limit=MEMO_LIMIT - len(marker) - 1, latin1_only=latin1_only, single_line=True).text
    return f"{text.replace('[bw:', '(bw:')} {marker}"


def _contract(order: ExportedOrder) -> str:
    return f"Contract {order.contract_number}" if order.contract_number else ""


def _pieces(order: ExportedOrder) -> list[_Piece]:
    """Lines that are still wanted, each split over its coding rows to the smallest coin."""
    unit, found = minor_unit(order.currency), list[_Piece]()
    for line in order.lines:
        if line.gone or not line.net:
            continue
        net = line.net.quantize(unit)
        shares = distribute(net, [row.percent for row in line.coding], unit) or [net]
        for index, share in enumerate(shares):
            if share:
                key = _key(line, index)
                found.append(_Piece(line=line, key=key, index=index, amount=share, whole=len(shares) == 1))
    return found


def _key(line: ExportedLine, index: int) -> str:
    """What a line is known by for good: Basware's own keys of the line and of its coding row. Numbers and places change. Rows that
    have no key of their own, or share one, are known by their place."""
    keys = [row.external_code for row in line.coding]
    own = keys[index] if index < len(keys) and keys.count(keys[index]) == 1 else ""
    return f"{line.external_code}#{own or index}"


def line_of_key(key: str) -> str:
    """The key of the Basware line that a line in QuickBooks was made of."""
    return key.partition("#")[0]


def _task(order: ExportedOrder, pieces: list[_Piece], around: Surroundings) -> Task:
    """The order as the rules for documents read one."""
    rows = tuple(
        CodingRow(row_index=number, net=piece.amount, description=piece.line.description, codes=_codes(piece))
        for number, piece in enumerate(pieces, 1)
    )
    document = AccountingDocument(
        invoice_id=order.external_code,
        company_code=order.company_code,
        supplier_code=order.supplier_code,
        supplier_name=order.supplier_name,
        currency=order.currency,
        processing_status="",
        content_hash="",
        invoice_number=order.number,
        company_currency=order.company_currency,
        exchange_rate=order.exchange_rate,
        rows=rows,
    )
    # An order creates no vendor and brings its own rate: it is no claim anybody has to settle yet.
    policy = msgspec.structs.replace(around.policy, unknown_vendor=UnknownVendor.HOLD, rate_source=RateSource.DOCUMENT)
    return Task(document=document, books=around.books, mapping=around.mapping, policy=policy)


def _codes(piece: _Piece) -> dict[str, str]:
    if not piece.line.coding:
        return {}
    return piece.line.coding[piece.index].codes


def _amount(row: CodingRow, piece: _Piece) -> RowAmount:
    return RowAmount(row=row, amount=piece.amount, tax=ZERO, excluded=ZERO, rule="net of the order line")


def _wanted(task: Task, row: CodedRow, piece: _Piece, around: Surroundings) -> WantedLine:
    line = piece.line
    product = around.items.get(line.product_code) if piece.whole and line.product_code else None
    item_id = product.id if product else row.item_id
    quantity, price = line.quantity, line.unit_price
    # QuickBooks refuses an item line whose amount is not quantity times price.
    if item_id and (
        not piece.whole or not quantity or price is None or (quantity * price).quantize(Decimal("0.01")) != piece.amount
    ):
        quantity, price = Decimal(1), piece.amount
    return WantedLine(
        key=piece.key,
        amount=piece.amount,
        account_id="" if item_id else row.account_id,
        item_id=item_id,
        quantity=quantity if item_id else None,
        unit_price=price if item_id else None,
        class_id=row.class_id,
        customer_id=row.customer_id,
        description=clean(line.description, limit=MEMO_LIMIT, latin1_only=task.latin1_only).text,
    )
