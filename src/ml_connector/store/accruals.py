"""Accruals of prebooked invoices: one row for each, counted by invoice, kept when it is over.

Moved only from a state somebody expects; what the states ask for is decided in `work/accruals`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import and_, or_, select, update

from ml_connector.model.holds import Hold
from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_structs, checked_states, chunks, inserted, known_columns
from ml_connector.store.schema import AccrualState, DocumentState, accruals, documents
from ml_connector.store.texts import says

UNPOSTED = frozenset({AccrualState.WAITING, AccrualState.HELD})
IN_THE_BOOKS = frozenset({AccrualState.POSTING, AccrualState.STANDING, AccrualState.REVERSING})
"""Something of it is in QuickBooks, or may be."""

OVER = frozenset({AccrualState.REVERSED, AccrualState.GONE, AccrualState.DROPPED})

_INVOICED = (DocumentState.POSTED, DocumentState.CONFIRMED, DocumentState.IGNORED)
"""The invoice itself is in QuickBooks, posted from here or handled by a person."""


class AccrualRow(msgspec.Struct, frozen=True, kw_only=True):
    """One accrual. `sending` is Basware's time stamp of the prebooking it stands for, `answered` of the one that was answered last.

    `inbox_id` and `content_hash` name the content; `ending` says why it has to end, in words, empty while it has not. `posting` is
    the entry as JSON, `tries` counts refusals, `fingerprint` is what a held one was planned with.
    """

    invoice_id: str
    number: int
    state: AccrualState
    sending: str
    inbox_id: int
    content_hash: str
    invoice_number: str
    supplier: str
    noted_at: datetime
    updated_at: datetime
    answered: str = ""
    holds: tuple[Hold, ...] = ()
    held_since: datetime | None = None
    fingerprint: str = ""
    tries: int = 0
    ending: str = ""
    posting: str = ""
    quickbooks_id: str = ""
    reversal_id: str = ""
    reversal_date: str = ""
    note: str = ""


class AccrualColumns(TypedDict, total=False):
    """What may be changed along with an accrual's state."""

    sending: str
    answered: str
    inbox_id: int
    content_hash: str
    invoice_number: str
    supplier: str
    holds: tuple[Hold, ...]
    held_since: datetime | None
    fingerprint: str
    tries: int
    ending: str
    posting: str
    quickbooks_id: str
    reversal_id: str
    reversal_date: str
    note: str


_COLUMNS = [accruals.c[name] for name in AccrualRow.__struct_fields__]


def add(tx: Tx, connection_id: str, row: AccrualRow) -> bool:
    """Note an accrual; False if the invoice has one of that number."""
    return inserted(tx, accruals, msgspec.structs.asdict(row) | {"connection_id": connection_id})


def of_invoice(tx: Tx, connection_id: str, invoice_id: str) -> list[AccrualRow]:
    """Every accrual of an invoice, oldest first."""
    query = select(*_COLUMNS).where(accruals.c.connection_id == connection_id, accruals.c.invoice_id == invoice_id)
    return as_structs(AccrualRow, tx.execute(query.order_by(accruals.c.number)))


def get(tx: Tx, connection_id: str, invoice_id: str, number: int) -> AccrualRow | None:
    """One accrual."""
    return next((row for row in of_invoice(tx, connection_id, invoice_id) if row.number == number), None)


def in_state(
    tx: Tx, connection_id: str, wanted: str | Collection[str], *, limit: int | None = None
) -> list[AccrualRow]:
    """Accruals in one of these states, in the order in which they came."""
    query = select(*_COLUMNS).where(
        accruals.c.connection_id == connection_id, accruals.c.state.in_(checked_states(AccrualState, wanted))
    )
    ordered = query.order_by(accruals.c.noted_at, accruals.c.invoice_id, accruals.c.number).limit(limit)
    return as_structs(AccrualRow, tx.execute(ordered))


def to_end(tx: Tx, connection_id: str) -> list[tuple[AccrualRow, DocumentState | None]]:
    """Accruals that stand in the books and have to end, each with the state of its invoice, None where that was not taken over."""
    same = and_(documents.c.connection_id == accruals.c.connection_id, documents.c.invoice_id == accruals.c.invoice_id)
    query = (
        select(*_COLUMNS, documents.c.state.label("invoice_state"))
        .select_from(accruals.outerjoin(documents, same))
        .where(accruals.c.connection_id == connection_id, accruals.c.state == AccrualState.STANDING)
        .where(or_(accruals.c.ending != "", documents.c.state.in_(_INVOICED)))
    )
    found = []
    for row in tx.execute(query.order_by(accruals.c.noted_at, accruals.c.invoice_id)):
        values = dict(row._mapping)
        invoice_state = values.pop("invoice_state")
        found.append((AccrualRow(**values), invoice_state))
    return found


def unanswered(tx: Tx, connection_id: str) -> list[AccrualRow]:
    """Accruals that are decided and whose prebooking nobody has answered: those that stand or stood, and those never needed."""
    decided = (*IN_THE_BOOKS - {AccrualState.POSTING}, AccrualState.REVERSED, AccrualState.DROPPED)
    query = select(*_COLUMNS).where(
        accruals.c.connection_id == connection_id,
        accruals.c.state.in_(list(decided)),
        accruals.c.answered != accruals.c.sending,
    )
    return as_structs(AccrualRow, tx.execute(query.order_by(accruals.c.noted_at)))


def move(
    tx: Tx,
    connection_id: str,
    row: AccrualRow,
    state: AccrualState,
    now: datetime,
    *,
    expected: str | Collection[str],
    **columns: Unpack[AccrualColumns],
) -> bool:
    """Move an accrual on if it is still in an expected state; False if it was not."""
    known_columns(AccrualColumns.__annotations__, columns)
    statement = update(accruals).where(
        accruals.c.connection_id == connection_id,
        accruals.c.invoice_id == row.invoice_id,
        accruals.c.number == row.number,
        accruals.c.state.in_(checked_states(AccrualState, expected)),
    )
    return tx.execute(statement.values(state=state, updated_at=now, **columns)).rowcount == 1


AccrualKey = tuple[str, int]
"""An invoice id, and which of its accruals."""


def ordered(connection_id: str, *, states: Collection[AccrualState] = (), text: str = "") -> Ordered[AccrualKey]:
    """The keys of accruals, newest first; `text` is looked for in invoice numbers, ids and suppliers."""
    query = select(accruals.c.invoice_id, accruals.c.number).where(accruals.c.connection_id == connection_id)
    if states:
        query = query.where(accruals.c.state.in_(list(states)))
    if text:
        searched = (accruals.c.invoice_number, accruals.c.invoice_id, accruals.c.supplier)
        query = query.where(says(searched, text))
    return Ordered(query, (accruals.c.noted_at.desc(), accruals.c.invoice_id, accruals.c.number.desc()))


def these(tx: Tx, connection_id: str, keys: Collection[AccrualKey]) -> list[AccrualRow]:
    """The accruals of these keys, in the order given, as far as they are here."""
    found = dict[AccrualKey, AccrualRow]()
    for some in chunks(dict.fromkeys(invoice_id for invoice_id, _ in keys)):
        query = select(*_COLUMNS).where(accruals.c.connection_id == connection_id, accruals.c.invoice_id.in_(some))
        found |= {(row.invoice_id, row.number): row for row in as_structs(AccrualRow, tx.execute(query))}
    return [found[key] for key in keys if key in found]
