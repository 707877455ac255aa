"""Invoices on their way: how far each has come, why it waits, and what a person decided.

A document is moved only by comparing first: one that moved meanwhile is left alone and the caller is told. What the states ask
somebody to do is decided elsewhere. What arrives is taken over by `document_rounds.py`; many documents at once are read in
`document_lists.py`.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypedDict, Unpack

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, select, update

from ml_connector.model.holds import Hold
from ml_connector.model.postings import ChosenDate, Decision, Keep, Release
from ml_connector.store import held
from ml_connector.store.database import Tx
from ml_connector.store.errors import DocumentAmbiguousError
from ml_connector.store.rows import as_struct, as_structs, change_by, checked_states, chunks, known_columns, rows_by
from ml_connector.store.schema import DocumentState, documents

_KEY = ("connection_id", "invoice_id")


_DECIDED = (
    select(documents.c.release, documents.c.kept, documents.c.chosen_date)
    .where(*(documents.c[name] == bindparam(name) for name in _KEY))
    .with_for_update()
)


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice. `total` is the payable amount in `currency` with Basware's sign, None when it could not be read.

    `round` counts how often Basware sent the document, `attempt` our answers in this round, `seq` orders by first arrival.
    `kind` is the transaction type planned or posted; `plan` is JSON of whoever planned, empty before that. `held_since` is empty
    once it no longer waits, `last_held_at` is not.
    """

    connection_id: str
    invoice_id: str
    round: int
    state: DocumentState
    inbox_id: int
    content_hash: str
    last_updated: str
    acknowledged: bool
    company_code: str
    invoice_number: str
    bum_id: str
    """The document's identity in the Basware Network, in small letters; empty when it did not come that way."""
    supplier_code: str
    supplier_name: str
    currency: str
    total: Decimal | None
    kind: str
    plan: str
    holds: tuple[Hold, ...]
    held_since: datetime | None
    decision: Decision | None
    note: str
    attempt: int
    seq: int
    updated_at: datetime
    created_at: datetime
    invoice_date: str
    """ISO date, empty where the document has none."""
    orders: str
    """Numbers of the purchase orders it names, each between blanks."""
    contract: str
    """Number of the contract it names, as far as an index holds it; empty where it names none."""
    searched: str
    """Everything lists are searched by, without case."""
    proposal: str
    """Names what is proposed to be written, while the document waits for a person's release; empty otherwise."""
    release: Release | None
    """The last release; it counts for the proposal it names and for no other."""
    kept: Keep | None
    """Who keeps it from being posted, if anybody does."""
    chosen_date: ChosenDate | None = None
    """The posting date that a person chose, if anybody did. It stays through all rounds; whether it counts is for the rules."""
    last_held_at: datetime | None = None


class DocumentColumns(TypedDict, total=False):
    """What may be changed along with a document's state."""

    acknowledged: bool
    kind: str
    plan: str
    holds: tuple[Hold, ...]
    held_since: datetime | None
    decision: Decision | None
    note: str
    attempt: int
    proposal: str
    release: Release | None
    kept: Keep | None
    chosen_date: ChosenDate | None


def get(tx: Tx, connection_id: str, invoice_id: str) -> DocumentRow | None:
    """One document by its Basware invoice id."""
    key = {"connection_id": connection_id, "invoice_id": invoice_id}
    row = tx.execute(rows_by(documents, *key), key).one_or_none()
    return None if row is None else as_struct(DocumentRow, row)


def find(tx: Tx, connection_id: str, text: str) -> DocumentRow | None:
    """The document a person means, by invoice id or invoice number; None if there is none.

    Raises DocumentAmbiguousError when several carry the number, naming each.
    """
    exact = get(tx, connection_id, text)
    if exact is not None:
        return exact
    # One condition for each index: asked for both at once, SQLite reads every document. The connection is compared in a way that no
    # index offers, or SQLite reads all of its documents for it.
    own = func.coalesce(documents.c.connection_id, "") == connection_id
    query = select(documents).where(documents.c.invoice_number == text, own)
    rows = as_structs(DocumentRow, tx.execute(query))
    rows.sort(key=lambda row: row.seq)
    if len(rows) > 1:
        raise DocumentAmbiguousError(
            text, [f"{row.invoice_id} ({row.supplier_name or row.supplier_code})" for row in rows]
        )
    return next(iter(rows), None)


def in_state(
    tx: Tx, connection_id: str, wanted: str | Collection[str], limit: int | None = None, after_seq: int | None = None
) -> list[DocumentRow]:
    """Documents in one of these states in order of arrival, from behind `after_seq` on when paging."""
    query = select(documents).where(
        documents.c.connection_id == connection_id, documents.c.state.in_(checked_states(DocumentState, wanted))
    )
    if after_seq is not None:
        query = query.where(documents.c.seq > after_seq)
    return as_structs(DocumentRow, tx.execute(query.order_by(documents.c.seq).limit(limit)))


