"""The log of calls to both systems: method, path, status, and the reference by which their support finds the call.

Holds no token, no body and no company id. Kept for a while, then forgotten.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, or_, select

from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_structs, chunks
from ml_connector.store.schema import System, calls


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `status` is 0 when no answer came; `trace` the other system's own id of it, `request_id` ours on a write."""

    at: datetime
    system: System
    method: str
    path: str
    status: int
    trace: str
    request_id: str
    milliseconds: int


_COLUMNS = [calls.c[name] for name in CallRow.__struct_fields__]


def record(tx: Tx, connection_id: str, rows: Iterable[CallRow]) -> None:
    """Add calls to the log."""
    values = [msgspec.structs.asdict(row) | {"connection_id": connection_id} for row in rows]
    if values:
        tx.execute(calls.insert(), values)


def ordered(connection_id: str, *, failed_only: bool = False) -> Ordered[int]:
    """The numbers of calls, newest first; `failed_only` leaves out those that were answered with success or a plain "nothing
    there"."""
    query = select(calls.c.id).where(calls.c.connection_id == connection_id)
    if failed_only:
        query = query.where(or_(calls.c.status == 0, calls.c.status >= 400), calls.c.status != 404)
    return Ordered(query, (calls.c.id.desc(),))


def these(tx: Tx, connection_id: str, numbers: Collection[int]) -> list[CallRow]:
    """The calls of these numbers, newest first, as far as they are here."""
    found = list[CallRow]()
    for some in chunks(sorted(numbers, reverse=True)):
        query = (
            select(*_COLUMNS)
            .where(calls.c.connection_id == connection_id, calls.c.id.in_(some))
            .order_by(calls.c.id.desc())
        )
        found += as_structs(CallRow, tx.execute(query))
    return found


def listing(tx: Tx, connection_id: str, *, failed_only: bool = False, limit: int = 100) -> list[CallRow]:
    """Calls, newest first, as in `ordered`."""
    return these(tx, connection_id, ordered(connection_id, failed_only=failed_only).read(tx, limit=limit))


def with_requests(tx: Tx, connection_id: str, request_ids: Collection[str]) -> list[CallRow]:
    """The calls that carried one of our request ids, oldest first."""
    found: list[CallRow] = []
    for some in chunks(one for one in request_ids if one):
        query = select(*_COLUMNS).where(calls.c.connection_id == connection_id, calls.c.request_id.in_(some))
        # An order that no index offers: in the order of an index SQLite reads every call of the connection for these few.
        found += as_structs(CallRow, tx.execute(query.order_by(calls.c.id + 0)))
    return found


def forget_before(tx: Tx, connection_id: str, moment: datetime) -> int:
    """Remove calls made before a moment; how many."""
    statement = delete(calls).where(calls.c.connection_id == connection_id, calls.c.at < moment)
    return tx.execute(statement).rowcount


def counts(tx: Tx, connection_id: str) -> dict[str, int]:
    """How many calls the log holds, by system."""
    query = select(calls.c.system, func.count().label("number")).where(calls.c.connection_id == connection_id)
    return {row.system: row.number for row in tx.execute(query.group_by(calls.c.system))}
