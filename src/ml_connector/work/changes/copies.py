"""Puts QuickBooks' records into the store as copies, and asks QuickBooks about records by id before their end is believed.

A record nobody can read never blocks the others: it is left out and an alert names it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.changes import RecordKey
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.faults import Fault
from ml_connector.quickbooks.queries import ids_in
from ml_connector.quickbooks.records import flag, instant, number, required, text
from ml_connector.quickbooks.wire import MAX_BATCH_ITEMS, UnreadableError
from ml_connector.store import alerts, own_writes
from ml_connector.store import books as book_store
from ml_connector.store.books import BookRow
from ml_connector.store.columns import KEY_LIMIT
from ml_connector.store.database import Tx
from ml_connector.store.own_writes import OwnWriteRow
from ml_connector.store.schema import Severity
from ml_connector.work.changes.settings import SINGLE
from ml_connector.work.desk import Desk

Record = dict[str, Any]
Counts = Counter[str]
"""What a run did, by the names of `JobReport.counts`: records read, deletions found, notices read."""

UNREAD = "changes"
"""The kind of alert that says what cannot be read; its subject is the entity."""
_RECORDS_PER_CALL = 1000
_MOST_DIVISIONS = 60
"""Statements asked again in halves, to find the one id that spoils them, before the rest is given up."""
_NAMES = ("DisplayName", "FullyQualifiedName", "CompanyName", "Name", "DocNumber")


def row_of(entity: str, record: Record, as_of: datetime | None) -> BookRow:
    """A record as a row of the store, known to be the present state at `as_of`. Raises UnreadableError when it cannot be kept."""
    if not isinstance(record, dict):
        raise UnreadableError("it is no record")
    key = "1" if entity in SINGLE else required(record, "Id")
    if len(key) > KEY_LIMIT:
        raise UnreadableError(f"its id has {len(key)} characters")
    changed = instant(record, "MetaData", "LastUpdatedTime")
    row = BookRow(
        quickbooks_id=key,
        sync_token=text(record, "SyncToken"),
        active=flag(record, "Active", absent=True),
        last_updated=changed.isoformat(timespec="seconds") if changed else "",
        as_of=as_of,
        name=next(filter(None, (text(record, name) for name in _NAMES)), ""),
        payload=wire.encode(record).decode(),
    )
    return _findable(row, record) if entity in set(TransactionType) else row


def _findable(row: BookRow, record: Record) -> BookRow:
    """A transaction with what it is looked for by. One whose amount nobody can read is found by the rest."""
    try:
        total = number(record, "TotalAmt")
    except UnreadableError:
        total = None
    return msgspec.structs.replace(
        row, number=text(record, "DocNumber").lower(), vendor_id=text(record, "VendorRef", "value"),
        day=text(record, "TxnDate")[:10], total=book_store.total_key(total),
    )  # fmt: skip


def keep(  # noqa: PLR0917
    tx: Tx,
    desk: Desk,
    entity: str,
    records: Iterable[Record],
    as_of: datetime | None,
    counts: Counts,
    *,
    afresh: bool = False,
) -> None:
    """Store what was read of an entity, as far as it can be read; see `store/books.py` for which version is kept."""
    rows, problems = list[BookRow](), list[str]()
    for record in records:
        try:
            rows.append(row_of(entity, record, as_of))
        except (UnreadableError, wire.UnsendableError) as error:
            problems.append(f"{_called(record)}: {error}")
    counts["records"] += book_store.put_many(tx, desk.connection_id, entity, rows, desk.clock.now(), afresh=afresh)
    if problems:
        counts["unreadable"] += len(problems)
        told = f"{len(problems)} records of {entity} in QuickBooks cannot be read and are left out: {problems[0]}"
        warn(tx, desk, entity, f"{told}. Open the record in QuickBooks and save it again; everything else goes on.")


def _called(record: Any) -> str:
    return f"record {str(record['Id'])[:60]}" if isinstance(record, dict) and "Id" in record else "a record without id"


def warn(tx: Tx, desk: Desk, entity: str, message: str) -> None:
    """Tell people what of an entity cannot be read."""
    now = desk.clock.now()
    alerts.raise_(
        tx, desk.connection_id, kind=UNREAD, subject=entity, severity=Severity.WARNING, message=message, now=now
    )


def cannot_read(tx: Tx, desk: Desk, entity: str, faults: Sequence[Fault]) -> None:
    """QuickBooks refuses to show an entity: noted with it, told to people; every other entity goes on."""
    said = words(faults)
    book_store.put_problem(tx, desk.connection_id, entity, said, desk.clock.now())
    message = f"QuickBooks does not show {entity} records: {said}. Their copies are not kept up to date until it does."
    warn(tx, desk, entity, message)


def words(faults: Sequence[Fault]) -> str:
    """Refusals in QuickBooks' own words."""
    return "; ".join(f"{one.code} {one.detail or one.message}".strip() for one in faults) or "no reason given"


