"""Cases as people and programs are shown them: names instead of ids, and whether each could be restored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256

import msgspec

from ml_connector.model.books import Books, ListRecord, TransactionType
from ml_connector.model.drift import Difference, DriftKind, DriftState
from ml_connector.model.money import format_money
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import journal_accounts
from ml_connector.store import accruals, documents, drift_cases
from ml_connector.store.documents import NOT_HERE, DocumentRow, Told
from ml_connector.store.drift_cases import CaseKey, CaseRow
from ml_connector.work.accruals.shown import accrual_view
from ml_connector.work.decisions import DecisionError
from ml_connector.work.desk import Desk
from ml_connector.work.drift.deciding import DECIDABLE, Copies, Own, compared, why_not
from ml_connector.work.listing import Listing
from ml_connector.work.lists import load_books

WAITING = (DriftState.OPEN, DriftState.ASKED, DriftState.RESTORING)


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """One field: what we posted and what QuickBooks has. `line` counts from 1, 0 for the head of the transaction."""

    field: str
    line: int
    ours: str
    theirs: str


_AMOUNTS = frozenset({"total", "amount", "tax"})
"""Fields that are money, in the transaction's currency."""


class DriftCase(msgspec.Struct, frozen=True, kw_only=True):
    """One posted transaction that somebody changed or deleted. `kind`: `invoice`, or `accrual` for the entry of a prebooked one.

    `changed_at` is QuickBooks' own time of the version that was compared (of a deleted one, when it was found gone); `changed_by`
    QuickBooks' id of the person, empty where it does not say. `why_not`: why it cannot be restored, empty when it can.
    `seen` stands for what is different, so that nobody decides about something else than they looked at.
    """

    kind: str
    invoice_id: str
    invoice_number: str
    supplier: str
    currency: str
    part: int
    quickbooks_type: str
    quickbooks_id: str
    what: str
    state: str
    differences: tuple[DifferenceView, ...]
    changed_at: datetime | None
    changed_by: str
    noticed_at: datetime
    why_not: str
    problem: str
    reason: str
    decided_by: str
    decided_at: datetime | None
    seen: str = ""


def worded(case: DriftCase, one: DifferenceView) -> tuple[str, str]:
    """What was posted in a field and what QuickBooks has, for people: money with its currency, which may be what differs."""
    if one.field not in _AMOUNTS:
        return one.ours, one.theirs
    theirs = next((other.theirs for other in case.differences if other.field == "currency"), case.currency)
    ours, now = (
        format_money(Decimal(value), currency) if value else ""
        for value, currency in ((one.ours, case.currency), (one.theirs, theirs))
    )
    return ours, now


def case_list(
    desk: Desk, states: Collection[str] | None = WAITING, what: DriftKind | None = None
) -> Listing[CaseKey, DriftCase]:
    """Cases in one of these states (those that wait for a person or are being restored), or all there ever were, of one kind or of
    both; the latest first."""
    found = drift_cases.ordered(desk.connection_id, states, what=what)
    return Listing(desk.database, found, partial(_cases, desk))


