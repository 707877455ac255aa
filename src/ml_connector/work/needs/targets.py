"""What a code may become: the records of one QuickBooks list that fit what a person types, and the obvious match.

Only the one list is read, and for a search only the records that may fit; nothing is decided here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ml_connector.model.books import Books, ListRecord
from ml_connector.model.mapping import Dimension, records_of
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import books_from
from ml_connector.rules.propose import propose
from ml_connector.store import books as book_store
from ml_connector.store.books import BookRow
from ml_connector.work.desk import Desk

_ENTITIES: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.ACCOUNT: ("Account",),
    Dimension.LOCATION: ("Department",),
    Dimension.CLASS: ("Class",),
    Dimension.CUSTOMER: ("Customer",),
    Dimension.ITEM: ("Item",),
    Dimension.TAX_CODE: ("TaxCode", "TaxRate"),
    Dimension.TERM: ("Term",),
    Dimension.VENDOR: ("Vendor",),
}
MOST = 20
"""Records shown at once: whoever sees more types more."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A record of QuickBooks that a code may become. `why`: what speaks for it, where it is proposed."""

    id: str
    name: str
    why: str = ""


def one_list(desk: Desk, dimension: Dimension) -> Books:
    """The books with nothing but the list a dimension points into."""
    with desk.database.read() as tx:
        rows = {entity: book_store.all_of(tx, desk.connection_id, entity) for entity in _ENTITIES[dimension]}
    return books_from({entity: [_decoded(row) for row in some] for entity, some in rows.items()})


def targets(desk: Desk, dimension: Dimension, text: str, *, limit: int = MOST) -> list[Target]:
    """Active records whose name, number or id has the text in it, those that begin with it first."""
    wanted = text.strip().casefold()
    entity = _ENTITIES[dimension][0]
    with desk.database.read() as tx:
        rows = book_store.search(tx, desk.connection_id, entity, text.strip(), limit=10 * limit)
    found = records_of(books_from({entity: [_decoded(row) for row in rows]}), dimension).values()
    fitting = [one for one in found if one.active and any(wanted in name for name in _names(one))]
    fitting.sort(key=lambda one: (not any(name.startswith(wanted) for name in _names(one)), one.label.casefold()))
    return [Target(id=one.id, name=one.label) for one in fitting[:limit]]


def proposed(desk: Desk, dimension: Dimension, code: str, name: str) -> list[Target]:
    """The obvious match for a code, if there is one."""
    found = propose([(code, name)], one_list(desk, dimension), dimension)
    return [Target(id=one.target_id, name=one.target_name, why=one.why) for one in found]


def named(desk: Desk, kind: str, ids: list[str]) -> list[Target]:
    """Records by id, in this order; those that are no longer there are left out."""
    with desk.database.read() as tx:
        rows = book_store.some_of(tx, desk.connection_id, kind, ids)
    return [Target(id=one, name=rows[one].name) for one in ids if one in rows and not rows[one].deleted]


def _names(record: ListRecord) -> list[str]:
    numbers = (getattr(record, "number", ""), getattr(record, "sku", ""))
    return [name.casefold() for name in (record.label, record.full_name, record.name, *numbers, record.id) if name]


def _decoded(row: BookRow) -> dict[str, Any]:
    return wire.decode(row.payload.encode())
