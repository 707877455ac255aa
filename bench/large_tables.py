"""How much of everything a large company has after a year, and the rows that make it so. `large_books.py` says how one is copied.

Tables that the small company has nothing in are filled with rows of the right shape; each table is named here, so that a new one
cannot be forgotten.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, Table, func, select

from large_books import (
    BY_INVOICE,
    CONTRACT,
    FAR,
    YEAR,
    Row,
    Rows,
    Size,
    copied,
    copy_documents,
    far_id,
    rows_of,
    seal_audit,
    store,
)
from ml_connector.store import schema as s
from ml_connector.store.columns import Choice, Instant, Json, Money
from ml_connector.store.database import Database

_CENTS = Decimal("1.17")
_ORDERS = "basware.exportedPurchaseOrders"
_DEALT_WITH = 10
"""Of so many copies of a vendor that waits for somebody, one still does."""
_QUIET = {"holds": (), "state": "linked", "candidates": "", "bank_found": "", "bank_found_at": None}
_WITH_DOCUMENTS = {
    s.documents, s.held_causes, s.inbox, s.intents, s.requests, s.request_outcomes, s.payment_lines, s.audit, s.audit_chain,
    s.people_audit_chain, *BY_INVOICE,
}  # fmt: skip


class Kept(NamedTuple):
    """How many rows of a table there are to be, of every hundred thousand documents; `keys` are the columns that name one."""

    rows: int
    keys: tuple[str, ...] = ()


_COPIED: Mapping[Table, Kept] = {
    s.alerts: Kept(2_000, ("subject",)),
    s.batches: Kept(20_000, ("id",)),
    s.calls: Kept(200_000, ("request_id",)),
    s.extract_rows: Kept(100_000, ("key",)),
    s.extracts: Kept(700, ("extract_id",)),
    s.extract_files: Kept(2_000, ("extract_id",)),
    s.job_runs: Kept(100_000),
    s.meters: Kept(3_000, ("day",)),
    s.mapping_versions: Kept(1_000),
    s.network_documents: Kept(20_000, ("bum_id", "number")),
    s.own_writes: Kept(5_000, ("quickbooks_id",)),
    s.payment_versions: Kept(5_000, ("payment_id",)),
}
"""Tables whose rows are copied as they are, but for their keys."""

_FILLED: Mapping[Table, int] = {
    s.accruals: 500, s.api_tokens: 30, s.budget_slots: 500, s.credit_applications: 2_000, s.deliveries: 50_000,
    s.idempotency_keys: 10_000, s.message_targets: 5, s.messages: 5_000, s.network_files: 20_000, s.notices: 60_000,
    s.order_links: 10_000, s.people: 60, s.people_audit: 5_000, s.provider_tries: 50, s.reactivations: 200,
    s.roles: 100, s.sessions: 3_000, s.sign_in_tries: 100, s.sign_ins: 300, s.taken_orders: 5_000, s.told_causes: 5_000,
    s.welcome_links: 100, s.attachments: 20_000, s.withdrawals: 200, s.payment_documents: 60_000,
}  # fmt: skip
"""Tables that are filled where the small company has nothing in them, or too little."""

_LISTS: Mapping[str, tuple[str, str, str, int]] = {
    "Account": ("Account", "accounts", "account", 800),
    "Department": ("Location", "costCenters", "location", 300),
    "Class": ("Class", "lists/ACC_LIST_1", "class", 300),
    "Customer": ("Customer", "projects", "customer", 3_000),
    "Term": ("Term", "paymentTerms", "term", 30),
    "Item": ("", "", "item", 500),
    "Employee": ("", "", "", 300),
}
"""QuickBooks' lists: what they are called here, in Basware and in the mapping, and how long they are."""

_FEW: Mapping[Table, str] = {
    s.connections: "an installation has some", s.secrets: "a dozen fields", s.leases: "one for each job",
    s.jobs: "one for each job", s.token_chains: "one", s.cursors: "some for each feed", s.book_cursors: "one for each list",
    s.webhook_forms: "one for each system", s.budgets: "one for each sign-in", s.links: "with documents and vendors",
    s.books: "with documents, vendors and lists", s.copies: "with vendors and orders", s.vendor_pairs: "with vendors",
    s.outgoing: "with vendors and lists", s.listed_records: "with lists", s.given_codes: "with lists",
    s.mappings: "with lists",
}  # fmt: skip


