"""Many documents at once: listed, counted and added up, and whether anything about them has changed. Read only.

One document and its way are `documents.py`; pages of a search among very many are `document_search.py`.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

import msgspec
from sqlalchemy import Text, func, literal, or_, select, type_coerce

from ml_connector.model.holds import Cause
from ml_connector.store.columns import MoneySum
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.rows import as_structs, checked_states, chunks
from ml_connector.store.schema import DocumentState, documents, inbox
from ml_connector.store.texts import says


def newest(tx: Tx, connection_id: str, wanted: Collection[str], limit: int) -> list[DocumentRow]:
    """The last documents that arrived and are in one of these states, newest first."""
    query = select(documents).where(
        documents.c.connection_id == connection_id, documents.c.state.in_(checked_states(DocumentState, wanted))
    )
    return as_structs(DocumentRow, tx.execute(query.order_by(documents.c.seq.desc()).limit(limit)))


def among(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> set[str]:
    """Those of the invoices that were taken over."""
    found: set[str] = set()
    for some in chunks(invoice_ids):
        query = select(documents.c.invoice_id).where(
            documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some)
        )
        found.update(tx.execute(query).scalars())
    return found


def listing(
    tx: Tx,
    connection_id: str,
    *,
    states: str | Collection[str] | None = None,
    text: str | None = None,
    limit: int,
    offset: int = 0,
) -> list[DocumentRow]:
    """A page of documents in order of arrival. `text` is looked for in ids, numbers and supplier, whatever its case."""
    query = select(documents).where(documents.c.connection_id == connection_id)
    if states is not None:
        query = query.where(documents.c.state.in_(checked_states(DocumentState, states)))
    if text:
        searched = ("invoice_id", "invoice_number", "supplier_code", "supplier_name")
        query = query.where(says((documents.c[name] for name in searched), text))
    rows = tx.execute(query.order_by(documents.c.seq).limit(limit).offset(offset))
    return as_structs(DocumentRow, rows)


def counts(
    tx: Tx, connection_id: str, *, states: Collection[DocumentState] = (), dated: tuple[date, date] | None = None
) -> dict[DocumentState, tuple[int, dict[str, Decimal]]]:
    """By state, or only by these: how many documents, and their totals by currency, exact. A document without a total counts and
    adds nothing. `dated`: only with an invoice date from the one day to the other, both included."""
    table = documents.c
    query = (
        select(table.state, table.currency, func.count().label("number"), MoneySum(table.total).label("total"))
        .where(table.connection_id == connection_id)
        .group_by(table.state, table.currency)
        .order_by(table.state, table.currency)
    )
    if states:
        query = query.where(table.state.in_(list(states)))
    if dated:
        query = query.where(table.invoice_date.between(dated[0].isoformat(), dated[1].isoformat()))
    found: dict[DocumentState, tuple[int, dict[str, Decimal]]] = {}
    for row in tx.execute(query):
        number, totals = found.get(row.state, (0, {}))
        if row.total is not None:
            totals[row.currency] = row.total
        found[row.state] = (number + row.number, totals)
    return found


class WaitingSum(msgspec.Struct, frozen=True, kw_only=True):
    """What a waiting document comes to, and the arrival it came with."""

    inbox_id: int
    total: Decimal | None
    currency: str


def waiting_sums(tx: Tx, connection_id: str, states: Collection[DocumentState]) -> list[WaitingSum]:
    """Every document in one of these states, in order of arrival, without its plan."""
    query = select(*(documents.c[name] for name in WaitingSum.__struct_fields__)).where(
        documents.c.connection_id == connection_id, documents.c.state.in_(list(states))
    )
    return as_structs(WaitingSum, tx.execute(query.order_by(documents.c.seq)))


def mark(tx: Tx, connection_id: str, states: Collection[DocumentState]) -> tuple[object, ...]:
    """Differs whenever a document comes into one of these states, leaves it or arrives anew: for whoever keeps what was made of
    them. Read in an index of states, and from the newest arrival."""
    here = (documents.c.connection_id == connection_id, documents.c.state.in_(list(states)))
    query = select(documents.c.state, func.count(), func.sum(documents.c.seq)).where(*here).group_by(documents.c.state)
    found = [tuple(row) for row in tx.execute(query.order_by(documents.c.state))]
    newest = select(func.max(inbox.c.id)).where(inbox.c.connection_id == connection_id)
    return (*found, tx.execute(newest).scalar())


def any_held_by(tx: Tx, connection_id: str, causes: Collection[Cause]) -> bool:
    """Whether a held document waits because of one of these causes."""
    holds = type_coerce(documents.c.holds, Text())
    named = or_(*(holds.contains(f'"cause":"{cause.value}"', autoescape=True) for cause in sorted(causes)))
    query = select(literal(1)).where(
        documents.c.connection_id == connection_id, documents.c.state == DocumentState.HELD, named
    )
    return tx.execute(query.limit(1)).first() is not None
