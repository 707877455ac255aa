"""Which linked records are no longer what both sides agreed on: somebody changed or deleted them in QuickBooks.

A newer version is all that is known here; whether it matters (a payment moves the version of a bill, too) is for flows to say.
"""

import msgspec
from sqlalchemy import and_, or_, select
from sqlalchemy.sql.expression import Select

from ml_connector.store.books import version
from ml_connector.store.database import Tx
from ml_connector.store.schema import book_cursors, books, links


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A link whose QuickBooks record went on without us.

    `what` is `changed` or `deleted`. `agreed_token` is the sync token of the version both sides agreed on, `sync_token` that of
    our newest copy, empty when QuickBooks has no such record at all. `merged_into`: the record that took over a merged one.
    """

    kind: str
    basware_id: str
    part: int
    quickbooks_type: str
    quickbooks_id: str
    doc_number: str
    what: str
    agreed_token: str
    sync_token: str
    merged_into: str = ""


def drifted(
    tx: Tx, connection_id: str, *, kind: str = "", after: tuple[str, int] | None = None, limit: int = 1000
) -> list[Drift]:
    """Links whose record was changed or deleted since, by Basware id; of all kinds or of one, there `after` a record and part.

    Only entities that were read as a whole count: before that, a record we have no copy of may well exist.
    """
    query = _differing(connection_id)
    if kind:
        query = query.where(links.c.kind == kind)
    if after is not None:
        name, part = after
        later = and_(links.c.basware_id == name, links.c.part > part)
        query = query.where(or_(links.c.basware_id > name, later))
    found = list[Drift]()
    for row in tx.execute(query.order_by(links.c.kind, links.c.basware_id, links.c.part)):
        gone = row.copied is None or row.deleted
        if not gone and version(row.copied) <= version(row.agreed):
            continue  # our own write is newer than the copy
        found.append(
            Drift(
                kind=row.kind, basware_id=row.basware_id, part=row.part, quickbooks_type=row.quickbooks_type,
                quickbooks_id=row.quickbooks_id, doc_number=row.doc_number, what="deleted" if gone else "changed",
                agreed_token=row.agreed, sync_token=row.copied or "", merged_into=row.merged_into or "",
            )
        )  # fmt: skip
        if len(found) == limit:
            break
    return found


def _differing(connection_id: str) -> Select[tuple[object, ...]]:
    copy = and_(
        books.c.connection_id == links.c.connection_id,
        books.c.entity == links.c.quickbooks_type,
        books.c.quickbooks_id == links.c.quickbooks_id,
    )
    read = and_(
        book_cursors.c.connection_id == links.c.connection_id,
        book_cursors.c.entity == links.c.quickbooks_type,
        book_cursors.c.cursor != "",
    )
    return (
        select(
            links.c.kind, links.c.basware_id, links.c.part, links.c.quickbooks_type, links.c.quickbooks_id,
            links.c.doc_number, links.c.sync_token.label("agreed"), books.c.sync_token.label("copied"),
            books.c.deleted, books.c.merged_into,
        )
        .select_from(links.join(book_cursors, read).outerjoin(books, copy))
        .where(
            links.c.connection_id == connection_id,
            or_(
                books.c.quickbooks_id.is_(None),
                books.c.deleted,
                and_(links.c.sync_token != "", books.c.sync_token != links.c.sync_token),
            ),
        )
    )  # fmt: skip
