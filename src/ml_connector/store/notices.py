"""What the other systems announced: "read this again". A notice carries no business data and is kept until that was done.

The same event arriving twice is one notice. Order means nothing: whoever reads, reads the record as it is by then.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache

import msgspec
from sqlalchemy import Executable, func, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_structs, chunks, insert_into
from ml_connector.store.schema import NoticeState, System, notices


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """An event for one connection. `event_id` is the sender's own or made of what identifies it; `entity` and `operation` are in
    the sender's words (QuickBooks: `Bill`, `updated`; Basware: task type and sub type). `merged_id`: the record that vanished."""

    system: System
    event_id: str
    entity: str
    entity_id: str
    operation: str
    merged_id: str = ""
    occurred_at: datetime | None = None
    delivery_id: int | None = None
    state: NoticeState = NoticeState.WAITING
    problem: str = ""


class NoticeRow(NewNotice, frozen=True, kw_only=True):
    """A notice as kept."""

    id: int
    received_at: datetime
    handled_at: datetime | None


_COLUMNS = [notices.c[name] for name in NoticeRow.__struct_fields__]


def add_many(tx: Tx, connection_id: str, new: Iterable[NewNotice], now: datetime) -> int:
    """Keep notices; how many were not known before."""
    values = [msgspec.structs.asdict(one) | {"connection_id": connection_id, "received_at": now} for one in new]
    if not values:
        return 0
    # Handed over row by row: compiled once whatever their number, and no number is too many for a statement.
    return len(tx.execute(_keep(tx.dialect.name), values).all())


@cache
def _keep(dialect: str) -> Executable:
    return insert_into(dialect, notices).on_conflict_do_nothing().returning(notices.c.id)


def waiting(
    tx: Tx, connection_id: str, system: System, *, entities: Collection[str] = (), limit: int = 1000
) -> list[NoticeRow]:
    """Notices nobody has read up on yet, oldest first; of all entities or of some."""
    query = select(*_COLUMNS).where(
        notices.c.connection_id == connection_id, notices.c.system == system, notices.c.state == NoticeState.WAITING
    )
    if entities:
        query = query.where(notices.c.entity.in_(entities))
    return as_structs(NoticeRow, tx.execute(query.order_by(notices.c.id).limit(limit)))


def oldest_waiting(tx: Tx, connection_id: str, system: System, entities: Collection[str] = ()) -> datetime | None:
    """When the oldest waiting notice arrived, None if none waits."""
    query = select(func.min(notices.c.received_at)).where(
        notices.c.connection_id == connection_id, notices.c.system == system, notices.c.state == NoticeState.WAITING
    )
    if entities:
        query = query.where(notices.c.entity.in_(entities))
    return tx.execute(query).scalar_one_or_none()


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """How many notices wait, and when the first and the last of them arrived."""

    number: int
    oldest: datetime
    newest: datetime


def span_waiting(tx: Tx, connection_id: str, system: System) -> Span | None:
    """The notices nobody has read up on yet, None when there are none."""
    query = select(func.count(), func.min(notices.c.received_at), func.max(notices.c.received_at)).where(
        notices.c.connection_id == connection_id, notices.c.system == system, notices.c.state == NoticeState.WAITING
    )
    number, oldest, newest = tx.execute(query).one()
    return Span(number=number, oldest=oldest, newest=newest) if number else None


def last_received(tx: Tx, connection_id: str, system: System) -> datetime | None:
    """When the last notice of a system arrived, whatever became of it; None if none ever did."""
    query = select(notices.c.received_at).where(notices.c.connection_id == connection_id, notices.c.system == system)
    return tx.execute(query.order_by(notices.c.id.desc()).limit(1)).scalar_one_or_none()


def counts(tx: Tx, connection_id: str, system: System) -> dict[NoticeState, int]:
    """How many notices are in each state."""
    query = (
        select(notices.c.state, func.count().label("number"))
        .where(notices.c.connection_id == connection_id, notices.c.system == system)
        .group_by(notices.c.state)
    )
    return {row.state: row.number for row in tx.execute(query)}


def waiting_count(tx: Tx, connection_id: str, system: System, entities: Collection[str] = ()) -> int:
    """How many notices nobody has read up on yet; of all entities or of some."""
    query = select(func.count()).where(
        notices.c.connection_id == connection_id, notices.c.system == system, notices.c.state == NoticeState.WAITING
    )
    if entities:
        query = query.where(notices.c.entity.in_(entities))
    return tx.execute(query).scalar_one()


def oldest_by_entity(tx: Tx) -> dict[tuple[str, System, str], datetime]:
    """Since when something waits, over all connections: by connection, system and entity."""
    table = notices.c
    query = (
        select(table.connection_id, table.system, table.entity, func.min(table.received_at).label("oldest"))
        .where(table.state == NoticeState.WAITING)
        .group_by(table.connection_id, table.system, table.entity)
    )
    return {(row.connection_id, row.system, row.entity): row.oldest for row in tx.execute(query)}


def settle(  # noqa: PLR0917
    tx: Tx, connection_id: str, ids: Collection[int], state: NoticeState, now: datetime, problem: str = ""
) -> int:
    """Say what became of waiting notices; how many still waited."""
    settled = 0
    for some in chunks(ids):
        statement = update(notices).where(
            notices.c.connection_id == connection_id, notices.c.id.in_(some), notices.c.state == NoticeState.WAITING
        )
        settled += tx.execute(statement.values(state=state, handled_at=now, problem=problem)).rowcount
    return settled
