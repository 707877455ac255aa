"""The steps that give Basware QuickBooks' purchase orders: heads first, the lines of an order once Basware has taken its head.

They read the copies of QuickBooks' records, let `flows/orders_out.py` decide, and store what Basware is to hold.
"""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from ml_connector.basware.order_bodies import billed_before, closed_as_sent, home_of, line_body, order_body, taken_out
from ml_connector.flows.orders_known import Basware, Billed, QuickBooks, order_code
from ml_connector.flows.orders_out import plan_orders
from ml_connector.model.orders import LinkedBillLine, OrderItem, PlannedOrder, PurchaseOrder
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation_orders import item_from, order_from, order_links_of
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.rules.marker import find_marker
from ml_connector.store import books as book_store
from ml_connector.store import links, mappings, outgoing, vendor_pairs
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.outgoing import NewOutgoing, OutgoingRow
from ml_connector.store.schema import OutgoingState
from ml_connector.work.changes.copies import warn
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.sending.steps import Step
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors.pairing import external_code

HEADS, LINES = "matchingOrders", "matchingOrderLines"
ENTITY = "PurchaseOrder"
_ALL = 1_000_000
_NEEDED = ("taxCodes", "accounts", "costCenters", "projects", "vendors")
"""Lists that an order's codes are from."""


def plan_heads(desk: Desk) -> None:
    """Work out which orders Basware is to hold, and store their heads. Raises what QuickBooks' client raises when the orders have
    to be read first."""
    _read_first(desk)
    planned = _planned(desk)
    now = desk.clock.now()
    with desk.write() as tx:
        kept = _heads(tx, desk)
        codes = {one.external_code for one in planned}
        outgoing.forget(tx, desk.connection_id, HEADS, [code for code in kept if code not in codes])
        outgoing.plan(tx, desk.connection_id, [_head(one, kept.get(one.external_code)) for one in planned], now)


def plan_lines(desk: Desk) -> None:
    """Store the lines of every order whose head Basware has as it is now."""
    planned = _planned(desk)
    with desk.write() as tx:
        heads = _heads(tx, desk)
        ready = [one for one in planned if _is_taken(heads.get(one.external_code))]
        kept = outgoing.of_bundles(tx, desk.connection_id, LINES, [one.external_code for one in ready])
        for one in ready:
            plan = _plan_lines if one.head is not None else _close_lines
            plan(tx, desk, one, kept.get(one.external_code, []))
    desk.watch("purchase order lines", len(ready), len(planned))


def _plan_lines(tx: Tx, desk: Desk, order: PlannedOrder, kept: list[OutgoingRow]) -> None:
    """Lines as they are, and those that are no longer part of the order as deleted; what never left is forgotten."""
    lines = [
        NewOutgoing(
            resource=LINES,
            external_code=line.external_code,
            subject=order.subject,
            name=f"{order.name}, line {line.position}",
            body=line_body(line),
            rank=line.position,
            bundle=order.external_code,
        )
        for line in order.lines
    ]
    here = {line.external_code for line in lines}
    gone = [row for row in kept if row.external_code not in here]
    outgoing.forget(tx, desk.connection_id, LINES, [row.external_code for row in gone])
    left = [_taken_out(row) for row in gone if row.accepted_digest or row.state is OutgoingState.SENT]
    outgoing.plan(tx, desk.connection_id, [*lines, *left], desk.clock.now())


def _close_lines(tx: Tx, desk: Desk, order: PlannedOrder, kept: list[OutgoingRow]) -> None:
    """Lines of an order that is over, though something would hold it: closed as Basware has them, or deleted."""
    over = taken_out if order.deleted else closed_as_sent
    there = [row for row in kept if row.accepted_digest or row.state is OutgoingState.SENT]
    outgoing.plan(tx, desk.connection_id, [_as(row, over(row.body)) for row in there], desk.clock.now())


def _taken_out(row: OutgoingRow) -> NewOutgoing:
    return _as(row, taken_out(row.body))


def _as(row: OutgoingRow, body: str) -> NewOutgoing:
    fields = {name: getattr(row, name) for name in NewOutgoing.__struct_fields__}
    return NewOutgoing(**(fields | {"body": body, "holds": ()}))


