"""Which transaction of QuickBooks a document may be: the likeliest of those it has, or those that fit what a person types.

Read only, and out of our copies alone: nobody is called. Linking itself is decided in `decisions.py`; here is said what speaks
against it, so that nobody links the wrong one unwarned.
"""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.model.mapping import Dimension
from ml_connector.model.money import format_money
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import existing_transaction
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import books as book_store
from ml_connector.store import documents, links, mappings, transaction_search
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.transaction_search import Wanted
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_labels
from ml_connector.work.plans import plan_of

MOST = 12
"""Candidates shown at once: whoever looks for another one types more of it."""
NEAR = 45
"""Days between a document and a transaction that may still be the same paper: it was entered when it came, or when it was due."""
_PORTION = 12
"""Of each kind, looked at more closely."""
_KINDS = {
    TransactionType.BILL: "Bill", TransactionType.VENDOR_CREDIT: "Vendor credit",
    TransactionType.JOURNAL_ENTRY: "Journal entry",
}  # fmt: skip


class LinkCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that a document may be linked to.

    `link` is what a decision names it by, such as `Bill:145`. `fits` says what speaks for it, `against` what has to be looked at
    before anybody links it. `linked_to` is the invoice it is linked to already, empty for none.
    """

    link: str
    type: str
    id: str
    kind: str
    number: str
    vendor: str
    day: date | None
    total: Decimal
    currency: str
    fits: tuple[str, ...]
    against: tuple[str, ...]
    linked_to: str = ""


def candidates(
    desk: Desk, row: DocumentRow, *, text: str = "", amount: Decimal | None = None, day: date | None = None
) -> list[LinkCandidate]:
    """What a document may be linked to, the likeliest first.

    Without anything typed: what has its number, its vendor or its amount. `text` is looked for in numbers and vendors' names, or
    names one by its id such as `Bill:145`; `amount` and `day` are the same text as an amount or a day, where it is one.
    """
    vendors = _vendors(desk, row)
    wanted = Wanted(
        vendor_ids=vendors, vendor_name=row.supplier_name, number=row.invoice_number, total=row.total,
        text=text.strip(), amount=amount, day=day,
    )  # fmt: skip
    with desk.database.read() as tx:
        by_kind = transaction_search.find(
            tx, desk.connection_id, [kind.value for kind in TransactionType], wanted, limit=_PORTION
        )
    found = [(one, TransactionType(kind)) for kind, some in by_kind.items() for one in some]
    named = named_by(desk, row, text)
    shown = {one.link: one for one in ([named] if named else [])}
    shown |= {one.link: one for one in _candidates(desk, row, found, vendors)}
    likely = [one for one in shown.values() if one.fits or text.strip() or amount is not None or day is not None]
    return sorted(likely, key=lambda one: _rank(one, row, named))[:MOST]


def named_by(desk: Desk, row: DocumentRow, link: str) -> LinkCandidate | None:
    """The transaction that `Bill:145` or `145` names, as far as our copies have it."""
    kind, _, id_ = link.strip().rpartition(":")
    wanted = kind or row.kind or TransactionType.BILL.value
    if wanted not in set(TransactionType) or not (id_.isascii() and id_.isdecimal()):
        return None
    type_ = TransactionType(wanted)
    with desk.database.read() as tx:
        copy = book_store.some_of(tx, desk.connection_id, type_.value, [id_]).get(id_)
    if copy is None or copy.deleted or not copy.payload:
        return None
    return next(iter(_candidates(desk, row, [(copy, type_)], _vendors(desk, row))), None)


def _candidates(
    desk: Desk, row: DocumentRow, found: Iterable[tuple[BookRow, TransactionType]], vendors: frozenset[str]
) -> Iterable[LinkCandidate]:
    books = load_labels(desk, ())
    payable = frozenset(one.id for one in books.accounts.values() if one.type == "Accounts Payable")
    known = list[ExistingTransaction]()
    for copy, kind in found:
        record = wire.decode(copy.payload.encode())
        try:
            there = existing_transaction(
                kind, record, payable_account_ids=payable, home_currency=books.preferences.home_currency
            )
        except UnreadableError:
            continue  # such a copy is told about by an alert of its own
        known.append(there)
    with desk.database.read() as tx:
        named = book_store.some_of(tx, desk.connection_id, "Vendor", {one.vendor_id for one in known} - {""})
        linked = _linked_to(tx, desk, row, known)
    for there in known:
        vendor = named[there.vendor_id].name if there.vendor_id in named else ""
        yield _candidate(row, there, vendor, vendors, linked.get((there.type, there.id), ""))


def _candidate(
    row: DocumentRow, there: ExistingTransaction, vendor: str, vendors: frozenset[str], linked_to: str
) -> LinkCandidate:
    same_vendor = there.vendor_id in vendors or (bool(vendor) and vendor.casefold() == row.supplier_name.casefold())
    fits = [
        *(["same number"] if there.doc_number and there.doc_number.casefold() == row.invoice_number.casefold() else []),
        *(["same vendor"] if same_vendor else []),
        *(["same amount"] if row.total is not None and abs(row.total) == there.total else []),
    ]
    near = _apart(row, there.txn_date)
    if fits and near is not None and near <= NEAR:
        fits.append("same day" if near == 0 else f"{near} {'day' if near == 1 else 'days'} apart")
    return LinkCandidate(
        link=f"{there.type.value}:{there.id}",
        type=there.type.value,
        id=there.id,
        kind=_KINDS[there.type],
        number=there.doc_number,
        vendor=vendor,
        day=there.txn_date,
        total=there.total,
        currency=there.currency,
        fits=tuple(fits),
        against=tuple(_against(row, there, vendor, same_vendor=same_vendor, linked_to=linked_to)),
        linked_to=linked_to,
    )


def _against(
    row: DocumentRow, there: ExistingTransaction, vendor: str, *, same_vendor: bool, linked_to: str
) -> Iterable[str]:
    if linked_to:
        yield f"It is linked to invoice {linked_to} already."
    currency = there.currency or row.currency
    if row.currency and currency != row.currency:
        yield f"It is in {currency}, the invoice in {row.currency}."
    elif row.total is not None and abs(row.total) != there.total:
        over, invoiced = format_money(there.total, currency), format_money(abs(row.total), currency)
        yield f"It is over {over}, the invoice over {invoiced}."
    if not same_vendor:
        yield f"It is of {vendor or 'no vendor'}, the invoice of {row.supplier_name or row.supplier_code}."
    if row.total is not None and row.total < 0 and there.type is TransactionType.BILL:
        yield "It is a bill, the invoice is a credit note."
    if row.total is not None and row.total > 0 and there.type is TransactionType.VENDOR_CREDIT:
        yield "It is a vendor credit, the invoice is none."


def _vendors(desk: Desk, row: DocumentRow) -> frozenset[str]:
    """The vendors of QuickBooks that the document's may be: of its plan, of a link, or of a rule of the mapping."""
    plan = plan_of(row).plan if row.plan else None
    found = {one.vendor_id for one in plan.postings} if plan else set[str]()
    with desk.database.read() as tx:
        found |= {one.quickbooks_id for one in links.for_record(tx, desk.connection_id, "vendor", row.supplier_code)}
        found.add(mappings.target_of(tx, desk.connection_id, Dimension.VENDOR, row.supplier_code))
    return frozenset(found - {""})


