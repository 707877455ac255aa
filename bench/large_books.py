"""A connection with a year of a large company in it, from one with a small company's: each row a real one under a name of its own.

Posting a hundred thousand documents takes an hour; what pages have to read afterwards is made here in minutes. Neither system
knows the copies, so such a connection is for looking at only. `large_tables.py` says what of each table there is how much of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import count, islice
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Table, func, select

from ml_connector.model.holds import OF_RECORDS, Cause, Hold
from ml_connector.store.columns import Instant
from ml_connector.store.database import Database
from ml_connector.store.held import card_of
from ml_connector.store.schema import (
    DocumentState,
    IntentState,
    Operation,
    accruals,
    attachments,
    audit,
    audit_chain,
    books,
    credit_applications,
    documents,
    drift_cases,
    held_causes,
    inbox,
    intents,
    links,
    metadata,
    order_links,
    payment_documents,
    payment_lines,
    payment_parts,
    people_audit,
    people_audit_chain,
    request_outcomes,
    requests,
    withdrawals,
)

Row = dict[str, Any]
Rows = Mapping[Table, Sequence[Row]]

FAR = 1_000_000
"""The distance of copies' numbers from those of the rows they were made from."""
YEAR = 365  # days
_PORTION = 2_000
_OPEN_CASES, _SUBJECTS = 100, 60
"""Copies of which a difference in QuickBooks is still undecided; how many accounts, periods and the like hold copies."""

INVOICES = "basware.accountingDocuments"
CONTRACT = "C-31"
"""The small company's contract: of ten copies of everything, the documents of one name the copy of it."""
BY_INVOICE = (
    withdrawals, drift_cases, attachments, credit_applications, accruals, payment_documents, payment_parts, order_links,
)  # fmt: skip
_NUMBERS = {"id", "seq", "inbox_id", "audit_id"}
_AGED = {
    1: DocumentState.PLANNED, 2: DocumentState.RECEIVED, 3: DocumentState.VENDOR_PENDING, 4: DocumentState.IGNORED,
}  # fmt: skip
"""Of fifty copies of a posted document, those that are not there yet, or never."""
_FIFTY = 50


class Size(NamedTuple):
    """How large a company: all its documents, those that are held now, and its vendors."""

    documents: int
    held: int
    vendors: int


def rows_of(database: Database, connection_id: str) -> dict[Table, list[Row]]:
    """Everything there is of a connection."""
    with database.read() as tx:
        return {
            table: [
                dict(row._mapping) for row in tx.execute(select(table).where(table.c.connection_id == connection_id))
            ]
            for table in metadata.sorted_tables
            if "connection_id" in table.c
        }


def store(database: Database, table: Table, rows: Iterable[Row]) -> None:
    """Keep rows, some thousands in one transaction."""
    pending = iter(rows)
    while portion := list(islice(pending, _PORTION)):
        with database.write() as tx:
            tx.execute(table.insert(), portion)


