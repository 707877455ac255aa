"""How far each document is paid and what Basware was told of it: one row for each document."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

import msgspec
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from ml_connector.model.holds import Hold
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.ordered import Ordered
from ml_connector.store.payments.seen import INVOICE
from ml_connector.store.rows import as_struct, as_structs, chunks, insert, known_columns
from ml_connector.store.schema import DocumentState, PaymentState, documents, links, payment_documents
from ml_connector.store.texts import says


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One document. `picture`: how it stands now; `told`: what Basware's interface took last; both JSON, empty if nothing.

    `dirty`: something about it changed and was not looked at yet. `wanted`: a person asked for what was paid before the connection
    existed. The digests are those of the responses: of now, of the one taken last, of the one tried last. `open_code`: the
    response on its way, empty if none; `last_code` the last one made; `number` counts them; `round`: the document's when it
    was made. `next_at`: when a refused one is tried again.
    """

    invoice_id: str
    state: PaymentState
    dirty: bool
    wanted: bool
    picture: str
    digest: str
    told: str
    told_digest: str
    tried_digest: str
    open_code: str
    last_code: str
    number: int
    round: int
    holds: tuple[Hold, ...]
    tries: int
    next_at: datetime | None
    told_at: datetime | None
    updated_at: datetime


class PaymentColumns(TypedDict, total=False):
    """What may be changed of a document's payments. `paid_on`, the day of the newest one (ISO, empty for none), and `paid_rank`
    (`model/money.py`, `rank_of`) are of the picture, for putting in order."""

    state: PaymentState
    dirty: bool
    wanted: bool
    picture: str
    digest: str
    told: str
    told_digest: str
    tried_digest: str
    open_code: str
    last_code: str
    number: int
    round: int
    holds: tuple[Hold, ...]
    tries: int
    next_at: datetime | None
    told_at: datetime | None
    paid_on: str
    paid_rank: int


_COLUMNS = [payment_documents.c[name] for name in PaymentRow.__struct_fields__]
_FRESH = {
    "state": PaymentState.NOTHING, "dirty": True, "wanted": False, "picture": "", "digest": "", "told": "",
    "told_digest": "", "tried_digest": "", "open_code": "", "last_code": "", "number": 0, "round": 0, "holds": (), "tries": 0,
    "next_at": None, "told_at": None, "paid_on": "", "paid_rank": 0,
}  # fmt: skip


def look_again(tx: Tx, connection_id: str, invoice_ids: Iterable[str], now: datetime) -> None:
    """Have the payments of documents worked out anew."""
    statement = insert(tx, payment_documents).on_conflict_do_update(
        index_elements=["connection_id", "invoice_id"], set_={"dirty": True, "updated_at": now}
    )
    key = {"connection_id": connection_id, "updated_at": now}
    values = [{**key, "invoice_id": one, **_FRESH} for one in sorted(set(invoice_ids))]
    if values:
        tx.execute(statement, values)


def to_look_at(tx: Tx, connection_id: str, after: str, limit: int) -> list[PaymentRow]:
    """Documents about which something changed, by id behind `after`; without those a response is on its way for."""
    query = select(*_COLUMNS).where(
        payment_documents.c.connection_id == connection_id,
        payment_documents.c.dirty,
        payment_documents.c.open_code == "",
        payment_documents.c.invoice_id > after,
    )
    rows = tx.execute(query.order_by(payment_documents.c.invoice_id).limit(limit))
    return as_structs(PaymentRow, rows)


