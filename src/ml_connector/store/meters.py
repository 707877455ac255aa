"""How many calls each connection made on each day, by app: reads, writes, and what was refused for coming too fast.

A batch of queries is counted both ways, as many reads and as one, because Intuit does not say which it meters.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, func, select

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_structs, insert
from ml_connector.store.schema import Priority, meters


class MeterRow(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one connection, app, day (as in 2026-11-28) and priority.

    `reads` counts every query of a batch, `read_calls` a batch as one. `stretch`: how much slower polls ran on that day.
    """

    connection_id: str
    app_hash: str
    day: str
    priority: Priority
    reads: int = 0
    read_calls: int = 0
    writes: int = 0
    refused: int = 0
    stretch: float = 1.0


_KEY = ("connection_id", "app_hash", "day", "priority")
_COUNTS = ("reads", "read_calls", "writes", "refused")


def count(tx: Tx, more: MeterRow) -> None:
    """Add to a day's counts; the stretch is replaced."""
    added = {name: meters.c[name] + getattr(more, name) for name in _COUNTS}
    statement = insert(tx, meters).values(**msgspec.structs.asdict(more))
    tx.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_={**added, "stretch": more.stretch}))


def newest_app(tx: Tx, connection_id: str) -> str:
    """The app a connection called with last; empty when it never called."""
    query = select(meters.c.app_hash).where(meters.c.connection_id == connection_id)
    return tx.execute(query.order_by(meters.c.day.desc()).limit(1)).scalar_one_or_none() or ""


def of_app(tx: Tx, app_hash: str, first_day: str) -> list[MeterRow]:
    """The days of an app from one day on, summed over its connections: what Intuit bills is the app's.

    Of the stretches of a day the largest; connection_id is empty.
    """
    sums = [func.sum(meters.c[name]).label(name) for name in _COUNTS]
    key = (meters.c.app_hash, meters.c.day, meters.c.priority)
    query = select(*key, *sums, func.max(meters.c.stretch).label("stretch"))
    query = query.where(meters.c.app_hash == app_hash, meters.c.day >= first_day).group_by(*key).order_by(meters.c.day)
    return [_summed(dict(row._mapping)) for row in tx.execute(query)]


def of_connection(tx: Tx, connection_id: str, first_day: str) -> list[MeterRow]:
    """The days of one connection from one day on."""
    query = select(meters).where(meters.c.connection_id == connection_id, meters.c.day >= first_day)
    return as_structs(MeterRow, tx.execute(query.order_by(meters.c.day)))


def forget_before(tx: Tx, connection_id: str, day: str) -> None:
    """Drop a connection's days before this one."""
    tx.execute(delete(meters).where(meters.c.connection_id == connection_id, meters.c.day < day))


def _summed(values: Mapping[str, Any]) -> MeterRow:
    """A row of sums; PostgreSQL adds whole numbers up as decimals."""
    return MeterRow(connection_id="", **{**values, **{name: int(values[name]) for name in _COUNTS}})