class Asked(msgspec.Struct, kw_only=True):
    """What QuickBooks said to ids: the records it has, the ids it has not, and what it refused to say, by record."""

    found: dict[str, list[Record]] = msgspec.field(default_factory=dict)
    gone: dict[str, list[str]] = msgspec.field(default_factory=dict)
    refused: dict[RecordKey, str] = msgspec.field(default_factory=dict)
    as_of: datetime | None = None
    """By QuickBooks' clock: everything said is true at this moment. None when nothing was answered."""


def ask(desk: Desk, wanted: Mapping[str, Iterable[str]]) -> Asked:
    """Ask for records by id, in as few calls as there can be. Inactive records are there; deleted ones are not."""
    asked, divisions = Asked(), 0
    open_: list[tuple[str, list[str]]] = [
        (entity, ids) for entity, all_ids in wanted.items() for ids in _portions(entity, list(dict.fromkeys(all_ids)))
    ]
    while open_:
        portion, open_ = _one_call(open_)
        desk.keep_lease()
        pages = desk.quickbooks.pages([statement_for(entity, ids) for entity, ids in portion])
        for (entity, ids), page in zip(portion, pages, strict=True):
            if page.time is not None and not page.faults:
                asked.as_of = min(asked.as_of or page.time, page.time)
                _sort(asked, entity, ids, page.rows)
            elif len(ids) > 1 and divisions < _MOST_DIVISIONS:
                divisions += 2
                middle = len(ids) // 2
                open_ += [(entity, ids[:middle]), (entity, ids[middle:])]
            else:
                asked.refused |= {(entity, one): words(page.faults) for one in ids}
    return asked


def statement_for(entity: str, ids: Sequence[str]) -> str:
    """The one statement that reads these records; there is only one preferences record and it needs no id."""
    return f"SELECT * FROM {entity}" if entity in SINGLE else ids_in(entity, ids)[0]  # noqa: S608 - not SQL, a fixed name


def _portions(entity: str, ids: list[str]) -> Iterable[list[str]]:
    """Ids in lists that fit one statement each."""
    if entity in SINGLE:
        return [["1"]] if ids else []
    room, portions = ids, list[list[str]]()
    while room:
        size = min(len(room), 200)
        while len(ids_in(entity, room[:size])) > 1:
            size = max(1, size // 2)
        portions.append(room[:size])
        room = room[size:]
    return portions


def _one_call(
    open_: list[tuple[str, list[str]]],
) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """What is asked in the next call, bounded by queries and by the records that may come back; and the rest."""
    size = records = 0
    for _, ids in open_[:MAX_BATCH_ITEMS]:
        if size and records + len(ids) > _RECORDS_PER_CALL:
            break
        size, records = size + 1, records + len(ids)
    return open_[:size], open_[size:]


def _sort(asked: Asked, entity: str, ids: Sequence[str], rows: list[Record]) -> None:
    asked.found.setdefault(entity, []).extend(rows)
    if entity in SINGLE:
        return
    there = {str(row.get("Id", "")) for row in rows if isinstance(row, dict)}
    asked.gone.setdefault(entity, []).extend(one for one in ids if one not in there)


def keep_asked(tx: Tx, desk: Desk, asked: Asked, counts: Counts, merged: Mapping[RecordKey, str] | None = None) -> None:
    """Store what QuickBooks said to ids: records as they are, and the end of those it has no more."""
    if asked.as_of is None:
        return
    now = desk.clock.now()
    for entity, records in asked.found.items():
        keep(tx, desk, entity, records, asked.as_of, counts)
    for entity, ids in asked.gone.items():
        into = {one: (merged or {}).get((entity, one), "") for one in ids}
        for survivor in set(into.values()):
            some = [one for one in ids if into[one] == survivor]
            counts["deleted"] += book_store.mark_deleted(
                tx, desk.connection_id, entity, some, asked.as_of, now, merged_into=survivor
            )


def keep_own_write(tx: Tx, desk: Desk, entity: str, record: Record, *, answered: bool) -> None:
    """A write of ours left this record in QuickBooks: it is the newest copy, and its announcement will be an echo.

    `answered` is False when the record was looked up because the answer got lost: then somebody else's change may be in it.
    Only entities that are watched are kept, since nobody would follow the others.
    """
    if entity not in desk.settings.changes.captured:
        return
    try:
        written_at = instant(record, "MetaData", "LastUpdatedTime")
        row = row_of(entity, record, written_at)
    except UnreadableError:
        return  # it is in QuickBooks, which is what counts here; its announcement will have it read again, and told
    now = desk.clock.now()
    known = book_store.some_of(tx, desk.connection_id, entity, [row.quickbooks_id]).get(row.quickbooks_id)
    seen = known is not None and book_store.version(known.sync_token) >= book_store.version(row.sync_token)
    book_store.put_many(tx, desk.connection_id, entity, [row], now)
    if answered and written_at is not None and row.sync_token and not seen:
        write = OwnWriteRow(
            entity=entity, quickbooks_id=row.quickbooks_id, sync_token=row.sync_token, written_at=written_at
        )
        own_writes.note(tx, desk.connection_id, write)


OWN_WRITES_KEPT = timedelta(days=7)
"""How long the announcement of a write of ours is waited for."""
