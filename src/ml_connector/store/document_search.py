"""Looking for documents among very many: what a person knows of one becomes a query over one index.

The plans and causes of documents are large and lie in the same table, so a search first finds the order of arrival (`seq`) of what
fits, in an index that holds all that is searched, and only then reads the rows of one page.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Float, Select, and_, cast, func, or_, select

from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.history import posted_links
from ml_connector.store.links import numbered
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_structs, chunks
from ml_connector.store.schema import DocumentState, documents, links
from ml_connector.store.texts import says

_DECIMALS = 4
"""Most decimals an amount is looked for with: SQLite keeps amounts as they were written, and 100 is 100.00."""


class DocumentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a person knows of the documents they want; everything left out fits all.

    `text`: part of the number, the supplier or the id in Basware, or the whole number or id in QuickBooks. `amount`: the total,
    whatever its sign. `order`: part of a purchase order's number. `since` and `until`: the invoice date, both included.
    `posted`: it came to be in QuickBooks from a moment on and before another, and is there still.
    """

    states: frozenset[DocumentState] = frozenset()
    text: str = ""
    amount: Decimal | None = None
    order: str = ""
    since: date | None = None
    until: date | None = None
    posted: tuple[datetime, datetime] | None = None


def found(
    tx: Tx,
    connection_id: str,
    wanted: DocumentFilter,
    *,
    limit: int,
    below: int | None = None,
    above: int | None = None,
) -> list[DocumentRow]:
    """A page of what fits, latest arrival first: the first page, what came before arrival `below`, or what came after `above`."""
    seq = documents.c.seq
    query = select(seq).where(*_fits(tx, connection_id, wanted))
    if below is not None:
        query = query.where(seq < below)
    if above is not None:
        query = query.where(seq > above)
    ordered = query.order_by(seq.asc() if above is not None else seq.desc()).limit(limit)
    page = list(tx.execute(ordered).scalars())
    rows = select(documents).where(documents.c.connection_id == connection_id, seq.in_(page)).order_by(seq.desc())
    return as_structs(DocumentRow, tx.execute(rows))


def numbered_with(connection_id: str, text: str) -> Select[tuple[str]]:
    """A query for the ids of documents with a text in their invoice number, whatever its case: found in the index first."""
    mine = documents.c.connection_id == connection_id
    likely = select(documents.c.seq).where(mine, documents.c.searched.contains(text.casefold(), autoescape=True))
    number = says((documents.c.invoice_number,), text)
    return select(documents.c.invoice_id).where(mine, documents.c.seq.in_(likely), number)


def fitting(tx: Tx, connection_id: str, wanted: DocumentFilter, invoice_ids: Collection[str]) -> set[str]:
    """Those of the invoices that fit."""
    found: set[str] = set()
    for some in chunks(invoice_ids):
        query = select(documents.c.invoice_id).where(
            *_fits(tx, connection_id, wanted), documents.c.invoice_id.in_(some)
        )
        found.update(tx.execute(query).scalars())
    return found


def proposals(tx: Tx, connection_id: str, wanted: DocumentFilter) -> dict[str, str]:
    """What is proposed and not released, by invoice id, of the documents that fit."""
    query = select(documents.c.invoice_id, documents.c.proposal, documents.c.release).where(
        *_fits(tx, connection_id, wanted), documents.c.state == DocumentState.PLANNED
    )
    return {
        invoice_id: proposal
        for invoice_id, proposal, release in tx.execute(query.order_by(documents.c.seq)).all()
        if release is None or release.proposal != proposal
    }


class Order(StrEnum):
    """Ways to list documents besides the latest arrival first."""

    OLDEST = "oldest"
    AMOUNT = "amount"
    """The largest amount first, whatever its currency and sign."""
    INVOICE_DATE = "invoice date"
    """The latest first; documents without one last."""


