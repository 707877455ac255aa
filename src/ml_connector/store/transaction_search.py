"""Looking for a transaction among the copies of QuickBooks' own: by number, vendor, amount or day, the likeliest first."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Row, Select, select, union

from ml_connector.store.books import BookRow, some_of, total_key
from ml_connector.store.database import Tx
from ml_connector.store.schema import books
from ml_connector.store.texts import is_one_of, says

_VENDORS = 10
"""Vendors whose name may have what was typed, of whom transactions are looked for: whoever means one of more types more."""
_MOST = 500
"""Transactions that one fact may find: with more of them it tells nothing."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a transaction; what is left out says nothing.

    `vendor_ids` and `vendor_name` are QuickBooks'; the name counts while no vendor is known by its id, since QuickBooks has each
    name once. `text` is what a person typed: then only what has it in its number or in its
    vendor's name fits, or what is over `amount` or of `day`, and the rest puts the likeliest first.
    """

    vendor_ids: Collection[str] = ()
    vendor_name: str = ""
    number: str = ""
    total: Decimal | None = None
    text: str = ""
    amount: Decimal | None = None
    day: date | None = None


class _Likely(NamedTuple):
    """What is known of a transaction without reading it, as `BookRow` has it."""

    entity: str
    quickbooks_id: str
    number: str
    vendor_id: str
    day: str
    total: str


_FACTS = [books.c[name] for name in _Likely._fields]


def find(
    tx: Tx, connection_id: str, entities: Collection[str], wanted: Wanted, *, limit: int
) -> dict[str, list[BookRow]]:
    """Transactions that QuickBooks has, by their kind: of each those that fit most of what is known first, the latest of these
    first.

    Each fact is looked up by its own index, all of them at once. What fits most is decided among what that finds, by what
    transactions are looked for by; only what is told in the end is read whole.
    """
    vendors = set(wanted.vendor_ids) - {""} or set(_vendors(tx, connection_id, _called(wanted.vendor_name)))
    if wanted.text or wanted.amount is not None or wanted.day is not None:
        facts = [_is("total", total_key(wanted.amount)), _is("day", wanted.day.isoformat() if wanted.day else "")]
        if wanted.text:
            # Every number is behind the empty one: said so that the database reads the numbers, and not every record.
            facts.append((books.c.number > "") & books.c.number.contains(wanted.text.lower(), autoescape=True))
        of_vendors = _vendors(tx, connection_id, _contains(wanted.text))
    else:
        facts = [_is("total", total_key(wanted.total)), _is("number", wanted.number.lower())]
        of_vendors = sorted(vendors)
    lookups = list[Select[Any]]()
    for entity in entities:
        these = select(*_FACTS).where(
            books.c.connection_id == connection_id, books.c.entity == entity, ~books.c.deleted, books.c.payload != ""
        )
        lookups += [these.where(fact).limit(_MOST) for fact in facts if fact is not None]
        latest = these.order_by(books.c.day.desc()).limit(limit)
        lookups += [latest.where(books.c.vendor_id == vendor) for vendor in of_vendors]
    likely = [_Likely._make(row) for row in _looked_up(tx, lookups)]
    likely.sort(key=lambda one: one.quickbooks_id)
    likely.sort(key=lambda one: (_score(one, wanted, vendors), one.day), reverse=True)
    found = dict[str, list[BookRow]]()
    for entity in entities:
        ids = [one.quickbooks_id for one in likely if one.entity == entity][:limit]
        copies = some_of(tx, connection_id, entity, ids)
        found[entity] = [copies[one] for one in ids]
    return found


def _looked_up(tx: Tx, lookups: Sequence[Select[Any]]) -> Iterable[Row[Any]]:
    """What any of these finds, each transaction once. A part of a UNION has an order and an end of its own only within brackets."""
    return tx.execute(union(*(select(one.subquery()) for one in lookups))) if lookups else ()


def _score(row: _Likely, wanted: Wanted, vendors: Collection[str]) -> int:
    same_number = bool(row.number) and row.number == wanted.number.lower()
    same_total = bool(row.total) and row.total == total_key(wanted.total)
    return 3 * same_number + 2 * same_total + 2 * (row.vendor_id in vendors)


def _is(name: str, value: str) -> ColumnElement[bool] | None:
    """That a fact is this; None where nothing is known of it."""
    return books.c[name] == value if value else None


def _called(name: str) -> ColumnElement[bool] | None:
    return is_one_of(books.c.name, [name]) if name else None


def _contains(text: str) -> ColumnElement[bool] | None:
    return says((books.c.name,), text) if text else None


def _vendors(tx: Tx, connection_id: str, said: ColumnElement[bool] | None) -> list[str]:
    """The ids of vendors, by what is said of their name."""
    if said is None:
        return []
    query = select(books.c.quickbooks_id).where(
        books.c.connection_id == connection_id, books.c.entity == "Vendor", ~books.c.deleted, said
    )
    return list(tx.execute(query.order_by(books.c.quickbooks_id).limit(_VENDORS)).scalars())
