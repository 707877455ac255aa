"""The calls a company was promised, so that every process that talks to it waits its turn.

A budget's key stands for a QuickBooks company or a Basware sign-in without showing it. Its row is the lock: whoever reads the
slots to add one holds it. Moments of slots are seconds since 1970: hundreds of them are read for every call. Nothing here knows
any limit.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import delete, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, insert
from ml_connector.store.schema import Priority, budget_slots, budgets


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A budget. `quiet_until`: the vendor asked for a pause until then; `updated_at`: the latest moment anybody called at."""

    key: str
    updated_at: datetime
    quiet_until: datetime | None = None


def get(tx: Tx, key: str) -> BudgetRow | None:
    """A budget as it stands; None when nobody called yet."""
    row = tx.execute(select(budgets).where(budgets.c.key == key)).one_or_none()
    return None if row is None else as_struct(BudgetRow, row)


def lock(tx: Tx, key: str, now: datetime) -> BudgetRow:
    """A budget, made if there is none, and nobody else's until the transaction ends."""
    query = select(budgets).where(budgets.c.key == key).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        tx.execute(insert(tx, budgets).values(key=key, updated_at=now).on_conflict_do_nothing())
        row = tx.execute(query).one()
    return as_struct(BudgetRow, row)


class Slot(NamedTuple):
    """One call's place: when it may start, or did; whether it is a batch, has started, is urgent."""

    id: int
    at: float
    batch: bool
    started: bool
    urgent: bool


def slots(tx: Tx, key: str, after: float) -> list[Slot]:
    """The places after a moment, those promised for later included, in order."""
    slot = budget_slots.c
    query = select(slot.id, slot.at, slot.batch, slot.started, slot.priority == Priority.URGENT)
    query = query.where(slot.key == key, slot.at > after).order_by(slot.at)
    return [Slot(*row) for row in tx.execute(query)]


def add_slot(tx: Tx, key: str, at: float, *, batch: bool, priority: Priority, started: bool) -> int:
    """Promise a place; its id."""
    statement = budget_slots.insert().values(key=key, at=at, batch=batch, priority=priority, started=started)
    return int(tx.execute(statement.returning(budget_slots.c.id)).scalar_one())


def move_slot(tx: Tx, slot_id: int, at: float, *, started: bool) -> None:
    """Promise another moment, or note that the call starts now."""
    tx.execute(update(budget_slots).where(budget_slots.c.id == slot_id).values(at=at, started=started))


def touch(tx: Tx, key: str, now: datetime) -> None:
    """Note the latest moment anybody called at."""
    tx.execute(update(budgets).where(budgets.c.key == key).values(updated_at=now))


def set_quiet(tx: Tx, key: str, until: datetime) -> None:
    """Let nobody through until a moment."""
    tx.execute(update(budgets).where(budgets.c.key == key).values(quiet_until=until))


def set_back(tx: Tx, row: BudgetRow, by: timedelta) -> BudgetRow:
    """Bring everything back by so much, because the clock went back."""
    everything = update(budget_slots).where(budget_slots.c.key == row.key)
    tx.execute(everything.values(at=budget_slots.c.at - by.total_seconds()))
    quiet = None if row.quiet_until is None else row.quiet_until - by
    budget = update(budgets).where(budgets.c.key == row.key)
    tx.execute(budget.values(updated_at=row.updated_at - by, quiet_until=quiet))
    return BudgetRow(key=row.key, updated_at=row.updated_at - by, quiet_until=quiet)


def forget_before(tx: Tx, key: str, moment: float) -> None:
    """Drop places that no window reaches any more."""
    tx.execute(delete(budget_slots).where(budget_slots.c.key == key, budget_slots.c.at < moment))


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """How much a budget is used: calls since a moment, batches among them, and calls that wait for a later one."""

    requests: int
    batches: int
    waiting_urgent: int
    waiting_bulk: int


def use(tx: Tx, key: str, since: float, now: float) -> Use:
    """How much a budget is used at a moment."""
    columns = [budget_slots.c[name] for name in ("at", "batch", "priority", "started")]
    rows = tx.execute(select(*columns).where(budget_slots.c.key == key, budget_slots.c.at > since)).all()
    waiting = [priority for at, _, priority, started in rows if at > now and not started]
    begun = [batch for _, batch, _, started in rows if started]
    urgent = waiting.count(Priority.URGENT)
    return Use(requests=len(begun), batches=sum(begun), waiting_urgent=urgent, waiting_bulk=len(waiting) - urgent)
