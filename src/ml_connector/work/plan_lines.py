"""What the next run will do with each document that is not settled: post it as what and where, create its vendor, hold it and why.

Read only, from what the last planning stored; nothing is worked out here. `work/review.py` releases.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books, label_of
from ml_connector.model.postings import DocumentPlan, Outcome, Posting
from ml_connector.rules.causes import describe
from ml_connector.store import document_search
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_labels
from ml_connector.work.plans import is_released, plan_of
from ml_connector.work.portions import portions
from ml_connector.work.review import token_of, waiting

UNSETTLED = frozenset({
    DocumentState.RECEIVED, DocumentState.HELD, DocumentState.PLANNED, DocumentState.VENDOR_PENDING,
    DocumentState.POSTING,
})  # fmt: skip
"""States of documents with which a run still does something."""

PAGE = 50


class PlanPosting(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction to write. `changes` is the one it brings up to date, such as `Bill 145`, empty for a new one."""

    type: str
    part: int
    number: str
    date: str
    vendor: str
    accounts: tuple[str, ...]
    location: str
    total: Decimal
    currency: str
    changes: str


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """One document and what the next run does with it. `next` is in words; `proposal` names what waits for a release.

    `released_by` is empty until somebody has released exactly that; `kept_by` and `kept_because` are those of a person's hold.
    """

    invoice_id: str
    invoice_number: str
    supplier: str
    total: Decimal | None
    currency: str
    state: str
    next: str
    postings: tuple[PlanPosting, ...]
    new_vendor: str
    causes: tuple[str, ...]
    proposal: str
    released_by: str
    released_at: datetime | None
    kept_by: str
    kept_because: str
    received_at: datetime


class PlanPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the plan, latest arrival first.

    `waiting` counts what waits for a release and has none, of all that fit; `token` names all of it together. `reviewed`: whether
    invoices are under review.
    """

    lines: tuple[PlanLine, ...]
    older: int | None
    newer: int | None
    counts: dict[str, int]
    waiting: int
    token: str
    reviewed: bool


def plan_page(
    desk: Desk, wanted: DocumentFilter, *, below: int | None = None, above: int | None = None, size: int = PAGE
) -> PlanPage:
    """What the next run does with the documents that fit; only unsettled ones, whatever states are wanted."""
    states = (wanted.states & UNSETTLED) or UNSETTLED
    own = msgspec.structs.replace(wanted, states=states)
    with desk.database.read() as tx:
        rows = document_search.found(tx, desk.connection_id, own, limit=size + 1, below=below, above=above)
        counts = document_search.state_counts(tx, desk.connection_id, UNSETTLED)
    proposals = waiting(desk, wanted)
    more, upwards = len(rows) > size, above is not None
    shown = rows[-size:] if upwards else rows[:size]
    return PlanPage(
        lines=plan_lines(desk, shown),
        older=shown[-1].seq if shown and (more or upwards) else None,
        newer=shown[0].seq if shown and (more if upwards else below is not None) else None,
        counts={state.value: counts[state] for state in DocumentState if state in counts},
        waiting=len(proposals),
        token=token_of(proposals),
        reviewed=desk.settings.review.invoices,
    )


def whole_plan(desk: Desk, wanted: DocumentFilter) -> Iterator[PlanLine]:
    """All lines that fit, latest arrival first, read in portions."""
    states = (wanted.states & UNSETTLED) or UNSETTLED
    own, below = msgspec.structs.replace(wanted, states=states), None
    for portion in portions():
        with desk.database.read() as tx:
            rows = document_search.found(tx, desk.connection_id, own, limit=portion, below=below)
        yield from plan_lines(desk, rows)
        if len(rows) < portion:
            return
        below = rows[-1].seq


def plan_lines(desk: Desk, rows: Sequence[DocumentRow]) -> tuple[PlanLine, ...]:
    """The lines of these documents."""
    plans = {row.invoice_id: plan_of(row).plan for row in rows if row.plan}
    books = load_labels(desk, [posting for plan in plans.values() for posting in plan.postings])
    return tuple(_line(row, plans, books) for row in rows)


def _line(row: DocumentRow, plans: Mapping[str, DocumentPlan], books: Books) -> PlanLine:
    plan = plans.get(row.invoice_id)
    writes = plan is not None and row.state not in {DocumentState.HELD, DocumentState.RECEIVED}
    released = row.release if is_released(row) else None
    return PlanLine(
        invoice_id=row.invoice_id,
        invoice_number=row.invoice_number,
        supplier=row.supplier_name or row.supplier_code,
        total=row.total,
        currency=row.currency,
        state=row.state.value,
        next=_next(row, plan),
        postings=tuple(_posting(one, plan, books) for one in plan.postings) if writes and plan else (),
        new_vendor=plan.new_vendor.display_name if writes and plan and plan.new_vendor else "",
        causes=tuple(dict.fromkeys(describe(hold).title for hold in row.holds)),
        proposal=row.proposal,
        released_by=released.by if released else "",
        released_at=released.at if released else None,
        kept_by=row.kept.by if row.kept else "",
        kept_because=row.kept.reason if row.kept else "",
        received_at=row.created_at,
    )


def _next(row: DocumentRow, plan: DocumentPlan | None) -> str:
    """What the next run does, in words."""
    match row.state:
        case DocumentState.RECEIVED:
            return "is planned"
        case DocumentState.HELD:
            return "stays on hold" if row.kept is not None else "stays held until its causes are gone"
        case DocumentState.VENDOR_PENDING:
            return "waits for its vendor to be created"
        case DocumentState.POSTING:
            return "is sent to QuickBooks"
    act = "is written"
    if plan is not None and plan.outcome is Outcome.CREATE_VENDOR:
        act = "its vendor is created, then its posting is proposed"
    elif plan is not None:
        act = "brings what was posted up to date" if plan.outcome is Outcome.UPDATE else "is posted"
    return act if is_released(row) else f"waits for a release, then {act}"


def _posting(posting: Posting, plan: DocumentPlan | None, books: Books) -> PlanPosting:
    updated = {}
    if plan is not None and plan.outcome is Outcome.UPDATE:
        updated = {
            part.part: f"{one.type.value} {one.id}"
            for part, one in zip(plan.postings, plan.existing, strict=False)
        }  # fmt: skip
    accounts = dict.fromkeys(line.account_id for line in posting.lines if line.account_id and not line.vendor_id)
    return PlanPosting(
        type=posting.type.value,
        part=posting.part,
        number=posting.doc_number,
        date=posting.txn_date.isoformat(),
        vendor=label_of(books.vendors, posting.vendor_id),
        accounts=tuple(label_of(books.accounts, one) for one in accounts),
        location=label_of(books.locations, posting.location_id),
        total=posting.total,
        currency=posting.currency,
        changes=updated.get(posting.part, ""),
    )
