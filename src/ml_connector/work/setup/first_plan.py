"""The first plan of a connection: what would be posted if it were released now, and what would wait for whom, in full.

Worked out anew each time it is asked for, from the documents of the last look. Nothing of it is stored.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books
from ml_connector.model.holds import Hold
from ml_connector.model.postings import DocumentPlan, Outcome
from ml_connector.store import documents
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.posting_views import PostingView, posting_view
from ml_connector.work.rehearsal import Rehearsed, rehearse
from ml_connector.work.setup.looking import Look, last_look
from ml_connector.work.views import CauseView, cause_view

_KINDS = {"Bill": "bill", "VendorCredit": "vendor credit", "JournalEntry": "journal entry"}


class PlannedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document and what would become of it. `becomes` in words; `total` has Basware's sign; `date` is ISO 8601."""

    invoice_id: str
    invoice_number: str
    supplier: str
    date: str
    total: Decimal | None
    currency: str
    held: bool
    becomes: str
    causes: tuple[CauseView, ...] = ()
    postings: tuple[PostingView, ...] = ()


class WaitingCause(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with how many documents it would hold and what they come to, by currency."""

    cause: CauseView
    documents: int
    money: dict[str, Decimal]


class FirstPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the first run would do. Money by currency, credit notes negative; causes with most documents first."""

    look: Look | None
    documents: tuple[PlannedDocument, ...]
    to_post: int
    to_post_money: dict[str, Decimal]
    held: int
    held_money: dict[str, Decimal]
    causes: tuple[WaitingCause, ...]


def first_plan(desk: Desk) -> FirstPlan:
    """What would happen with every document of the last look. Only reads, QuickBooks included; raises what its client raises."""
    with desk.database.read() as tx:
        rows = documents.in_state(tx, desk.connection_id, {DocumentState.RECEIVED, DocumentState.HELD})
        seen = last_look(tx, desk.connection_id)
    books = load_books(desk)
    found = rehearse(desk, rows)
    held = [one for one in found if _is_held(one.plan)]
    posted = [one for one in found if not _is_held(one.plan)]
    return FirstPlan(
        look=seen,
        documents=tuple(planned_document(one, books) for one in found),
        to_post=len(posted),
        to_post_money=_money(posted),
        held=len(held),
        held_money=_money(held),
        causes=tuple(sorted(_causes(held), key=lambda one: -one.documents)),
    )


def planned_document(one: Rehearsed, books: Books) -> PlannedDocument:
    """A rehearsed document in words."""
    dated = next((posting.txn_date for posting in one.plan.postings), None)
    own = one.document and (one.document.voucher_date or one.document.invoice_date)
    day = dated or own
    return PlannedDocument(
        invoice_id=one.row.invoice_id,
        invoice_number=one.row.invoice_number,
        supplier=one.row.supplier_name or one.row.supplier_code,
        date=day.isoformat() if day else "",
        total=one.row.total,
        currency=one.row.currency,
        held=_is_held(one.plan),
        becomes=becomes(one.plan),
        causes=tuple(cause_view(hold) for hold in one.plan.holds),
        postings=tuple(posting_view(posting, books) for posting in one.plan.postings),
    )


def becomes(plan: DocumentPlan) -> str:
    """What a plan comes to, in a few words."""
    kinds = [_KINDS[posting.type.value] for posting in plan.postings]
    match plan.outcome:
        case Outcome.HOLD:
            return "waits"
        case Outcome.REFUSE:
            return "goes back to Basware"
        case Outcome.ADOPT | Outcome.NOTHING:
            return "is in QuickBooks already"
        case Outcome.CREATE_VENDOR:
            return "its vendor is created first"
        case Outcome.UPDATE:
            return f"changes its {_told(kinds)}"
        case Outcome.POST:
            return f"becomes a {_told(kinds)}" if len(kinds) == 1 else f"becomes {_told(kinds)}"


def _told(kinds: Sequence[str]) -> str:
    return kinds[0] if len(kinds) == 1 else f"{len(kinds)} transactions"


def _is_held(plan: DocumentPlan) -> bool:
    return plan.outcome in {Outcome.HOLD, Outcome.REFUSE}


def _money(found: Sequence[Rehearsed]) -> dict[str, Decimal]:
    money: dict[str, Decimal] = {}
    for one in found:
        if one.row.total is not None:
            money[one.row.currency] = money.get(one.row.currency, Decimal(0)) + one.row.total
    return money


def _causes(held: Sequence[Rehearsed]) -> list[WaitingCause]:
    groups: dict[tuple[str, str], tuple[Hold, list[Rehearsed]]] = {}
    for one in held:
        for hold in one.plan.holds:
            groups.setdefault((hold.cause.value, hold.subject), (hold, []))[1].append(one)
    return [
        WaitingCause(cause=cause_view(hold), documents=len(members), money=_money(members))
        for hold, members in groups.values()
    ]
