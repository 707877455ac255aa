"""Which versions of payments and of linked transactions were looked at, and what each payment settles.

What is to be looked at is never remembered: it is what the copies hold in another version than the one looked at last.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

import msgspec
from sqlalchemy import and_, exists, select, tuple_

from ml_connector.model.payments import Target
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, chunks, insert
from ml_connector.store.schema import books, links, payment_lines, payment_parts, payment_versions

PAYMENT = "BillPayment"
INVOICE = "invoice"
"""The kind of link that says which transaction of QuickBooks a document is."""


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
    seen = exists().where(
        payment_versions.c.connection_id == books.c.connection_id,
        payment_versions.c.payment_id == books.c.quickbooks_id,
        payment_versions.c.sync_token == books.c.sync_token,
        payment_versions.c.deleted == books.c.deleted,
    )
    query = select(*(books.c[name] for name in BookRow.__struct_fields__)).where(
        books.c.connection_id == connection_id, books.c.entity == PAYMENT, books.c.quickbooks_id > after, ~seen
    )
    return [as_struct(BookRow, row) for row in tx.execute(query.order_by(books.c.quickbooks_id).limit(limit))]


def unseen_parts(tx: Tx, connection_id: str, limit: int, *, after: tuple[str, int] = ("", 0)) -> list[UnseenPart]:
    """Transactions of documents whose copies are of a version that was not looked at, by document and part behind `after`."""
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
    query = (
        select(
            links.c.basware_id.label("invoice_id"), links.c.part, links.c.quickbooks_type, links.c.quickbooks_id,
            books.c.sync_token, books.c.deleted,
        )
        .select_from(links.join(books, copy))
        .where(
            links.c.connection_id == connection_id,
            links.c.kind == INVOICE,
            tuple_(links.c.basware_id, links.c.part) > after,
            ~seen,
        )
        .order_by(links.c.basware_id, links.c.part)
    )  # fmt: skip
    return [as_struct(UnseenPart, row) for row in tx.execute(query.limit(limit))]


def anything_unseen(tx: Tx, connection_id: str) -> bool:
    """Whether any payment, or any transaction of a document, is in a version that was not looked at."""
    return bool(unseen_payments(tx, connection_id, 1) or unseen_parts(tx, connection_id, 1))


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
