"""Documents that are in QuickBooks already: found again, sent again unchanged, or sent again with other content.

What was posted is changed only while nothing depends on it: unpaid, in an open period, same type, same number of parts.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.model.holds import Cause
from ml_connector.model.money import ZERO
from ml_connector.model.postings import Decision, DuplicateChoice, Posting
from ml_connector.rules.dates import is_closed
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.marker import find_marker

Key = tuple[TransactionType, str]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """The document's own transactions by part, and the links that lead nowhere any more."""

    parts: dict[int, ExistingTransaction]
    gone: tuple[Key, ...] = ()
    twins: tuple[ExistingTransaction, ...] = ()
    """Several transactions with the same marker (somebody copied ours): which is the first one cannot be told."""

    @property
    def transactions(self) -> tuple[ExistingTransaction, ...]:
        """The document's own transactions in the order of their parts."""
        return tuple(found for _, found in sorted(self.parts.items()))


def own_transactions(task: Task, existing: Sequence[ExistingTransaction], linked: Sequence[Key | None]) -> Own:
    """Whatever is this document's in QuickBooks: by link first, then by the marker in the memo.

    `linked` by part; None stands for a part that was never posted, while a later one was.
    """
    found = {(one.type, one.id): one for one in existing}
    parts = {part: found[key] for part, key in enumerate(linked) if key is not None and key in found}
    marked: dict[int, list[ExistingTransaction]] = {}
    for one in found.values():
        marker = find_marker(one.memo)
        if marker is not None and marker.invoice_id == task.document.invoice_id and one not in parts.values():
            marked.setdefault(marker.part, []).append(one)
    twins: list[ExistingTransaction] = []
    for part, candidates in marked.items():
        if part in parts:
            continue
        if len(candidates) == 1:
            parts[part] = candidates[0]
        else:
            twins.extend(candidates)
    gone = tuple(key for part, key in enumerate(linked) if key is not None and key not in found and part not in parts)
    return Own(parts=parts, gone=gone, twins=tuple(twins))


def is_complete(own: Own, total: Decimal | None) -> bool:
    """Whether the transactions found certainly are all of the document, without planning it anew.

    They are when their totals add up to what is owed, or when a person linked them: then their amounts are that
    person's choice.
    """
    if not own.parts or own.gone or own.twins:
        return False
    if any(find_marker(one.memo) is None for one in own.parts.values()):
        return True
    booked = sum((one.total for one in own.parts.values()), ZERO)
    return total is not None and booked == abs(total)


def link_target(existing: Sequence[ExistingTransaction], decision: Decision | None) -> ExistingTransaction | None:
    """The transaction a person chose to link the document to, if QuickBooks has it."""
    if decision is None or decision.duplicate is not DuplicateChoice.LINK:
        return None
    return next((one for one in existing if (one.type, one.id) == decision.link_to), None)


def hold_gone(task: Task, gone: Sequence[Key], findings: Findings) -> None:
    """Hold for each transaction that we posted and that QuickBooks no longer has."""
    for type_, id_ in gone:
        findings.hold(Cause.POSTED_TRANSACTION_GONE, task.document.invoice_number, type=type_.value, id=id_)


def may_update(task: Task, own: Own, postings: Sequence[Posting], findings: Findings) -> None:
    """Note everything that forbids bringing the posted transactions to the document's new content."""
    number, close_date = task.document.invoice_number, task.books.preferences.book_close_date
    was = ", ".join(f"{one.type.value} {one.id}" for one in own.transactions)
    before = {part: (one.type, one.currency or task.document.currency) for part, one in own.parts.items()}
    after = {posting.part: (posting.type, posting.currency) for posting in postings}
    if before != after:
        now = ", ".join(f"{posting.type.value} in {posting.currency}" for posting in postings)
        findings.hold(Cause.CHANGED_KIND, number, was=was, now=now)
    for one in own.transactions:
        told = f"{one.type.value} {one.id}"
        if one.settled or (one.balance is not None and one.balance != one.total):
            findings.hold(Cause.CHANGED_AFTER_PAYMENT, number, transaction=told)
        if one.txn_date is not None and is_closed(one.txn_date, close_date):
            _hold_closed(number, told, one.txn_date.isoformat(), str(close_date), findings)
    for posting in postings:
        if is_closed(posting.txn_date, close_date):
            _hold_closed(number, was, posting.txn_date.isoformat(), str(close_date), findings)


def _hold_closed(number: str, transaction: str, day: str, closed_through: str, findings: Findings) -> None:
    findings.hold(
        Cause.CHANGED_IN_CLOSED_PERIOD, number, transaction=transaction, date=day, closed_through=closed_through
    )
