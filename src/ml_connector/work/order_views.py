"""One purchase order as people look at it: its lines, and the bills that take of them. Read only."""

from decimal import Decimal

import msgspec

from ml_connector.basware.exported_orders import UnreadableOrderError, read_order
from ml_connector.store import order_links
from ml_connector.store.copies import CopyContent
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import OrderLine, OrderLinkLine, link_lines, order_line


class OrderedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order. `net` is in the order's currency; `codes` are those of its coding rows; `gone`: canceled in Basware."""

    number: str
    description: str
    quantity: Decimal | None
    net: Decimal
    codes: tuple[str, ...]
    gone: bool


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    """An order in full. `unreadable` says why its lines cannot be read; `sent` is the order as Basware sent it."""

    order: OrderLine
    day: str
    note: str
    lines: tuple[OrderedLine, ...]
    links: tuple[OrderLinkLine, ...]
    unreadable: str
    sent: str


def order_detail(desk: Desk, one: CopyContent) -> OrderDetail:
    """One order with its lines and what was billed on it."""
    line = order_line(desk, one)
    with desk.database.read() as tx:
        rows = order_links.of_order(tx, desk.connection_id, line.quickbooks_id) if line.quickbooks_id else []
    linked = tuple(link_lines(desk, rows))
    try:
        order = read_order(one.payload)
    except UnreadableOrderError as error:
        return OrderDetail(order=line, day="", note="", lines=(), links=linked, unreadable=str(error), sent=one.payload)
    return OrderDetail(
        order=line,
        day=order.day.isoformat() if order.day else "",
        note=order.note,
        lines=tuple(
            OrderedLine(
                number=each.number,
                description=each.description,
                quantity=each.quantity,
                net=each.net,
                codes=tuple(dict.fromkeys(code for row in each.coding for code in row.codes.values() if code)),
                gone=each.gone,
            )
            for each in order.lines
        ),
        links=linked,
        unreadable="",
        sent=one.payload,
    )
