"""The code each QuickBooks record has in Basware: given once, kept for good, whatever becomes of the record.

`base` is the record as Basware's interface showed it when it was taken over; what of it is not ours stays in every later version.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from ml_connector.model.master_data import Choice, Given, Kind
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, chunks, insert
from ml_connector.store.schema import given_codes


class GivenRow(Given, frozen=True, kw_only=True):
    """A code as kept, with how it came about."""

    kind: Kind
    why: str = ""
    base: str = ""
    given_by: str = ""
    given_at: datetime


def of_kind(tx: Tx, connection_id: str, kind: Kind) -> dict[str, GivenRow]:
    """Every code of one kind, by QuickBooks id."""
    columns = [given_codes.c[name] for name in GivenRow.__struct_fields__]
    query = select(*columns).where(given_codes.c.connection_id == connection_id, given_codes.c.kind == kind)
    return {row.quickbooks_id: as_struct(GivenRow, row) for row in tx.execute(query)}


def mark(tx: Tx, connection_id: str) -> tuple[object, ...]:
    """Differs whenever a code is given or a choice made: for whoever keeps what was made of them. Where a record gets another
    code, what is sent of it differs too (`outgoing.mark`)."""
    own = given_codes.c
    query = select(own.kind, own.choice, func.count(), func.max(own.given_at), func.sum(func.length(own.code)))
    rows = tx.execute(query.where(own.connection_id == connection_id).group_by(own.kind, own.choice))
    return tuple(sorted(tuple(row) for row in rows))


def put_many(tx: Tx, connection_id: str, rows: Iterable[GivenRow]) -> None:
    """Let these be the codes of their records."""
    key = ("connection_id", "kind", "quickbooks_id")
    for some in chunks(rows, 500):
        values = [{name: getattr(row, name) for name in row.__struct_fields__} for row in some]
        statement = insert(tx, given_codes).values([one | {"connection_id": connection_id} for one in values])
        changed = {name: statement.excluded[name] for name in values[0] if name not in key}
        tx.execute(statement.on_conflict_do_update(index_elements=[given_codes.c[name] for name in key], set_=changed))


def choose(  # noqa: PLR0917
    tx: Tx, connection_id: str, kind: Kind, quickbooks_id: str, choice: Choice, by: str, now: datetime
) -> None:
    """A person decides whether Basware is given a record, whatever the settings say of its kind."""
    known = of_kind(tx, connection_id, kind).get(quickbooks_id)
    row = known or GivenRow(kind=kind, quickbooks_id=quickbooks_id, given_at=now)
    put_many(tx, connection_id, [msgspec.structs.replace(row, choice=choice, given_by=by)])