_ORDERS: Mapping[Order, tuple[ColumnElement[Any], ...]] = {
    Order.OLDEST: (documents.c.seq.asc(),),
    Order.AMOUNT: (func.abs(cast(documents.c.total, Float())).desc().nulls_last(), documents.c.seq.desc()),
    Order.INVOICE_DATE: (documents.c.invoice_date.desc(), documents.c.seq.desc()),
}


def ordered(tx: Tx, connection_id: str, wanted: DocumentFilter, order: Order) -> Ordered[int]:
    """The arrivals of what fits, in another order."""
    return Ordered(select(documents.c.seq).where(*_fits(tx, connection_id, wanted)), _ORDERS[order])


def these(tx: Tx, connection_id: str, arrivals: Collection[int]) -> list[DocumentRow]:
    """The documents of these arrivals, in the order given, as far as they are here."""
    found: dict[int, DocumentRow] = {}
    for some in chunks(arrivals):
        query = select(documents).where(documents.c.connection_id == connection_id, documents.c.seq.in_(some))
        found |= {row.seq: row for row in as_structs(DocumentRow, tx.execute(query))}
    return [found[seq] for seq in arrivals if seq in found]


def state_counts(tx: Tx, connection_id: str, states: Collection[DocumentState] = ()) -> dict[DocumentState, int]:
    """How many documents are in each state; in some of them, if these are named, without counting the others."""
    query = select(documents.c.state, func.count().label("number")).where(documents.c.connection_id == connection_id)
    if states:
        query = query.where(documents.c.state.in_(sorted(states)))
    return {row.state: row.number for row in tx.execute(query.group_by(documents.c.state))}


def _fits(tx: Tx, connection_id: str, wanted: DocumentFilter) -> list[ColumnElement[bool]]:
    table = documents.c
    conditions: list[ColumnElement[bool]] = [table.connection_id == connection_id]
    if wanted.states:
        conditions.append(table.state.in_(sorted(wanted.states)))
    if wanted.text:
        named = table.searched.contains(wanted.text.casefold(), autoescape=True)
        posted = _arrivals(tx, connection_id, numbered(tx, connection_id, "invoice", wanted.text))
        conditions.append(or_(named, table.seq.in_(posted)) if posted else named)
    if wanted.amount is not None:
        conditions.append(table.total.in_(_written(wanted.amount)))
    if wanted.order:
        conditions.append(table.orders.contains(wanted.order, autoescape=True))
    if wanted.since is not None:
        conditions.append(table.invoice_date >= wanted.since.isoformat())
    if wanted.until is not None:
        conditions += [table.invoice_date <= wanted.until.isoformat(), table.invoice_date != ""]
    if wanted.posted is not None:
        conditions.append(table.seq.in_(_posted(connection_id, *wanted.posted)))
    return conditions


def _posted(connection_id: str, start: datetime, end: datetime) -> Select[tuple[int]]:
    """A query for the arrivals of what was posted in a stretch of time: a range of an index of links, which names the documents."""
    own = documents.alias("posted")
    same = and_(own.c.connection_id == links.c.connection_id, own.c.invoice_id == links.c.basware_id)
    made = (links.c.created_at >= start, links.c.created_at < end)
    return select(own.c.seq).select_from(links.join(own, same)).where(*posted_links(connection_id), *made)


def _arrivals(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> list[int]:
    if not invoice_ids:
        return []
    query = select(documents.c.seq).where(
        documents.c.connection_id == connection_id, documents.c.invoice_id.in_(invoice_ids)
    )
    return list(tx.execute(query).scalars())


def _written(amount: Decimal) -> list[Decimal]:
    """The amount in every way it may have been written down, of invoices and of credit notes."""
    plain = abs(amount)
    ways = [plain.quantize(Decimal(1).scaleb(-places)) for places in range(_DECIMALS + 1)]
    same = {format(one, "f"): one for one in (plain, *ways) if one == plain}
    return [signed for one in same.values() for signed in (one, -one)]
