"""Looking for a transaction among the copies of QuickBooks' own: by number, vendor, amount or day, the likeliest first."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, func, select

from ml_connector.store.books import BookRow, total_key
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, chunks
from ml_connector.store.schema import books

_COLUMNS = [books.c[name] for name in BookRow.__struct_fields__]
_VENDORS = 10
"""Vendors whose name may have what was typed, of whom transactions are looked for: whoever means one of more types more."""
_MOST = 500
"""Transactions that one fact may find: with more of them it tells nothing."""


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
    """Transactions of one kind that QuickBooks has: those that fit most of what is known first, of these the latest first.

    Each fact is looked up by its own index; what fits most is decided among what that finds.
    """
    scope = (books.c.connection_id == connection_id, books.c.entity == entity)
    vendors = {*wanted.vendor_ids, *_vendors(tx, connection_id, _called(wanted.vendor_name))} - {""}
    if wanted.text or wanted.amount is not None or wanted.day is not None:
        facts = [_is("total", total_key(wanted.amount)), _is("day", wanted.day.isoformat() if wanted.day else "")]
        if wanted.text:
            # Every number is behind the empty one: said so that the database reads the numbers, and not every record.
            facts.append((books.c.number > "") & books.c.number.contains(wanted.text.lower(), autoescape=True))
        of_vendors = _vendors(tx, connection_id, _contains(wanted.text))
    else:
        facts = [_is("total", total_key(wanted.total)), _is("number", wanted.number.lower())]
        of_vendors = sorted(vendors)
    ids = set[str]()
    for fact in facts:
        if fact is not None:
            ids.update(tx.execute(select(books.c.quickbooks_id).where(*scope, fact).limit(_MOST)).scalars())
    for vendor in of_vendors:
        latest = select(books.c.quickbooks_id).where(*scope, books.c.vendor_id == vendor).order_by(books.c.day.desc())
        ids.update(tx.execute(latest.limit(limit)).scalars())
    found = list[BookRow]()
    for some in chunks(sorted(ids)):
        query = select(*_COLUMNS).where(
            *scope, books.c.quickbooks_id.in_(some), ~books.c.deleted, books.c.payload != ""
        )
        found += [as_struct(BookRow, row) for row in tx.execute(query)]
    found.sort(key=lambda one: one.quickbooks_id)
    found.sort(key=lambda one: (_score(one, wanted, vendors), one.day), reverse=True)
    return found[:limit]


def _score(row: BookRow, wanted: Wanted, vendors: Collection[str]) -> int:
    same_number = bool(row.number) and row.number == wanted.number.lower()
    same_total = bool(row.total) and row.total == total_key(wanted.total)
    return 3 * same_number + 2 * same_total + 2 * (row.vendor_id in vendors)


def _is(name: str, value: str) -> ColumnElement[bool] | None:
    """That a fact is this; None where nothing is known of it."""
    return books.c[name] == value if value else None


def _called(name: str) -> ColumnElement[bool] | None:
    return func.lower(books.c.name) == name.lower() if name else None


def _contains(text: str) -> ColumnElement[bool] | None:
    return books.c.name.icontains(text, autoescape=True) if text else None


def _vendors(tx: Tx, connection_id: str, said: ColumnElement[bool] | None) -> list[str]:
    """The ids of vendors, by what is said of their name."""
    if said is None:
        return []
    query = select(books.c.quickbooks_id).where(
        books.c.connection_id == connection_id, books.c.entity == "Vendor", ~books.c.deleted, said
    )
    return list(tx.execute(query.order_by(books.c.quickbooks_id).limit(_VENDORS)).scalars())