def _is_taken(head: OutgoingRow | None) -> bool:
    return head is not None and head.state is OutgoingState.DONE


def _head(order: PlannedOrder, kept: OutgoingRow | None) -> NewOutgoing:
    """A head as it is to be; one that is held keeps the body it had, for whoever looks at it. What closes in QuickBooks closes in
    Basware: no invoice is to be matched with it, whatever would keep a change of it from being given."""
    if order.head is None and order.closed and kept is not None and kept.accepted_digest:
        return _as(kept, closed_as_sent(kept.body))
    body = order_body(order.head) if order.head is not None else kept.body if kept is not None else ""
    return NewOutgoing(
        resource=HEADS,
        external_code=order.external_code,
        subject=order.subject,
        name=order.name,
        body=body,
        bundle="",
        number=order.head.number if order.head is not None else kept.number if kept is not None else "",
        holds=order.holds,
    )


def _heads(tx: Tx, desk: Desk) -> dict[str, OutgoingRow]:
    return {row.external_code: row for row in outgoing.listing(tx, desk.connection_id, resource=HEADS, limit=_ALL)}


def _read_first(desk: Desk) -> None:
    """QuickBooks' orders and lists are read now if they never were; the job `changes` keeps them up to date."""
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    if any(entity not in cursors or not cursors[entity].cursor for entity in (ENTITY, "Item", "Vendor", "Account")):
        refresh_lists(desk, thorough=True)


def _planned(desk: Desk) -> list[PlannedOrder]:
    settings = desk.settings.basware
    books = load_books(desk)
    with desk.database.read() as tx:
        heads = _heads(tx, desk)
        known = frozenset(code for code, row in heads.items() if _may_be_there(row))
        orders = tuple(_orders(tx, desk, heads))
        items = {one.id: one for one in _items(tx, desk)}
        billed = _billed_elsewhere(tx, desk, orders)
        basware = Basware(
            mark=mark_of(desk),
            company_code=settings.order_company,
            organization_element=settings.order_unit,
            source_system=settings.matching_orders.source_system,
            sources=desk.policy.sources,
            mapping=mappings.load(tx, desk.connection_id),
            vendor_codes=_vendor_codes(tx, desk),
            waiting_vendors=_waiting_vendors(tx, desk),
            known=known,
            numbers={code: _numbers_of(row) for code, row in heads.items()},
            homes={
                code: home_of(row.body)
                for code, row in heads.items()
                if code in known and row.body and row.state is not OutgoingState.REFUSED  # what was refused is nowhere
            },
            companies=(*settings.company_codes, settings.order_company),
            billed=_billed_as_sent(tx, desk),
            codes_required=settings.matching_orders.codes_required,
        )
    return plan_orders(basware, QuickBooks(books=books, items=items, orders=orders, billed=billed))


def mark_of(desk: Desk) -> str:
    """What tells this connection's records from those of others in the same Basware tenant."""
    return sha256(desk.connection_id.encode()).hexdigest()[:8]


def _orders(tx: Tx, desk: Desk, heads: dict[str, OutgoingRow]) -> Iterable[PurchaseOrder]:
    """Orders that people made in QuickBooks, and those known to Basware that were deleted there. One that came from Basware is
    not given back; one that people copied from it is theirs, although it has its memo."""
    rows = book_store.all_of(tx, desk.connection_id, ENTITY)
    here = {row.quickbooks_id for row in rows}
    known = {row.subject.removeprefix(f"{ENTITY} ") for row in heads.values()}
    deleted = book_store.some_of(tx, desk.connection_id, ENTITY, [one for one in known if one not in here])
    ours = {link.basware_id: link.quickbooks_id for link in links.all_of_kind(tx, desk.connection_id, "order")}
    of_basware = set(ours.values())
    since = desk.settings.basware.matching_orders.first_day
    for row in [*rows, *deleted.values()]:
        order = _order(tx, desk, row)
        if order is None or order.id in of_basware:
            continue
        marker = find_marker(order.memo)
        if marker is not None and ours.get(marker.invoice_id) not in here:
            continue  # just made or made again, and not noted yet
        if order_code(mark_of(desk), order.id) not in heads and (order.day or date.min) < since:
            continue
        yield order


