"""Documents page by page, in order of arrival, with what each became in QuickBooks; never more is read than is shown."""

from collections.abc import Collection

import msgspec

from ml_connector.store import documents, links
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.views import DocumentLine, lines_of


class DocumentItem(msgspec.Struct, frozen=True, kw_only=True):
    """A document as a list shows it, and its place in the order of arrival."""

    seq: int
    line: DocumentLine


def document_page(
    desk: Desk, *, states: Collection[DocumentState] = (), text: str = "", after: int | None, limit: int
) -> list[DocumentItem]:
    """Documents that arrived after a place in that order."""
    with desk.database.read() as tx:
        rows = documents.listing(
            tx, desk.connection_id, states=states or None, text=text or None, limit=limit, after=after
        )
        linked = links.for_records(tx, desk.connection_id, "invoice", [row.invoice_id for row in rows])
    return [DocumentItem(seq=row.seq, line=line) for row, line in zip(rows, lines_of(rows, linked), strict=True)]
