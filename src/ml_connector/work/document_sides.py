"""One document as both systems have it, field by field and line by line: Basware on the left, QuickBooks on the right.

Read only. The right side is the newest copy of the transaction where there is one, else what was agreed when it was posted, else
what is planned. Why a field is what it is comes from the explanations the rules gave.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books, TransactionType, label_of
from ml_connector.model.documents import AccountingDocument, CodingRow, row_name
from ml_connector.model.money import format_money
from ml_connector.model.postings import Explanation, Posting, PostingLine
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import books as book_store
from ml_connector.store import inbox, links
from ml_connector.store.documents import DocumentRow
from ml_connector.store.links import LinkRow
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.drift.watching import agreed_posting, standing
from ml_connector.work.lists import load_labels
from ml_connector.work.plans import plan_of
from ml_connector.work.reading import readable

_DAYS = frozenset({"posting date", "due date", "invoice date"})


class FieldPair(msgspec.Struct, frozen=True, kw_only=True):
    """One field on both sides, in words; days as ISO 8601 where `is_day`. `why` says by which rule and from what it came."""

    name: str
    basware: str
    quickbooks: str
    differs: bool
    why: tuple[str, ...] = ()

    @property
    def is_day(self) -> bool:
        """Whether both sides are days."""
        return self.name in _DAYS


class LinePair(msgspec.Struct, frozen=True, kw_only=True):
    """A coding row beside the line it became. Several rows may be one line; rounding, tax and payable lines are of no row."""

    rows: tuple[int, ...]
    basware_amount: Decimal | None
    basware_coding: str
    basware_text: str
    quickbooks_amount: Decimal | None
    quickbooks_coding: str
    quickbooks_text: str
    why: tuple[str, ...]


class TransactionSides(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction beside the document. `where` is `in QuickBooks`, `as posted` or `planned`; `address` its page there."""

    type: str
    id: str
    part: int
    where: str
    address: str
    currency: str
    fields: tuple[FieldPair, ...]
    lines: tuple[LinePair, ...]


class DocumentSides(msgspec.Struct, frozen=True, kw_only=True):
    """The document beside everything it became or is to become; `address` is its page in Basware, empty where none is set."""

    readable: bool
    address: str
    transactions: tuple[TransactionSides, ...]
    only_basware: tuple[FieldPair, ...]
    """What Basware has of it, where there is no transaction yet."""
    rows: tuple[LinePair, ...]
    """Its coding rows, where there is no transaction yet."""


class _Right(msgspec.Struct, frozen=True, kw_only=True):
    posting: Posting
    where: str
    id: str = ""


def sides_of(desk: Desk, row: DocumentRow) -> DocumentSides:
    """Both sides of one document. One that nobody can read has none."""
    with desk.database.read() as tx:
        raw = inbox.get(tx, desk.connection_id, row.inbox_id)
        own = links.for_record(tx, desk.connection_id, "invoice", row.invoice_id)
    plan = plan_of(row).plan if row.plan else None
    why = plan.explanations if plan else ()
    rights, books = _rights(desk, own, plan.postings if plan else ())
    address = basware_page(desk, row.invoice_id)
    document = readable(raw.payload) if raw else None
    if document is None:
        return DocumentSides(readable=False, address=address, transactions=(), only_basware=(), rows=())
    several = len(rights) > 1
    return DocumentSides(
        readable=True,
        address=address,
        transactions=tuple(_sides(desk, document, right, books, why, several=several) for right in rights),
        only_basware=() if rights else tuple(_fields(document, None, books, why, several=False)),
        rows=() if rights else tuple(_row_pair((one,), None, document, books, why) for one in document.rows),
    )


def basware_page(desk: Desk, invoice_id: str) -> str:
    """The document's page in Basware, by the address the connection names for it; empty where it names none."""
    pattern = desk.settings.basware.document_page
    return pattern.replace("{invoice_id}", invoice_id) if pattern else ""