def _order(tx: Tx, desk: Desk, row: BookRow) -> PurchaseOrder | None:
    try:
        return order_from(_decoded(row), deleted=row.deleted)
    except UnreadableError as error:
        told = f"Purchase order {row.name or row.quickbooks_id} in QuickBooks cannot be read and is not given to Basware: {error}"
        warn(tx, desk, ENTITY, f"{told}. Open it in QuickBooks and save it again; everything else goes on.")
        return None


def _items(tx: Tx, desk: Desk) -> Iterable[OrderItem]:
    for row in book_store.all_of(tx, desk.connection_id, "Item"):
        yield item_from(_decoded(row))


def _billed_elsewhere(tx: Tx, desk: Desk, orders: Iterable[PurchaseOrder]) -> tuple[LinkedBillLine, ...]:
    """What bills that people typed into QuickBooks took of orders."""
    bills = book_store.some_of(
        tx, desk.connection_id, "Bill", list({one for order in orders for one in order.bill_ids})
    )
    found = list[LinkedBillLine]()
    for row in bills.values():
        bill = _decoded(row)
        if not row.deleted and find_marker(str(bill.get("PrivateNote", ""))) is None:
            found.extend(order_links_of(bill))
    return tuple(found)


def _billed_as_sent(tx: Tx, desk: Desk) -> dict[str, Billed]:
    """What lines that Basware has say was billed before: history is imported once, before anything is matched there (Basware P2P
    specification, invoicedQuantity), and stays as it is."""
    rows = outgoing.listing(tx, desk.connection_id, resource=LINES, limit=_ALL)
    return {row.external_code: billed_before(row.body) for row in rows if _may_be_there(row)}


def _may_be_there(row: OutgoingRow) -> bool:
    """Whether Basware has a record in some form, or may have: it was sent and nothing was heard."""
    return bool(row.accepted_digest) or (row.sent_at is not None and row.state is not OutgoingState.REFUSED)


def _numbers_of(head: OutgoingRow) -> frozenset[str]:
    """The numbers Basware has, or may have, an order under."""
    on_its_way = head.number if head.state is OutgoingState.SENT else ""
    return frozenset(filter(None, (head.accepted_number, on_its_way)))


def _vendor_codes(tx: Tx, desk: Desk) -> dict[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {}
    for link in links.all_of_kind(tx, desk.connection_id, "vendor"):
        codes[link.quickbooks_id] = (*codes.get(link.quickbooks_id, ()), link.basware_id)
    return codes


def _waiting_vendors(tx: Tx, desk: Desk) -> frozenset[str]:
    """Vendors that Basware has from nobody but us, and has not taken yet, or refused. One that is there under any of its codes can
    be ordered from, whatever became of its last change."""
    rows = outgoing.listing(tx, desk.connection_id, resource="vendors", limit=_ALL)
    if not (not_taken := {row.external_code for row in rows if not row.accepted_digest}):
        return frozenset()
    waiting, there = set[str](), set[str]()
    for one in vendor_pairs.every(tx, desk.connection_id).values():
        ours = one.external_code == external_code(desk.connection_id, one.quickbooks_id)
        (waiting if ours and one.external_code in not_taken else there).add(one.quickbooks_id)
    return frozenset(waiting - there)


def _decoded(row: BookRow) -> dict[str, Any]:
    record: dict[str, Any] = wire.decode(row.payload.encode())
    return record


def _wanted(settings: ConnectionSettings) -> bool:
    return settings.basware.matching_orders.enabled


ORDER_STEPS: tuple[Step, ...] = (
    Step(label="purchase orders", resources=lambda _: (HEADS,), plan=plan_heads, wanted=_wanted, after=_NEEDED),
    Step(label="purchase order lines", resources=lambda _: (LINES,), plan=plan_lines, wanted=_wanted),
)
"""Heads, then lines: those of an order as soon as Basware has taken its head, whatever has become of other orders."""