def multiply(database: Database, connection_id: str, size: Size) -> None:
    """Make of a small company a large one."""
    unnamed = {*s.metadata.sorted_tables} - {*_COPIED, *_FILLED, *_FEW, *_WITH_DOCUMENTS}
    if unnamed:
        raise LookupError(f"how much is there of {', '.join(sorted(one.name for one in unnamed))} after a year?")
    mine = rows_of(database, connection_id)
    copy_documents(database, mine, size)
    _copy_vendors(database, mine, size.vendors)
    _copy_lists(database, mine, size.documents / 100_000)
    _copy_orders(database, mine, round(5_000 * size.documents / 100_000))
    _copy_others(database, mine, size.documents / 100_000)
    _fill(database, connection_id, size.documents / 100_000)
    seal_audit(database, connection_id)
    _gather_statistics(database)


def sizes(database: Database) -> dict[str, int]:
    """How many rows each table has, the longest first."""
    with database.read() as tx:
        found = {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one() for table in s.metadata.sorted_tables
        }  # fmt: skip
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _gather_statistics(database: Database) -> None:
    """What a database of such an age has gathered by itself: PostgreSQL's autovacuum does it within minutes."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _copy_vendors(database: Database, mine: Rows, wanted: int) -> None:
    listed = [row for row in mine[s.books] if row["entity"] == "Vendor"]
    if not listed:
        return
    codes = {
        *(row["code"] for row in mine[s.vendor_pairs]),
        *(row["basware_id"] for row in mine[s.links] if row["kind"] == "vendor"),
    }
    arrivals = {row["id"]: row for row in mine[s.inbox]}
    taken = [row for row in mine[s.copies] if row["feed"] == "basware.vendors"]
    codes |= {row["external_id"] for row in taken}
    by_id = {row["quickbooks_id"]: row["name"] for row in listed}
    for number in range(1, wanted // len(listed)):
        names = {code: f"{code}-{number}" for code in sorted(codes, key=len, reverse=True)}
        named = names | {f'"Id":"{one}"': f'"Id":"{far_id(one, number)}"' for one in by_id}
        named |= {f'"{name}"': f'"{name} {number}"' for name in by_id.values()}

        def again(table: Table, row: Row, **others: Any) -> Row:
            if row.get("quickbooks_id"):
                others["quickbooks_id"] = far_id(row["quickbooks_id"], number)  # noqa: B023 - used in this turn only
            if "name" in row:
                others["name"] = f"{row['name']} {number}"  # noqa: B023
            return copied(table, row, number, named, **others)  # noqa: B023

        rows: dict[Table, list[Row]] = {
            s.books: [again(s.books, row) for row in listed],
            s.vendor_pairs: [
                again(s.vendor_pairs, row, **({} if number % _DEALT_WITH == 0 else _QUIET))
                for row in mine[s.vendor_pairs]
            ],
            s.links: [again(s.links, row) for row in mine[s.links] if row["kind"] == "vendor"],
            s.inbox: [again(s.inbox, arrivals[row["inbox_id"]]) for row in taken],
            s.copies: [again(s.copies, row) for row in taken],
            s.outgoing: [again(s.outgoing, row) for row in mine[s.outgoing] if row["resource"] == "vendors"],
        }
        with database.write() as tx:
            for table, some in rows.items():
                if some:
                    tx.execute(table.insert(), some)


def _copy_lists(database: Database, mine: Rows, share: float) -> None:
    """Accounts, dimensions, terms and items, each with its code in Basware, what was sent of it, and its rule."""
    for entity, (kind, resource, dimension, wanted) in _LISTS.items():
        records = [row for row in mine[s.books] if row["entity"] == entity]
        codes = {row["external_code"] for row in mine[s.listed_records] if row["resource"] == resource}
        of: dict[Table, list[Row]] = {
            s.books: records,
            s.given_codes: [row for row in mine[s.given_codes] if row["kind"] == kind],
            s.listed_records: [row for row in mine[s.listed_records] if resource and row["resource"] == resource],
            s.outgoing: [row for row in mine[s.outgoing] if resource and row["resource"] == resource],
            s.mappings: [row for row in mine[s.mappings] if row["dimension"] == dimension and row["code"]],
        }
        copies = range(1, max(2, round(wanted * share) // max(1, len(records))))
        for table, rows in of.items():
            store(database, table, (_listed(table, row, n, codes) for n in copies for row in rows))


def _listed(table: Table, row: Row, number: int, codes: set[str]) -> Row:
    """A record of a list again: its id, its code and its name are its own."""
    names: dict[str, str] = {}
    others: dict[str, Any] = {}
    for column in ("external_code", "code", "id"):
        if row.get(column) and not (table is s.mappings and column == "id"):
            others[column] = f"{row[column]}-{number}"
            names[f'"{row[column]}"'] = f'"{row[column]}-{number}"'
    if row.get("name"):
        others["name"] = f"{row['name']} {number}"
        names[f'"{row["name"]}"'] = f'"{row["name"]} {number}"'
    if table is s.books:
        others["quickbooks_id"] = far_id(row["quickbooks_id"], number)
        names[f'"Id":"{row["quickbooks_id"]}"'] = f'"Id":"{others["quickbooks_id"]}"'
        names |= {f'"AcctNum":"{one}"': f'"AcctNum":"{one}-{number}"' for one in codes if len(one) > 2}
    elif table is s.given_codes:
        others["quickbooks_id"] = far_id(row["quickbooks_id"], number)
    elif table is s.mappings:
        others |= {"id": f"{row['id']}-{number}", "target_id": row["target_id"] and far_id(row["target_id"], number)}
    elif table is s.outgoing:
        kind, _, old = row["subject"].rpartition(" ")
        others |= {"subject": f"{kind} {far_id(old, number)}", "request_id": f"{row['request_id']}-{number}"}
    return copied(table, row, number, names, **others)


def _copy_orders(database: Database, mine: Rows, wanted: int) -> None:
    """Purchase orders and contracts of Basware's, as they came."""
    arrivals = {row["id"]: row for row in mine[s.inbox]}
    taken = [row for row in mine[s.copies] if row["feed"] != "basware.vendors"]
    for n in range(1, wanted // len(taken) if taken else 0):
        names = {name: f"{name}-{n}" for name in (CONTRACT, *(row["external_id"] for row in taken))}
        with database.write() as tx:
            tx.execute(s.inbox.insert(), [copied(s.inbox, arrivals[row["inbox_id"]], n, names) for row in taken])
            tx.execute(s.copies.insert(), [copied(s.copies, row, n, names) for row in taken])


def _copy_others(database: Database, mine: Rows, share: float) -> None:
    arrivals = {row["id"]: row for row in mine[s.inbox]}
    for table, (wanted, keys) in _COPIED.items():
        rows = mine[table]
        copies = range(1, max(1, round(wanted * share) // max(1, len(rows))))
        if table is s.network_documents:
            own = [arrivals[row["inbox_id"]] for row in rows]
            store(database, s.inbox, (
                copied(s.inbox, row, n, {}, external_id=f"{row['external_id']}-{n}") for n in copies for row in own
            ))  # fmt: skip
        store(database, table, (_other(table, row, n, keys, len(rows)) for n in copies for row in rows))


def _other(table: Table, row: Row, number: int, keys: tuple[str, ...], length: int) -> Row:
    others: dict[str, Any] = {key: f"{row[key]}-{number}" for key in keys if row[key] != ""}
    if table is s.meters:
        others["day"] = (datetime.fromisoformat(row["day"]) - timedelta(days=40 * number)).date().isoformat()
    elif table is s.mapping_versions:
        others["version"] = row["version"] + number * length
    elif table is s.alerts:
        others["cleared_at"] = row["last_seen_at"] if number > 3 or not row["subject"] else None
    elif table is s.batches:
        others["state"] = "done"
    return copied(table, row, number, {}, **others)


# Tables the small company has nothing in


def _fill(database: Database, connection_id: str, share: float) -> None:
    here = sizes(database)
    made = {name: list[Any]() for name in ("invoices", "orders", "network", "bills", "inbox")}
    with database.read() as tx:
        mine = s.documents.c
        made["invoices"] = list(
            tx.execute(select(mine.invoice_id).where(mine.connection_id == connection_id).limit(70_000)).scalars()
        )
        made["inbox"] = list(
            tx.execute(select(s.inbox.c.id).where(s.inbox.c.connection_id == connection_id).limit(1)).scalars()
        )
        made["orders"] = list(
            tx.execute(
                select(s.copies.c.external_id).where(
                    s.copies.c.connection_id == connection_id, s.copies.c.feed == _ORDERS
                )
            ).scalars()
        )
        made["network"] = list(
            tx.execute(
                select(s.network_documents.c.bum_id).where(s.network_documents.c.connection_id == connection_id)
            ).scalars()
        )
        newest = tx.execute(select(func.max(mine.updated_at)).where(mine.connection_id == connection_id)).scalar_one()
    for table in s.metadata.sorted_tables:
        wanted = round(_FILLED.get(table, 0) * share) if _FILLED.get(table, 0) > 100 else _FILLED.get(table, 0)
        if here[table.name] * 2 < wanted:
            store(database, table, _rows(table, connection_id, wanted, made, newest))


def _rows(
    table: Table, connection_id: str, wanted: int, made: Mapping[str, list[Any]], newest: datetime
) -> Iterator[Row]:
    sources = {
        "invoice_id": made["invoices"], "bill_id": made["bills"], "inbox_id": made["inbox"],
        "external_code": made["orders"] if table is s.taken_orders else [],
        "bum_id": made["network"] if table is s.network_files else [],
    }  # fmt: skip
    own = [values for name, values in sources.items() if name in table.c and name != "inbox_id" and values]
    for n in range(min([wanted, *map(len, own)])):
        row: Row = {}
        for column in table.columns:
            values, special = (
                sources.get(column.name),
                _SPECIAL.get((table.name, column.name), _SPECIAL.get(("", column.name))),
            )
            if special is not None:
                row[column.name] = special(n)
            elif column.name == "connection_id":
                row["connection_id"] = connection_id
            elif values:
                row[column.name] = values[n % len(values)]
            else:
                row[column.name] = _value(column, n, newest)
        yield row


def _always(value: Any) -> Callable[[int], Any]:
    return lambda _: value


_SPECIAL: Mapping[tuple[str, str], Callable[[int], Any]] = {
    ("", "person_id"): lambda n: f"id {n % 60}",
    ("people", "subject"): lambda n: f"subject {n}",
    ("roles", "person_id"): lambda n: f"id {n % 60}",
    ("roles", "role"): lambda n: ("viewer", "accountant")[n // 60],
    ("notices", "delivery_id"): lambda n: FAR + n // 2,
    ("notices", "state"): lambda n: "waiting" if n % 300 == 0 else "done",
    ("taken_orders", "holds"): _always(()),
    ("taken_orders", "state"): _always("done"),
    ("taken_orders", "sent_keys"): _always(()),
    ("taken_orders", "line_ids"): _always({}),
    ("messages", "target_id"): lambda n: f"id {n % 5}",
    ("network_files", "content"): _always(None),
    ("order_links", "state"): lambda n: "dropped" if n % 50 == 0 else "linked",
    ("accruals", "sending"): _always(""),
    ("accruals", "answered"): _always(""),
    ("accruals", "posting"): _always(""),
    ("accruals", "state"): _always("reversed"),
    ("told_causes", "over_at"): _always(None),
    ("payment_documents", "picture"): _always(""),
    ("payment_documents", "told"): _always(""),
    ("withdrawals", "state"): _always("kept"),
    ("sign_ins", "outcome"): _always(""),
    ("sign_ins", "state_hash"): lambda n: f"state {n}",
    ("message_targets", "envelope"): _always(""),
    ("reactivations", "entity"): _always("Vendor"),
    ("reactivations", "state"): _always("done"),
}


def _value(column: Any, n: int, newest: datetime) -> Any:
    """Something of the column's kind."""
    kind = column.type
    if column.nullable and isinstance(kind, (Json, Money)):
        return None
    if isinstance(kind, Choice):
        words = [*kind.words.__members__.values()]
        return words[n % len(words)]
    if isinstance(kind, (Integer, BigInteger)):
        return FAR + n if column.primary_key and column.autoincrement is True else n % 5
    for of, value in (
        (Instant, newest - timedelta(minutes=9 * n % (YEAR * 24 * 60))), (Json, ()), (Money, _CENTS * n), (Boolean, n % 2 == 0),
        (Double, newest.timestamp() - n), (LargeBinary, b""),
    ):  # fmt: skip
        if isinstance(kind, of):
            return value
    return f"{column.name} {n}"