def links_of(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> dict[str, list[LinkRow]]:
    """What documents are in QuickBooks, in order of the parts."""
    found: dict[str, list[LinkRow]] = {}
    for some in chunks(invoice_ids):
        query = select(*(links.c[name] for name in LinkRow.__struct_fields__)).where(
            links.c.connection_id == connection_id, links.c.kind == INVOICE, links.c.basware_id.in_(some)
        )
        for row in tx.execute(query.order_by(links.c.basware_id, links.c.part)):
            found.setdefault(row.basware_id, []).append(as_struct(LinkRow, row))
    return found


def documents_named(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> dict[str, DocumentRow]:
    """Documents by invoice id."""
    found: dict[str, DocumentRow] = {}
    for some in chunks(invoice_ids):
        query = select(*(documents.c[name] for name in DocumentRow.__struct_fields__)).where(
            documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some)
        )
        found |= {row.invoice_id: as_struct(DocumentRow, row) for row in tx.execute(query)}
    return found


def get(tx: Tx, connection_id: str, invoice_id: str) -> PaymentRow | None:
    """One document's payments, None if nothing was ever looked at."""
    query = select(*_COLUMNS).where(_is(connection_id, invoice_id))
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(PaymentRow, row)


def change(
    tx: Tx, connection_id: str, invoice_id: str, now: datetime, sending: str = "", **columns: Unpack[PaymentColumns]
) -> bool:
    """Change what is kept of a document, while the response `sending` is on its way, or none; whether it was changed."""
    known_columns(PaymentColumns.__annotations__, columns)
    statement = update(payment_documents).where(
        _is(connection_id, invoice_id), payment_documents.c.open_code == sending
    )
    return tx.execute(statement.values(updated_at=now, **columns)).rowcount == 1


def _is(connection_id: str, invoice_id: str) -> ColumnElement[bool]:
    return and_(payment_documents.c.connection_id == connection_id, payment_documents.c.invoice_id == invoice_id)


def due(tx: Tx, connection_id: str, limit: int) -> list[tuple[PaymentRow, int]]:
    """Documents with news for Basware that it knows as transferred, each with its present round; none that is not worked out."""
    transferred = and_(
        documents.c.connection_id == payment_documents.c.connection_id,
        documents.c.invoice_id == payment_documents.c.invoice_id,
        documents.c.state == DocumentState.CONFIRMED,
    )
    query = (
        select(*_COLUMNS, documents.c.round.label("present"))
        .select_from(payment_documents.join(documents, transferred))
        .where(
            payment_documents.c.connection_id == connection_id,
            payment_documents.c.state == PaymentState.DUE,
            payment_documents.c.open_code == "",
            ~payment_documents.c.dirty,
        )
        .order_by(payment_documents.c.invoice_id)
    )
    found = list[tuple[PaymentRow, int]]()
    for row in tx.execute(query.limit(limit)):
        values = dict(row._mapping)
        number = values.pop("present")
        found.append((PaymentRow(**values), number))
    return found


def wake(tx: Tx, connection_id: str, now: datetime) -> int:
    """Have refused responses tried again whose pause is over, or whose document Basware has sent and been answered anew since; how
    many."""
    transferred_anew = exists().where(
        documents.c.connection_id == payment_documents.c.connection_id,
        documents.c.invoice_id == payment_documents.c.invoice_id,
        documents.c.state == DocumentState.CONFIRMED,
        documents.c.round > payment_documents.c.round,
    )
    statement = update(payment_documents).where(
        payment_documents.c.connection_id == connection_id,
        payment_documents.c.state == PaymentState.REFUSED,
        or_(payment_documents.c.next_at <= now, and_(payment_documents.c.round > 0, transferred_anew)),
    )
    values = {"state": PaymentState.DUE, "next_at": None, "updated_at": now}
    return tx.execute(statement.values(**values)).rowcount


def next_try(tx: Tx, connection_id: str) -> datetime | None:
    """When the next refused response is tried again by itself, None if none is."""
    own = payment_documents.c
    query = select(func.min(own.next_at)).where(own.connection_id == connection_id, own.state == PaymentState.REFUSED)
    found: datetime | None = tx.execute(query).scalar_one_or_none()
    return found


def want_earlier(tx: Tx, connection_id: str, now: datetime) -> list[str]:
    """Let what was paid before the connection existed be told; the documents."""
    own = payment_documents.c
    earlier = and_(own.connection_id == connection_id, own.state == PaymentState.EARLIER)
    found = list(tx.execute(select(own.invoice_id).where(earlier).order_by(own.invoice_id)).scalars())
    tx.execute(update(payment_documents).where(earlier).values(wanted=True, dirty=True, updated_at=now))
    return found


def counts(tx: Tx, connection_id: str) -> dict[PaymentState, int]:
    """How many documents are in each state."""
    own = payment_documents.c
    query = select(own.state, func.count().label("number")).where(own.connection_id == connection_id)
    return {row.state: row.number for row in tx.execute(query.group_by(own.state))}


def refused(tx: Tx, connection_id: str) -> int:
    """Of how many documents Basware did not take the payments."""
    own = payment_documents.c
    query = select(func.count()).where(own.connection_id == connection_id, own.state == PaymentState.REFUSED)
    return tx.execute(query).scalar_one()


class PaymentLineRow(PaymentRow, frozen=True, kw_only=True):
    """A document's payments with the number people know it by."""

    invoice_number: str
    supplier_name: str
    withdrawn: bool
    """Basware took the document back, and what was posted is undone: nothing of it is to be paid."""


class PaymentSort(StrEnum):
    """Orders of a list; with a minus the other way round. By `invoice`, its id, no document ever changes its place."""

    CHANGED_DOWN = "-changed"
    PAID_ON_DOWN = "-day"
    PAID_ON = "day"
    PAID_DOWN = "-paid"
    PAID = "paid"
    INVOICE = "invoice"


_OWN = payment_documents.c
_ORDERS: Mapping[PaymentSort, tuple[ColumnElement[Any], ...]] = {
    PaymentSort.CHANGED_DOWN: (_OWN.updated_at.desc(), _OWN.invoice_id.desc()),
    PaymentSort.PAID_ON_DOWN: (_OWN.paid_on.desc(), _OWN.invoice_id.desc()),
    PaymentSort.PAID_ON: (_OWN.paid_on, _OWN.invoice_id),
    PaymentSort.PAID_DOWN: (_OWN.paid_rank.desc(), _OWN.invoice_id.desc()),
    PaymentSort.PAID: (_OWN.paid_rank, _OWN.invoice_id),
    PaymentSort.INVOICE: (_OWN.invoice_id,),
}


_BOTH = payment_documents.join(
    documents, and_(documents.c.connection_id == _OWN.connection_id, documents.c.invoice_id == _OWN.invoice_id)
)


def ordered(
    connection_id: str,
    *,
    states: Collection[PaymentState] = (),
    text: str = "",
    order: PaymentSort = PaymentSort.CHANGED_DOWN,
) -> Ordered[str]:
    """The invoice ids of documents with payments, in an order; `text` is looked for in ids, numbers, suppliers and pictures.
    Withdrawn ones are listed only where a state is asked for."""
    wanted = list(states) or [state for state in PaymentState if state is not PaymentState.NOTHING]
    # Not the bare column: its own index would be taken instead of the order's.
    query = select(_OWN.invoice_id).where(
        _OWN.connection_id == connection_id, func.coalesce(_OWN.state, "").in_(wanted)
    )
    if not states:
        withdrawn = select(documents.c.invoice_id).where(
            documents.c.connection_id == connection_id, documents.c.state == DocumentState.WITHDRAWN
        )
        query = query.where(_OWN.invoice_id.not_in(withdrawn))
    if text:
        searched = (documents.c.invoice_number, documents.c.invoice_id, documents.c.supplier_name, _OWN.picture)
        query = query.select_from(_BOTH).where(says(searched, text))
    return Ordered(query, _ORDERS[order])


def these(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> list[PaymentLineRow]:
    """The payments of these documents, in the order given, as far as they are here.

    Pictures are long: what is listed is found in an index of the order first, and only then read.
    """
    is_withdrawn = (documents.c.state == DocumentState.WITHDRAWN).label("withdrawn")
    rows = select(*_COLUMNS, documents.c.invoice_number, documents.c.supplier_name, is_withdrawn).select_from(_BOTH)
    found = {
        row.invoice_id: as_struct(PaymentLineRow, row)
        for some in chunks(invoice_ids)
        for row in tx.execute(rows.where(_OWN.connection_id == connection_id, _OWN.invoice_id.in_(some)))
    }
    return [found[invoice_id] for invoice_id in invoice_ids if invoice_id in found]
