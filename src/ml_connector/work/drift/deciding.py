"""What people decide about a transaction that was changed or deleted in QuickBooks: accept, restore, ignore; each with a reason.

Nothing is sent here. Accepting and ignoring are done at once, a restoration is written by the next run of the job `invoices`.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ml_connector.model.books import Books, TransactionType
from ml_connector.model.drift import DriftKind, DriftState, Refusal
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import existing_transaction
from ml_connector.rules.drift import ACCRUALS_STAY, may_restore
from ml_connector.store import audit, drift_cases, jobs, links
from ml_connector.store import books as book_store
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.drift_cases import ACCRUAL, CaseRow
from ml_connector.store.links import LinkRow
from ml_connector.work.accruals.outcome import accrual_gone
from ml_connector.work.decisions import DecisionError, required_reason
from ml_connector.work.desk import Desk
from ml_connector.work.drift.watching import agreed_posting, as_it_stands, in_words, keep_alert
from ml_connector.work.jobs import Job
from ml_connector.work.lists import load_books

DECIDABLE = frozenset({DriftState.OPEN, DriftState.IGNORED, DriftState.ASKED})
"""States in which a person may decide, or decide otherwise."""


def accept(desk: Desk, cases: Sequence[CaseRow], *, reason: str, actor: str) -> None:
    """QuickBooks is right: what it has now is what is agreed. A deletion stays one, and its document is not posted again."""
    books, why = load_books(desk), required_reason(reason)
    now = desk.clock.now()
    with desk.write() as tx:
        for case in cases:
            copies, own = compared(tx, desk.connection_id, [case])
            link = _link(case, own)
            if case.what is DriftKind.CHANGED:
                links.put(tx, desk.connection_id, _agreed_to(link, _copy(case, copies), books), now)
            elif case.kind == ACCRUAL:
                accrual_gone(tx, desk, case.invoice_id, case.part, reason=why)
            _decide(tx, desk, case, DriftState.ACCEPTED, reason=why, actor=actor)
        keep_alert(tx, desk)


def ignore(desk: Desk, cases: Sequence[CaseRow], *, reason: str, actor: str) -> None:
    """It may stay different, and ours stays what was agreed. The case comes back when anything else differs."""
    why = required_reason(reason)
    with desk.write() as tx:
        for case in cases:
            _decide(tx, desk, case, DriftState.IGNORED, reason=why, actor=actor)
        keep_alert(tx, desk)


def restore(desk: Desk, cases: Sequence[CaseRow], *, reason: str, actor: str) -> None:
    """We are right: have the transaction brought back, or a deleted one posted anew. Raises DecisionError if it cannot be."""
    books, why, now = load_books(desk), required_reason(reason), desk.clock.now()
    with desk.write() as tx:
        for case in cases:
            copies, own = compared(tx, desk.connection_id, [case])
            refusal = why_not(case, books, copies, own)
            if refusal is not None:
                raise DecisionError(f"{case.quickbooks_type} {case.quickbooks_id} is not restored. {refusal}")
            _decide(tx, desk, case, DriftState.ASKED, reason=why, actor=actor)
        jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, now, now)
        keep_alert(tx, desk)


Copies = Mapping[tuple[str, str], BookRow]
"""Copies by QuickBooks' type and id."""
Own = Mapping[tuple[str, str], Sequence[LinkRow]]
"""Links by the kind of record and Basware's id."""


def compared(tx: Tx, connection_id: str, cases: Iterable[CaseRow]) -> tuple[Copies, Own]:
    """What cases are decided by: the copies and the links they are about."""
    copies, own = dict[tuple[str, str], BookRow](), dict[tuple[str, str], Sequence[LinkRow]]()
    types, kinds = dict[str, set[str]](), dict[str, set[str]]()
    for case in cases:
        types.setdefault(case.quickbooks_type, set()).add(case.quickbooks_id)
        kinds.setdefault(case.kind, set()).add(case.invoice_id)
    for type_, ids in types.items():
        copies |= {(type_, id_): row for id_, row in book_store.some_of(tx, connection_id, type_, ids).items()}
    for kind, ids in kinds.items():
        own |= {(kind, id_): rows for id_, rows in links.for_records(tx, connection_id, kind, ids).items()}
    return copies, own


def why_not(case: CaseRow, books: Books, copies: Copies, own: Own) -> Refusal | None:
    """Why a case cannot be restored, by what our copies say; None when it can.

    Raises DecisionError where it is another transaction or another version of it by now.
    """
    if case.kind == ACCRUAL:
        return ACCRUALS_STAY
    present = None
    if case.what is DriftKind.CHANGED:
        payable = {one.id for one in books.accounts.values() if one.type == "Accounts Payable"}
        present = existing_transaction(
            TransactionType(case.quickbooks_type),
            wire.decode(_copy(case, copies).payload.encode()),
            payable_account_ids=payable,
            home_currency=books.preferences.home_currency,
        )
    return may_restore(agreed_posting(_link(case, own)), present, books.preferences.book_close_date)


def _link(case: CaseRow, own: Own) -> LinkRow:
    known = own.get((case.kind, case.invoice_id), ())
    found = next((one for one in known if one.part == case.part and one.quickbooks_id == case.quickbooks_id), None)
    if found is None:
        raise DecisionError("The document is another transaction by now. Look with `ml-connector drift list`.")
    return found


def _copy(case: CaseRow, copies: Copies) -> BookRow:
    """The copy that was compared. Whoever decides decides on what was shown, not on what came later."""
    found = copies.get((case.quickbooks_type, case.quickbooks_id))
    if found is None or found.deleted or found.sync_token != case.sync_token:
        raise DecisionError(
            f"{case.quickbooks_type} {case.quickbooks_id} has changed in QuickBooks again since it was shown."
            " The next run of the job changes compares it; look again and decide then."
        )
    return found


def _agreed_to(link: LinkRow, copy: BookRow, books: Books) -> LinkRow:
    theirs = msgspec.structs.replace(as_it_stands(link, copy.payload, books), part=link.part)
    return msgspec.structs.replace(
        link,
        sync_token=copy.sync_token,
        doc_number=theirs.doc_number,
        txn_date=theirs.txn_date.isoformat(),
        amount=theirs.total,
        currency=theirs.currency,
        agreed=msgspec.json.encode(theirs).decode(),
    )


def _decide(tx: Tx, desk: Desk, case: CaseRow, state: DriftState, *, reason: str, actor: str) -> None:
    now = desk.clock.now()
    moved = drift_cases.move(
        tx, desk.connection_id, (case.invoice_id, case.part), now,
        expected=DECIDABLE, state=state, kind=case.kind, reason=reason, decided_by=actor, decided_at=now, problem="",
    )  # fmt: skip
    if not moved:
        raise DecisionError(f"This difference is {case.state.value} already: there is nothing to decide.")
    word = {DriftState.ASKED: "restore", DriftState.ACCEPTED: "accept", DriftState.IGNORED: "ignore"}[state]
    audit.record(
        tx, desk.connection_id, at=now, actor=actor, action=f"drift: {word}", subject=case.invoice_id,
        before=in_words(case.differences) or case.what.value, reason=reason,
    )  # fmt: skip
