"""The newest state of each record of a feed that is mirrored here: which arrival holds it, and whether its sender was told.

The content itself is in the inbox, which keeps every version. A copy says which of them is the newest.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy import text as written

from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_struct, as_structs, chunks, insert
from ml_connector.store.schema import copies, inbox
from ml_connector.store.texts import says


class NewCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A version that just arrived. `content_hash` leaves out what changes without any change of content; `acknowledged`: the
    sender knows that this version is here, or need not. `number` and `worth_rank` are what lists are put in order by: the number
    people know it by, and what it is worth (`model/money.py`, `rank_of`). `part_of` names what of the same connection the record
    is part of, such as the contract of a spend; empty for a record of its own."""

    external_id: str
    inbox_id: int
    content_hash: str
    last_updated: str
    acknowledged: bool
    number: str = ""
    worth_rank: int = 0
    part_of: str = ""


class CopyRow(NewCopy, frozen=True, kw_only=True):
    """The newest version of a record, as kept."""

    connection_id: str
    feed: str
    updated_at: datetime


class CopyContent(msgspec.Struct, frozen=True, kw_only=True):
    """A copy with its content as it came. `problem` says why it cannot be read, empty if it can."""

    external_id: str
    payload: str
    problem: str
    acknowledged: bool
    received_at: datetime


_SAME = and_(inbox.c.connection_id == copies.c.connection_id, inbox.c.id == copies.c.inbox_id)


class CopySort(StrEnum):
    """Orders of a list; with a minus the other way round. What is of one number or worth goes by its arrival. By `code`, Basware's
    external code, no record ever changes its place."""

    ARRIVED_DOWN = "-arrived"
    ARRIVED = "arrived"
    NUMBER = "number"
    NUMBER_DOWN = "-number"
    WORTH_DOWN = "-net"
    WORTH = "net"
    CODE = "code"


_ORDERS: Mapping[CopySort, tuple[ColumnElement[Any], ...]] = {
    CopySort.ARRIVED_DOWN: (copies.c.inbox_id.desc(),),
    CopySort.ARRIVED: (copies.c.inbox_id.asc(),),
    CopySort.NUMBER: (copies.c.number.asc(), copies.c.inbox_id.asc()),
    CopySort.NUMBER_DOWN: (copies.c.number.desc(), copies.c.inbox_id.desc()),
    CopySort.WORTH_DOWN: (copies.c.worth_rank.desc(), copies.c.inbox_id.desc()),
    CopySort.WORTH: (copies.c.worth_rank.asc(), copies.c.inbox_id.asc()),
    CopySort.CODE: (copies.c.external_id,),
}


def known(tx: Tx, connection_id: str, feed: str, ids: Collection[str]) -> dict[str, CopyRow]:
    """Those of the records that are here, by id."""
    found: dict[str, CopyRow] = {}
    for some in chunks(ids):
        query = select(copies).where(
            copies.c.connection_id == connection_id, copies.c.feed == feed, copies.c.external_id.in_(some)
        )
        found.update((row.external_id, as_struct(CopyRow, row)) for row in tx.execute(query))
    return found


def put_many(tx: Tx, connection_id: str, feed: str, new: Iterable[NewCopy], now: datetime) -> None:
    """Let these versions be the newest; of several of one record the last counts."""
    latest = {one.external_id: one for one in new}
    for some in chunks(latest.values(), 1000):
        own = {"connection_id": connection_id, "feed": feed, "updated_at": now}
        statement = insert(tx, copies).values([msgspec.structs.asdict(one) | own for one in some])
        changed = (
            "inbox_id", "content_hash", "last_updated", "part_of", "acknowledged", "updated_at", "number", "worth_rank",
        )  # fmt: skip
        key = [copies.c.connection_id, copies.c.feed, copies.c.external_id]
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=key, set_={name: statement.excluded[name] for name in changed}
            )
        )


