"""Leases: at most one worker at a time does a certain thing for a connection, and a dead one does not block it for ever.

The fence rises with every change of hands, so that whoever was too slow can be told from the present holder.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import insert, rows_by
from ml_connector.store.schema import leases

_FREE = datetime(1970, 1, 1, tzinfo=UTC)


def acquire(tx: Tx, connection_id: str, name: str, holder: str, now: datetime, seconds: float) -> int | None:  # noqa: PLR0917
    """Take a lease that is free, expired or the holder's own; the new fence, None if another holder has it.

    A holder that takes its own lease again, after a restart for example, gets a higher fence too.
    """
    key = {"connection_id": connection_id, "name": name}
    until = now + timedelta(seconds=seconds)
    statement = insert(tx, leases).values(**key, holder=holder, fence=1, until=until)
    taken = statement.on_conflict_do_update(
        index_elements=list(key),
        set_={"holder": holder, "fence": leases.c.fence + 1, "until": until},
        where=or_(leases.c.until <= now, leases.c.holder == holder),
    )
    fence = tx.execute(taken.returning(leases.c.fence)).scalar_one_or_none()
    return None if fence is None else int(fence)


def extend(tx: Tx, connection_id: str, name: str, fence: int, now: datetime, seconds: float) -> bool:  # noqa: PLR0917
    """Keep a lease for longer; False once it changed hands. One that ran out and nobody took is still its last holder's."""
    statement = update(leases).where(_still(connection_id, name, fence))
    return tx.execute(statement.values(until=now + timedelta(seconds=seconds))).rowcount == 1


_CURRENT = (
    rows_by(leases, "connection_id", "name", "fence")
    .where(leases.c.holder != "")
    .with_only_columns(leases.c.fence)
    .with_for_update(read=True)
)


def is_current(tx: Tx, connection_id: str, name: str, fence: int) -> bool:
    """Whether a lease has not changed hands since it got this fence; until the transaction ends it cannot."""
    lease = {"connection_id": connection_id, "name": name, "fence": fence}
    return tx.execute(_CURRENT, lease).scalar_one_or_none() is not None


def give_back(tx: Tx, connection_id: str, name: str, fence: int) -> bool:
    """Free a lease; False if it changed hands. Its fence goes on rising from where it is."""
    statement = update(leases).where(_still(connection_id, name, fence))
    return tx.execute(statement.values(holder="", until=_FREE)).rowcount == 1


def _still(connection_id: str, name: str, fence: int) -> ColumnElement[bool]:
    return and_(
        leases.c.connection_id == connection_id, leases.c.name == name, leases.c.fence == fence, leases.c.holder != ""
    )


def release(tx: Tx, connection_id: str, name: str, holder: str) -> bool:
    """Free the lease a holder has, one that died for example; False if it is another holder's. Its fence goes on rising."""
    statement = update(leases).where(
        leases.c.connection_id == connection_id, leases.c.name == name, leases.c.holder == holder
    )
    return tx.execute(statement.values(holder="", until=_FREE)).rowcount == 1


def holder(tx: Tx, connection_id: str, name: str, now: datetime) -> str | None:
    """Who has a lease right now, None if nobody has."""
    query = select(leases.c.holder).where(
        leases.c.connection_id == connection_id, leases.c.name == name, leases.c.until > now, leases.c.holder != ""
    )
    return tx.execute(query).scalar_one_or_none()


def held(tx: Tx, now: datetime) -> dict[tuple[str, str], str]:
    """Who has which lease right now, by connection and name, over all connections."""
    query = select(leases.c.connection_id, leases.c.name, leases.c.holder).where(
        leases.c.until > now, leases.c.holder != ""
    )
    return {(row.connection_id, row.name): row.holder for row in tx.execute(query)}
