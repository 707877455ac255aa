"""List records of QuickBooks that people want active again: one row for each record, about the last time somebody asked.

A row is moved only from a state somebody expects: people and the job that posts work on it at once.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import delete, literal, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, checked_states, insert
from ml_connector.store.schema import ReactivationState, reactivations

OPEN = frozenset({ReactivationState.ASKED, ReactivationState.SENDING})
"""Asked for and not ended: asking again adds nothing."""


class ReactivationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record. `name` is what people call it, `problem` why it could not be done or is not yet,
    `tries` how often a write was refused."""

    entity: str
    quickbooks_id: str
    name: str
    state: ReactivationState
    reason: str
    asked_by: str
    asked_at: datetime
    problem: str = ""
    tries: int = 0


_COLUMNS = [reactivations.c[name] for name in ReactivationRow.__struct_fields__]


def ask(tx: Tx, connection_id: str, row: ReactivationRow) -> bool:
    """Note that somebody wants a record active; False if somebody did before and that has not ended."""
    fresh = msgspec.structs.asdict(row) | {"updated_at": row.asked_at}
    statement = insert(tx, reactivations).values(connection_id=connection_id, **fresh)
    asked = statement.on_conflict_do_update(
        index_elements=[reactivations.c.connection_id, reactivations.c.entity, reactivations.c.quickbooks_id],
        set_=fresh,
        where=reactivations.c.state.not_in(OPEN),
    )
    return tx.execute(asked.returning(literal(1))).first() is not None


def of_records(tx: Tx, connection_id: str, entity: str, ids: Collection[str]) -> dict[str, ReactivationRow]:
    """What was asked for about these few records of one list, by id."""
    query = select(*_COLUMNS).where(
        reactivations.c.connection_id == connection_id,
        reactivations.c.entity == entity,
        reactivations.c.quickbooks_id.in_(sorted(set(ids))),
    )
    return {row.quickbooks_id: as_struct(ReactivationRow, row) for row in tx.execute(query)}


def in_state(tx: Tx, connection_id: str, state: ReactivationState, *, limit: int) -> list[ReactivationRow]:
    """Records in a state, in the order in which they were asked for."""
    query = select(*_COLUMNS).where(reactivations.c.connection_id == connection_id, reactivations.c.state == state)
    order = (reactivations.c.asked_at, reactivations.c.entity, reactivations.c.quickbooks_id)
    return as_structs(ReactivationRow, tx.execute(query.order_by(*order).limit(limit)))


def under_way(tx: Tx, connection_id: str) -> list[ReactivationRow]:
    """Records that were asked for and are not ended, in the order in which they were asked for."""
    query = select(*_COLUMNS).where(reactivations.c.connection_id == connection_id, reactivations.c.state.in_(OPEN))
    order = (reactivations.c.asked_at, reactivations.c.entity, reactivations.c.quickbooks_id)
    return as_structs(ReactivationRow, tx.execute(query.order_by(*order)))


def listing(tx: Tx, connection_id: str, *, limit: int, offset: int = 0) -> list[ReactivationRow]:
    """Everything that was ever asked for, the latest first."""
    query = select(*_COLUMNS).where(reactivations.c.connection_id == connection_id)
    order = (reactivations.c.asked_at.desc(), reactivations.c.entity, reactivations.c.quickbooks_id)
    return as_structs(ReactivationRow, tx.execute(query.order_by(*order).limit(limit).offset(offset)))


def move(  # noqa: PLR0917
    tx: Tx,
    connection_id: str,
    key: tuple[str, str],
    now: datetime,
    expected: ReactivationState,
    state: ReactivationState,
    *,
    problem: str = "",
    tries: int = 0,
) -> bool:
    """Bring the record of this list and id into another state if it is in an expected one; whether it was."""
    entity, quickbooks_id = key
    statement = update(reactivations).where(
        reactivations.c.connection_id == connection_id,
        reactivations.c.entity == entity,
        reactivations.c.quickbooks_id == quickbooks_id,
        reactivations.c.state.in_(checked_states(ReactivationState, expected)),
    )
    return tx.execute(statement.values(state=state, problem=problem, tries=tries, updated_at=now)).rowcount == 1


def forget_all(tx: Tx, connection_id: str) -> None:
    """Nothing was ever asked for: ids of one company mean other records in another."""
    tx.execute(delete(reactivations).where(reactivations.c.connection_id == connection_id))