def set_acknowledged(tx: Tx, connection_id: str, feed: str, ids: Collection[str], now: datetime) -> int:
    """Note that the sender knows that these are here; how many there were."""
    told = 0
    for some in chunks(ids):
        statement = update(copies).where(
            copies.c.connection_id == connection_id, copies.c.feed == feed, copies.c.external_id.in_(some)
        )
        told += tx.execute(statement.values(acknowledged=True, updated_at=now)).rowcount
    return told


def unacknowledged(tx: Tx, connection_id: str, feed: str, limit: int) -> list[CopyRow]:
    """Copies whose sender may not know that they are here, longest unchanged first."""
    query = select(copies).where(
        copies.c.connection_id == connection_id, copies.c.feed == feed, copies.c.acknowledged.is_(False)
    )
    ordered = query.order_by(copies.c.updated_at, copies.c.external_id).limit(limit)
    return as_structs(CopyRow, tx.execute(ordered))


def count(tx: Tx, connection_id: str, feed: str) -> int:
    """How many records of a feed are here."""
    query = select(func.count()).where(copies.c.connection_id == connection_id, copies.c.feed == feed)
    return tx.execute(query).scalar_one()


def ordered(
    connection_id: str,
    feed: str,
    *,
    text: str = "",
    among: Select[tuple[str]] | None = None,
    order: CopySort = CopySort.ARRIVED_DOWN,
) -> Ordered[str]:
    """The ids of records in an order; `text` is looked for in the whole content, whatever its case, and `among` chooses records
    by their ids."""
    query = select(copies.c.external_id).where(copies.c.connection_id == connection_id, copies.c.feed == feed)
    if among is not None:
        query = query.where(copies.c.external_id.in_(among))
    if text:
        query = query.select_from(copies.join(inbox, _SAME)).where(says((copies.c.external_id, inbox.c.payload), text))
    return Ordered(query, _ORDERS[order])


def these(tx: Tx, connection_id: str, feed: str, ids: Collection[str]) -> list[CopyContent]:
    """The newest versions of these records with their content, in the order given, as far as they are here.

    Content is long: it is read of these alone, however far back in a list they are.
    """
    rows = _with_content(connection_id, feed)
    found = {
        row.external_id: as_struct(CopyContent, row)
        for some in chunks(ids)
        for row in tx.execute(rows.where(copies.c.external_id.in_(some)))
    }
    return [found[external_id] for external_id in ids if external_id in found]


def listing(tx: Tx, connection_id: str, feed: str, *, text: str = "", limit: int = 1000) -> list[CopyContent]:
    """Newest versions with their content, last arrived first; `text` is looked for in the whole content."""
    return these(tx, connection_id, feed, ordered(connection_id, feed, text=text).read(tx, limit=limit))


def parts_of(tx: Tx, connection_id: str, feed: str, wholes: Collection[str]) -> list[CopyContent]:
    """Newest versions of the records that are part of these, of each last arrived first."""
    found: list[CopyContent] = []
    for some in chunks(wholes):
        query = _with_content(connection_id, feed).where(copies.c.part_of.in_(some), written("part_of <> ''"))
        found += (as_struct(CopyContent, row) for row in tx.execute(query.order_by(copies.c.inbox_id.desc())))
    return found


def content(tx: Tx, connection_id: str, feed: str, external_id: str) -> CopyContent | None:
    """The newest version of one record with its content."""
    row = tx.execute(_with_content(connection_id, feed).where(copies.c.external_id == external_id)).one_or_none()
    return None if row is None else as_struct(CopyContent, row)


def _with_content(connection_id: str, feed: str) -> Select[tuple[str, str, str, bool, datetime]]:
    columns = (copies.c.external_id, inbox.c.payload, inbox.c.problem, copies.c.acknowledged, inbox.c.received_at)
    query = select(*columns).select_from(copies.join(inbox, _SAME))
    return query.where(copies.c.connection_id == connection_id, copies.c.feed == feed)
