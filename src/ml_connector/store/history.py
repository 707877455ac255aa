"""How many documents were posted, and how many began to wait, day by day: counted by the database over its indexes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, Integer, ScalarSelect, column, func, select, values

from ml_connector.store.columns import Instant, MoneySum
from ml_connector.store.database import Tx
from ml_connector.store.schema import documents, links


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of time. `posted`: documents that came to be in QuickBooks in it; `held`: documents that began to wait in it and
    have not begun to wait again since."""

    start: datetime
    posted: int
    held: int


def days(tx: Tx, connection_id: str, bounds: Sequence[datetime]) -> list[Day]:
    """What happened between each two of these moments, which rise."""
    stretch = values(column("number", Integer), column("start", Instant), column("end", Instant), name="stretch").data(
        [(number, bounds[number], bounds[number + 1]) for number in range(len(bounds) - 1)]
    )
    one = stretch.cte("stretches")

    def counted(at: ColumnElement[datetime | None], *where: ColumnElement[bool]) -> ScalarSelect[int]:
        """A range of an index for each stretch, so that it takes as long as there are rows in it."""
        return select(func.count()).where(*where, at >= one.c.start, at < one.c.end).scalar_subquery()

    posted = counted(links.c.created_at, *posted_links(connection_id))
    held = counted(documents.c.last_held_at, documents.c.connection_id == connection_id)
    query = select(one.c.number, posted.label("posted"), held.label("held")).order_by(one.c.number)
    return [Day(start=bounds[row.number], posted=row.posted, held=row.held) for row in tx.execute(query)]


def posted_since(tx: Tx, connection_id: str, since: datetime) -> tuple[int, dict[str, Decimal]]:
    """How many documents came to be in QuickBooks since a moment, and what they come to by currency, all parts of each."""
    of_kind = (links.c.connection_id == connection_id, links.c.kind == "invoice", links.c.created_at >= since)
    number = tx.execute(select(func.count()).where(*of_kind, links.c.part == 0)).scalar_one()
    query = select(links.c.currency, MoneySum(links.c.amount).label("total")).where(*of_kind).group_by(links.c.currency)
    return number, {row.currency: row.total for row in tx.execute(query) if row.total is not None}


def posted_links(connection_id: str) -> tuple[ColumnElement[bool], ...]:
    """The link of each document that is in QuickBooks, once however many parts it has there."""
    return links.c.connection_id == connection_id, links.c.kind == "invoice", links.c.part == 0
