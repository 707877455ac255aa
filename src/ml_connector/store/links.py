"""The identity map: which Basware record is which QuickBooks record, and what both sides last agreed on."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache

import msgspec
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, chunks, insert_into
from ml_connector.store.schema import links


class LinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One link. `part` counts from 0 when one Basware record is several QuickBooks records.

    `amount` is the transaction's total in `currency`, None where a record has no amount; `txn_date` an ISO date or empty.
    `content_hash` is the Basware content that was posted; `agreed` JSON of whoever compares the two sides. The moments are set
    by `put` and are None only on a row not stored yet.
    """

    kind: str
    basware_id: str
    quickbooks_type: str
    quickbooks_id: str
    part: int = 0
    sync_token: str = ""
    doc_number: str = ""
    txn_date: str = ""
    amount: Decimal | None = None
    currency: str = ""
    content_hash: str = ""
    agreed: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


_KEY = ("connection_id", "kind", "basware_id", "part")
_COLUMNS = [links.c[name] for name in LinkRow.__struct_fields__]


_OF_RECORD = (
    select(*_COLUMNS)
    .where(*(links.c[name] == bindparam(name) for name in ("connection_id", "kind", "basware_id")))
    .order_by(links.c.part)
)


def put(tx: Tx, connection_id: str, link: LinkRow, now: datetime) -> None:
    """Store a link, or bring the one of the same record and part up to date. Repeating it changes nothing but the moment."""
    values = msgspec.structs.asdict(link) | {"connection_id": connection_id, "created_at": now, "updated_at": now}
    tx.execute(_upsert(tx.dialect.name), values)


def put_many(tx: Tx, connection_id: str, rows: Iterable[LinkRow], now: datetime) -> None:
    """The same for many."""
    own = {"connection_id": connection_id, "created_at": now, "updated_at": now}
    for some in chunks(rows, 1000):
        tx.execute(_upsert(tx.dialect.name), [msgspec.structs.asdict(one) | own for one in some])


@cache
def _upsert(dialect: str) -> postgresql.Insert | sqlite.Insert:
    statement = insert_into(dialect, links)
    kept = {*_KEY, "created_at"}
    changed = {column.name: statement.excluded[column.name] for column in links.c if column.name not in kept}
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_=changed)


def for_record(tx: Tx, connection_id: str, kind: str, basware_id: str) -> list[LinkRow]:
    """What a Basware record is in QuickBooks, in order of the parts."""
    record = {"connection_id": connection_id, "kind": kind, "basware_id": basware_id}
    return as_structs(LinkRow, tx.execute(_OF_RECORD, record))


def for_records(tx: Tx, connection_id: str, kind: str, basware_ids: Collection[str]) -> dict[str, tuple[LinkRow, ...]]:
    """The same for many records, by Basware id; those without a link are left out."""
    found: dict[str, tuple[LinkRow, ...]] = {}
    for some in chunks(basware_ids):
        query = select(*_COLUMNS).where(
            links.c.connection_id == connection_id, links.c.kind == kind, links.c.basware_id.in_(some)
        )
        for row in tx.execute(query.order_by(links.c.basware_id, links.c.part)):
            found[row.basware_id] = (*found.get(row.basware_id, ()), as_struct(LinkRow, row))
    return found


def numbered(tx: Tx, connection_id: str, kind: str, number: str, *, limit: int = 100) -> list[str]:
    """Basware ids of records that are this number, or have this id, in QuickBooks."""
    found: dict[str, None] = {}
    # The number is read along, or SQLite prefers an index that holds all it is asked for, and reads every link in it.
    for column in (links.c.doc_number, links.c.quickbooks_id):
        query = select(links.c.basware_id, links.c.doc_number).where(
            links.c.connection_id == connection_id, column == number, links.c.kind == kind
        )
        found |= dict.fromkeys(tx.execute(query.limit(limit)).scalars())
    return list(found)


def all_of_kind(tx: Tx, connection_id: str, kind: str) -> list[LinkRow]:
    """Every link of one kind, by Basware id."""
    query = select(*_COLUMNS).where(links.c.connection_id == connection_id, links.c.kind == kind)
    return as_structs(LinkRow, tx.execute(query.order_by(links.c.basware_id, links.c.part)))


def pairs(tx: Tx, connection_id: str, kind: str) -> dict[str, str]:
    """QuickBooks' id of every record of one kind, by Basware id; of several parts the last."""
    query = select(links.c.basware_id, links.c.quickbooks_id)
    query = query.where(links.c.connection_id == connection_id, links.c.kind == kind)
    return {row.basware_id: row.quickbooks_id for row in tx.execute(query.order_by(links.c.basware_id, links.c.part))}


def mark(tx: Tx, connection_id: str, kind: str) -> tuple[object, ...]:
    """Differs whenever a link of this kind was made, changed or taken back: for whoever keeps what was made of them."""
    query = select(func.count(), func.max(links.c.updated_at), func.count(links.c.quickbooks_id.distinct()))
    return tuple(tx.execute(query.where(links.c.connection_id == connection_id, links.c.kind == kind)).one())


def by_quickbooks(tx: Tx, connection_id: str, kind: str, quickbooks_type: str, quickbooks_id: str) -> list[LinkRow]:
    """The Basware records one QuickBooks record stands for; several where a vendor has several supplier codes."""
    query = select(*_COLUMNS).where(
        links.c.connection_id == connection_id,
        links.c.kind == kind,
        links.c.quickbooks_type == quickbooks_type,
        links.c.quickbooks_id == quickbooks_id,
    )
    return as_structs(LinkRow, tx.execute(query.order_by(links.c.basware_id, links.c.part)))


def by_quickbooks_ids(
    tx: Tx, connection_id: str, kind: str, quickbooks_type: str, ids: Collection[str]
) -> dict[str, list[str]]:
    """The Basware ids that QuickBooks records of one type stand for, by their id; those without a link are left out."""
    found: dict[str, list[str]] = {}
    for some in chunks(sorted(set(ids))):
        query = select(links.c.quickbooks_id, links.c.basware_id).where(
            links.c.connection_id == connection_id, links.c.kind == kind,
            links.c.quickbooks_type == quickbooks_type, links.c.quickbooks_id.in_(some),
        )  # fmt: skip
        for row in tx.execute(query.order_by(links.c.basware_id, links.c.part)):
            found.setdefault(row.quickbooks_id, []).append(row.basware_id)
    return found


def move_on(  # noqa: PLR0917
    tx: Tx, connection_id: str, kind: str, basware_id: str, part: int, now: datetime, *, expected: str, sync_token: str
) -> bool:
    """Note a newer version of a linked record that changes nothing of what was agreed; False if the link moved meanwhile."""
    statement = update(links).where(
        links.c.connection_id == connection_id,
        links.c.kind == kind,
        links.c.basware_id == basware_id,
        links.c.part == part,
        links.c.sync_token == expected,
    )
    return tx.execute(statement.values(sync_token=sync_token, updated_at=now)).rowcount == 1


def remove(tx: Tx, connection_id: str, kind: str, basware_id: str, part: int) -> bool:
    """Forget a link; whether there was one."""
    statement = links.delete().where(
        links.c.connection_id == connection_id,
        links.c.kind == kind,
        links.c.basware_id == basware_id,
        links.c.part == part,
    )
    return tx.execute(statement).rowcount == 1
