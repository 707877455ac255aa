"""Figures about documents for messages and monitors, added up by the database: what waits, what is held, what was posted."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from ml_connector.model.holds import Hold
from ml_connector.store.columns import MoneySum
from ml_connector.store.database import Tx
from ml_connector.store.schema import DocumentState, documents, links


def oldest(tx: Tx, connection_id: str, states: Collection[DocumentState]) -> datetime | None:
    """When the first of the documents in some states arrived."""
    table = documents.c
    found = list[datetime]()
    for state in states:  # one look into the index for each; together they would be a scan
        query = select(table.created_at).where(table.connection_id == connection_id, table.state == state)
        found += tx.execute(query.order_by(table.seq).limit(1)).scalars()
    return min(found, default=None)


def held_together(
    tx: Tx, connection_id: str
) -> list[tuple[tuple[Hold, ...], str, int, Decimal | None, datetime | None]]:
    """What is held, put together where the holds are the very same: holds, currency, number, total, since when the oldest."""
    table = documents.c
    query = (
        select(
            table.holds,
            table.currency,
            func.count().label("number"),
            MoneySum(table.total).label("total"),
            func.min(table.held_since).label("oldest"),
        )
        .where(table.connection_id == connection_id, table.state == DocumentState.HELD)
        .group_by(table.holds, table.currency)
    )
    return [(row.holds, row.currency, row.number, row.total, row.oldest) for row in tx.execute(query)]


def posted_since(tx: Tx, connection_id: str, since: datetime) -> tuple[int, dict[str, Decimal]]:
    """How many invoices were posted since a moment, and what they come to by currency, vendor credits negative."""
    here = (links.c.connection_id == connection_id, links.c.kind == "invoice", links.c.created_at >= since)
    number = tx.execute(select(func.count(links.c.basware_id.distinct())).where(*here)).scalar_one()
    is_credit = links.c.quickbooks_type == "VendorCredit"
    query = select(links.c.currency, is_credit.label("credit"), MoneySum(links.c.amount).label("total"))
    money: dict[str, Decimal] = {}
    for row in tx.execute(query.where(*here).group_by(links.c.currency, is_credit)):
        if row.total is not None:
            money[row.currency] = money.get(row.currency, Decimal(0)) + (-row.total if row.credit else row.total)
    return number, money
