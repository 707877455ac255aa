"""Which versions of payments and of linked transactions were looked at, and what each payment settles.

What is to be looked at is never remembered: it is what the copies hold in another version than the one looked at last. Whether
there is anything of the kind is asked after every change in QuickBooks, so that question reads only what was written lately.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_

from ml_connector.model.payments import Target
from ml_connector.store import cursors
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_structs, chunks, insert
from ml_connector.store.schema import books, links, payment_lines, payment_parts, payment_versions

PAYMENT = "BillPayment"
INVOICE = "invoice"
"""The kind of link that says which transaction of QuickBooks a document is."""


_FEED = "payments, looked at"
"""The cursor that says when everything was looked at last."""

_SLACK = timedelta(hours=1)
"""Far more than the clocks of two workers differ, or a transaction takes: what was written so long before a look was seen by it."""


class UnseenPart(msgspec.Struct, frozen=True, kw_only=True):
    """A linked transaction whose copy is of another version than the one looked at last."""

    invoice_id: str
    part: int
    quickbooks_type: str
    quickbooks_id: str
    sync_token: str
    deleted: bool


def unseen_payments(tx: Tx, connection_id: str, limit: int, *, after: str = "") -> list[BookRow]:
    """Copies of payments in a version that was not looked at, by id behind `after`."""
    query = _payments_unseen(connection_id).where(books.c.quickbooks_id > after)
    return as_structs(BookRow, tx.execute(query.order_by(books.c.quickbooks_id).limit(limit)))


def _payments_unseen(connection_id: str) -> Select[tuple[object, ...]]:
    seen = exists().where(
        payment_versions.c.connection_id == books.c.connection_id,
        payment_versions.c.payment_id == books.c.quickbooks_id,
        payment_versions.c.sync_token == books.c.sync_token,
        payment_versions.c.deleted == books.c.deleted,
    )
    return select(*(books.c[name] for name in BookRow.__struct_fields__)).where(
        books.c.connection_id == connection_id, books.c.entity == PAYMENT, ~seen
    )


def unseen_parts(tx: Tx, connection_id: str, limit: int, *, after: tuple[str, int] = ("", 0)) -> list[UnseenPart]:
    """Transactions of documents whose copies are of a version that was not looked at, by document and part behind `after`."""
    query = _parts_unseen(connection_id).where(tuple_(links.c.basware_id, links.c.part) > after)
    rows = tx.execute(query.order_by(links.c.basware_id, links.c.part).limit(limit))
    return as_structs(UnseenPart, rows)


def _parts_unseen(connection_id: str) -> Select[tuple[object, ...]]:
    seen = exists().where(
        payment_parts.c.connection_id == links.c.connection_id,
        payment_parts.c.invoice_id == links.c.basware_id,
        payment_parts.c.part == links.c.part,
        payment_parts.c.quickbooks_type == links.c.quickbooks_type,
        payment_parts.c.quickbooks_id == links.c.quickbooks_id,
        payment_parts.c.sync_token == books.c.sync_token,
        payment_parts.c.deleted == books.c.deleted,
    )
    copy = and_(
        books.c.connection_id == links.c.connection_id,
        books.c.entity == links.c.quickbooks_type,
        books.c.quickbooks_id == links.c.quickbooks_id,
    )
    return (
        select(
            links.c.basware_id.label("invoice_id"), links.c.part, links.c.quickbooks_type, links.c.quickbooks_id,
            books.c.sync_token, books.c.deleted,
        )
        .select_from(links.join(books, copy))
        .where(
            links.c.connection_id == connection_id,
            links.c.kind == INVOICE,
            ~seen,
        )
    )  # fmt: skip


def note_looked(tx: Tx, connection_id: str, begun: datetime, now: datetime) -> None:
    """Every version there was at a moment has been looked at."""
    cursors.put(tx, connection_id, _FEED, begun.isoformat(), now)


def anything_unseen(tx: Tx, connection_id: str) -> bool:
    """Whether any payment, or any transaction of a document, is in a version that was not looked at. Read is what was written
    since shortly before the last look, by index; before the first look, all."""
    text = cursors.get(tx, connection_id, _FEED)
    since = datetime.fromisoformat(text) - _SLACK if text else None
    return any(tx.execute(query.limit(1)).first() is not None for query in unseen_since(connection_id, since))


def unseen_since(connection_id: str, since: datetime | None) -> list[Select[tuple[object, ...]]]:
    """The queries that find what was not looked at among what was written since then: payments, transactions, links."""
    payments_, parts = _payments_unseen(connection_id), _parts_unseen(connection_id)
    if since is None:
        return [payments_, parts]
    lately: tuple[ColumnElement[bool], ...] = (books.c.updated_at >= since, links.c.updated_at >= since)
    return [payments_.where(lately[0]), parts.where(lately[0]), parts.where(lately[1])]


def see_parts(tx: Tx, connection_id: str, parts: Sequence[UnseenPart]) -> None:
    """Note the versions of linked transactions that are looked at."""
    statement = insert(tx, payment_parts)
    key = ["connection_id", "invoice_id", "part"]
    new = {name: statement.excluded[name] for name in ("quickbooks_type", "quickbooks_id", "sync_token", "deleted")}
    statement = statement.on_conflict_do_update(index_elements=key, set_=new)
    values = [{"connection_id": connection_id, **msgspec.structs.asdict(part)} for part in parts]
    if values:
        tx.execute(statement, values)


def see_payment(tx: Tx, connection_id: str, payment: BookRow, lines: Sequence[tuple[Target, Decimal]]) -> set[Target]:
    """Note what a payment settles in the version that is looked at; everything it settles or settled before."""
    scope = {"connection_id": connection_id, "payment_id": payment.quickbooks_id}
    own = and_(payment_lines.c.connection_id == connection_id, payment_lines.c.payment_id == payment.quickbooks_id)
    before = tx.execute(select(payment_lines.c.target_type, payment_lines.c.target_id).where(own)).all()
    tx.execute(payment_lines.delete().where(own))
    rows = [
        {**scope, "line": number, "target_type": kind, "target_id": id_, "amount": amount}
        for number, ((kind, id_), amount) in enumerate(lines)
    ]
    if rows:
        tx.execute(payment_lines.insert(), rows)
    version = {"sync_token": payment.sync_token, "deleted": payment.deleted}
    statement = insert(tx, payment_versions).values(**scope, **version)
    tx.execute(statement.on_conflict_do_update(index_elements=list(scope), set_=version))
    return {(row.target_type, row.target_id) for row in before} | {target for target, _ in lines}


def documents_with(tx: Tx, connection_id: str, targets: Collection[Target]) -> set[str]:
    """The documents that are these transactions in QuickBooks."""
    found = set[str]()
    for kind in {kind for kind, _ in targets}:
        for some in chunks(sorted(id_ for own, id_ in targets if own == kind)):
            query = select(links.c.basware_id).where(
                links.c.connection_id == connection_id,
                links.c.kind == INVOICE,
                links.c.quickbooks_type == kind,
                links.c.quickbooks_id.in_(some),
            )
            found.update(tx.execute(query).scalars())
    return found


def settling(tx: Tx, connection_id: str, targets: Collection[Target]) -> dict[Target, set[str]]:
    """The ids of the payments that settle these transactions."""
    found: dict[Target, set[str]] = {}
    own = payment_lines.c
    for some in chunks(targets, 1000):
        query = select(own.target_type, own.target_id, own.payment_id).where(
            own.connection_id == connection_id, tuple_(own.target_type, own.target_id).in_(some)
        )
        for row in tx.execute(query):
            found.setdefault((row.target_type, row.target_id), set()).add(row.payment_id)
    return found
