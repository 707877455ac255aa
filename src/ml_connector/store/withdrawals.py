"""Documents that Basware takes back: one row for each round in which it did, kept when it is over.

Moved only from a state somebody expects; what the states ask for is decided in `work/taken_back`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, checked_states, inserted, known_columns
from ml_connector.store.schema import DocumentState, WithdrawalState, withdrawals

PENDING = frozenset({WithdrawalState.OPEN, WithdrawalState.HELD, WithdrawalState.UNDOING})
"""Not over: planning must leave the document alone."""


class WithdrawalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One withdrawal. `status` is Basware's, `came_from` the state the document had, `decision` a person's, `tries` how often
    QuickBooks refused, `fingerprint` what it was planned with, `outcome` how it ended, in words."""

    invoice_id: str
    round: int
    state: WithdrawalState
    status: str
    inbox_id: int
    came_from: DocumentState
    decision: str
    fingerprint: str
    tries: int
    outcome: str
    noticed_at: datetime
    updated_at: datetime


class WithdrawalColumns(TypedDict, total=False):
    """What may be changed along with a withdrawal's state."""

    status: str
    decision: str
    fingerprint: str
    tries: int
    outcome: str


_COLUMNS = [withdrawals.c[name] for name in WithdrawalRow.__struct_fields__]


def add(tx: Tx, connection_id: str, row: WithdrawalRow) -> bool:
    """Note that Basware takes a document back; False if that is known for this round already."""
    return inserted(tx, withdrawals, msgspec.structs.asdict(row) | {"connection_id": connection_id})


def get(tx: Tx, connection_id: str, invoice_id: str, round_: int) -> WithdrawalRow | None:
    """The withdrawal of one round of a document."""
    query = select(*_COLUMNS).where(
        withdrawals.c.connection_id == connection_id,
        withdrawals.c.invoice_id == invoice_id,
        withdrawals.c.round == round_,
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else as_struct(WithdrawalRow, row)


def in_state(tx: Tx, connection_id: str, wanted: Collection[WithdrawalState]) -> list[WithdrawalRow]:
    """Withdrawals in one of these states, oldest first."""
    query = select(*_COLUMNS).where(
        withdrawals.c.connection_id == connection_id,
        withdrawals.c.state.in_(checked_states(WithdrawalState, wanted)),
    )
    ordered = query.order_by(withdrawals.c.noticed_at, withdrawals.c.invoice_id)
    return as_structs(WithdrawalRow, tx.execute(ordered))


def move(
    tx: Tx,
    connection_id: str,
    row: WithdrawalRow,
    state: WithdrawalState,
    now: datetime,
    *,
    expected: Collection[WithdrawalState] = PENDING,
    **columns: Unpack[WithdrawalColumns],
) -> bool:
    """Move a withdrawal on if it is still in an expected state; False if it was not."""
    known_columns(WithdrawalColumns.__annotations__, columns)
    statement = update(withdrawals).where(
        withdrawals.c.connection_id == connection_id,
        withdrawals.c.invoice_id == row.invoice_id,
        withdrawals.c.round == row.round,
        withdrawals.c.state.in_(checked_states(WithdrawalState, expected)),
    )
    return tx.execute(statement.values(state=state, updated_at=now, **columns)).rowcount == 1
