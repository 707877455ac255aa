"""Looking at posted transactions whose copy is newer than what was agreed: a case for each that differs, and its end.

Works on the copies alone and calls nobody. A newer version in which nothing of ours differs (a payment, an attachment) only moves
the link on, so that each version is compared once.
"""

from collections.abc import Iterable

import msgspec

from ml_connector.model.books import Books, TransactionType
from ml_connector.model.drift import Difference, DriftKind, DriftState
from ml_connector.model.money import ZERO
from ml_connector.model.postings import Posting, Side
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import changed_in_quickbooks, standing_posting
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.rules.drift import compare, compare_summary, opens_again
from ml_connector.store import alerts, audit, drift_cases, links
from ml_connector.store import books as book_store
from ml_connector.store.books import BookRow, version
from ml_connector.store.database import Tx
from ml_connector.store.drift import Drift, drifted
from ml_connector.store.drift_cases import ACCRUAL, INVOICE, CaseRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books

CHUNK = 500
ALERT = "drift"
"""The kind of alert that says how many cases wait."""
_GOES_AWAY = frozenset({DriftState.OPEN, DriftState.ASKED, DriftState.IGNORED})
"""States of cases that end when the difference does."""


_Key = tuple[str, str, int]
"""Kind, invoice id and part."""


def look_for_drift(desk: Desk) -> int:
    """Open, keep up to date and close the cases; how many were opened. Safe to repeat, and by two jobs at once."""
    opened = 0
    seen = set[_Key]()
    books: Books | None = None
    for kind in (INVOICE, ACCRUAL):
        after: tuple[str, int] | None = None
        while True:
            with desk.database.read() as tx:
                page = drifted(tx, desk.connection_id, kind=kind, after=after, limit=CHUNK)
            if not page:
                break
            books = books or load_books(desk)
            with desk.write() as tx:
                opened += _look_at_page(tx, desk, page, books, seen)
            after = (page[-1].basware_id, page[-1].part)
    with desk.write() as tx:
        _end_caught_up(tx, desk, seen)
        keep_alert(tx, desk)
    return opened


def keep_alert(tx: Tx, desk: Desk) -> None:
    """Tell people how many cases wait, or that none does any more."""
    now, number = desk.clock.now(), drift_cases.count(tx, desk.connection_id, DriftState.OPEN)
    if not number:
        alerts.clear(tx, desk.connection_id, kind=ALERT, now=now)
        return
    told = "1 posted transaction was" if number == 1 else f"{number} posted transactions were"
    message = f"{told} changed or deleted in QuickBooks by somebody. "
    message += "Decide under “Changed afterwards” in the console, or with `ml-connector drift list`."
    alerts.raise_(tx, desk.connection_id, kind=ALERT, severity=Severity.WARNING, message=message, now=now)


def as_it_stands(link: LinkRow, payload: str, books: Books) -> Posting:
    """A linked transaction as the posting that would make it. An accrual owes nobody anything: its total is what stands on the
    account it was posted against. Raises UnreadableError."""
    theirs, ours = standing(link.quickbooks_type, payload, books), agreed_posting(link)
    if link.kind != ACCRUAL or ours is None:
        return theirs
    owed = [line for line in theirs.lines if line.account_id == ours.payable_account_id]
    total = sum((line.amount if line.side is Side.CREDIT else -line.amount for line in owed), ZERO)
    return msgspec.structs.replace(
        theirs, vendor_id=ours.vendor_id, payable_account_id=ours.payable_account_id, total=abs(total)
    )


def standing(entity: str, payload: str, books: Books) -> Posting:
    """A copy as the posting that would make it. Raises UnreadableError."""
    payable = {account.id for account in books.accounts.values() if account.type == "Accounts Payable"}
    return standing_posting(
        TransactionType(entity), wire.decode(payload.encode()), payable_account_ids=payable,
        home_currency=books.preferences.home_currency,
    )  # fmt: skip


def agreed_posting(link: LinkRow) -> Posting | None:
    """What was posted for a link; None for a transaction that a person linked or that was found again."""
    return msgspec.json.decode(link.agreed, type=Posting) if link.agreed else None


def differences(link: LinkRow, theirs: Posting) -> tuple[Difference, ...]:
    """What differs from what was agreed, as far as it is known."""
    ours = agreed_posting(link)
    return compare(ours, theirs) if ours else compare_summary(link.amount, link.txn_date, link.doc_number, theirs)


def _look_at_page(tx: Tx, desk: Desk, page: list[Drift], books: Books, seen: set[_Key]) -> int:
    cases = drift_cases.of_documents(tx, desk.connection_id, {one.basware_id for one in page})
    copies = {
        entity: book_store.some_of(tx, desk.connection_id, entity, [
            one.quickbooks_id for one in page if one.quickbooks_type == entity
        ])
        for entity in {one.quickbooks_type for one in page}
    }  # fmt: skip
    opened = 0
    for one in page:
        key = (one.kind, one.basware_id, one.part)
        own = links.for_record(tx, desk.connection_id, one.kind, one.basware_id)
        link = next((row for row in own if row.part == one.part), None)
        if link is None or (link.quickbooks_id, link.sync_token) != (one.quickbooks_id, one.agreed_token):
            continue  # the link went on between reading and writing: the next look sees it as it is then
        fresh = _case(link, one, copies[one.quickbooks_type].get(one.quickbooks_id), books, desk)
        if fresh is None:
            links.move_on(
                tx, desk.connection_id, *key, desk.clock.now(),
                expected=link.sync_token, sync_token=one.sync_token,
            )  # fmt: skip
            _end(tx, desk, cases.get(key))
            continue
        seen.add(key)
        opened += _note(tx, desk, cases.get(key), fresh)
    return opened


