"""How the rounds of a document begin: it arrives from Basware for the first time or again, with what lists and searches show of it.

Its way from there on is `documents.py`.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Hold
from ml_connector.store import contract_documents, held
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow, remembered, row_of
from ml_connector.store.rows import as_struct, checked_states, chunks, inserted
from ml_connector.store.schema import DocumentState, documents

ENDED = frozenset({DocumentState.CONFIRMED, DocumentState.RETURNED, DocumentState.IGNORED, DocumentState.WITHDRAWN})
"""Nothing more is due for these until Basware sends the document again."""

WAITING = frozenset({
    DocumentState.RECEIVED, DocumentState.HELD, DocumentState.PLANNED, DocumentState.VENDOR_PENDING
})  # fmt: skip
"""Nothing is written to QuickBooks yet, so new content simply means planning anew."""

_LAST_ROUND: dict[str, object] = {"kind": "", "decision": None, "note": "", "attempt": 0, "release": None, "kept": None}
"""What a new round forgets of the one before: a decision was made about the old content."""

_CURRENCY_LIMIT = 20
"""Characters of a currency that lists show and an index holds: a real one has three letters, anything longer is nonsense."""
_ORDERS_LIMIT, _SEARCHED_LIMIT = 100, 300
"""Characters. PostgreSQL indexes at most 2 704 bytes a row, and a character may have four."""


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
    tx.execute(update(documents).where(*row_of(connection_id, invoice_id)).values(**arrived))
    held.note(tx, connection_id, invoice_id)
    return Arrival(is_new=False, is_new_round=again, content_changed=known.content_hash != content_hash)


def next_round(tx: Tx, connection_id: str, invoice_id: str, now: datetime, *, expected: str | Collection[str]) -> bool:
    """Start over with content that arrived while the last round was still being finished; False if the state is another one."""
    statement = update(documents).where(
        *row_of(connection_id, invoice_id), documents.c.state.in_(checked_states(DocumentState, expected))
    )
    fresh = _fresh((), now) | _LAST_ROUND | {"round": documents.c.round + 1, "updated_at": now}
    begun = tx.execute(statement.values(**fresh)).rowcount == 1
    if begun:
        held.forget(tx, connection_id, invoice_id)
    return begun


def forget(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> None:
    """Remove documents that Basware was never told we have. What arrived stays in the inbox."""
    for some in chunks(invoice_ids):
        tx.execute(
            documents.delete().where(documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some))
        )


def _one(tx: Tx, connection_id: str, invoice_id: str, *, lock: bool) -> DocumentRow:
    query = select(documents).where(*row_of(connection_id, invoice_id))
    return as_struct(DocumentRow, tx.execute(query.with_for_update() if lock else query).one())


def _fresh(holds: tuple[Hold, ...], now: datetime) -> dict[str, object]:
    """How a document stands that waits to be planned, or that nobody can read."""
    state = DocumentState.HELD if holds else DocumentState.RECEIVED
    since = now if holds else None
    return {"state": state, "holds": holds, "held_since": since, "plan": "", "proposal": "", **remembered(since)}


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
        "contract": contract_documents.indexed(facts.contract_number) if facts else "",
        "searched": searched_text(facts) if facts else invoice_id.casefold()[:_SEARCHED_LIMIT],
        "company_code": facts.company_code if facts else "",
        "invoice_number": facts.invoice_number if facts else "",
        "bum_id": facts.bum_id.lower() if facts else "",
        "supplier_code": facts.supplier_code if facts else "",
        "supplier_name": facts.supplier_name if facts else "",
        "currency": facts.currency[:_CURRENCY_LIMIT] if facts else "",
        "total": facts.gross_sum if facts else None,
    }
