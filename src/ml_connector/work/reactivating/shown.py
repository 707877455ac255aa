"""What people are shown of records that are inactive and of those that were asked for. Read only."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from ml_connector.model.mapping import Dimension
from ml_connector.store import reactivations
from ml_connector.store.reactivations import OPEN, ReactivationRow
from ml_connector.work.desk import Desk
from ml_connector.work.reactivating.records import (
    DIMENSIONS,
    ENTITIES,
    copied,
    is_active,
    label_of,
    why_not,
    with_those_above,
)


class ReactivationView(msgspec.Struct, frozen=True, kw_only=True):
    """A record that somebody wants active. `state`: asked, sending, done or refused; `problem`: why it could not be done,
    or what is the matter with one that takes too long."""

    dimension: str
    quickbooks_id: str
    name: str
    state: str
    reason: str
    asked_by: str
    asked_at: datetime
    problem: str


class InactiveRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An inactive record that something waits for. `why_not`: why it cannot be made active as things are; `asked`: the last time
    somebody wanted it active; `under_way`: that goes with the next run."""

    dimension: Dimension
    quickbooks_id: str
    name: str
    why_not: str = ""
    under_way: bool = False
    asked: ReactivationView | None = None


def inactive_records(desk: Desk, dimension: Dimension, ids: Iterable[str]) -> list[InactiveRecord]:
    """Those of a few records that are there and inactive, each once, in this order."""
    wanted, found = list(dict.fromkeys(ids)), list[InactiveRecord]()
    if dimension not in ENTITIES or not wanted:
        return found
    entity = ENTITIES[dimension]
    with desk.database.read() as tx:
        asked = reactivations.of_records(tx, desk.connection_id, entity, wanted)
        known = copied(tx, desk, entity)
        for one in wanted:
            there = with_those_above(known, one)
            if there is None or is_active(there.record):
                continue
            row = asked.get(one)
            found.append(
                InactiveRecord(
                    dimension=dimension, quickbooks_id=one, name=label_of(entity, there.record),
                    why_not=why_not(tx, desk, entity, there), under_way=row is not None and row.state in OPEN,
                    asked=reactivation_view(row) if row is not None else None,
                )
            )  # fmt: skip
    return found


def reactivation_views(desk: Desk, *, limit: int, offset: int = 0) -> list[ReactivationView]:
    """Everything that was asked for, the latest first."""
    with desk.database.read() as tx:
        return [
            reactivation_view(row) for row in reactivations.listing(tx, desk.connection_id, limit=limit, offset=offset)
        ]


def reactivation_view(row: ReactivationRow) -> ReactivationView:
    """One of them."""
    return ReactivationView(
        dimension=DIMENSIONS[row.entity].value, quickbooks_id=row.quickbooks_id, name=row.name, state=row.state.value,
        reason=row.reason, asked_by=row.asked_by, asked_at=row.asked_at, problem=row.problem,
    )  # fmt: skip