def _rights(desk: Desk, own: Sequence[LinkRow], planned: Sequence[Posting]) -> tuple[list[_Right], Books]:
    """What is in QuickBooks by the newest copies, or as agreed; what is only planned where nothing is."""
    agreed = {link.part: agreed_posting(link) for link in own}
    known = [one for one in agreed.values() if one is not None]
    # Which line of a journal entry is what is owed is told by the accounts there are.
    entries = any(link.quickbooks_type == TransactionType.JOURNAL_ENTRY for link in own)
    books = load_labels(desk, [*known, *planned], whole=("Account",) if entries else ())
    rights = [_in_quickbooks(desk, link, agreed[link.part], books) for link in own]
    found = [right for right in rights if right is not None]
    if not own:
        found = [_Right(posting=one, where="planned") for one in planned]
    # A copy may name records that nothing planned or agreed does.
    return found, load_labels(desk, [*(right.posting for right in found), *planned])


def _in_quickbooks(desk: Desk, link: LinkRow, agreed: Posting | None, books: Books) -> _Right | None:
    with desk.database.read() as tx:
        copies = book_store.some_of(tx, desk.connection_id, link.quickbooks_type, [link.quickbooks_id])
    copy = copies.get(link.quickbooks_id)
    if copy is not None and not copy.deleted and copy.payload:
        try:
            there = standing(link.quickbooks_type, copy.payload, books)
        except UnreadableError:
            there = None
        if there is not None:
            now = msgspec.structs.replace(there, part=link.part, lines=_with_rows(there.lines, agreed))
            return _Right(posting=now, where="in QuickBooks", id=link.quickbooks_id)
    return None if agreed is None else _Right(posting=agreed, where="as posted", id=link.quickbooks_id)


def _with_rows(lines: Sequence[PostingLine], agreed: Posting | None) -> tuple[PostingLine, ...]:
    """Lines of a copy know no coding rows: those of the lines in the same places that were posted, where there are as many."""
    if agreed is None or len(agreed.lines) != len(lines):
        return tuple(lines)
    return tuple(
        msgspec.structs.replace(there, rows=ours.rows) for there, ours in zip(lines, agreed.lines, strict=True)
    )


def _sides(
    desk: Desk,
    document: AccountingDocument,
    right: _Right,
    books: Books,
    why: Sequence[Explanation],
    *,
    several: bool,
) -> TransactionSides:
    posting = right.posting
    return TransactionSides(
        type=posting.type.value,
        id=right.id,
        part=posting.part,
        where=right.where,
        address=record_page(desk.settings.quickbooks, posting.type.value, right.id),
        currency=posting.currency or document.currency,
        fields=tuple(_fields(document, posting, books, why, several=several)),
        lines=tuple(_line_pairs(document, posting, books, why)),
    )


def _fields(
    document: AccountingDocument, posting: Posting | None, books: Books, why: Sequence[Explanation], *, several: bool
) -> Iterable[FieldPair]:
    supplier = f"{document.supplier_name} ({document.supplier_code})".strip()
    total = abs(document.gross_sum) if document.gross_sum is not None else None
    tax = abs(document.tax_sum) if document.tax_sum else None
    right = _right_values(posting, books) if posting else {}
    left = {
        "vendor": supplier,
        "number": document.invoice_number,
        "invoice date": document.invoice_date.isoformat() if document.invoice_date else "",
        "posting date": document.voucher_date.isoformat() if document.voucher_date else "",
        "due date": document.due_date.isoformat() if document.due_date else "",
        "currency": document.currency,
        "exchange rate": f"{document.exchange_rate:f}" if document.exchange_rate not in {None, 1} else "",
        "total": _money(total, document.currency),
        "tax": _money(tax, document.currency),
        "terms": document.payment_term_name or document.payment_term_code,
        "orders": ", ".join(document.order_numbers),
        "type": document.invoice_type_code,
        "payable account": "",
        "location": "",
        "memo": document.description,
    }
    told = _told(why)
    for name, ours in left.items():
        theirs = right.get(name, "")
        if ours or theirs:
            unlike = _plain(ours) != _plain(theirs) and bool(ours and theirs) and name in _COMPARED
            differs = (
                unlike and not (several and name == "total") and not (name == "vendor" and _same_name(ours, theirs))
            )
            yield FieldPair(
                name=name, basware=ours, quickbooks=theirs, differs=bool(posting) and differs, why=told.get(name, ())
            )


