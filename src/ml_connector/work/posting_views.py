"""A posting as people are shown it: names instead of ids. Read only; the shapes are those of `--json`."""

from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books, label_of
from ml_connector.model.postings import Posting, PostingLine


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a planned or posted transaction, with names instead of ids."""

    amount: Decimal
    side: str
    account: str
    item: str
    quantity: Decimal | None
    unit_price: Decimal | None
    location: str
    tracking_class: str = msgspec.field(name="class")
    customer: str
    billable: bool
    markup_percent: Decimal | None
    vendor: str
    description: str
    rows: tuple[int, ...]


class PostingView(msgspec.Struct, frozen=True, kw_only=True):
    """A planned or posted transaction, with names instead of ids."""

    type: str
    part: int
    vendor: str
    posting_date: date
    due_date: date | None
    number: str
    memo: str
    location: str
    currency: str
    exchange_rate: Decimal | None
    total: Decimal
    payable_account: str
    term: str
    lines: tuple[LineView, ...]


def posting_view(posting: Posting, books: Books) -> PostingView:
    """A posting with names instead of ids."""
    return PostingView(
        type=posting.type.value,
        part=posting.part,
        vendor=label_of(books.vendors, posting.vendor_id),
        posting_date=posting.txn_date,
        due_date=posting.due_date,
        number=posting.doc_number,
        memo=posting.memo,
        location=label_of(books.locations, posting.location_id),
        currency=posting.currency,
        exchange_rate=posting.exchange_rate,
        total=posting.total,
        payable_account=label_of(books.accounts, posting.payable_account_id),
        term=label_of(books.terms, posting.term_id),
        lines=tuple(_posting_line(line, books) for line in posting.lines),
    )


def _posting_line(line: PostingLine, books: Books) -> LineView:
    return LineView(
        amount=line.amount,
        side=line.side.value if line.side else "",
        account=label_of(books.accounts, line.account_id),
        item=label_of(books.items, line.item_id),
        quantity=line.quantity,
        unit_price=line.unit_price,
        location=label_of(books.locations, line.location_id),
        tracking_class=label_of(books.classes, line.class_id),
        customer=label_of(books.customers, line.customer_id),
        billable=line.billable,
        markup_percent=line.markup_percent,
        vendor=label_of(books.vendors, line.vendor_id),
        description=line.description,
        rows=line.rows,
    )
