"""A QuickBooks company's lists and preferences, kept in the store and refreshed by what changed, never per document.

The first load reads every list in pages of 1 000, several in one call. After that one change-data-capture call brings what
changed, and one batch the few lists it does not cover (Intuit's reference: no tax codes and no tax rates there).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from ml_connector.model.books import Books
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.queries import page_of
from ml_connector.quickbooks.translation import books_from
from ml_connector.quickbooks.wire import MAX_PAGE
from ml_connector.store import books as book_store
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk

CAPTURED = ("Account", "Department", "Class", "Customer", "Vendor", "Term")
"""Lists that change data capture covers."""
UNCAPTURED = ("TaxCode", "TaxRate")
SINGLE = ("CompanyInfo", "Preferences")
_LOOK_BACK = timedelta(days=29)  # Intuit keeps 30 days of changes
_OVERLAP = timedelta(minutes=5)
_CURSOR = "lists"


def refresh_lists(desk: Desk) -> None:
    """Bring the cached lists up to date. The cursor moves only together with what it stands for, in one transaction."""
    with desk.database.read() as tx:
        cursor = book_store.cursor(tx, desk.connection_id, _CURSOR)
    now = desk.clock.now()
    since = datetime.fromisoformat(cursor.cursor) if cursor and cursor.cursor else None
    if since is None or now - since > _LOOK_BACK:
        _load_everything(desk, now)
        return
    changes = desk.quickbooks.changes(CAPTURED, since - _OVERLAP)
    if changes.truncated:
        _load_everything(desk, now)
        return
    records: dict[str, list[dict[str, Any]]] = {entity: list(changes.records.get(entity, ())) for entity in CAPTURED}
    records.update(_uncaptured(desk))
    _store(desk, records, changes.time)


def _load_everything(desk: Desk, now: datetime) -> None:
    records = _whole(desk, (*CAPTURED, *UNCAPTURED))
    records.update(_singles(desk))
    _store(desk, records, now)


def _uncaptured(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    return _whole(desk, UNCAPTURED) | _singles(desk)


def _whole(desk: Desk, entities: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Whole lists, their first pages in one call; inactive records too, since they are caught before posting."""
    pages = desk.quickbooks.batch_queries([page_of(entity) for entity in entities])
    return {
        entity: page if len(page) < MAX_PAGE else list(desk.quickbooks.query_all(entity))
        for entity, page in zip(entities, pages, strict=True)
    }


def _singles(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    return {"CompanyInfo": [desk.quickbooks.company_info()], "Preferences": [desk.quickbooks.preferences()]}


def _store(desk: Desk, records: dict[str, list[dict[str, Any]]], as_of: datetime) -> None:
    now = desk.clock.now()
    with desk.write() as tx:
        for entity, rows in records.items():
            book_store.put_many(tx, desk.connection_id, entity, [list_row(entity, row) for row in rows], now)
        book_store.put_cursor(tx, desk.connection_id, _CURSOR, as_of.isoformat(), now)


def list_row(entity: str, record: dict[str, Any]) -> BookRow:
    """A record as a row of the cache; also of one that a write just returned, since nothing is read after writing."""
    return BookRow(
        quickbooks_id="1" if entity in SINGLE else str(record.get("Id", "")),
        sync_token=str(record.get("SyncToken", "")),
        active=bool(record.get("Active", True)),
        name=str(
            record.get("DisplayName")
            or record.get("FullyQualifiedName")
            or record.get("CompanyName")
            or record.get("Name")
            or ""
        ),
        payload=wire.encode(record).decode(),
    )


def load_books(desk: Desk) -> Books:
    """The cached lists as the rules read them."""
    with desk.database.read() as tx:
        rows = {
            entity: book_store.all_of(tx, desk.connection_id, entity) for entity in (*CAPTURED, *UNCAPTURED, *SINGLE)
        }
    return books_from({entity: _decoded(records) for entity, records in rows.items()})


def _decoded(rows: Iterable[BookRow]) -> list[dict[str, Any]]:
    return [wire.decode(row.payload.encode()) for row in rows]


def company_name(tx: Tx, desk: Desk) -> str:
    """The QuickBooks company's name, for people."""
    return next((row.name for row in book_store.all_of(tx, desk.connection_id, "CompanyInfo")), "")
