"""A connection with very many documents, from one with few: each row is a real one under a name of its own.

Posting a hundred thousand documents takes an hour; what pages have to read afterwards is made here in a minute. Neither system
knows the copies, so such a connection is for looking at only.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table, select

from ml_connector.store.database import Database, Tx
from ml_connector.store.schema import DocumentState, audit, books, documents, inbox, intents, links, vendor_pairs

Row = dict[str, Any]

_FAR = 1_000_000
"""The distance of copies' numbers from those of the rows they were made from."""
_DAYS = 30
_PORTION = 2_000


def multiply(database: Database, connection_id: str, *, wanted: int, held: int, vendors: int) -> None:
    """Make of the connection's documents `wanted`, of which about `held` are held, and of its vendors `vendors`.

    Copies arrived on each of the thirty days before.
    """
    with database.read() as tx:
        mine = {
            table: [
                dict(row._mapping) for row in tx.execute(select(table).where(table.c.connection_id == connection_id))
            ]
            for table in (inbox, documents, links, intents, audit, books, vendor_pairs)
        }
    waiting = {row["invoice_id"] for row in mine[documents] if row["state"] == DocumentState.HELD}
    quiet = [row["invoice_id"] for row in mine[documents] if row["invoice_id"] not in waiting]
    for copies, ids in ((_times(held, waiting), waiting), (_times(wanted - held, quiet), set(quiet))):
        _copy_documents(database, mine, ids, copies)
    _copy_vendors(database, mine, vendors)


def _times(wanted: int, ids: Iterable[str]) -> int:
    return max(0, wanted // max(1, len(list(ids))) - 1)


def _copy_documents(database: Database, mine: dict[Table, list[Row]], ids: set[str], copies: int) -> None:
    arrivals = {row["inbox_id"] for row in mine[documents] if row["invoice_id"] in ids}
    made: dict[Table, tuple[list[Row], Callable[[Row, int], Row]]] = {
        inbox: ([row for row in mine[inbox] if row["id"] in arrivals], _arrival),
        documents: ([row for row in mine[documents] if row["invoice_id"] in ids], _document),
        links: ([row for row in mine[links] if row["basware_id"] in ids], _link),
        intents: ([row for row in mine[intents] if row["invoice_id"] in ids], _intent),
        audit: ([row for row in mine[audit] if row["subject"] in ids], _entry),
    }
    for table, (rows, copy) in made.items():
        _store(database, table, (copy(row, number) for number in range(1, copies + 1) for row in rows))


def _copy_vendors(database: Database, mine: dict[Table, list[Row]], vendors: int) -> None:
    listed = [row for row in mine[books] if row["entity"] == "Vendor"]
    pairs = mine[vendor_pairs]
    for table, rows in ((books, listed), (vendor_pairs, pairs)):
        copies = range(1, _times(vendors, [str(row) for row in rows]) + 1 if rows else 0)
        _store(database, table, (_vendor(row, number) for number in copies for row in rows))


def _store(database: Database, table: Table, rows: Iterator[Row]) -> None:
    while portion := list(islice(rows, _PORTION)):
        with database.write() as tx:
            _insert(tx, table, portion)


def _insert(tx: Tx, table: Table, rows: list[Row]) -> None:
    tx.execute(table.insert(), rows)


def _earlier(row: Row, number: int, *names: str) -> Row:
    back = timedelta(days=number % _DAYS)
    return {name: row[name] - back for name in names if row[name] is not None}


def _arrival(row: Row, number: int) -> Row:
    new = {"id": row["id"] + number * _FAR, "external_id": f"{row['external_id']}-{number}"}
    return row | new | _earlier(row, number, "received_at")


def _document(row: Row, number: int) -> Row:
    new = {
        "invoice_id": f"{row['invoice_id']}-{number}",
        "invoice_number": f"{row['invoice_number']}-{number}",
        "inbox_id": row["inbox_id"] + number * _FAR,
        "seq": row["seq"] + number * _FAR,
    }
    return row | new | _earlier(row, number, "created_at", "updated_at", "held_since", "last_held_at")


def _link(row: Row, number: int) -> Row:
    new = {"basware_id": f"{row['basware_id']}-{number}", "quickbooks_id": f"{number}{row['quickbooks_id']:0>6}"}
    return row | new | _earlier(row, number, "created_at", "updated_at")


def _intent(row: Row, number: int) -> Row:
    new = {
        "id": f"{row['id']}-{number}",
        "invoice_id": f"{row['invoice_id']}-{number}",
        "seq": row["seq"] + number * _FAR,
    }
    return row | new | _earlier(row, number, "created_at", "updated_at")


def _entry(row: Row, number: int) -> Row:
    new = {"subject": f"{row['subject']}-{number}", "id": row["id"] + number * _FAR}
    return row | new | _earlier(row, number, "at")


def _vendor(row: Row, number: int) -> Row:
    new = {"quickbooks_id": f"{number}{row['quickbooks_id']:0>6}", "name": f"{row['name']} {number}"}
    return row | new | ({"code": f"{row['code']}-{number}"} if "code" in row else {})
