"""Invoices on their way: what arrived, how far each has come, why it waits, and what a person decided.

A document is moved only by comparing first: one that moved meanwhile is left alone and the caller is told. What the states ask
somebody to do is decided elsewhere.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import ColumnElement, Text, func, literal, or_, select, type_coerce, update

from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.postings import Decision, Keep, Release
from ml_connector.store import held
from ml_connector.store.columns import MoneySum
from ml_connector.store.database import Tx
from ml_connector.store.errors import DocumentAmbiguousError
from ml_connector.store.rows import as_struct, change_by, checked_states, chunks, inserted, known_columns, rows_by
from ml_connector.store.schema import DocumentState, documents, inbox

ENDED = frozenset({DocumentState.CONFIRMED, DocumentState.RETURNED, DocumentState.IGNORED, DocumentState.WITHDRAWN})
"""Nothing more is due for these until Basware sends the document again."""

WAITING = frozenset({
    DocumentState.RECEIVED, DocumentState.HELD, DocumentState.PLANNED, DocumentState.VENDOR_PENDING
})  # fmt: skip
"""Nothing is written to QuickBooks yet, so new content simply means planning anew."""


_LAST_ROUND: dict[str, object] = {"kind": "", "decision": None, "note": "", "attempt": 0, "release": None, "kept": None}
"""What a new round forgets of the one before: a decision was made about the old content."""


_KEY = ("connection_id", "invoice_id")

_CURRENCY_LIMIT = 20
"""Characters of a currency that lists show and an index holds: a real one has three letters, anything longer is nonsense."""


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
    searched: str
    """Everything lists are searched by, without case."""
    proposal: str
    """Names what is proposed to be written, while the document waits for a person's release; empty otherwise."""
    release: Release | None
    """The last release; it counts for the proposal it names and for no other."""
    kept: Keep | None
    """Who keeps it from being posted, if anybody does."""
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


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What an arrival changed: a document never seen, a new round of a finished one, or other content than before."""

    is_new: bool
    is_new_round: bool
    content_changed: bool


def upsert_received(
    tx: Tx,
    connection_id: str,
    *,
    invoice_id: str,
    inbox_id: int,
    content_hash: str,
    last_updated: str,
    acknowledged: bool,
    facts: AccountingDocument | None,
    now: datetime,
    holds: tuple[Hold, ...] = (),
) -> Arrival:
    """Take an arrival over. `facts` is None for a document nobody can read; its `holds` then say why.

    The same inbox row again changes nothing. A document that was finished starts its next round, without the plan, decision and
    answers of the last one. One that waits is planned anew; one that is being posted keeps its state and only notes the new
    content, so that whoever finishes it sees the difference.
    """
    arrived = {
        "inbox_id": inbox_id,
        "content_hash": content_hash,
        "last_updated": last_updated,
        "acknowledged": acknowledged,
        "updated_at": now,
        **_shown(facts, invoice_id),
    }
    fresh = _fresh(holds, now)
    key = {"connection_id": connection_id, "invoice_id": invoice_id}
    new = {**key, "round": 1, "seq": inbox_id, "created_at": now, **fresh, **_LAST_ROUND, **arrived}
    if inserted(tx, documents, new):
        if holds:
            held.note(tx, connection_id, invoice_id)
        return Arrival(is_new=True, is_new_round=False, content_changed=False)
    known = _one(tx, connection_id, invoice_id, lock=True)
    if known.inbox_id == inbox_id:
        return Arrival(is_new=False, is_new_round=False, content_changed=False)
    again = known.state in ENDED
    if again:
        arrived |= fresh | _LAST_ROUND | {"round": known.round + 1}
    elif known.state in WAITING:
        arrived |= fresh | ({"held_since": known.held_since or now} if holds else {})
    tx.execute(update(documents).where(*_is(connection_id, invoice_id)).values(**arrived))
    held.note(tx, connection_id, invoice_id)
    return Arrival(is_new=False, is_new_round=again, content_changed=known.content_hash != content_hash)


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
    rows = [as_struct(DocumentRow, row) for row in tx.execute(query)]
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
    return [as_struct(DocumentRow, row) for row in tx.execute(query.order_by(documents.c.seq).limit(limit))]


def newest(tx: Tx, connection_id: str, wanted: Collection[str], limit: int) -> list[DocumentRow]:
    """The last documents that arrived and are in one of these states, newest first."""
    query = select(documents).where(
        documents.c.connection_id == connection_id, documents.c.state.in_(checked_states(DocumentState, wanted))
    )
    return [as_struct(DocumentRow, row) for row in tx.execute(query.order_by(documents.c.seq.desc()).limit(limit))]


def among(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> set[str]:
    """Those of the invoices that were taken over."""
    found: set[str] = set()
    for some in chunks(invoice_ids):
        query = select(documents.c.invoice_id).where(
            documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some)
        )
        found.update(tx.execute(query).scalars())
    return found


def numbers_of(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> dict[str, str]:
    """The invoice numbers of those that are documents, by id; the id itself where one has no number."""
    found: dict[str, str] = {}
    for some in chunks(invoice_ids):
        query = select(documents.c.invoice_id, documents.c.invoice_number).where(
            documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some)
        )
        found |= {row.invoice_id: row.invoice_number or row.invoice_id for row in tx.execute(query)}
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
        query = query.where(or_(*(documents.c[name].icontains(text, autoescape=True) for name in searched)))
    rows = tx.execute(query.order_by(documents.c.seq).limit(limit).offset(offset))
    return [as_struct(DocumentRow, row) for row in rows]


def counts(
    tx: Tx, connection_id: str, *, states: Collection[DocumentState] = ()
) -> dict[DocumentState, tuple[int, dict[str, Decimal]]]:
    """By state, or only by these: how many documents, and their totals by currency, exact. A document without a total counts and
    adds nothing."""
    table = documents.c
    query = (
        select(table.state, table.currency, func.count().label("number"), MoneySum(table.total).label("total"))
        .where(table.connection_id == connection_id)
        .group_by(table.state, table.currency)
        .order_by(table.state, table.currency)
    )
    if states:
        query = query.where(table.state.in_(list(states)))
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
    return [as_struct(WaitingSum, row) for row in tx.execute(query.order_by(documents.c.seq))]


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
        **_remembered(columns.get("held_since")),
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
    """Whether nobody has released a document, taken a release back, put it on hold or let it go since it was read.

    Until the transaction ends nobody can.
    """
    query = select(documents.c.release, documents.c.kept).where(*_is(connection_id, seen.invoice_id))
    now = tx.execute(query.with_for_update()).one()
    return (now.release, now.kept) == (seen.release, seen.kept)


def standing_release(tx: Tx, connection_id: str, invoice_id: str) -> Release | None:
    """The last release of a document, whatever it was for. Until the transaction ends nobody gives or takes back another."""
    query = select(documents.c.release).where(*_is(connection_id, invoice_id))
    return tx.execute(query.with_for_update()).scalar_one_or_none()


def set_columns(tx: Tx, connection_id: str, invoice_id: str, now: datetime, **columns: Unpack[DocumentColumns]) -> bool:
    """Change a document without moving it; False if there is none of that id."""
    known_columns(DocumentColumns.__annotations__, columns)
    given = {
        "of_connection_id": connection_id,
        "of_invoice_id": invoice_id,
        "updated_at": now,
        **columns,
        **_remembered(columns.get("held_since")),
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
        *_is(connection_id, invoice_id),
        documents.c.state == DocumentState.PLANNED,
        documents.c.proposal == proposal,
    )
    return tx.execute(statement.values(release=given, updated_at=now)).rowcount == 1


def next_round(tx: Tx, connection_id: str, invoice_id: str, now: datetime, *, expected: str | Collection[str]) -> bool:
    """Start over with content that arrived while the last round was still being finished; False if the state is another one."""
    statement = update(documents).where(
        *_is(connection_id, invoice_id), documents.c.state.in_(checked_states(DocumentState, expected))
    )
    fresh = _fresh((), now) | _LAST_ROUND | {"round": documents.c.round + 1, "updated_at": now}
    begun = tx.execute(statement.values(**fresh)).rowcount == 1
    if begun:
        held.forget(tx, connection_id, invoice_id)
    return begun


def set_acknowledged(tx: Tx, connection_id: str, invoice_id: str, now: datetime) -> bool:
    """Note that Basware knows we have the document; False if there is none of that id."""
    return set_columns(tx, connection_id, invoice_id, now, acknowledged=True)


def forget(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> None:
    """Remove documents that Basware was never told we have. What arrived stays in the inbox."""
    for some in chunks(invoice_ids):
        tx.execute(
            documents.delete().where(documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some))
        )


def _is(connection_id: str, invoice_id: str) -> tuple[ColumnElement[bool], ...]:
    return documents.c.connection_id == connection_id, documents.c.invoice_id == invoice_id


def _one(tx: Tx, connection_id: str, invoice_id: str, *, lock: bool) -> DocumentRow:
    query = select(documents).where(*_is(connection_id, invoice_id))
    return as_struct(DocumentRow, tx.execute(query.with_for_update() if lock else query).one())


def _fresh(holds: tuple[Hold, ...], now: datetime) -> dict[str, object]:
    """How a document stands that waits to be planned, or that nobody can read."""
    state = DocumentState.HELD if holds else DocumentState.RECEIVED
    since = now if holds else None
    return {"state": state, "holds": holds, "held_since": since, "plan": "", "proposal": "", **_remembered(since)}


def _remembered(held_since: datetime | None) -> dict[str, object]:
    """When a document began to wait stays known after it went on."""
    return {} if held_since is None else {"last_held_at": held_since}


_ORDERS_LIMIT, _SEARCHED_LIMIT = 100, 300
"""Characters. PostgreSQL indexes at most 2 704 bytes a row, and a character may have four."""


def searched_text(facts: AccountingDocument) -> str:
    """What a search looks in: number, supplier, id, orders, without case."""
    words = (facts.invoice_number, facts.supplier_code, facts.supplier_name, facts.invoice_id, *facts.order_numbers)
    return " ".join(filter(None, words)).casefold()[:_SEARCHED_LIMIT]


def _shown(facts: AccountingDocument | None, invoice_id: str) -> dict[str, object]:
    """What lists and searches show of a document; blank where nobody could read it."""
    numbers = facts.order_numbers + tuple(row.order_number for row in facts.rows) if facts else ()
    orders = " ".join(dict.fromkeys(filter(None, numbers)))
    return {
        "invoice_date": facts.invoice_date.isoformat() if facts and facts.invoice_date else "",
        "orders": f" {orders[:_ORDERS_LIMIT]} " if orders else "",
        "searched": searched_text(facts) if facts else invoice_id.casefold()[:_SEARCHED_LIMIT],
        "company_code": facts.company_code if facts else "",
        "invoice_number": facts.invoice_number if facts else "",
        "bum_id": facts.bum_id.lower() if facts else "",
        "supplier_code": facts.supplier_code if facts else "",
        "supplier_name": facts.supplier_name if facts else "",
        "currency": facts.currency[:_CURRENCY_LIMIT] if facts else "",
        "total": facts.gross_sum if facts else None,
    }
