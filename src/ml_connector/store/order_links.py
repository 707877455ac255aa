"""Links from bills to purchase orders that we asked QuickBooks for, and whether it made them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import delete, select, update

from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_structs, chunks, insert
from ml_connector.store.schema import OrderLinkState, order_links


class OrderLinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One link: the bill of an invoice's part, the order line, the amount asked for. `why` QuickBooks may have left it out."""

    invoice_id: str
    part: int
    order_id: str
    order_line_id: str
    bill_id: str
    amount: Decimal
    state: OrderLinkState
    why: str = ""


_COLUMNS = [order_links.c[name] for name in OrderLinkRow.__struct_fields__]


def replace(  # noqa: PLR0917
    tx: Tx, connection_id: str, invoice_id: str, part: int, rows: Iterable[OrderLinkRow], now: datetime
) -> None:
    """Let these be the links of an invoice's part."""
    own = (
        order_links.c.connection_id == connection_id,
        order_links.c.invoice_id == invoice_id,
        order_links.c.part == part,
    )
    tx.execute(delete(order_links).where(*own))
    for row in rows:
        values = msgspec.structs.asdict(row) | {"connection_id": connection_id, "updated_at": now}
        tx.execute(insert(tx, order_links).values(**values))


def forget(tx: Tx, connection_id: str, invoice_id: str) -> None:
    """The bills of an invoice are gone, and their links with them."""
    own = order_links.c.connection_id == connection_id, order_links.c.invoice_id == invoice_id
    tx.execute(delete(order_links).where(*own))


LinkKey = tuple[str, int, str, str]
"""Invoice id, part, and the order and the line of it."""

_KEY = (order_links.c.invoice_id, order_links.c.part, order_links.c.order_id, order_links.c.order_line_id)


def ordered(connection_id: str, *, states: Collection[OrderLinkState] = ()) -> Ordered[LinkKey]:
    """The keys of links, newest first; those in some states or all."""
    query = select(*_KEY).where(order_links.c.connection_id == connection_id)
    if states:
        query = query.where(order_links.c.state.in_(list(states)))
    return Ordered(query, (order_links.c.updated_at.desc(), *_KEY))


def these(tx: Tx, connection_id: str, keys: Collection[LinkKey]) -> list[OrderLinkRow]:
    """The links of these keys, in the order given, as far as they are here."""
    found = dict[LinkKey, OrderLinkRow]()
    for some in chunks(dict.fromkeys(invoice_id for invoice_id, *_ in keys)):
        query = select(*_COLUMNS).where(
            order_links.c.connection_id == connection_id, order_links.c.invoice_id.in_(some)
        )
        for row in as_structs(OrderLinkRow, tx.execute(query)):
            found[row.invoice_id, row.part, row.order_id, row.order_line_id] = row
    return [found[key] for key in keys if key in found]


def listing(tx: Tx, connection_id: str, *, states: Collection[OrderLinkState] = ()) -> list[OrderLinkRow]:
    """Links, newest first; those in some states or all."""
    return these(tx, connection_id, ordered(connection_id, states=states).read(tx))


def of_order(tx: Tx, connection_id: str, order_id: str) -> list[OrderLinkRow]:
    """The links to the lines of one order of QuickBooks."""
    query = select(*_COLUMNS).where(order_links.c.connection_id == connection_id, order_links.c.order_id == order_id)
    ordered = query.order_by(order_links.c.order_line_id, order_links.c.invoice_id)
    return as_structs(OrderLinkRow, tx.execute(ordered))


def set_state(  # noqa: PLR0917
    tx: Tx, connection_id: str, invoice_id: str, state: OrderLinkState, why: str, now: datetime
) -> int:
    """What became of the links of an invoice that QuickBooks left out; how many there were."""
    statement = update(order_links).where(
        order_links.c.connection_id == connection_id,
        order_links.c.invoice_id == invoice_id,
        order_links.c.state == OrderLinkState.DROPPED,
    )
    return tx.execute(statement.values(state=state, why=why, updated_at=now)).rowcount