def copied(table: Table, row: Row, number: int, names: Mapping[str, str], /, **others: Any) -> Row:
    """A row again, some days earlier, with other names wherever they stand, and its own numbers far from those it had."""
    new, back = dict(row), timedelta(days=number % YEAR)
    for column in table.columns:
        value = row[column.name]
        if isinstance(value, str) and column.name != "connection_id":
            new[column.name] = renamed(value, names) if type(value) is str else value
        elif value is not None and isinstance(column.type, Instant):
            new[column.name] = value - back
        elif value is not None and column.name in _NUMBERS and not isinstance(value, str):
            new[column.name] = value + number * FAR
    return new | others


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A text with these names in place of those it has."""
    for old, new in names.items():
        if old in text:
            text = text.replace(old, new)
    return text


def far_id(quickbooks_id: str, number: int) -> str:
    """The id of a copy in QuickBooks."""
    return f"{number}{quickbooks_id:0>6}"


def copy_documents(database: Database, mine: Rows, size: Size) -> None:
    """Copy documents with all that is kept of them, held ones apart from the others, so that as many wait as are to wait."""
    waiting = [row for row in mine[documents] if row["state"] is DocumentState.HELD]
    quiet = [row for row in mine[documents] if row["state"] is not DocumentState.HELD]
    waiting += _of_other_causes(waiting)
    for rows, wanted in ((waiting, size.held), (quiet, size.documents - size.held)):
        copies = max(1, round(wanted / max(1, len(rows))) - 1)
        batch = _Batch(mine, rows)
        for table, made in batch.tables(copies):
            store(database, table, made)


def _of_other_causes(waiting: Sequence[Row]) -> list[Row]:
    """Documents held by whatever holds none of these, so that every cause has its card."""
    known = {hold.cause for row in waiting for hold in row["holds"]}
    lacking = [cause for cause in Cause if cause not in known | OF_RECORDS]
    return [
        row | {"invoice_id": f"{row['invoice_id']}~{cause.value}", "holds": (Hold(cause=cause, subject="6000"),), "seq": at,
               "inbox_id": row["inbox_id"]}
        for at, cause, row in zip(count(FAR // 2), lacking, waiting * len(lacking), strict=False)
    ]  # fmt: skip


class _Batch:
    """Some documents, and what belongs to them in each table."""

    def __init__(self, mine: Rows, rows: Sequence[Row]) -> None:
        self._mine, self._rows = mine, rows
        self._by_id = {row["invoice_id"]: row for row in rows}
        own = [row for row in mine[links] if row["basware_id"] in self._by_id and row["kind"] != "vendor"]
        self._owner = {row["quickbooks_id"]: row["basware_id"] for row in own}
        self._links = own
        self._asked = {row["request_id"]: row["subject"] for row in mine[requests] if row["subject"] in self._by_id}

    def tables(self, copies: int) -> Iterator[tuple[Table, Iterable[Row]]]:
        """What is to be stored, in an order in which nothing names what is not there yet."""
        numbers = range(1, copies + 1)
        mine = self._mine
        arrivals = {row["id"]: row for row in mine[inbox]}
        yield inbox, (
            copied(inbox, arrivals[row["inbox_id"]], n, self._names(row["invoice_id"], n),
                   id=row["seq"] + n * FAR, external_id=f"{row['invoice_id']}-{n}")
            for n in numbers for row in self._rows
        )  # fmt: skip
        yield documents, (self._document(row, n) for n in numbers for row in self._rows)
        yield held_causes, (cause for n in numbers for row in self._rows for cause in self._causes(row, n))
        yield links, self._each(links, self._links, "basware_id", numbers)
        yield (
            intents,
            (
                one | {"batch_id": None}
                for one in self._each(intents, mine[intents], "invoice_id", numbers, keys=("id",))
            ),
        )
        yield audit, self._each(audit, mine[audit], "subject", numbers)
        for table in BY_INVOICE:
            yield table, self._each(table, mine[table], "invoice_id", numbers)
        yield requests, self._each(requests, mine[requests], "subject", numbers, keys=("id", "request_id"))
        yield request_outcomes, (
            copied(request_outcomes, row, n, {}, request_id=f"{row['request_id']}-{n}", external_code=f"{row['external_code']}-{n}")
            for n in numbers for row in mine[request_outcomes] if row["request_id"] in self._asked
        )  # fmt: skip
        yield books, (
            copied(books, row, n, self._names(self._owner[row["quickbooks_id"]], n), quickbooks_id=far_id(row["quickbooks_id"], n))
            for n in numbers for row in mine[books]
            if row["quickbooks_id"] in self._owner and row["entity"] in {"Bill", "VendorCredit", "JournalEntry"}
        )  # fmt: skip
        yield payment_lines, (
            copied(payment_lines, row, n, {}, payment_id=far_id(row["payment_id"], n), target_id=far_id(row["target_id"], n))
            for n in numbers for row in mine[payment_lines] if row["target_id"] in self._owner
        )  # fmt: skip

    def _each(
        self, table: Table, rows: Sequence[Row], by: str, numbers: Iterable[int], keys: Sequence[str] = ()
    ) -> Iterator[Row]:
        own = [row for row in rows if row[by] in self._by_id]
        for n in numbers:
            for row in own:
                state = self._state(self._by_id[row[by]], n)
                if self._stays(table, row, state):
                    yield self._other(table, row, n, by=row[by], state=state, keys=keys)

    def _other(self, table: Table, row: Row, number: int, *, by: str, state: DocumentState, keys: Sequence[str]) -> Row:
        fresh = {key: f"{row[key]}-{number}" for key in keys}
        if "quickbooks_id" in table.c and table is not attachments:
            fresh["quickbooks_id"] = far_id(row["quickbooks_id"], number)
        if table is intents and state is DocumentState.PLANNED:
            fresh |= {"state": IntentState.PROPOSED, "result": ""}
        if table is drift_cases and number > _OPEN_CASES:
            fresh |= {"state": "accepted", "decided_by": "demo", "decided_at": row["noticed_at"]}
        return copied(table, row, number, self._names(by, number), **fresh)

    @staticmethod
    def _stays(table: Table, row: Row, state: DocumentState) -> bool:
        """Whether a document that came no further has this at all."""
        if state not in _AGED.values() or table in {audit, withdrawals, attachments, accruals}:
            return True
        planned = state is DocumentState.PLANNED
        return planned and table is intents and row["operation"] is Operation.CREATE

    @staticmethod
    def _state(row: Row, number: int) -> DocumentState:
        return _AGED.get(number % _FIFTY, row["state"]) if row["state"] is DocumentState.CONFIRMED else row["state"]

    def _names(self, invoice_id: str, number: int) -> dict[str, str]:
        row = self._by_id[invoice_id]
        names, old = {invoice_id: f"{invoice_id}-{number}"}, row["invoice_number"]
        if len(old) > 4:  # shorter ones stand for something else elsewhere
            names |= {old: f"{old}-{number}", old.casefold(): f"{old.casefold()}-{number}"}
        if code := row["supplier_code"]:
            names |= {code: _supplier(code, number), code.casefold(): _supplier(code, number).casefold()}
        return names

    def _document(self, row: Row, number: int) -> Row:
        state = self._state(row, number)
        planned = f"p{number}" if state is DocumentState.PLANNED else ""
        return copied(
            documents, row, number, self._names(row["invoice_id"], number),
            contract=f"{CONTRACT}-{number}" if number % 10 == 0 else "",
            inbox_id=row["seq"] + number * FAR, holds=self._holds(row, number), state=state,
            bum_id=row["bum_id"] and f"{row['bum_id']}-{number}", proposal=planned,
        )  # fmt: skip

    def _holds(self, row: Row, number: int) -> tuple[Hold, ...]:
        return tuple(msgspec.structs.replace(hold, subject=self._subject(hold, row, number)) for hold in row["holds"])

    @staticmethod
    def _subject(hold: Hold, row: Row, number: int) -> str:
        """What is about one document is about another one now; accounts, periods and the like hold many."""
        own = hold.subject in {row["invoice_number"], row["invoice_id"]}
        if not hold.subject or number % 4 == 0:
            return hold.subject
        return f"{hold.subject} {number if own else number % _SUBJECTS}"

    def _causes(self, row: Row, number: int) -> list[Row]:
        if row["state"] is not DocumentState.HELD:
            return []
        new = self._document(row, number)
        shared = {name: new[name] for name in ("connection_id", "invoice_id", "seq", "total", "currency")}
        named = {card_of(hold.cause, hold.subject): hold for hold in new["holds"]}
        return [
            shared | {"card": card, "cause": hold.cause.value, "subject": hold.subject, "since": new["held_since"]}
            for card, hold in named.items()
        ]


def _supplier(code: str, number: int) -> str:
    """Every seventh copy is of the supplier itself, the others of copies of it."""
    return f"{code}-{number}" if number % 7 else code


def seal_audit(database: Database, connection_id: str) -> None:
    """A link of the chain for every entry that has none, of the connection and of people. Their hashes prove nothing; they are as
    long as real ones."""
    for entries, chain, own in (
        (audit, audit_chain, {"connection_id": connection_id}),
        (people_audit, people_audit_chain, {}),
    ):
        with database.read() as tx:
            last = tx.execute(select(func.max(chain.c.position)).filter_by(**own)).scalar() or 0
            sealed = select(chain.c.audit_id).filter_by(**own)
            query = select(entries.c.id).filter_by(**own).where(entries.c.id.not_in(sealed)).order_by(entries.c.id)
            missing = list(tx.execute(query).scalars())
        links: Iterator[Row] = (
            own | {"position": at, "audit_id": audit_id, "hash": f"{audit_id:064x}"}
            for at, audit_id in enumerate(missing, last + 1)
        )
        store(database, chain, links)
