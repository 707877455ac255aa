"""Posting date, due date and terms. Dates of documents are calendar dates; today is handed in.

QuickBooks refuses transactions dated on or before the day its books were closed, so that is decided here, before sending.
"""

from datetime import date, timedelta

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import ClosedPeriod, PostingDate, PostingPolicy
from ml_connector.model.postings import ChosenDate
from ml_connector.rules.chosen_dates import counting, told
from ml_connector.rules.coding import check_active, source_told
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.mapping import NO_ROW, Match, resolve


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """The posting date, and what the memo must say about it. `refused`: the policy wants Basware told at once."""

    day: date
    note: str = ""
    refused: bool = False


def is_closed(day: date, close_date: date | None) -> bool:
    """Whether a day lies in closed books; the closing day itself does (Intuit's Preferences, BookCloseDate)."""
    return close_date is not None and day <= close_date


def posting_date(
    document: AccountingDocument,
    policy: PostingPolicy,
    today: date,
    close_date: date | None,
    chosen: ChosenDate | None = None,
) -> date | None:
    """The day the transaction will carry if it can be posted at all; None when the document has neither date, nor a chosen one."""
    wanted = _wanted(document, policy, today, chosen)
    if wanted is None:
        return None
    if close_date is not None and close_date < date.max and policy.closed_period is ClosedPeriod.FIRST_OPEN_DAY:
        return max(wanted.day, close_date + timedelta(days=1))
    return wanted.day


def dated(task: Task, today: date, findings: Findings, *, closed_elsewhere: bool = False) -> Dated | None:
    """The date the transaction carries, moved out of closed books where the policy says so; None without any date.

    `closed_elsewhere`: closed books are judged by the rule for changed documents, which names both dates.
    """
    wanted = _wanted(task.document, task.policy, today, task.chosen)
    if wanted is None:
        findings.hold(Cause.MISSING_DATE, task.document.invoice_number)
        return None
    day, source, rule = wanted.day, wanted.source, wanted.rule
    close_date = task.books.preferences.book_close_date
    if close_date is None or not is_closed(day, close_date):
        findings.explain("posting date", source, rule, day.isoformat())
        return Dated(day=day, note=wanted.note)
    if task.policy.closed_period is ClosedPeriod.FIRST_OPEN_DAY and close_date < date.max:
        first_open = close_date + timedelta(days=1)
        moved = f"books are closed through {close_date}; policy: first open day"
        findings.explain("posting date", source, f"{rule}; {moved}", first_open.isoformat())
        return Dated(
            day=first_open, note=f"Dated {first_open}, the first open day: {wanted.named} lies in closed books"
        )
    if closed_elsewhere:
        return Dated(day=day, note=wanted.note)
    findings.hold(
        Cause.PERIOD_CLOSED,
        day.isoformat()[:7],
        date=day.isoformat(),
        source=wanted.named,
        closed_through=close_date.isoformat(),
    )
    return Dated(day=day, refused=task.policy.closed_period is ClosedPeriod.REFUSE)


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A day before closed books are asked about. `source`: what the document says; `named`: the day as a reader is told of it."""

    day: date
    source: str
    named: str
    rule: str
    note: str = ""


def _wanted(
    document: AccountingDocument, policy: PostingPolicy, today: date, chosen: ChosenDate | None
) -> _Wanted | None:
    """A person's choice goes before the policy, as long as it counts."""
    own = _by_policy(document, policy, today)
    choice = counting(chosen, document)
    if choice is not None:
        instead = own[1] if own else "no date"
        return _Wanted(
            day=choice.day, source=instead, named=told(choice), rule=f"date chosen by {choice.by}: {choice.reason}",
            note=f"Dated {choice.day} by a person's choice instead of {instead}",
        )  # fmt: skip
    if own is None:
        return None
    rule = f"policy: {policy.posting_date.value}"
    if chosen is not None:
        rule += f"; the date {chosen.day} that {chosen.by} chose was for other dates of the document and counts no more"
    return _Wanted(day=own[0], source=own[1], named=own[1], rule=rule)


def _by_policy(document: AccountingDocument, policy: PostingPolicy, today: date) -> tuple[date, str] | None:
    """The day and where it comes from. Where the wanted date is missing the other one is taken, and said so."""
    if policy.posting_date is PostingDate.TODAY:
        return today, "the day of posting"
    dates = {"voucher date": document.voucher_date, "invoice date": document.invoice_date}
    first = policy.posting_date.value
    second = "invoice date" if first == "voucher date" else "voucher date"
    if (wanted := dates[first]) is not None:
        return wanted, f"{first} {wanted}"
    if (other := dates[second]) is not None:
        return other, f"{second} {other}, for want of {'an' if first[0] == 'i' else 'a'} {first}"
    return None


def due_date(task: Task, kind: TransactionType, findings: Findings) -> date | None:
    """The document's due date on a bill. Without one QuickBooks counts from the terms; other transactions have none."""
    due = task.document.due_date
    if kind is not TransactionType.BILL:
        if due is not None:
            where = "kept in the memo" if kind is TransactionType.JOURNAL_ENTRY else "left out"
            findings.explain("due date", f"due date {due}", f"a {_named(kind)} has no due date", where)
        return None
    if due is None:
        findings.explain("due date", "no due date", "QuickBooks counts from the terms", "left to QuickBooks")
    else:
        findings.explain("due date", f"due date {due}", "as on the document; wins over the terms", due.isoformat())
    return due


def terms(task: Task, kind: TransactionType, vendor_term_id: str, findings: Findings) -> str:
    """The terms of a bill: the mapped payment term, else the vendor's own where nothing else tells when it is due."""
    document, field = task.document, task.policy.sources.term
    code = document.payment_term_code.strip()
    if kind is not TransactionType.BILL or not field:
        if code and field:
            findings.explain("terms", f"{field} {code}", f"a {_named(kind)} has no terms", "left out")
        return ""
    match = resolve(task.mapping, Dimension.TERM, code, document)
    if not match.found:
        return _without_rule(task, match, vendor_term_id, findings)
    if not match.target_id:
        findings.explain("terms", source_told(NO_ROW, field, code), match.rule, "left empty on purpose")
        return ""
    term = check_active(findings, task.books.terms, match, Cause.TERM_INACTIVE, NO_ROW, field=field)
    if term is None:
        return ""
    findings.explain("terms", source_told(NO_ROW, field, code), match.rule, f"{term.label} ({term.id})")
    return term.id


def _without_rule(task: Task, match: Match, vendor_term_id: str, findings: Findings) -> str:
    """A term code that no rule knows holds a document only if its due date depends on it."""
    document, field = task.document, task.policy.sources.term
    source = source_told(NO_ROW, field, match.code)
    if document.due_date is not None:
        findings.explain("terms", source, "no rule; the document's own due date decides", "left empty")
    elif match.code:
        name = document.payment_term_name
        findings.hold(Cause.TERM_NOT_MAPPED, match.code, code=match.code, field=field, name=name)
    else:
        term = task.books.terms.get(vendor_term_id)
        if term is not None and term.active:
            findings.explain("terms", source, "the vendor's own terms", f"{term.label} ({term.id})")
            return term.id
        findings.explain("terms", source, "the vendor has no terms either", "left empty: due on the posting date")
    return ""


def _named(kind: TransactionType) -> str:
    return "journal entry" if kind is TransactionType.JOURNAL_ENTRY else "vendor credit"