def _linked_to(
    tx: Tx, desk: Desk, row: DocumentRow, known: Collection[ExistingTransaction]
) -> dict[tuple[TransactionType, str], str]:
    """The other invoice that each transaction is linked to already, as people know it."""
    others = dict[tuple[TransactionType, str], str]()
    for kind in TransactionType:
        ids = [one.id for one in known if one.type is kind]
        for id_, owners in links.by_quickbooks_ids(tx, desk.connection_id, "invoice", kind.value, ids).items():
            if other := next((one for one in owners if one != row.invoice_id), ""):
                others[kind, id_] = other
    numbers = documents.numbers_of(tx, desk.connection_id, set(others.values()))
    return {key: numbers.get(other) or other for key, other in others.items()}


def _apart(row: DocumentRow, day: date | None) -> int | None:
    """Days between the invoice's own date and a transaction's; None where either has none."""
    return abs((date.fromisoformat(row.invoice_date) - day).days) if row.invoice_date and day else None


def _rank(one: LinkCandidate, row: DocumentRow, named: LinkCandidate | None) -> tuple[bool, bool, int, int, str]:
    """What a person named first; then what nothing else is linked to and most speaks for; of these the nearest day."""
    apart = _apart(row, one.day)
    strong = sum(fit in {"same number", "same vendor", "same amount"} for fit in one.fits)
    return (
        named is None or one.link != named.link,
        bool(one.linked_to),
        -strong,
        10_000 if apart is None else apart,
        one.link,
    )