def numbers_of(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> dict[str, str]:
    """The invoice numbers of those that are documents, by id; the id itself where one has no number."""
    found: dict[str, str] = {}
    for some in chunks(invoice_ids):
        query = select(documents.c.invoice_id, documents.c.invoice_number).where(
            documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some)
        )
        found |= {row.invoice_id: row.invoice_number or row.invoice_id for row in tx.execute(query)}
    return found


class Told(NamedTuple):
    """What a document is called where it is only named: its invoice number, the supplier's name, or code without one, and its
    currency."""

    number: str
    supplier: str
    currency: str


NOT_HERE = Told("", "", "")
"""What is told of a document that is not here."""


def told(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> dict[str, Told]:
    """What those that are documents are called, by id."""
    found: dict[str, Told] = {}
    own = documents.c
    for some in chunks(invoice_ids):
        query = select(own.invoice_id, own.invoice_number, own.supplier_name, own.supplier_code, own.currency).where(
            own.connection_id == connection_id, own.invoice_id.in_(some)
        )
        for row in tx.execute(query):
            found[row.invoice_id] = Told(row.invoice_number, row.supplier_name or row.supplier_code, row.currency)
    return found


def set_state(
    tx: Tx,
    connection_id: str,
    invoice_id: str,
    state: DocumentState,
    now: datetime,
    *,
    expected: Collection[str] | None = None,
    **columns: Unpack[DocumentColumns],
) -> bool:
    """Move a document on, if it is still in one of the `expected` states (None: whatever it is in). False if it was not."""
    known_columns(DocumentColumns.__annotations__, columns)
    given = {
        "of_connection_id": connection_id,
        "of_invoice_id": invoice_id,
        "state": state,
        "updated_at": now,
        **columns,
        **remembered(columns.get("held_since")),
    }
    if expected is None:
        moved = tx.execute(change_by(documents, *_KEY), given).rowcount == 1
    else:
        given["of_state"] = checked_states(DocumentState, expected)
        moved = tx.execute(change_by(documents, *_KEY, among="state"), given).rowcount == 1
    if moved and state == DocumentState.HELD:
        held.note(tx, connection_id, invoice_id)
    elif moved and (expected is None or DocumentState.HELD in expected):
        held.forget(tx, connection_id, invoice_id)
    return moved


def undecided_since(tx: Tx, connection_id: str, seen: DocumentRow) -> bool:
    """Whether nobody has released a document, taken a release back, put it on hold, let it go or changed its posting date since it
    was read.

    Until the transaction ends nobody can.
    """
    now = tx.execute(_DECIDED, {"connection_id": connection_id, "invoice_id": seen.invoice_id}).one()
    return (now.release, now.kept, now.chosen_date) == (seen.release, seen.kept, seen.chosen_date)


def standing_release(tx: Tx, connection_id: str, invoice_id: str) -> Release | None:
    """The last release of a document, whatever it was for. Until the transaction ends nobody gives or takes back another."""
    query = select(documents.c.release).where(*row_of(connection_id, invoice_id))
    return tx.execute(query.with_for_update()).scalar_one_or_none()


def set_columns(tx: Tx, connection_id: str, invoice_id: str, now: datetime, **columns: Unpack[DocumentColumns]) -> bool:
    """Change a document without moving it; False if there is none of that id."""
    known_columns(DocumentColumns.__annotations__, columns)
    given = {
        "of_connection_id": connection_id,
        "of_invoice_id": invoice_id,
        "updated_at": now,
        **columns,
        **remembered(columns.get("held_since")),
    }
    changed = tx.execute(change_by(documents, *_KEY), given).rowcount == 1
    if changed and columns.keys() & {"holds", "held_since"}:
        held.note(tx, connection_id, invoice_id)
    return changed


def release(
    tx: Tx, connection_id: str, invoice_id: str, given: Release | None, now: datetime, *, proposal: str
) -> bool:
    """Give or take back leave to post what is proposed; False if the document no longer waits with exactly this proposal."""
    statement = update(documents).where(
        *row_of(connection_id, invoice_id),
        documents.c.state == DocumentState.PLANNED,
        documents.c.proposal == proposal,
    )
    return tx.execute(statement.values(release=given, updated_at=now)).rowcount == 1


def set_acknowledged(tx: Tx, connection_id: str, invoice_id: str, now: datetime) -> bool:
    """Note that Basware knows we have the document; False if there is none of that id."""
    return set_columns(tx, connection_id, invoice_id, now, acknowledged=True)


def row_of(connection_id: str, invoice_id: str) -> tuple[ColumnElement[bool], ...]:
    """What one document is found by."""
    return documents.c.connection_id == connection_id, documents.c.invoice_id == invoice_id


def remembered(held_since: datetime | None) -> dict[str, object]:
    """When a document began to wait stays known after it went on."""
    return {} if held_since is None else {"last_held_at": held_since}
