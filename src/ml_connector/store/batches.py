"""Calls with several intents, stored before they are sent: exactly these intents, in this order, with this body.

After a crash a batch still in `sending` tells what may have reached the other system.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import bindparam, select, update

from ml_connector.store.database import Tx
from ml_connector.store.errors import IntentNotReadyError, StoreError
from ml_connector.store.intents import IntentRow
from ml_connector.store.rows import as_struct, as_structs, checked_states, known_columns
from ml_connector.store.schema import BatchState, IntentState, System, batches, intents


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `id` is its request id, `worker` who sends it, `trace` the other system's own id of the call."""

    connection_id: str
    id: str
    system: System
    body: str
    state: BatchState
    worker: str
    sent_at: datetime
    trace: str
    updated_at: datetime


class BatchColumns(TypedDict, total=False):
    """What may be changed along with a batch's state."""

    worker: str
    sent_at: datetime
    trace: str


_TAKE = (
    update(intents)
    .where(
        intents.c.connection_id == bindparam("scope"),
        intents.c.id == bindparam("intent"),
        intents.c.system == bindparam("to"),
        intents.c.state == IntentState.READY,
    )
    .values(
        state=IntentState.SENDING,
        batch_id=bindparam("batch"),
        position=bindparam("place"),
        attempts=intents.c.attempts + 1,
        updated_at=bindparam("now"),
    )
)


def record_batch(  # noqa: PLR0917
    tx: Tx,
    connection_id: str,
    batch_id: str,
    system: System,
    body: str,
    intent_ids: Sequence[str],
    worker: str,
    sent_at: datetime,
) -> None:
    """Store a call about to be made, and mark its intents as being sent.

    Raises IntentNotReadyError, leaving the transaction to be rolled back, when one of them is not ready any more.
    """
    tx.execute(
        batches.insert().values(
            connection_id=connection_id,
            id=batch_id,
            system=system,
            body=body,
            state=BatchState.SENDING,
            worker=worker,
            sent_at=sent_at,
            trace="",
            updated_at=sent_at,
        )
    )
    # In the order of the keys, so that two workers with the same intents wait for each other instead of dead-locking.
    places = sorted((intent_id, position) for position, intent_id in enumerate(intent_ids))
    for intent_id, position in places:
        taken = tx.execute(
            _TAKE,
            {
                "scope": connection_id,
                "intent": intent_id,
                "to": system,
                "batch": batch_id,
                "place": position,
                "now": sent_at,
            },
        )
        if taken.rowcount != 1:
            raise IntentNotReadyError(
                f"intent {intent_id} is not ready to be sent any more; batch {batch_id} must not go out"
            )


def open_batches(tx: Tx, connection_id: str, system: System) -> list[BatchRow]:
    """Calls without a known end, oldest first: being made, or cut off."""
    query = select(batches).where(
        batches.c.connection_id == connection_id,
        batches.c.system == system,
        batches.c.state.in_([BatchState.SENDING, BatchState.UNCLEAR]),
    )
    return as_structs(BatchRow, tx.execute(query.order_by(batches.c.sent_at, batches.c.id)))


def get_batch(tx: Tx, connection_id: str, batch_id: str) -> BatchRow:
    """One call. Raises StoreError if it was never recorded: nothing may be sent that was not."""
    query = select(batches).where(batches.c.connection_id == connection_id, batches.c.id == batch_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise StoreError(f"batch {batch_id} was never recorded for this connection")
    return as_struct(BatchRow, row)


def set_batch(
    tx: Tx,
    connection_id: str,
    batch_id: str,
    now: datetime,
    *,
    expected: str | Collection[str],
    state: BatchState,
    **columns: Unpack[BatchColumns],
) -> bool:
    """Move a batch if it is in an expected state; False if it was not."""
    known_columns(BatchColumns.__annotations__, columns)
    statement = update(batches).where(
        batches.c.connection_id == connection_id,
        batches.c.id == batch_id,
        batches.c.state.in_(checked_states(BatchState, expected)),
    )
    return tx.execute(statement.values(state=state, updated_at=now, **columns)).rowcount == 1


def intents_of_batch(tx: Tx, connection_id: str, batch_id: str) -> list[IntentRow]:
    """The intents of a call in the order of its body."""
    query = select(intents).where(intents.c.connection_id == connection_id, intents.c.batch_id == batch_id)
    return as_structs(IntentRow, tx.execute(query.order_by(intents.c.position)))
