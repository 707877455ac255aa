"""Everything known about vendors on both sides, read from the tables in one go: copies of QuickBooks' records, what Basware's
interface showed, what its screens have (Data Access), links, rules, payment terms, and how far the other clocks are ahead of ours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ml_connector.basware import vendor_bodies
from ml_connector.basware.monitoring import instant
from ml_connector.model.mapping import Dimension
from ml_connector.model.master_data import Kind
from ml_connector.model.vendors import (
    ACTIVE,
    ADDRESS,
    CURRENCY,
    EMAIL,
    NAME,
    NO,
    TAX_ID,
    TERM,
    YES,
    Address,
    VendorNow,
)
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import preferences_from
from ml_connector.quickbooks.translation_vendors import vendor_now
from ml_connector.rules.vendor_merge import median
from ml_connector.rules.vendor_names import Names
from ml_connector.store import books as book_store
from ml_connector.store import copies, cursors, extracts, given_codes, intents, links, mappings
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import Operation, System
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.suppliers import Supplier, suppliers
from ml_connector.work.feeds.vendors import FEED
from ml_connector.work.vendors.memory import ClockSamples

CLOCK = "basware.clock"
"""The cursor that keeps how far Basware's clock was ahead."""
RESOURCE = "vendors"
UNKNOWN_TERM = "Basware: "
"""How a payment term of Basware's that belongs to none of QuickBooks is called: it counts as a value QuickBooks cannot hold."""
_MOST = 1_000_000


