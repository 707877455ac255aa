"""Cases of posted transactions that somebody changed or deleted in QuickBooks: one row for each transaction of a document.

A case is moved only from a state somebody expects: the job that watches, the job that posts and people work on it at once.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import func, select, update

from ml_connector.model.drift import Difference, DriftKind, DriftState
from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_structs, checked_states, chunks, inserted, known_columns
from ml_connector.store.schema import drift_cases

INVOICE, ACCRUAL = "invoice", "accrual"
"""What the transaction of a case is: of a document that was taken over, by part, or the accrual of a prebooked one, by number.
The same words are kinds of links."""


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case. `sync_token` and `changed_at` are those of QuickBooks' version that was compared.

    `changed_by`: QuickBooks' id of the person, empty where it does not say. `problem`: why the last attempt to restore failed.
    """

    kind: str = INVOICE
    invoice_id: str
    part: int
    quickbooks_type: str
    quickbooks_id: str
    what: DriftKind
    state: DriftState
    differences: tuple[Difference, ...]
    sync_token: str
    noticed_at: datetime
    updated_at: datetime
    changed_at: datetime | None = None
    changed_by: str = ""
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    problem: str = ""


class CaseColumns(TypedDict, total=False):
    """What may be changed along with a case's state."""

    quickbooks_type: str
    quickbooks_id: str
    what: DriftKind
    differences: tuple[Difference, ...]
    sync_token: str
    noticed_at: datetime
    changed_at: datetime | None
    changed_by: str
    reason: str
    decided_by: str
    decided_at: datetime | None
    problem: str


_COLUMNS = [drift_cases.c[name] for name in CaseRow.__struct_fields__]


def add(tx: Tx, connection_id: str, case: CaseRow) -> bool:
    """Open a case; False if this transaction has one already."""
    return inserted(tx, drift_cases, {"connection_id": connection_id, **msgspec.structs.asdict(case)})


def of_documents(tx: Tx, connection_id: str, invoice_ids: Collection[str]) -> dict[tuple[str, str, int], CaseRow]:
    """The cases of these documents and of their accruals, by kind, invoice id and part."""
    found = list[CaseRow]()
    for some in chunks(sorted(set(invoice_ids))):
        query = select(*_COLUMNS).where(
            drift_cases.c.connection_id == connection_id,
            drift_cases.c.kind.in_([INVOICE, ACCRUAL]),
            drift_cases.c.invoice_id.in_(some),
        )
        found += as_structs(CaseRow, tx.execute(query))
    ordered = sorted(found, key=lambda one: (one.invoice_id, one.kind == ACCRUAL, one.part))
    return {(one.kind, one.invoice_id, one.part): one for one in ordered}


CaseKey = tuple[str, str, int]
"""Kind, invoice id and part of a case."""

_KEY = (drift_cases.c.kind, drift_cases.c.invoice_id, drift_cases.c.part)
_LATEST = (drift_cases.c.noticed_at.desc(), drift_cases.c.invoice_id, drift_cases.c.kind.desc(), drift_cases.c.part)


def ordered(
    connection_id: str, states: str | Collection[str] | None = None, *, what: DriftKind | None = None
) -> Ordered[CaseKey]:
    """The keys of cases in one of these states, or all, of one kind or of both, the latest noticed first."""
    query = select(*_KEY).where(drift_cases.c.connection_id == connection_id)
    if states is not None:
        query = query.where(drift_cases.c.state.in_(checked_states(DriftState, states)))
    if what is not None:
        query = query.where(drift_cases.c.what == what)
    return Ordered(query, _LATEST)


def these(tx: Tx, connection_id: str, keys: Collection[CaseKey]) -> list[CaseRow]:
    """The cases of these keys, in the order given, as far as they are here."""
    found = of_documents(tx, connection_id, [invoice_id for _, invoice_id, _ in keys])
    return [found[key] for key in keys if key in found]


def listing(tx: Tx, connection_id: str, states: str | Collection[str] | None = None) -> list[CaseRow]:
    """Cases in one of these states, or all, the latest noticed first."""
    return these(tx, connection_id, ordered(connection_id, states).read(tx))


def count(tx: Tx, connection_id: str, state: DriftState) -> int:
    """How many cases are in a state."""
    query = select(func.count()).where(drift_cases.c.connection_id == connection_id, drift_cases.c.state == state)
    return tx.execute(query).scalar_one()


def open_by_kind(tx: Tx, connection_id: str) -> dict[DriftKind, tuple[int, datetime]]:
    """How many cases wait for a decision, and since when the first does, by what was done in QuickBooks."""
    query = select(drift_cases.c.what, func.count().label("number"), func.min(drift_cases.c.noticed_at).label("since"))
    query = query.where(drift_cases.c.connection_id == connection_id, drift_cases.c.state == DriftState.OPEN)
    return {row.what: (row.number, row.since) for row in tx.execute(query.group_by(drift_cases.c.what))}


def move(
    tx: Tx,
    connection_id: str,
    key: tuple[str, int],
    now: datetime,
    *,
    expected: str | Collection[str],
    state: DriftState,
    kind: str = INVOICE,
    **columns: Unpack[CaseColumns],
) -> bool:
    """Bring a case into another state if it is in an expected one; whether it was."""
    known_columns(CaseColumns.__annotations__, columns)
    invoice_id, part = key
    statement = update(drift_cases).where(
        drift_cases.c.connection_id == connection_id,
        drift_cases.c.kind == kind,
        drift_cases.c.invoice_id == invoice_id,
        drift_cases.c.part == part,
        drift_cases.c.state.in_(checked_states(DriftState, expected)),
    )
    return tx.execute(statement.values(state=state, updated_at=now, **columns)).rowcount == 1
