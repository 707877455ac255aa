"""Basware's purchase orders on their way into QuickBooks: which version was planned, what came of it, which line is which."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Select, and_, or_, select, update

from ml_connector.model.holds import Hold
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, chunks, insert
from ml_connector.store.schema import TakenState, copies, inbox, taken_orders


class TakenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order. `inbox_id`: the version that was planned last, 0 for one to plan afresh. `sent_keys`: our lines in the order in
    which they were sent last; `line_ids`: their ids in QuickBooks. `tries`: refusals in a row that a fresh look may end."""

    external_code: str
    inbox_id: int
    state: TakenState
    holds: tuple[Hold, ...] = ()
    sent_keys: tuple[str, ...] = ()
    line_ids: dict[str, str] = {}
    tries: int = 0


class DueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an order that is to be planned, as it came."""

    external_id: str
    inbox_id: int
    payload: str


_COLUMNS = [taken_orders.c[name] for name in TakenOrder.__struct_fields__]


def due(tx: Tx, connection_id: str, feed: str) -> list[DueOrder]:
    """Orders whose newest version was not planned, and held ones, which the world may have helped; none that is being sent, and
    none that QuickBooks refused for good, until it changes or a person asks for it."""
    ours = and_(
        taken_orders.c.connection_id == copies.c.connection_id, taken_orders.c.external_code == copies.c.external_id
    )
    same = and_(inbox.c.connection_id == copies.c.connection_id, inbox.c.id == copies.c.inbox_id)
    query = (
        select(copies.c.external_id, copies.c.inbox_id, inbox.c.payload)
        .select_from(copies.join(inbox, same).outerjoin(taken_orders, ours))
        .where(copies.c.connection_id == connection_id, copies.c.feed == feed)
        .where(
            or_(
                taken_orders.c.state.is_(None),
                and_(taken_orders.c.state == TakenState.HELD, taken_orders.c.tries == 0),
                and_(taken_orders.c.state != TakenState.SENDING, taken_orders.c.inbox_id != copies.c.inbox_id),
            )
        )
    )
    return as_structs(DueOrder, tx.execute(query.order_by(copies.c.inbox_id)))


def known(tx: Tx, connection_id: str, codes: Collection[str]) -> dict[str, TakenOrder]:
    """How far these orders have come, by external code."""
    found: dict[str, TakenOrder] = {}
    for some in chunks(codes):
        query = select(*_COLUMNS).where(
            taken_orders.c.connection_id == connection_id, taken_orders.c.external_code.in_(some)
        )
        found |= {row.external_code: as_struct(TakenOrder, row) for row in tx.execute(query)}
    return found


def in_state(connection_id: str, state: TakenState) -> Select[tuple[str]]:
    """A query for the external codes of the orders that have come so far."""
    return select(taken_orders.c.external_code).where(
        taken_orders.c.connection_id == connection_id, taken_orders.c.state == state
    )


def put(tx: Tx, connection_id: str, order: TakenOrder, now: datetime) -> None:
    """Let this be how far an order has come."""
    values = msgspec.structs.asdict(order) | {"connection_id": connection_id, "updated_at": now}
    statement = insert(tx, taken_orders).values(**values)
    changed = {name: value for name, value in values.items() if name not in {"connection_id", "external_code"}}
    tx.execute(statement.on_conflict_do_update(index_elements=["connection_id", "external_code"], set_=changed))


def plan_afresh(tx: Tx, connection_id: str, external_code: str, now: datetime) -> bool:
    """A person wants an order planned again; False when it is being sent or never was planned."""
    statement = update(taken_orders).where(
        taken_orders.c.connection_id == connection_id,
        taken_orders.c.external_code == external_code,
        taken_orders.c.state != TakenState.SENDING,
    )
    return tx.execute(statement.values(inbox_id=0, tries=0, updated_at=now)).rowcount == 1