def _case(link: LinkRow, drift: Drift, copy: BookRow | None, books: Books, desk: Desk) -> CaseRow | None:
    """The case as it would be opened now; None if nothing of ours differs."""
    deleted = drift.what == "deleted" or copy is None
    changed_at, changed_by, found = None, "", tuple[Difference, ...]()
    if copy is not None:
        changed_at, changed_by = changed_in_quickbooks(wire.decode(copy.payload.encode()))
    if copy is not None and not deleted:
        try:
            found = differences(link, as_it_stands(link, copy.payload, books))
        except UnreadableError as error:
            found = (Difference(field="record", ours="readable", theirs=str(error)),)
        if not found:
            return None
    now = desk.clock.now()
    return CaseRow(
        kind=link.kind,
        invoice_id=link.basware_id,
        part=link.part,
        quickbooks_type=link.quickbooks_type,
        quickbooks_id=link.quickbooks_id,
        what=DriftKind.DELETED if deleted else DriftKind.CHANGED,
        state=DriftState.OPEN,
        differences=found,
        sync_token=drift.sync_token,
        # Of a deleted transaction the copy is the last version before, and says nothing about the deletion.
        changed_at=copy.as_of if copy is not None and deleted else changed_at,
        changed_by="" if deleted else changed_by,
        noticed_at=now,
        updated_at=now,
    )


def _note(tx: Tx, desk: Desk, known: CaseRow | None, fresh: CaseRow) -> bool:
    """Store what was seen; whether a case was opened by it."""
    if known is None:
        opened = drift_cases.add(tx, desk.connection_id, fresh)
        if opened:
            _audit(tx, desk, fresh, f"{fresh.what} in QuickBooks by somebody")
        return opened
    same = opens_again(known.state, (known.what, known.differences), (fresh.what, fresh.differences))
    if known.state is not DriftState.OPEN and not same:
        return False
    if (known.state, known.what, known.differences, known.sync_token) == (
        DriftState.OPEN, fresh.what, fresh.differences, fresh.sync_token,
    ):  # fmt: skip
        return False
    anew = known.state is not DriftState.OPEN
    kept = fresh if anew else known
    moved = drift_cases.move(
        tx, desk.connection_id, (fresh.invoice_id, fresh.part), desk.clock.now(),
        expected={known.state}, state=DriftState.OPEN, kind=fresh.kind, quickbooks_type=fresh.quickbooks_type,
        quickbooks_id=fresh.quickbooks_id, what=fresh.what, differences=fresh.differences, sync_token=fresh.sync_token,
        changed_at=fresh.changed_at, changed_by=fresh.changed_by, noticed_at=kept.noticed_at, reason=kept.reason,
        decided_by=kept.decided_by, decided_at=kept.decided_at, problem=kept.problem,
    )  # fmt: skip
    if moved and anew:
        _audit(tx, desk, fresh, f"{fresh.what} in QuickBooks by somebody")
    return moved and anew


def _end_caught_up(tx: Tx, desk: Desk, seen: set[_Key]) -> None:
    """Cases whose transaction we brought to another agreed version, or took back: Basware corrected or removed the invoice."""
    for case in drift_cases.listing(tx, desk.connection_id, _GOES_AWAY):
        if (case.kind, case.invoice_id, case.part) in seen:
            continue
        own = links.for_record(tx, desk.connection_id, case.kind, case.invoice_id)
        of_case = [link for link in own if link.part == case.part]
        if case.kind == ACCRUAL and not of_case:
            _end(tx, desk, case, "the accrual is over")
        elif all(_caught_up(link, case) for link in of_case):
            _end(tx, desk, case)


def _caught_up(link: LinkRow, case: CaseRow) -> bool:
    if link.quickbooks_id != case.quickbooks_id:
        return True
    return case.what is DriftKind.CHANGED and version(link.sync_token) >= version(case.sync_token)


def _end(tx: Tx, desk: Desk, case: CaseRow | None, action: str = "as agreed again in QuickBooks") -> None:
    if case is not None and drift_cases.move(
        tx, desk.connection_id, (case.invoice_id, case.part), desk.clock.now(),
        expected=_GOES_AWAY, state=DriftState.UNDONE, kind=case.kind,
    ):  # fmt: skip
        _audit(tx, desk, case, action)


def _audit(tx: Tx, desk: Desk, case: CaseRow, action: str) -> None:
    audit.record(
        tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, action=action, subject=case.invoice_id,
        reason=f"{case.quickbooks_type} {case.quickbooks_id}: {in_words(case.differences)}".rstrip(": "),
    )  # fmt: skip


def in_words(found: Iterable[Difference]) -> str:
    """Differences in one line, as QuickBooks keeps them."""
    return "; ".join(
        f"{f'line {one.line} ' if one.line else ''}{one.field} {one.ours or 'nothing'} → {one.theirs or 'nothing'}"
        for one in found
    )
