"""Our own writes that QuickBooks has not announced to us yet: what makes an announcement recognizable as an echo.

Each write excuses one announcement. The row goes when it came, or after some days in which it didn't.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, tuple_

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_structs, chunks, inserted
from ml_connector.store.schema import own_writes

Key = tuple[str, str]
"""Entity and QuickBooks id."""


class OwnWriteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One write that was answered. `written_at` is the record's LastUpdatedTime in the answer, by QuickBooks' clock."""

    entity: str
    quickbooks_id: str
    sync_token: str
    written_at: datetime


_COLUMNS = [own_writes.c[name] for name in OwnWriteRow.__struct_fields__]


def note(tx: Tx, connection_id: str, write: OwnWriteRow) -> bool:
    """A write of ours was answered; whether it was not noted before."""
    return inserted(tx, own_writes, msgspec.structs.asdict(write) | {"connection_id": connection_id})


def of_records(tx: Tx, connection_id: str, keys: Collection[Key]) -> list[OwnWriteRow]:
    """The writes not announced yet of these records, oldest first."""
    found: list[OwnWriteRow] = []
    for some in chunks(keys, 500):
        query = select(*_COLUMNS).where(
            own_writes.c.connection_id == connection_id,
            tuple_(own_writes.c.entity, own_writes.c.quickbooks_id).in_(some),
        )
        found += as_structs(OwnWriteRow, tx.execute(query.order_by(own_writes.c.written_at)))
    return found


def announced(tx: Tx, connection_id: str, writes: Iterable[OwnWriteRow]) -> None:
    """These were announced and excuse nothing any more."""
    for write in writes:
        tx.execute(
            delete(own_writes).where(
                own_writes.c.connection_id == connection_id,
                own_writes.c.entity == write.entity,
                own_writes.c.quickbooks_id == write.quickbooks_id,
                own_writes.c.sync_token == write.sync_token,
            )
        )


def forget_old(tx: Tx, connection_id: str, before: datetime) -> int:
    """Drop writes from before a moment, whose announcement will not come any more; how many."""
    statement = delete(own_writes).where(own_writes.c.connection_id == connection_id, own_writes.c.written_at < before)
    return tx.execute(statement).rowcount
