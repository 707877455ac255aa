"""Looking for a transaction among the copies of QuickBooks' own: by number, vendor, amount or day, the likeliest first.

The database reads these few facts out of each copy; nothing is kept for them, since people look for a bill now and then. What a
copy says beyond them is not known here.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import JSON, ColumnElement, Text, case, cast, func, literal, or_, select, type_coerce

from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct
from ml_connector.store.schema import books

_HALF_A_CENT = 0.005
_COLUMNS = [books.c[name] for name in BookRow.__struct_fields__]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a transaction; what is left out says nothing.

    `vendor_ids` and `vendor_name` are QuickBooks'. `text` is what a person typed: then only what has it in its number or in its
    vendor's name fits, or what is over `amount` or of `day`, and the rest puts the likeliest first.
    """

    vendor_ids: Collection[str] = ()
    vendor_name: str = ""
    number: str = ""
    total: Decimal | None = None
    text: str = ""
    amount: Decimal | None = None
    day: date | None = None


def find(tx: Tx, connection_id: str, entity: str, wanted: Wanted, *, limit: int) -> list[BookRow]:
    """Transactions of one kind that QuickBooks has: those that fit most of what is known first, of these the latest first."""
    told = _json(tx)
    vendor, name = (told["VendorRef", part].as_string() for part in ("value", "name"))
    day, over = told["TxnDate"].as_string(), told["TotalAmt"].as_float()
    same_vendor = or_(vendor.in_(sorted(wanted.vendor_ids)), func.lower(name) == (wanted.vendor_name.lower() or None))
    same_total = _is(over, wanted.total)
    same_number = func.lower(books.c.name) == (wanted.number.lower() or None)
    score = sum((case((one, worth), else_=0) for one, worth in ((same_vendor, 2), (same_total, 2), (same_number, 3))),
                start=literal(0))  # fmt: skip
    fits = or_(same_vendor, same_total, same_number)
    if wanted.text or wanted.amount is not None or wanted.day is not None:
        said = [books.c.name.icontains(wanted.text, autoescape=True), name.icontains(wanted.text, autoescape=True)]
        fits = or_(
            *(said if wanted.text else ()),
            _is(over, wanted.amount),
            day == (wanted.day.isoformat() if wanted.day else None),
        )
    query = (
        select(*_COLUMNS)
        .where(
            books.c.connection_id == connection_id, books.c.entity == entity, ~books.c.deleted, books.c.payload != ""
        )
        .where(fits)
        .order_by(score.desc(), day.desc(), books.c.quickbooks_id)
    )
    return [as_struct(BookRow, row) for row in tx.execute(query.limit(limit))]


def _is(over: ColumnElement[Any], amount: Decimal | None) -> ColumnElement[bool]:
    """Copies keep numbers as QuickBooks writes them, and 100 is 100.00: nearer than half a cent is the same."""
    if amount is None:
        return literal(1) == literal(0)
    return func.abs(over - float(abs(amount))) < _HALF_A_CENT


def _json(tx: Tx) -> ColumnElement[Any]:
    """The copy as JSON. SQLite reads it from the text as it stands; a cast would make it a number there."""
    told = func.nullif(books.c.payload, "", type_=Text())
    return type_coerce(told, JSON()) if tx.dialect.name == "sqlite" else cast(told, JSON())
