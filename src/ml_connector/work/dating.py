"""The day a document is posted on, chosen by a person instead of the dates it has in Basware.

The choice is kept with the document; the next run plans it anew, and asks the same of the chosen day as of any other. Nothing is
sent here, and what is in QuickBooks already is not dated anew.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import OF_TAKEN_BACK, Cause
from ml_connector.model.postings import ChosenDate, DuplicateChoice
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import books_from
from ml_connector.rules.chosen_dates import MOST_DAYS_AHEAD, counting, first_open_day, proposed_day, why_not
from ml_connector.store import audit, documents, inbox, intents, links
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.rows import chunks
from ml_connector.store.schema import DocumentState
from ml_connector.work.changes.settings import SINGLE
from ml_connector.work.decisions import OPEN, UNPOSTED, DecisionError, required_reason
from ml_connector.work.desk import Desk
from ml_connector.work.plans import plan_of

_PORTION = 200
"""Documents dated in one transaction: others write in between."""

DATED_TOO_EARLY = frozenset({Cause.PERIOD_CLOSED, Cause.BEFORE_START_DATE})

_QUICKER = "Somebody else was quicker: invoice {} has moved on. Look at it again; nothing of this was kept."

_TOO_LATE: Mapping[DocumentState, str] = {
    DocumentState.POSTING: "is on its way to QuickBooks. When it is there, change its date there",
    DocumentState.POSTED: "is in QuickBooks already. Change its date there",
    DocumentState.CONFIRMED: "is in QuickBooks already. Change its date there",
    DocumentState.RETURNED: "was given back to Basware. Choose a date when Basware sends it again",
    DocumentState.IGNORED: "is ignored. Take it up again first, then choose a date",
    DocumentState.WITHDRAWING: "is taken back by Basware. Choose a date when Basware sends it again",
    DocumentState.WITHDRAWN: "was taken back by Basware. Choose a date when Basware sends it again",
}  # fmt: skip


class OpenDays(msgspec.Struct, frozen=True, kw_only=True):
    """Which days can be chosen: from `first` (None where any is open) until `latest`, and the one to propose, None where no day is
    open at all."""

    proposed: date | None
    first: date | None
    latest: date


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents were given the date, and in words why which were not."""

    moved: int
    left: tuple[str, ...] = ()


def open_days(desk: Desk, causes: Collection[Cause] = (), own: date | None = None) -> OpenDays:
    """Which days are open for documents held by these causes, or with a date of their own."""
    today = desk.today()
    with desk.database.read() as tx:
        first = first_open_day(_closed_through(tx, desk), desk.policy.start_date)
    too_early = bool(DATED_TOO_EARLY & set(causes))
    proposed = proposed_day(date.min if too_early else own, first, today)
    return OpenDays(
        proposed=today if proposed == date.min else proposed,
        first=None if first == date.min else first,
        latest=today + timedelta(days=MOST_DAYS_AHEAD),
    )


def days_for(desk: Desk, row: DocumentRow) -> OpenDays:
    """The same for one document: what it would be posted on is proposed where that is open."""
    postings = plan_of(row).plan.postings if row.plan else ()
    own = row.chosen_date.day if row.chosen_date else postings[0].txn_date if postings else None
    return open_days(desk, {one.cause for one in row.holds}, own)


def change_date(desk: Desk, row: DocumentRow, day: date, *, reason: str, actor: str) -> None:
    """Have one document posted on a day. Raises DecisionError where that cannot be, with what can."""
    changed = change_dates(desk, [row], day, reason=reason, actor=actor)
    if changed.left:
        raise DecisionError(changed.left[0])


def change_dates(desk: Desk, rows: Sequence[DocumentRow], day: date, *, reason: str, actor: str) -> Changed:
    """Have documents posted on a day; those that cannot be are left as they are.

    Raises DecisionError without a reason, and for a day on which nothing can be posted.
    """
    why, moved, left = required_reason(reason), 0, list[str]()
    for some in chunks(rows, _PORTION):
        read = _readable(desk, some)
        with desk.write() as tx:
            close_date = _closed_through(tx, desk)
            problems = _problems(tx, desk, some)
            for row in some:
                document = read.get(row.invoice_id)
                problem = problems[row.invoice_id] or _unreadable(row, document)
                if document is not None and not problem:
                    problem = _not_open(desk, document, day, close_date)
                if not problem and document is not None:
                    chosen = ChosenDate(
                        day=day, reason=why, by=actor, at=desk.clock.now(), voucher_date=document.voucher_date,
                        invoice_date=document.invoice_date,
                    )  # fmt: skip
                    because = f"on {day}: {why}"
                    problem = _keep(tx, desk, row, chosen, was=_shown(row, document), reason=because, actor=actor)
                moved += not problem
                left += [problem] if problem else []
    return Changed(moved=moved, left=tuple(left))


