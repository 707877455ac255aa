"""Vendors that both systems have, or are to have, by Basware's vendor code: which is which, what both agreed on, what waits.

What may be sent, and which value stands, is decided elsewhere; `memory` belongs to whoever compares the two sides.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, or_, select

from ml_connector.model.holds import Hold
from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_struct, as_structs, chunks, insert
from ml_connector.store.schema import OutgoingState, VendorState, outgoing, vendor_pairs
from ml_connector.store.texts import says


class VendorPair(msgspec.Struct, frozen=True, kw_only=True):
    """One vendor. `external_code` is Basware's key, empty where its interface does not have it; `quickbooks_id` is empty until
    QuickBooks has it. `why` says how the two were matched.

    `memory` is JSON of what both sides agreed on and said last; `candidates` and `apart` JSON of who it may be and who it is not.
    `bank` is JSON of the bank details that were approved, `bank_found` of those that wait for approval, empty when none do.
    """

    code: str
    external_code: str = ""
    quickbooks_id: str = ""
    name: str = ""
    state: VendorState
    why: str = ""
    memory: str = ""
    candidates: str = ""
    apart: str = ""
    holds: tuple[Hold, ...] = ()
    bank: str = ""
    bank_found: str = ""
    bank_found_at: datetime | None = None
    changed_by: str = ""


_KEY = ("connection_id", "code")
_COLUMNS = [vendor_pairs.c[name] for name in VendorPair.__struct_fields__]


class VendorSort(StrEnum):
    """Orders of a list; with a minus the other way round. By `code` no vendor ever changes its place."""

    NAME = "name"
    NAME_DOWN = "-name"
    STATE = "state"
    STATE_DOWN = "-state"
    CHANGED_DOWN = "-changed"
    CHANGED = "changed"
    CODE = "code"


_NAME = func.lower(vendor_pairs.c.name)
_ORDERS: Mapping[VendorSort, tuple[ColumnElement[Any], ...]] = {
    VendorSort.NAME: (_NAME, vendor_pairs.c.code),
    VendorSort.NAME_DOWN: (_NAME.desc(), vendor_pairs.c.code.desc()),
    VendorSort.STATE: (vendor_pairs.c.state, _NAME, vendor_pairs.c.code),
    VendorSort.STATE_DOWN: (vendor_pairs.c.state.desc(), _NAME, vendor_pairs.c.code),
    VendorSort.CHANGED_DOWN: (vendor_pairs.c.updated_at.desc(), vendor_pairs.c.code.desc()),
    VendorSort.CHANGED: (vendor_pairs.c.updated_at, vendor_pairs.c.code),
    VendorSort.CODE: (vendor_pairs.c.code,),
}


def put_many(tx: Tx, connection_id: str, pairs: Iterable[VendorPair], now: datetime) -> None:
    """Let these be the vendors of their codes."""
    for some in chunks(pairs, 200):
        values = [
            {name: getattr(one, name) for name in VendorPair.__struct_fields__}
            | {"connection_id": connection_id, "created_at": now, "updated_at": now}
            for one in some
        ]
        statement = insert(tx, vendor_pairs).values(values)
        changed = {name: statement.excluded[name] for name in values[0] if name not in {*_KEY, "created_at"}}
        tx.execute(
            statement.on_conflict_do_update(index_elements=[vendor_pairs.c[name] for name in _KEY], set_=changed)
        )


def every(tx: Tx, connection_id: str) -> dict[str, VendorPair]:
    """All of them, by vendor code."""
    query = select(*_COLUMNS).where(vendor_pairs.c.connection_id == connection_id).order_by(vendor_pairs.c.code)
    return {row.code: as_struct(VendorPair, row) for row in tx.execute(query)}


def held_fast(tx: Tx, connection_id: str, codes: Collection[str]) -> dict[str, VendorPair]:
    """Those of the pairs that are here, by vendor code; nobody else changes them until the end of the transaction."""
    found: dict[str, VendorPair] = {}
    for some in chunks(codes):
        query = select(*_COLUMNS).where(vendor_pairs.c.connection_id == connection_id, vendor_pairs.c.code.in_(some))
        found |= {row.code: as_struct(VendorPair, row) for row in tx.execute(query.with_for_update())}
    return found


def get(tx: Tx, connection_id: str, code: str) -> VendorPair | None:
    """One vendor by its vendor code."""
    query = select(*_COLUMNS).where(vendor_pairs.c.connection_id == connection_id, vendor_pairs.c.code == code)
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(VendorPair, row)


def of_vendor(tx: Tx, connection_id: str, quickbooks_id: str) -> list[VendorPair]:
    """Those that are this vendor of QuickBooks."""
    query = select(*_COLUMNS).where(
        vendor_pairs.c.connection_id == connection_id, vendor_pairs.c.quickbooks_id == quickbooks_id
    )
    return as_structs(VendorPair, tx.execute(query.order_by(vendor_pairs.c.code)))


def ordered(
    connection_id: str,
    *,
    states: Collection[VendorState] = (),
    text: str = "",
    waiting: bool = False,
    order: VendorSort = VendorSort.NAME,
) -> Ordered[str]:
    """The codes of vendors in an order; `text` is looked for in codes, ids and names. `waiting`: only those that wait for something
    here, or that Basware refused."""
    query = select(vendor_pairs.c.code).where(vendor_pairs.c.connection_id == connection_id)
    if states:
        query = query.where(vendor_pairs.c.state.in_(list(states)))
    if text:
        searched = (
            vendor_pairs.c.code,
            vendor_pairs.c.external_code,
            vendor_pairs.c.quickbooks_id,
            vendor_pairs.c.name,
        )
        query = query.where(says(searched, text))
    if waiting:
        refused = select(outgoing.c.external_code).where(
            outgoing.c.connection_id == connection_id, outgoing.c.resource == "vendors",
            outgoing.c.state == OutgoingState.REFUSED,
        )  # fmt: skip
        query = query.where(or_(vendor_pairs.c.holds != (), vendor_pairs.c.external_code.in_(refused)))
    return Ordered(query, _ORDERS[order])


def these(tx: Tx, connection_id: str, codes: Collection[str]) -> list[VendorPair]:
    """The vendors of these codes, in the order given, as far as they are here.

    What is remembered of a vendor is long: ten thousand are put in order by their names alone.
    """
    found = {
        row.code: as_struct(VendorPair, row)
        for some in chunks(codes)
        for row in tx.execute(_these(connection_id, some))
    }
    return [found[code] for code in codes if code in found]


def changed_at(tx: Tx, connection_id: str, codes: Collection[str]) -> dict[str, datetime]:
    """When anything was changed last of what is kept of these vendors."""
    found: dict[str, datetime] = {}
    for some in chunks(codes):
        query = select(vendor_pairs.c.code, vendor_pairs.c.updated_at).where(
            vendor_pairs.c.connection_id == connection_id, vendor_pairs.c.code.in_(some)
        )
        found |= {row.code: row.updated_at for row in tx.execute(query)}
    return found


def _these(connection_id: str, codes: Collection[str]) -> Select[Any]:
    return select(*_COLUMNS).where(vendor_pairs.c.connection_id == connection_id, vendor_pairs.c.code.in_(codes))


def counts(tx: Tx, connection_id: str) -> dict[VendorState, int]:
    """How many there are in each state."""
    query = (
        select(vendor_pairs.c.state, func.count().label("number"))
        .where(vendor_pairs.c.connection_id == connection_id)
        .group_by(vendor_pairs.c.state)
    )
    return {row.state: row.number for row in tx.execute(query)}