class InQuickBooks(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor as QuickBooks has it. `merged_into` is the id of the one that took it over; `deleted`: it is no longer there."""

    now: VendorNow
    record: dict[str, Any]
    deleted: bool = False
    merged_into: str = ""


class InBasware(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor as Basware has it. `record` is what its interface shows, empty where a person typed the vendor into its screens;
    `posted_at` when it was posted last, by Basware's clock."""

    now: VendorNow
    record: dict[str, Any] = {}
    posted_at: datetime | None = None
    screen: Supplier | None = None

    @property
    def by_hand(self) -> bool:
        """Whether only Basware's screens have it: the interface can neither show nor change it."""
        return not self.record


class Materials(msgspec.Struct, frozen=True, kw_only=True):
    """All vendors of both sides, and what it takes to compare them. `terms` are Basware's codes by QuickBooks id."""

    quickbooks: dict[str, InQuickBooks]
    basware: dict[str, InBasware]
    links: dict[str, str]
    names: Names
    terms: Mapping[str, str]
    terms_by_code: Mapping[str, str]
    latin1_only: bool
    home_currency: str
    multicurrency: bool
    basware_is_known: bool
    """Whether what people typed into Basware has been read, where it is read at all: before, nothing is created there."""


def load(tx: Tx, desk: Desk) -> Materials:
    """Read everything. Bounded by the number of vendors: ten thousand take some tens of megabytes."""
    terms, by_code = _terms(tx, desk)
    rows = book_store.all_of(tx, desk.connection_id, "Vendor")
    preferences = preferences_from(*(_single(tx, desk, name) for name in ("Preferences", "CompanyInfo")))
    own = desk.settings.basware.extracts
    basware = _from_interface(tx, desk, by_code)
    if own.enabled:
        _add_screens(tx, desk, basware, by_code)
    return Materials(
        quickbooks=_from_quickbooks(tx, desk, rows),
        basware=basware,
        links=_links(tx, desk),
        names=Names(_holders(tx, desk, rows)),
        terms=terms,
        terms_by_code=by_code,
        latin1_only=preferences.is_us,
        home_currency=preferences.home_currency,
        multicurrency=preferences.multicurrency,
        basware_is_known=not own.enabled or extracts.newest_initial(tx, desk.connection_id) is not None,
    )


def _single(tx: Tx, desk: Desk, entity: str) -> dict[str, Any]:
    row = next(iter(book_store.all_of(tx, desk.connection_id, entity)), None)
    return {} if row is None else wire.decode(row.payload.encode())


def _from_quickbooks(tx: Tx, desk: Desk, rows: list[BookRow]) -> dict[str, InQuickBooks]:
    ahead = median(book_store.clock_differences(tx, desk.connection_id, "Vendor"))
    gone = book_store.gone(tx, desk.connection_id, "Vendor")
    found = {}
    for row in (*rows, *gone):
        record = wire.decode(row.payload.encode())
        found[row.quickbooks_id] = InQuickBooks(
            now=vendor_now(record, ahead), record=record, deleted=row.deleted, merged_into=row.merged_into
        )
    return found


def _from_interface(tx: Tx, desk: Desk, terms: Mapping[str, str]) -> dict[str, InBasware]:
    """What Basware's interface shows, by vendor code; of two with one code the one in use, else the one that changed last."""
    ahead, shape = (
        basware_ahead(tx, desk.connection_id),
        desk.settings.vendors.shape(desk.settings.basware.company_codes),
    )
    found: dict[str, InBasware] = {}
    for copy in copies.listing(tx, desk.connection_id, FEED, limit=_MOST):
        if copy.problem:
            continue
        record, posted_at = vendor_bodies.read_record(copy.payload), vendor_bodies.changed_at(copy.payload)
        now = vendor_bodies.vendor_now(record, shape, posted_at, ahead)
        now = msgspec.structs.replace(now, values=now.values | {TERM: _term(now.values[TERM], terms)})
        one = InBasware(now=now, record=record, posted_at=posted_at)
        other = found.get(now.code)
        if now.code and (other is None or _weight(one) > _weight(other)):
            found[now.code] = one
    return found


def _weight(one: InBasware) -> tuple[bool, datetime, str]:
    return one.now.active, one.now.at, one.now.key


def _add_screens(tx: Tx, desk: Desk, basware: dict[str, InBasware], terms: Mapping[str, str]) -> None:
    """What Basware's screens have: on top of what its interface shows, and vendors it does not show at all."""
    ahead = basware_ahead(tx, desk.connection_id)
    own = set(desk.settings.basware.company_codes)
    for one in suppliers(tx, desk.connection_id, desk.settings.basware.extracts.suppliers):
        if not one.code or (one.organization and one.organization not in own):
            continue
        known = basware.get(one.code)
        if known is not None and known.record:
            if known.now.key == one.id:
                basware[one.code] = msgspec.structs.replace(known, screen=one)
            continue
        changed = instant(one.last_updated)
        if known is None and changed is not None:
            basware[one.code] = InBasware(now=_typed_in(one, terms, changed - ahead), screen=one)


def _typed_in(one: Supplier, terms: Mapping[str, str], at: datetime) -> VendorNow:
    address = Address(street=one.street, city=one.city, postal_code=one.postal_code, country=one.country)
    values = {
        NAME: one.name,
        ACTIVE: YES if one.active else NO,
        EMAIL: one.email,
        ADDRESS: address.text(),
        TERM: _term(one.payment_term, terms),
        CURRENCY: one.currency,
        TAX_ID: one.tax_id,
    }
    return VendorNow(key="", code=one.code, values=values, at=at)


def _term(code: str, terms: Mapping[str, str]) -> str:
    """A payment term of Basware's as QuickBooks' id."""
    return terms.get(code, f"{UNKNOWN_TERM}{code}") if code else ""


def _terms(tx: Tx, desk: Desk) -> tuple[dict[str, str], dict[str, str]]:
    """Basware's codes by QuickBooks id, and the reverse: codes given by us, and codes that people mapped."""
    by_code = {
        rule.code: rule.target_id
        for rule in mappings.load(tx, desk.connection_id).rules
        if rule.dimension is Dimension.TERM and rule.code and rule.target_id
    }
    codes: dict[str, str] = {}
    for code in sorted(by_code):
        codes.setdefault(by_code[code], code)
    for given in given_codes.of_kind(tx, desk.connection_id, Kind.TERM).values():
        if given.code:
            codes[given.quickbooks_id] = given.code
            by_code.setdefault(given.code, given.quickbooks_id)
    return codes, by_code


def _links(tx: Tx, desk: Desk) -> dict[str, str]:
    """QuickBooks' ids by vendor code: from links, and before those from the rules people made."""
    found = {one.basware_id: one.quickbooks_id for one in links.all_of_kind(tx, desk.connection_id, "vendor")}
    rules = mappings.load(tx, desk.connection_id).rules
    return found | {
        rule.code: rule.target_id
        for rule in rules
        if rule.dimension is Dimension.VENDOR and rule.code and rule.target_id
    }


def _holders(tx: Tx, desk: Desk, vendors: list[BookRow]) -> list[tuple[str, str, str]]:
    found = [(row.name, "vendor", row.quickbooks_id) for row in vendors]
    for entity in ("Customer", "Employee"):
        rows = book_store.all_of(tx, desk.connection_id, entity)
        found += [(row.name, entity.lower(), row.quickbooks_id) for row in rows]
    on_their_way = intents.in_state(
        tx, desk.connection_id, intents.UNDER_WAY, system=System.QUICKBOOKS, operation=Operation.CREATE_VENDOR
    )
    for one in on_their_way:
        name = wire.decode(one.body.encode()).get("DisplayName", "")
        found.append((name, "vendor", f"new {one.subject}"))
    return found


def basware_ahead(tx: Tx, connection_id: str) -> timedelta:
    """How far Basware's clock is ahead of ours, as measured at our own writes."""
    return median([timedelta(seconds=one) for one in clock_samples(tx, connection_id).ahead])


def clock_samples(tx: Tx, connection_id: str) -> ClockSamples:
    """What was measured so far."""
    text = cursors.get(tx, connection_id, CLOCK)
    return msgspec.json.decode(text, type=ClockSamples) if text else ClockSamples()