def undo_date(desk: Desk, row: DocumentRow, *, reason: str = "", actor: str) -> None:
    """Nobody chose a day any more: the document goes by its own dates again. Raises DecisionError once it is posted."""
    if row.chosen_date is None:
        raise DecisionError(
            f"Nobody chose a date for invoice {_name(row)}: it goes by its own dates. There is nothing to undo."
        )
    with desk.write() as tx:
        problem = _problems(tx, desk, [row])[row.invoice_id]
        was = row.chosen_date.day.isoformat()
        problem = problem or _keep(tx, desk, row, None, was=was, reason=reason.strip(), actor=actor)
        if problem:
            raise DecisionError(problem)


def may_be_dated(row: DocumentRow) -> bool:
    """Whether a document waits, and nothing of it is in QuickBooks as far as it was planned."""
    there = bool(row.plan) and bool(plan_of(row).plan.existing)
    causes = {one.cause for one in row.holds} if row.state is DocumentState.HELD else set[Cause]()
    return row.state in UNPOSTED and not there and not causes & {*OF_TAKEN_BACK, Cause.UNREADABLE_DOCUMENT}


def _closed_through(tx: Tx, desk: Desk) -> date | None:
    """The last day of closed books, by our copy of QuickBooks' preferences."""
    rows = {entity: book_store.all_of(tx, desk.connection_id, entity) for entity in SINGLE}
    books = books_from({entity: [wire.decode(row.payload.encode()) for row in some] for entity, some in rows.items()})
    return books.preferences.book_close_date


def _not_open(desk: Desk, document: AccountingDocument, day: date, close_date: date | None) -> str:
    own = document.voucher_date or document.invoice_date
    today = desk.today()
    return why_not(day, own, close_date=close_date, start_date=desk.policy.start_date, today=today)


def _readable(desk: Desk, rows: Sequence[DocumentRow]) -> dict[str, AccountingDocument]:
    """The documents as they arrived last, without those that cannot be read."""
    with desk.database.read() as tx:
        payloads = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in rows])
    found: dict[str, AccountingDocument] = {}
    for row in rows:
        try:
            found[row.invoice_id] = read_document(payloads[row.inbox_id].encode())
        except UnreadableDocument:
            continue  # its cause says so; there are no dates to choose another one instead of
    return found


def _unreadable(row: DocumentRow, document: AccountingDocument | None) -> str:
    if document is not None:
        return ""
    return f"Invoice {_name(row)} cannot be read, so nothing of it can be posted on any date. Give it back to Basware."


def _problems(tx: Tx, desk: Desk, rows: Sequence[DocumentRow]) -> dict[str, str]:
    """Why which documents cannot be dated any more, in words; empty for those that can."""
    posted = links.for_records(tx, desk.connection_id, "invoice", [row.invoice_id for row in rows])
    return {row.invoice_id: _problem(row, posted=row.invoice_id in posted) for row in rows}


def _problem(row: DocumentRow, *, posted: bool) -> str:
    if row.state in _TOO_LATE:
        return f"Invoice {_name(row)} {_TOO_LATE[row.state]}."
    if row.state is DocumentState.HELD and any(one.cause in OF_TAKEN_BACK for one in row.holds):
        return f"Basware takes invoice {_name(row)} back: decide delete, reverse or keep."
    anew = row.decision is not None and row.decision.duplicate is DuplicateChoice.POST_ANYWAY
    gone = anew or any(one.cause is Cause.POSTED_TRANSACTION_GONE for one in row.holds)
    return f"Invoice {_name(row)} {_TOO_LATE[DocumentState.POSTED]}." if posted and not gone else ""


def _keep(tx: Tx, desk: Desk, row: DocumentRow, chosen: ChosenDate | None, *, was: str, reason: str, actor: str) -> str:
    """Keep the choice with the document and have it planned anew, in one step; why not, in words, if it moved meanwhile."""
    now, waits = desk.clock.now(), row.state is DocumentState.VENDOR_PENDING
    expected = {DocumentState.VENDOR_PENDING} if waits else {DocumentState.RECEIVED, *OPEN}
    state = DocumentState.VENDOR_PENDING if waits else DocumentState.RECEIVED
    if not documents.set_state(
        tx,
        desk.connection_id,
        row.invoice_id,
        state,
        now,
        expected=expected,
        chosen_date=chosen,
        proposal="",
        release=None,
    ):
        return _QUICKER.format(_name(row))
    intents.withdraw(tx, desk.connection_id, row.invoice_id)
    audit.record(
        tx, desk.connection_id, at=now, actor=actor, subject=row.invoice_id, before=was, reason=reason,
        action="posting date chosen" if chosen else "chosen posting date undone",
        after=chosen.day.isoformat() if chosen else "",
    )  # fmt: skip
    return ""


def _shown(row: DocumentRow, document: AccountingDocument) -> str:
    """What the document went by until now."""
    before = counting(row.chosen_date, document)
    day = before.day if before else document.voucher_date or document.invoice_date
    return day.isoformat() if day else ""


def _name(row: DocumentRow) -> str:
    return row.invoice_number or row.invoice_id
