"""The outbox: every write we mean to make, stored with its body and request id before the first byte is sent.

An intent is named after what it does, so that deciding twice adds one row. It is moved only from a state somebody expects.
Sending, and what an answer means, is decided in work/.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import bindparam, delete, exists, func, select

from ml_connector.store.database import Tx
from ml_connector.store.rows import (
    as_struct,
    as_structs,
    change_by,
    checked_states,
    chunks,
    insert,
    inserted,
    known_columns,
    rows_by,
)
from ml_connector.store.schema import DocumentState, IntentState, Operation, System, documents, intents

UNDER_WAY = frozenset({IntentState.READY, IntentState.SENDING, IntentState.UNCLEAR})
"""Not settled yet: the document of such an intent must not be planned again. What is only proposed may be."""

ENDED = frozenset({IntentState.DONE, IntentState.REFUSED})


class NewIntent(msgspec.Struct, frozen=True, kw_only=True):
    """A write to make. `body` is sent exactly as it stands; `include` goes with it in QuickBooks' query string.

    `id` names what the write does; `subject` what it is about when that is no document, such as a supplier code.
    """

    id: str
    system: System
    operation: Operation
    entity: str
    body: str
    request_id: str
    invoice_id: str | None = None
    subject: str = ""
    round: int = 1
    part: int = 0
    include: str = ""
    state: IntentState = IntentState.READY


class IntentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An intent with how far it has come. `result` and `fault` are JSON of the answer, empty while there is none.

    `position` counts from 0 inside the batch it was last sent in, `attempts` how often it was sent.
    """

    seq: int
    connection_id: str
    id: str
    system: System
    operation: Operation
    invoice_id: str | None
    subject: str
    round: int
    part: int
    entity: str
    body: str
    request_id: str
    include: str
    state: IntentState
    batch_id: str | None
    position: int
    attempts: int
    result: str
    fault: str
    created_at: datetime
    updated_at: datetime


class IntentColumns(TypedDict, total=False):
    """What may be changed along with an intent's state."""

    result: str
    fault: str
    batch_id: str | None
    position: int
    attempts: int


_OF_DOCUMENT = rows_by(intents, "connection_id", "invoice_id").order_by(intents.c.seq)
_MOVE = change_by(intents, "connection_id", among="id").where(
    intents.c.state.in_(bindparam("of_state", expanding=True))
)


def add(tx: Tx, connection_id: str, intent: NewIntent, now: datetime) -> bool:
    """Put a write into the outbox; False if it stands there already, in whatever state."""
    return inserted(tx, intents, _new_row(connection_id, intent, now))


def add_many(tx: Tx, connection_id: str, new: Iterable[NewIntent], now: datetime) -> None:
    """Put writes into the outbox, in this order; what stands there already stays."""
    for some in chunks(new, 1000):
        statement = insert(tx, intents).on_conflict_do_nothing()
        tx.execute(statement, [_new_row(connection_id, one, now) for one in some])


def _new_row(connection_id: str, intent: NewIntent, now: datetime) -> dict[str, object]:
    start = {"position": 0, "attempts": 0, "result": "", "fault": "", "created_at": now, "updated_at": now}
    return {"connection_id": connection_id, **msgspec.structs.asdict(intent), **start}


