"""Which list records can be made active again, and why one cannot be: by our copies when a person asks, by a fresh look before
the write. Reads copies and settings; calls nobody and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.model.mapping import Dimension, records_of
from ml_connector.model.vendors import ACTIVE, NO, Side
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.records import flag, reference
from ml_connector.quickbooks.translation import books_from
from ml_connector.store import books as book_store
from ml_connector.store import vendor_pairs
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.vendors.memory import recall

ENTITIES: Mapping[Dimension, str] = {
    Dimension.VENDOR: "Vendor",
    Dimension.ACCOUNT: "Account",
    Dimension.LOCATION: "Department",
    Dimension.CLASS: "Class",
    Dimension.CUSTOMER: "Customer",
    Dimension.ITEM: "Item",
    Dimension.TERM: "Term",
}
"""The lists whose records can be made active again, by what accountants call them."""
DIMENSIONS: Mapping[str, Dimension] = {entity: dimension for dimension, entity in ENTITIES.items()}
LEVELS = 5
"""How deep QuickBooks' lists nest at most (Intuit's entity reference)."""

Record = Mapping[str, Any]


class There(msgspec.Struct, frozen=True, kw_only=True):
    """A record with those above it, nearest first, as far as they are there."""

    record: Record
    above: tuple[Record, ...] = ()


def label_of(entity: str, record: Record) -> str:
    """A record as people know it, with its id."""
    known = records_of(books_from({entity: [dict(record)]}), DIMENSIONS[entity])
    return " / ".join(f"{one.label} ({one.id})" for one in known.values())


def with_those_above(known: Callable[[str], Record | None], record_id: str) -> There | None:
    """A record with those above it; `known` gives a record by id, None when it is not there."""
    record = known(record_id)
    if record is None:
        return None
    above = list[Record]()
    last: Record | None = record
    while last is not None and (parent := reference(last, "ParentRef")) and len(above) < LEVELS:
        last = known(parent)
        above += [last] if last is not None else []
    return There(record=record, above=tuple(above))


def copied(tx: Tx, desk: Desk, entity: str) -> Callable[[str], Record | None]:
    """Gives our copies of a list, one at a time."""

    def known(record_id: str) -> Record | None:
        row = book_store.some_of(tx, desk.connection_id, entity, [record_id]).get(record_id)
        return decoded(row) if row is not None and not row.deleted else None

    return known


def decoded(row: BookRow) -> Record:
    """A copy as QuickBooks wrote it."""
    found: Record = wire.decode(row.payload.encode())
    return found


def is_active(record: Record) -> bool:
    """Whether a list record is in use."""
    return flag(record, "Active", absent=True)


def gone(tx: Tx, desk: Desk, entity: str, record_id: str, name: str = "") -> str:
    """Why a record that QuickBooks does not show cannot be made active, in words."""
    row = book_store.some_of(tx, desk.connection_id, entity, [record_id]).get(record_id)
    what = f"{DIMENSIONS[entity].value} {name or record_id}"
    if row is not None and row.merged_into:
        into = copied(tx, desk, entity)(row.merged_into)
        told = label_of(entity, into) if into is not None else f"another one ({row.merged_into})"
        return f"The {what} was merged into {told} in QuickBooks, which cannot be undone. Map what leads to it to that one."
    return (
        f"QuickBooks no longer has the {what}: it was deleted there or merged into another one. "
        "Map what leads to it to another record."
    )


def why_not(tx: Tx, desk: Desk, entity: str, there: There) -> str:
    """Why an inactive record cannot be made active as things are, in words; empty when it can."""
    closed = [one for one in there.above if not is_active(one)]
    if closed:
        what, above = DIMENSIONS[entity].value, label_of(entity, closed[-1])
        return (
            f"It lies below the {what} {above}, which is inactive as well, and QuickBooks has nothing active below something "
            f"inactive. Make {above} active first, in QuickBooks or with `ml-connector holds reactivate`, then this one."
        )
    return _out_of_use_in_basware(tx, desk, str(there.record["Id"])) if entity == "Vendor" else ""


def _out_of_use_in_basware(tx: Tx, desk: Desk, vendor_id: str) -> str:
    """A vendor that QuickBooks has out of use because Basware says so: the later change would stand, so that it would come into
    use in Basware as well, behind the back of whoever stopped it there."""
    settings = desk.settings
    if not settings.vendors.to_quickbooks:
        return ""
    for pair in vendor_pairs.of_vendor(tx, desk.connection_id, vendor_id):
        agreed = recall(pair.memory).agreed.get(ACTIVE)
        if agreed is not None and agreed.value == NO and agreed.side is Side.BASWARE:
            day = agreed.at.astimezone(ZoneInfo(settings.schedule.time_zone)).date()
            return (
                f"Vendor {pair.code} was taken out of use in Basware on {day}, and QuickBooks follows Basware in this. Ask the "
                "accounts payable team to make it active there; QuickBooks follows by itself, and what it held goes again."
            )
    return ""
