"""A QuickBooks company's lists and preferences as the rules read them, out of the copies that `work/changes/` keeps.

Asking for them never reads a list per document: one call brings what changed in all of them, and preferences come along.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

from ml_connector.model.books import Books
from ml_connector.model.holds import Cause
from ml_connector.model.postings import Posting
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import BOOK_ENTITIES, books_from
from ml_connector.store import books as book_store
from ml_connector.store import document_lists
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.work.changes.catch_up import catch_up, poll
from ml_connector.work.changes.settings import CAPTURED_LISTS, POLLED_LISTS, SINGLE
from ml_connector.work.desk import Desk

_TAX = frozenset({
    Cause.TAX_CODE_MISSING, Cause.TAX_CODE_NOT_MAPPED, Cause.TAX_CODE_NOT_FOR_PURCHASES, Cause.TAX_ACCOUNT_MISSING,
    Cause.TAX_DIFFERS,
})  # fmt: skip
"""Causes that a change of tax codes or rates may end; QuickBooks tells nobody of such a change."""


def refresh_lists(desk: Desk, *, thorough: bool = False) -> None:
    """Bring the lists up to date: what changed in any of them, and preferences, since a close date decides what is posted.

    Tax codes and company information are read again when that is due (`slow_minutes`), when documents wait because of tax, or
    when somebody asks for it with `thorough`.
    """
    counts: Counter[str] = Counter()
    catch_up(desk, CAPTURED_LISTS, counts, along=desk.settings.changes.transactions)
    at_once = (*POLLED_LISTS, *SINGLE) if thorough or _waits_for_tax(desk) else ("Preferences",)
    poll(desk, counts, at_once=at_once)


def _waits_for_tax(desk: Desk) -> bool:
    with desk.database.read() as tx:
        return document_lists.any_held_by(tx, desk.connection_id, _TAX)


def load_books(desk: Desk, named: Mapping[str, Collection[str]] | None = None) -> Books:
    """The copied lists as the rules read them: what QuickBooks has, inactive records included.

    `named`: of these lists only the records with these ids, deleted ones too, for pages that show a few of ten thousand.
    """
    some = named or {}
    with desk.database.read() as tx:
        whole = [entity for entity in (*BOOK_ENTITIES, *SINGLE) if entity not in some]
        rows = {entity: book_store.all_of(tx, desk.connection_id, entity) for entity in whole}
        for entity, ids in some.items():
            wanted = sorted(set(ids) - {""})
            rows[entity] = list(book_store.some_of(tx, desk.connection_id, entity, wanted).values())
    return books_from({entity: _decoded(records) for entity, records in rows.items()})


def load_labels(desk: Desk, postings: Sequence[Posting], *, whole: Collection[str] = ()) -> Books:
    """The same as far as people are shown these postings: only the records that are named in them, but for lists to be `whole`."""
    lines = [line for posting in postings for line in posting.lines]
    named = {
        "Vendor": {*(one.vendor_id for one in postings), *(line.vendor_id for line in lines)},
        "Account": {*(one.payable_account_id for one in postings), *(line.account_id for line in lines)},
        "Department": {*(one.location_id for one in postings), *(line.location_id for line in lines)},
        "Class": {line.class_id for line in lines},
        "Customer": {line.customer_id for line in lines},
        "Item": {line.item_id for line in lines},
        "Term": {one.term_id for one in postings},
    }
    return load_books(desk, {entity: ids for entity, ids in named.items() if entity not in whole})


class KeptBooks:
    """Books as they were read last, for pages that show them: read again only when a copy has changed. Safe to share.

    What decides on documents reads them itself (`load_books`).
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, tuple[tuple[object, ...], Books]] = {}

    def signature(self, desk: Desk) -> object:
        """Tells the books that were read last from any others."""
        with self._lock:
            known = self._known.get(desk.connection_id)
        return None if known is None else known[0]

    def of(self, desk: Desk) -> Books:
        """The connection's books."""
        with desk.database.read() as tx:
            now = book_store.signature(tx, desk.connection_id, (*BOOK_ENTITIES, *SINGLE))
        with self._lock:
            known = self._known.get(desk.connection_id)
        if known is None or known[0] != now:
            known = now, load_books(desk)
            with self._lock:
                self._known[desk.connection_id] = known
        return known[1]


def _decoded(rows: Iterable[BookRow]) -> list[dict[str, Any]]:
    return [wire.decode(row.payload.encode()) for row in rows]


def company_name(tx: Tx, desk: Desk) -> str:
    """The QuickBooks company's name, for people."""
    return next((row.name for row in book_store.all_of(tx, desk.connection_id, "CompanyInfo")), "")
