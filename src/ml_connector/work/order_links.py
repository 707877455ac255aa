"""Links of bills to purchase orders: which orders an invoice may mean, and whether QuickBooks made the links it was asked for.

QuickBooks makes a bill and leaves an impossible link out without a word, so every answer is compared with what was asked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from ml_connector.basware.exported_orders import UnreadableOrderError, read_order
from ml_connector.flows.order_links import KnownOrder, Orders, index_orders, order_numbers
from ml_connector.flows.orders_in import line_of_key
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.orders import ExportedLine, OrderItem, PurchaseOrder
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation_orders import item_from, order_from, order_links_of
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import alerts, audit, copies, documents, links, order_links, taken_orders
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.order_links import OrderLinkRow
from ml_connector.store.schema import OrderLinkState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.order_results import LINK, ORDERS_FEED

ALERT = "order links"
"""The kind of alert that says that QuickBooks left a link out; its subject is the invoice id."""

_ENTITY = "PurchaseOrder"
_Key = tuple[str, str]


def orders_meant(tx: Tx, desk: Desk, read: Iterable[AccountingDocument]) -> tuple[Orders, dict[str, OrderItem]]:
    """The copies of the orders these documents name, and QuickBooks' items if there is any such order."""
    numbers = {number for document in read for number in order_numbers(document)}
    if not numbers:
        return {}, {}
    rows = book_store.named(tx, desk.connection_id, _ENTITY, numbers)
    # Of an order without a number Basware was given the id.
    rows += [
        row
        for row in book_store.some_of(tx, desk.connection_id, _ENTITY, numbers).values()
        if not row.deleted and not row.name
    ]
    known = list[KnownOrder]()
    for row in rows:
        try:
            order = order_from(wire.decode(row.payload.encode()))
        except UnreadableError:
            continue  # told where orders are given to Basware; a bill is not held for it
        known.append(_known(tx, desk, order))
    items = [item_from(wire.decode(row.payload.encode())) for row in book_store.all_of(tx, desk.connection_id, "Item")]
    return index_orders(known), {one.id: one for one in items}


def _known(tx: Tx, desk: Desk, order: PurchaseOrder) -> KnownOrder:
    """An order with its line ids by Basware's line number: of one that came from there by what its lines were made of, else
    QuickBooks' own ids, which Basware was given as numbers."""
    own = links.by_quickbooks(tx, desk.connection_id, LINK, _ENTITY, order.id)
    if not own:
        return KnownOrder(order=order, numbers={line.id: (line.id,) for line in order.lines})
    numbers: dict[str, tuple[str, ...]] = {}
    lines = Counter[str]()
    taken = taken_orders.known(tx, desk.connection_id, [own[0].basware_id]).get(own[0].basware_id)
    for line in _lines_in_basware(tx, desk, own[0].basware_id) if taken else ():
        ids = [id_ for key, id_ in taken.line_ids.items() if line_of_key(key) == line.external_code] if taken else []
        numbers[line.number] = (*numbers.get(line.number, ()), *ids)
        lines[line.number] += 1
    shared = frozenset(number for number, count in lines.items() if count > 1)
    return KnownOrder(order=order, numbers=numbers, shared=shared)


def _lines_in_basware(tx: Tx, desk: Desk, external_code: str) -> tuple[ExportedLine, ...]:
    """The lines of an order as Basware exported it last, those that are gone among them."""
    found = copies.content(tx, desk.connection_id, ORDERS_FEED, external_code)
    try:
        return read_order(found.payload).lines if found is not None else ()
    except UnreadableOrderError:
        return ()  # told where orders are taken over; a bill is not held for it


def verify_links(tx: Tx, desk: Desk, intent: IntentRow, record: dict[str, Any]) -> None:
    """Compare the links that a bill was sent with to those it has, note each, and tell people of those that are missing."""
    invoice_id = intent.invoice_id or ""
    asked, got = _amounts(wire.decode(intent.body.encode()) | {"Id": str(record["Id"])}), _amounts(record)
    rows = [_row(tx, desk, intent, str(record["Id"]), key, amount, got.get(key)) for key, amount in asked.items()]
    now = desk.clock.now()
    order_links.replace(tx, desk.connection_id, invoice_id, intent.part, rows, now)
    dropped = [row for row in rows if row.state is OrderLinkState.DROPPED]
    if dropped:
        _tell(tx, desk, invoice_id, dropped)
    elif asked:
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=invoice_id, now=now)


def _amounts(bill: dict[str, Any]) -> dict[_Key, Decimal]:
    amounts: dict[_Key, Decimal] = {}
    for one in order_links_of(bill):
        key = (one.order_id, one.order_line_id)
        amounts[key] = amounts.get(key, Decimal(0)) + one.amount
    return amounts