_COMPARED = frozenset({"vendor", "number", "posting date", "due date", "currency", "total"})
"""Fields that are to be the same on both sides; of the others it is only said where they come from."""


def _right_values(posting: Posting, books: Books) -> dict[str, str]:
    return {
        "vendor": label_of(books.vendors, posting.vendor_id),
        "number": posting.doc_number,
        "posting date": posting.txn_date.isoformat(),
        "due date": posting.due_date.isoformat() if posting.due_date else "",
        "currency": posting.currency,
        "exchange rate": f"{posting.exchange_rate:f}" if posting.exchange_rate is not None else "",
        "total": _money(posting.total, posting.currency),
        "tax": _money(sum((one.amount for one in posting.tax_amounts), Decimal(0)) or None, posting.currency),
        "terms": label_of(books.terms, posting.term_id),
        "type": posting.type.value,
        "payable account": label_of(books.accounts, posting.payable_account_id),
        "location": label_of(books.locations, posting.location_id),
        "memo": posting.memo,
    }


def _line_pairs(
    document: AccountingDocument, posting: Posting, books: Books, why: Sequence[Explanation]
) -> Iterable[LinePair]:
    by_index = {row.row_index: row for row in document.rows}
    for line in posting.lines:
        yield _row_pair([by_index[one] for one in line.rows if one in by_index], line, document, books, why)


def _row_pair(
    rows: Sequence[CodingRow],
    line: PostingLine | None,
    document: AccountingDocument,
    books: Books,
    why: Sequence[Explanation],
) -> LinePair:
    amounts = [row.gross if row.gross is not None else row.net for row in rows]
    known = [one for one in amounts if one is not None]
    told = _told(why)
    reasons = [reason for row in rows for name, said in told.items() if name.startswith(f"row {row.row_index}:")
               for reason in said]  # fmt: skip
    return LinePair(
        rows=tuple(row.row_index for row in rows),
        basware_amount=abs(sum(known, Decimal(0))) if known and document.gross_sum is not None else None,
        basware_coding="; ".join(dict.fromkeys(_coding(row) for row in rows)),
        basware_text="; ".join(dict.fromkeys(row.description for row in rows if row.description)),
        quickbooks_amount=line.amount if line else None,
        quickbooks_coding=_line_coding(line, books) if line else "",
        quickbooks_text=line.description if line else "",
        why=tuple(reasons),
    )


def _coding(row: CodingRow) -> str:
    return ", ".join(f"{code} {row_name(row, field)}".strip() for field, code in row.codes.items())


def _line_coding(line: PostingLine, books: Books) -> str:
    named = (
        (books.items, line.item_id), (books.accounts, line.account_id), (books.locations, line.location_id),
        (books.classes, line.class_id), (books.customers, line.customer_id), (books.vendors, line.vendor_id),
    )  # fmt: skip
    words = [label_of(records, key) for records, key in named if key]
    return ", ".join([*([line.side.value] if line.side else []), *words])


def _told(why: Sequence[Explanation]) -> dict[str, tuple[str, ...]]:
    """By field: what it became, by which rule, from what."""
    told: dict[str, tuple[str, ...]] = {}
    for one in why:
        said = f"{one.result}: {one.rule} (from {one.source})" if one.source else f"{one.result}: {one.rule}"
        named = f"{one.field.partition(': ')[2]} {said}" if one.field.startswith("row ") else said
        told[one.field] = (*told.get(one.field, ()), named)
    return told


def _money(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else format_money(amount, currency)


def _plain(words: str) -> str:
    return "".join(letter for letter in words.casefold() if letter.isalnum())


def _same_name(supplier: str, vendor: str) -> bool:
    """Whether a vendor is called as the supplier is, whatever stands around the name."""
    name = _plain(supplier.rpartition(" (")[0])
    return bool(name) and (name in _plain(vendor) or _plain(vendor) in name)
