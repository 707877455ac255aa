"""Documents as people look through them: a page at a time, latest first, however many there are.

Read only. The lines are those of `documents list`; how a page is searched is told in `store/document_search.py`.
"""

from collections.abc import Iterator, Sequence

import msgspec

from ml_connector.store import document_search, links
from ml_connector.store.document_search import DocumentFilter, Order
from ml_connector.store.documents import DocumentRow
from ml_connector.work.desk import Desk
from ml_connector.work.early_views import BEFORE_TRANSFER, answer_problems
from ml_connector.work.listing import Listing
from ml_connector.work.portions import portions
from ml_connector.work.views import DocumentLine, early_lines, line_of

PAGE = 50
_FARTHEST = 10**9


class ListedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list with what only the list shows: the day of the invoice and the orders it names."""

    line: DocumentLine
    invoice_date: str
    orders: tuple[str, ...]
    on_hold: bool
    """Whether a person keeps it from being posted."""


class DocumentsPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page. `older` is where the next one begins and `newer` where the one before it does, None where there is none."""

    documents: tuple[ListedDocument, ...]
    older: int | None
    newer: int | None
    counts: dict[str, int]
    """By state, of all documents, whatever is searched."""


def documents_page(
    desk: Desk, wanted: DocumentFilter, *, below: int | None = None, above: int | None = None, size: int = PAGE
) -> DocumentsPage:
    """The first page of what fits, or the one that follows arrival `below`, or leads up to `above`."""
    with desk.database.read() as tx:
        rows = document_search.found(tx, desk.connection_id, wanted, limit=size + 1, below=below, above=above)
        counts = document_search.state_counts(tx, desk.connection_id)
    more, upwards = len(rows) > size, above is not None
    shown = rows[-size:] if upwards else rows[:size]
    return DocumentsPage(
        documents=tuple(_listed(desk, shown)),
        older=shown[-1].seq if shown and (more or upwards) else None,
        newer=shown[0].seq if shown and (more if upwards else below is not None) else None,
        counts={state.value: number for state, number in sorted(counts.items())},
    )


def ordered_page(
    desk: Desk, wanted: DocumentFilter, order: Order, *, start: int = 0, size: int = PAGE
) -> DocumentsPage:
    """A page of what fits in another order; here `older` and `newer` are where the pages after and before it start."""
    start = min(max(start, 0), _FARTHEST)
    with desk.database.read() as tx:
        found = document_search.ordered(tx, desk.connection_id, wanted, order).read(tx, limit=size + 1, offset=start)
        rows = document_search.these(tx, desk.connection_id, found[:size])
        counts = document_search.state_counts(tx, desk.connection_id)
    return DocumentsPage(
        documents=tuple(_listed(desk, rows)),
        older=start + size if len(found) > size else None,
        newer=max(0, start - size) if start else None,
        counts={state.value: number for state, number in sorted(counts.items())},
    )


def every_document(desk: Desk, wanted: DocumentFilter, order: Order | None = None) -> Iterator[ListedDocument]:
    """All that fits, latest first unless in another order, read in portions, the first of them small."""
    return _latest_first(desk, wanted) if order is None else document_list(desk, wanted, order).everything()


def document_list(desk: Desk, wanted: DocumentFilter, order: Order) -> Listing[int, ListedDocument]:
    """What fits, in another order than the latest first."""

    def lines(arrivals: Sequence[int]) -> list[ListedDocument]:
        with desk.database.read() as tx:
            rows = document_search.these(tx, desk.connection_id, arrivals)
        return list(_listed(desk, rows))

    with desk.database.read() as tx:
        found = document_search.ordered(tx, desk.connection_id, wanted, order)
    return Listing(desk.database, found, lines)


def _latest_first(desk: Desk, wanted: DocumentFilter) -> Iterator[ListedDocument]:
    below = None
    for portion in portions():
        with desk.database.read() as tx:
            rows = document_search.found(tx, desk.connection_id, wanted, limit=portion, below=below)
        yield from _listed(desk, rows)
        if len(rows) < portion:
            return
        below = rows[-1].seq


def before_transfer(desk: Desk, text: str = "") -> list[DocumentLine]:
    """Invoices that wait for something before Basware hands them over; there are never many."""
    return [line for line in early_lines(desk, text) if line.state == BEFORE_TRANSFER]


def _listed(desk: Desk, rows: list[DocumentRow]) -> Iterator[ListedDocument]:
    ids = [row.invoice_id for row in rows]
    with desk.database.read() as tx:
        linked = links.for_records(tx, desk.connection_id, "invoice", ids)
        problems = answer_problems(tx, desk, ids)
    for row in rows:
        problem = problems[row.invoice_id][0] if row.invoice_id in problems else ""
        yield ListedDocument(
            line=line_of(row, linked.get(row.invoice_id, ()), problem),
            invoice_date=row.invoice_date,
            orders=tuple(row.orders.split()),
            on_hold=row.kept is not None,
        )