def _row(  # noqa: PLR0917
    tx: Tx, desk: Desk, intent: IntentRow, bill_id: str, key: _Key, amount: Decimal, got: Decimal | None
) -> OrderLinkRow:
    made = got == amount
    why = "" if made else _why(tx, desk, key, amount, bill_id)
    if got is not None and not made:
        why = f"only {got} of {amount} is linked; {why}"
    return OrderLinkRow(
        invoice_id=intent.invoice_id or "",
        part=intent.part,
        order_id=key[0],
        order_line_id=key[1],
        bill_id=bill_id,
        amount=amount,
        state=OrderLinkState.LINKED if made else OrderLinkState.DROPPED,
        why=why,
    )


def _why(tx: Tx, desk: Desk, key: _Key, amount: Decimal, bill_id: str) -> str:
    """What our copies say against a link: a guess in words, since QuickBooks gives no reason."""
    row = book_store.some_of(tx, desk.connection_id, _ENTITY, [key[0]]).get(key[0])
    if row is None or row.deleted:
        return "the order is no longer in QuickBooks"
    order = order_from(wire.decode(row.payload.encode()))
    line = next((one for one in order.lines if one.id == key[1]), None)
    if line is None:
        return f"order {order.number} no longer has the line"
    if order.closed:
        return f"order {order.number} is closed"
    left = line.amount - _billed(tx, desk, order, key, but=bill_id)
    if amount > left:
        return f"over-billed: {left} of line {line.number} of order {order.number} is left to bill, the invoice has {amount}"
    return f"QuickBooks gives no reason; order {order.number} is open"


def _billed(tx: Tx, desk: Desk, order: PurchaseOrder, key: _Key, *, but: str) -> Decimal:
    bills = book_store.some_of(tx, desk.connection_id, "Bill", [one for one in order.bill_ids if one != but])
    found = [
        one for row in bills.values() if not row.deleted for one in order_links_of(wire.decode(row.payload.encode()))
    ]
    return sum((one.amount for one in found if (one.order_id, one.order_line_id) == key), Decimal(0))


def _tell(tx: Tx, desk: Desk, invoice_id: str, dropped: Sequence[OrderLinkRow]) -> None:
    row = documents.get(tx, desk.connection_id, invoice_id)
    number = row.invoice_number if row else invoice_id
    why = "; ".join(dict.fromkeys(one.why for one in dropped))
    message = (
        f"Invoice {number} is in QuickBooks as bill {dropped[0].bill_id}, but QuickBooks did not link it to its purchase order: "
        f"{why}. Open the bill in QuickBooks and add the order there, reopening it first if it is closed; the next run sees it. "
        f"Or say that it is fine, under Purchase orders in the console or with `ml-connector orders accept-links {number}`."
    )
    alerts.raise_(
        tx, desk.connection_id, kind=ALERT, subject=invoice_id, severity=Severity.WARNING, message=message,
        now=desk.clock.now(),
    )  # fmt: skip


def look_again(desk: Desk) -> int:
    """Links that were left out, and that somebody made in QuickBooks since or whose bill is gone; how many invoices are settled."""
    with desk.database.read() as tx:
        dropped = order_links.listing(tx, desk.connection_id, states=[OrderLinkState.DROPPED])
        bills = book_store.some_of(tx, desk.connection_id, "Bill", list({one.bill_id for one in dropped}))
    there = {bill_id: _amounts(wire.decode(row.payload.encode())) for bill_id, row in bills.items() if not row.deleted}
    by_invoice: dict[str, list[OrderLinkRow]] = {}
    for one in dropped:
        by_invoice.setdefault(one.invoice_id, []).append(one)
    made = [
        invoice_id
        for invoice_id, rows in by_invoice.items()
        if all(there.get(one.bill_id, {}).get((one.order_id, one.order_line_id)) == one.amount for one in rows)
    ]
    gone = [
        invoice_id
        for invoice_id, rows in by_invoice.items()
        if all(one.bill_id in bills and bills[one.bill_id].deleted for one in rows)
    ]
    if made or gone:
        now = desk.clock.now()
        with desk.write() as tx:
            for invoice_id in made:
                order_links.set_state(tx, desk.connection_id, invoice_id, OrderLinkState.LINKED, "by hand", now)
            for invoice_id in gone:
                order_links.forget(tx, desk.connection_id, invoice_id)
            for invoice_id in [*made, *gone]:
                alerts.clear(tx, desk.connection_id, kind=ALERT, subject=invoice_id, now=now)
    return len(made) + len(gone)


def accept_links(desk: Desk, invoice_id: str, *, actor: str, reason: str) -> int:
    """A person says that a bill may stay without its links; how many links that were left out."""
    now = desk.clock.now()
    with desk.database.write() as tx:
        accepted = order_links.set_state(tx, desk.connection_id, invoice_id, OrderLinkState.ACCEPTED, reason, now)
        if accepted:
            alerts.clear(tx, desk.connection_id, kind=ALERT, subject=invoice_id, now=now)
            audit.record(
                tx, desk.connection_id, at=now, actor=actor, action="bill without order links accepted", subject=invoice_id,
                reason=reason,
            )  # fmt: skip
    return accepted
