"""Whether a month is finished: how far the bills dated in it have come, in count and money. Read only; the database counts.

A bill belongs to the month of its invoice date, which never moves. It may be posted on another day, as when books are closed.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from ml_connector.rules.calendar import local_date
from ml_connector.store import document_lists, jobs
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job

OPEN = (
    DocumentState.HELD,
    DocumentState.PLANNED,
    DocumentState.RECEIVED,
    DocumentState.VENDOR_PENDING,
    DocumentState.POSTING,
    DocumentState.WITHDRAWING,
)
"""How far a bill has come that is neither in QuickBooks nor settled otherwise, what waits for a person first."""
IN_QUICKBOOKS = (DocumentState.POSTED, DocumentState.CONFIRMED)
_YEARS = range(2000, 2200)
ELSEWHERE = (DocumentState.RETURNED, DocumentState.IGNORED, DocumentState.WITHDRAWN)


class MonthCount(msgspec.Struct, frozen=True, kw_only=True):
    """Bills of one state: how many, and what they come to by currency. `open`: whether they keep the month from being finished."""

    state: str
    open: bool
    documents: int
    money: Mapping[str, Decimal]


class MonthView(msgspec.Struct, frozen=True, kw_only=True):
    """A month. `finished`: no bill of it that is known is open, and it is over; `sentence` says so, or why not. `looked_at`: when
    Basware was looked at last, None for never: what was approved later is not counted."""

    month: str
    first: date
    last: date
    finished: bool
    sentence: str
    open: int
    counts: tuple[MonthCount, ...]
    looked_at: datetime | None


def month_of(text: str) -> date | None:
    """The first day of a month of this century or the next, written as 2026-11; None for anything else."""
    try:
        first = date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        return None
    return first if first.year in _YEARS else None


def this_month(desk: Desk) -> date:
    """The first day of the month it is where the company is."""
    return desk.today().replace(day=1)


def after(first: date) -> date:
    """The first day of the month that follows."""
    return (first + timedelta(days=31)).replace(day=1)


def before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def month_view(desk: Desk, first: date) -> MonthView:
    """The month that begins on this day."""
    last = after(first) - timedelta(days=1)
    with desk.database.read() as tx:
        found = document_lists.counts(tx, desk.connection_id, dated=(first, last))
        looked_at = jobs.get(tx, desk.connection_id, Job.INVOICES).current_to
    counts = tuple(
        MonthCount(state=state.value, open=state in OPEN, documents=found[state][0], money=found[state][1])
        for state in (*OPEN, *IN_QUICKBOOKS, *ELSEWHERE)
        if state in found
    )
    number = sum(one.documents for one in counts if one.open)
    zone = desk.time_zone
    over = looked_at is not None and local_date(looked_at, zone) > last
    return MonthView(
        month=f"{first:%Y-%m}", first=first, last=last, finished=over and not number,
        sentence=_sentence(first, number, sum(one.documents for one in counts), over=over, looked=looked_at is not None),
        open=number, counts=counts, looked_at=looked_at,
    )  # fmt: skip


def _sentence(first: date, number: int, of: int, *, over: bool, looked: bool) -> str:
    name = f"{first:%B %Y}"
    if number:
        are = "is" if number == 1 else "are"
        return f"No: {number} of the {of} {'bill' if of == 1 else 'bills'} dated in {name} {are} not in QuickBooks."
    if not looked:
        return "Nobody knows: Basware was not looked at yet."
    all_of_them = f"every bill dated in {name} that Basware has handed over is in QuickBooks or settled elsewhere"
    if over:
        return f"Yes: {all_of_them}."
    return f"So far: {all_of_them}. But more may come: Basware was not looked at since the month ended."
