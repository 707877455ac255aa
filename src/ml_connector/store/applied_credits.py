"""Vendor credits that are to be applied to bills: one row for each, moved only from a state somebody expects.

Which bill is meant is looked up here among our own documents; what is applied is decided in `flows/credits.py`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypedDict, Unpack

import msgspec
from sqlalchemy import ColumnElement, select, update

from ml_connector.model.credits import CreditOrigin, CreditState
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, checked_states, chunks, insert, known_columns
from ml_connector.store.schema import credit_applications, documents, links
from ml_connector.store.texts import is_one_of

_INVOICE = "invoice"
"""The kind of link from a document to what it was posted as."""


class CreditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One vendor credit and the bill it is for.

    `invoice_id` is the document it belongs to. The bill is known by its id (of a reversal), or named by the original invoice's
    identity in the Network or by its number. `amount` and `payment_id` tell what was applied, `why` what stands against it, `tries`
    how often QuickBooks refused, `fingerprint` what it was planned with.
    """

    credit_id: str
    invoice_id: str
    origin: CreditOrigin
    state: CreditState
    bill_id: str = ""
    named_bum_id: str = ""
    named_number: str = ""
    supplier_code: str = ""
    amount: Decimal | None = None
    payment_id: str = ""
    why: str = ""
    fingerprint: str = ""
    tries: int = 0
    noted_at: datetime | None = None
    updated_at: datetime | None = None


class CreditColumns(TypedDict, total=False):
    """What may be changed along with a credit's state."""

    amount: Decimal | None
    payment_id: str
    why: str
    fingerprint: str
    tries: int


_COLUMNS = [credit_applications.c[name] for name in CreditRow.__struct_fields__]


def note(tx: Tx, connection_id: str, row: CreditRow, now: datetime) -> None:
    """Note a credit. Noted again it begins anew, unless its payment is on its way or made."""
    kept = {CreditState.APPLYING, CreditState.APPLIED}
    values = msgspec.structs.asdict(row) | {"connection_id": connection_id, "noted_at": now, "updated_at": now}
    changed = {name: value for name, value in values.items() if name not in {"connection_id", "credit_id", "noted_at"}}
    statement = insert(tx, credit_applications).values(**values)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["connection_id", "credit_id"],
            set_=changed,
            where=credit_applications.c.state.not_in(checked_states(CreditState, kept)),
        )
    )


def in_state(tx: Tx, connection_id: str, state: CreditState) -> list[CreditRow]:
    """Credits in one state, oldest first."""
    query = select(*_COLUMNS).where(
        credit_applications.c.connection_id == connection_id, credit_applications.c.state == state
    )
    ordered = query.order_by(credit_applications.c.noted_at, credit_applications.c.credit_id)
    return as_structs(CreditRow, tx.execute(ordered))


def any_waiting(tx: Tx, connection_id: str) -> bool:
    """Whether any credit waits."""
    query = select(credit_applications.c.credit_id).where(
        credit_applications.c.connection_id == connection_id, credit_applications.c.state == CreditState.WAITING
    )
    return tx.execute(query.limit(1)).one_or_none() is not None


def get(tx: Tx, connection_id: str, credit_id: str) -> CreditRow | None:
    """One credit."""
    query = select(*_COLUMNS).where(*_is(connection_id, credit_id))
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(CreditRow, row)


def of_document(tx: Tx, connection_id: str, invoice_id: str) -> list[CreditRow]:
    """The credits of one document."""
    query = select(*_COLUMNS).where(
        credit_applications.c.connection_id == connection_id, credit_applications.c.invoice_id == invoice_id
    )
    ordered = query.order_by(credit_applications.c.noted_at, credit_applications.c.credit_id)
    return as_structs(CreditRow, tx.execute(ordered))


def move(  # noqa: PLR0917
    tx: Tx,
    connection_id: str,
    credit_id: str,
    state: CreditState,
    now: datetime,
    expected: Collection[CreditState],
    **columns: Unpack[CreditColumns],
) -> bool:
    """Move a credit on if it is still in an expected state; False if it was not."""
    known_columns(CreditColumns.__annotations__, columns)
    statement = update(credit_applications).where(
        *_is(connection_id, credit_id), credit_applications.c.state.in_(checked_states(CreditState, expected))
    )
    return tx.execute(statement.values(state=state, updated_at=now, **columns)).rowcount == 1


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """The invoice a credit note names, among our own documents: each one meant, with what it was posted as by part (type and id).

    Empty where no document of ours is meant; one that is not posted yet has no parts.
    """

    documents: tuple[tuple[tuple[str, str], ...], ...] = ()


def originals_of(tx: Tx, connection_id: str, rows: Sequence[CreditRow]) -> dict[str, Original]:
    """The invoices these credits name, by credit: their identity in the Network comes before their number, and a number is one
    of the same supplier's. A handful of statements, however many credits wait."""
    named = _named(tx, connection_id, rows)
    meant = {row.credit_id: _meant(row, named) for row in rows}
    parts: dict[str, list[tuple[str, str]]] = {}
    for some in chunks(sorted({one for ids in meant.values() for one in ids})):
        query = select(links.c.basware_id, links.c.quickbooks_type, links.c.quickbooks_id).where(
            links.c.connection_id == connection_id, links.c.kind == _INVOICE, links.c.basware_id.in_(some)
        )
        for one in tx.execute(query.order_by(links.c.basware_id, links.c.part)):
            parts.setdefault(one.basware_id, []).append((one.quickbooks_type, one.quickbooks_id))
    return {
        credit_id: Original(documents=tuple(tuple(parts.get(one, ())) for one in ids))
        for credit_id, ids in meant.items()
    }


class _Named(NamedTuple):
    invoice_id: str
    bum_id: str
    invoice_number: str
    supplier_code: str


def _named(tx: Tx, connection_id: str, rows: Sequence[CreditRow]) -> list[_Named]:
    """Documents with one of these identities or numbers, whatever the case of their letters."""
    columns = [documents.c[name] for name in _Named._fields]
    identities = {row.named_bum_id for row in rows if row.named_bum_id}
    numbers = {row.named_number for row in rows if row.named_number}
    ways: list[ColumnElement[bool]] = [documents.c.bum_id.in_(some) for some in chunks(sorted(identities))]
    ways += [is_one_of(documents.c.invoice_number, some) for some in chunks(sorted(numbers))]
    found: dict[str, _Named] = {}
    for way in ways:
        query = select(*columns).where(documents.c.connection_id == connection_id, way)
        found |= {row.invoice_id: _Named(*row) for row in tx.execute(query)}
    return sorted(found.values())


def _meant(row: CreditRow, named: Sequence[_Named]) -> list[str]:
    others = [one for one in named if one.invoice_id != row.invoice_id]
    by_identity = [one.invoice_id for one in others if row.named_bum_id and one.bum_id == row.named_bum_id]
    number = row.named_number.casefold()
    return by_identity or [
        one.invoice_id
        for one in others
        if number and one.invoice_number.casefold() == number and one.supplier_code == row.supplier_code
    ]


def _is(connection_id: str, credit_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return credit_applications.c.connection_id == connection_id, credit_applications.c.credit_id == credit_id