def get(tx: Tx, connection_id: str, intent_id: str) -> IntentRow | None:
    """One intent."""
    query = select(intents).where(intents.c.connection_id == connection_id, intents.c.id == intent_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(IntentRow, row)


def known(tx: Tx, connection_id: str, ids: Collection[str]) -> dict[str, IntentRow]:
    """Those of the intents that are here, by id."""
    found: dict[str, IntentRow] = {}
    for some in chunks(ids):
        query = select(intents).where(intents.c.connection_id == connection_id, intents.c.id.in_(some))
        found.update((row.id, as_struct(IntentRow, row)) for row in tx.execute(query))
    return found


def ready(
    tx: Tx, connection_id: str, system: System, limit: int | None = None, *, operation: Operation | None = None
) -> list[IntentRow]:
    """What may be sent now, oldest first; of one sort, or of all."""
    return in_state(tx, connection_id, IntentState.READY, system=system, operation=operation, limit=limit)


def ready_count(tx: Tx, connection_id: str, system: System, *, operation: Operation | None = None) -> int:
    """How many writes may be sent now; of one sort, or of all."""
    query = select(func.count()).where(
        intents.c.connection_id == connection_id, intents.c.system == system, intents.c.state == IntentState.READY
    )
    if operation is not None:
        query = query.where(intents.c.operation == operation)
    return tx.execute(query).scalar_one()


def in_state(
    tx: Tx,
    connection_id: str,
    wanted: str | Collection[str],
    *,
    system: System | None = None,
    operation: Operation | None = None,
    limit: int | None = None,
) -> list[IntentRow]:
    """Intents in one of these states, oldest first."""
    query = select(intents).where(
        intents.c.connection_id == connection_id, intents.c.state.in_(checked_states(IntentState, wanted))
    )
    if system is not None:
        query = query.where(intents.c.system == system)
    if operation is not None:
        query = query.where(intents.c.operation == operation)
    return as_structs(IntentRow, tx.execute(query.order_by(intents.c.seq).limit(limit)))


def for_document(tx: Tx, connection_id: str, invoice_id: str) -> list[IntentRow]:
    """All writes for one document, of every round, oldest first."""
    document = {"connection_id": connection_id, "invoice_id": invoice_id}
    return as_structs(IntentRow, tx.execute(_OF_DOCUMENT, document))


def for_subject(tx: Tx, connection_id: str, operation: Operation, subject: str) -> list[IntentRow]:
    """All writes of one sort about one subject, oldest first."""
    query = select(intents).where(
        intents.c.connection_id == connection_id, intents.c.operation == operation, intents.c.subject == subject
    )
    return as_structs(IntentRow, tx.execute(query.order_by(intents.c.seq)))


def for_subjects(
    tx: Tx, connection_id: str, operation: Operation, subjects: Collection[str]
) -> dict[str, list[IntentRow]]:
    """The same for many subjects, by subject; those without a write are left out."""
    found: dict[str, list[IntentRow]] = {}
    for some in chunks(subjects):
        query = select(intents).where(
            intents.c.connection_id == connection_id, intents.c.operation == operation, intents.c.subject.in_(some)
        )
        for row in tx.execute(query.order_by(intents.c.seq)):
            found.setdefault(row.subject, []).append(as_struct(IntentRow, row))
    return found


def busy_documents(tx: Tx, connection_id: str) -> set[str]:
    """Invoice ids with a write that is not settled."""
    query = select(intents.c.invoice_id).where(
        intents.c.connection_id == connection_id, intents.c.state.in_(UNDER_WAY), intents.c.invoice_id.is_not(None)
    )
    return {str(invoice_id) for invoice_id in tx.execute(query.distinct()).scalars()}


def ended_count(tx: Tx, connection_id: str, operation: Operation, subject: str) -> int:
    """How many writes of one sort about one subject are done or were refused."""
    query = select(func.count()).where(
        intents.c.connection_id == connection_id,
        intents.c.operation == operation,
        intents.c.subject == subject,
        intents.c.state.in_(ENDED),
    )
    return tx.execute(query).scalar_one()


def withdraw(tx: Tx, connection_id: str, invoice_id: str) -> int:
    """Take what is proposed for a document out of the outbox: nobody ever sent it; how many writes it was."""
    statement = delete(intents).where(
        intents.c.connection_id == connection_id,
        intents.c.invoice_id == invoice_id,
        intents.c.state == IntentState.PROPOSED,
    )
    return tx.execute(statement).rowcount


def stray_proposals(tx: Tx, connection_id: str) -> list[str]:
    """Documents with writes proposed that no longer wait for a release."""
    planned = exists().where(
        documents.c.connection_id == intents.c.connection_id,
        documents.c.invoice_id == intents.c.invoice_id,
        documents.c.state == DocumentState.PLANNED,
    )
    query = select(intents.c.invoice_id).where(
        intents.c.connection_id == connection_id,
        intents.c.system == System.QUICKBOOKS,
        intents.c.state == IntentState.PROPOSED,
        ~planned,
    )
    return [str(invoice_id) for invoice_id in tx.execute(query.distinct()).scalars()]


def mark(
    tx: Tx,
    connection_id: str,
    ids: Sequence[str],
    now: datetime,
    *,
    expected: str | Collection[str],
    state: IntentState,
    **columns: Unpack[IntentColumns],
) -> int:
    """Move those of the intents that are in an expected state; how many were moved."""
    known_columns(IntentColumns.__annotations__, columns)
    moved = 0
    for some in chunks(ids):
        given = {"of_connection_id": connection_id, "of_id": some, "of_state": checked_states(IntentState, expected)}
        moved += tx.execute(_MOVE, {**given, "state": state, "updated_at": now, **columns}).rowcount
    return moved