def _cases(desk: Desk, keys: Sequence[CaseKey]) -> list[DriftCase]:
    with desk.database.read() as tx:
        rows = drift_cases.these(tx, desk.connection_id, keys)
    return _shown(desk, rows)


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The invoice a person means: one that was taken over, or one that is prebooked so far."""

    invoice_id: str
    invoice_number: str


def subject(desk: Desk, name: str) -> Subject | None:
    """The invoice with this number or id, None if there is none."""
    with desk.database.read() as tx:
        row = documents.find(tx, desk.connection_id, name)
        if row is not None:
            return Subject(invoice_id=row.invoice_id, invoice_number=row.invoice_number)
        found = accruals.ordered(desk.connection_id, text=name).read(tx)
        prebooked = accruals.these(tx, desk.connection_id, found)
    named = [one for one in prebooked if name in {one.invoice_id, one.invoice_number}]
    return Subject(invoice_id=named[0].invoice_id, invoice_number=named[0].invoice_number) if named else None


def cases_of(desk: Desk, row: DocumentRow | Subject) -> list[DriftCase]:
    """Every case of one document, by part, then those of its accruals."""
    with desk.database.read() as tx:
        rows = list(drift_cases.of_documents(tx, desk.connection_id, [row.invoice_id]).values())
    return _shown(desk, rows)


def to_decide(desk: Desk, row: DocumentRow | Subject, part: int | None) -> list[CaseRow]:
    """The cases of a document that a person means: those that can be decided, or one part. Raises DecisionError if none can."""
    with desk.database.read() as tx:
        rows = drift_cases.of_documents(tx, desk.connection_id, [row.invoice_id])
    meant = [one for one in rows.values() if one.state in DECIDABLE and part in {None, one.part}]
    if not meant:
        raise DecisionError(
            f"Nothing that was posted for {row.invoice_number or row.invoice_id} waits for a decision."
            " `ml-connector drift list --every` shows every difference there was."
        )
    return meant


def _shown(desk: Desk, rows: Sequence[CaseRow]) -> list[DriftCase]:
    if not rows:
        return []
    with desk.database.read() as tx:
        copies, own = compared(tx, desk.connection_id, [one for one in rows if one.state in DECIDABLE])
        invoices = documents.told(tx, desk.connection_id, {one.invoice_id for one in rows})
        prebooked = {
            one.invoice_id: Told(row.invoice_number, row.supplier, accrual_view(row).currency)
            for one in rows
            if one.invoice_id not in invoices
            and (row := accruals.get(tx, desk.connection_id, one.invoice_id, one.part)) is not None
        }
    books = load_books(desk, _named(rows, copies))
    called = prebooked | invoices
    cases = [_case(one, books, called.get(one.invoice_id, NOT_HERE), _why_not(one, books, copies, own)) for one in rows]
    return [msgspec.structs.replace(one, seen=_seen(one)) for one in cases]


def _seen(case: DriftCase) -> str:
    shown = (case.quickbooks_type, case.quickbooks_id, case.what, case.state, case.differences)
    return sha256(msgspec.json.encode(shown)).hexdigest()


_LISTS: Mapping[str, tuple[str, str]] = {
    "vendor": ("Vendor", "vendors"),
    "account": ("Account", "accounts"),
    "payable account": ("Account", "accounts"),
    "location": ("Department", "locations"),
    "class": ("Class", "classes"),
    "customer": ("Customer", "customers"),
    "item": ("Item", "items"),
    "terms": ("Term", "terms"),
    "tax code": ("TaxCode", "tax_codes"),
}
"""The list a field names records of: as QuickBooks calls it, and in the books."""


def _named(rows: Sequence[CaseRow], copies: Copies) -> dict[str, set[str]]:
    """The records of QuickBooks' lists that differences name, and the accounts that journal entries are on."""
    found: dict[str, set[str]] = {entity: set() for entity, _ in _LISTS.values()}
    for one in (difference for row in rows for difference in row.differences if difference.field in _LISTS):
        found[_LISTS[one.field][0]] |= {one.ours, one.theirs}
    for (type_, _), copy in copies.items():
        if type_ == TransactionType.JOURNAL_ENTRY:
            found["Account"] |= journal_accounts(wire.decode(copy.payload.encode()))
    return found


def _case(case: CaseRow, books: Books, called: Told, refused: str) -> DriftCase:
    return DriftCase(
        kind=case.kind,
        invoice_id=case.invoice_id,
        invoice_number=called.number,
        supplier=called.supplier,
        currency=called.currency,
        part=case.part,
        quickbooks_type=case.quickbooks_type,
        quickbooks_id=case.quickbooks_id,
        what=case.what.value,
        state=case.state.value,
        differences=tuple(_difference(one, books) for one in case.differences),
        changed_at=case.changed_at,
        changed_by=case.changed_by,
        noticed_at=case.noticed_at,
        why_not=refused,
        problem=case.problem,
        reason=case.reason,
        decided_by=case.decided_by,
        decided_at=case.decided_at,
    )


def _why_not(case: CaseRow, books: Books, copies: Copies, own: Own) -> str:
    if case.state not in DECIDABLE:
        return ""
    try:
        refusal = why_not(case, books, copies, own)
    except DecisionError as error:
        return str(error)
    return "" if refusal is None else str(refusal)


def _difference(one: Difference, books: Books) -> DifferenceView:
    return DifferenceView(
        field=one.field,
        line=one.line,
        ours=_label(one.field, one.ours, books),
        theirs=_label(one.field, one.theirs, books),
    )


def _label(field: str, value: str, books: Books) -> str:
    if field not in _LISTS:
        return value
    records: Mapping[str, ListRecord] = getattr(books, _LISTS[field][1])
    known = records.get(value)
    return f"{known.label} ({value})" if known else value
