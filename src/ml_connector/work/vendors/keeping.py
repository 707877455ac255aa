"""One pair of vendors: what both sides are to say from now on, and what either has to be sent for that. Reads and sends nothing."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from ml_connector.basware import vendor_bodies
from ml_connector.basware.monitoring import instant
from ml_connector.basware.vendor_bodies import VendorShape
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.vendors import (
    ACTIVE,
    ADDRESS,
    CURRENCY,
    EMAIL,
    NAME,
    NO,
    TAX_ID,
    TERM,
    Address,
    Side,
    Values,
)
from ml_connector.quickbooks import translation_vendors
from ml_connector.rules.texts import clean
from ml_connector.rules.vendor_match import same_tax_id
from ml_connector.rules.vendor_merge import Merged, SideNow, merge
from ml_connector.rules.vendor_names import name_in_quickbooks
from ml_connector.store.outgoing import NewOutgoing, OutgoingRow
from ml_connector.store.schema import OutgoingState, VendorState
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.vendors.materials import RESOURCE, UNKNOWN_TERM, InBasware, InQuickBooks, Materials
from ml_connector.work.vendors.memory import Memory
from ml_connector.work.vendors.settings import VendorSettings

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What follows for one pair. `record` is the vendor as Basware is to hold it, None when that is not ours to say; `needed`: its
    interface has another one; `afresh`: it has the same, but must take it for something new; `told` are the values that are
    news to it. `changes` are the values QuickBooks is to be told."""

    pair: VendorPair
    memory: Memory
    merged: Merged | None = None
    record: NewOutgoing | None = None
    needed: bool = False
    afresh: bool = False
    told: dict[str, str] = {}
    changes: dict[str, str] = {}
    holds: tuple[Hold, ...] = ()
    bank_found: str = ""


class Keeper:
    """Keeps pairs in step, one at a time."""

    def __init__(self, found: Materials, settings: VendorSettings, shape: VendorShape) -> None:
        self._found = found
        self._settings = settings
        self._shape = shape

    def keep(self, pair: VendorPair, memory: Memory, row: OutgoingRow | None) -> Kept:
        """What follows for a pair whose vendor QuickBooks has. `row`: what Basware is to hold of it by now."""
        ours, theirs = self._found.quickbooks[pair.quickbooks_id], self._found.basware.get(pair.code)
        if pair.state is VendorState.MERGED:
            return self._out_of_use(pair, memory, theirs)
        memory = _with_known_tax_id(memory, ours, theirs)
        merged = merge(
            memory.agreed,
            SideNow(
                side=Side.QUICKBOOKS, values=ours.now.values, seen=memory.seen_quickbooks, at=ours.now.at,
                fit=lambda field, value: self._in_quickbooks(field, value, pair, ours), blind=(TAX_ID,),
            ),
            SideNow(
                side=Side.BASWARE, values=theirs.now.values if theirs else {}, seen=memory.seen_basware,
                at=theirs.now.at if theirs else _NEVER, fit=self._in_basware,
            ),
            timedelta(seconds=self._settings.clock_tolerance),
        )  # fmt: skip
        told = {field: value for field, value in memory.seen_quickbooks.items() if field == TAX_ID}
        memory = msgspec.structs.replace(
            memory,
            agreed=merged.agreed,
            seen_quickbooks=told | ours.now.values,
            seen_basware=dict(theirs.now.values) if theirs else memory.seen_basware,
        )
        stands = merged.agreed[NAME].value if NAME in merged.agreed else pair.name
        pair = msgspec.structs.replace(
            pair, name=stands, external_code=theirs.now.key if theirs else pair.external_code
        )
        kept = Kept(pair=pair, memory=memory, merged=merged, holds=self._holds(pair, merged, ours, theirs))
        kept = self._for_quickbooks(kept, merged)
        return self._for_basware(kept, merged, theirs, row)

    # what each side can hold

    def _in_quickbooks(self, field: str, value: str, pair: VendorPair, ours: InQuickBooks) -> str | None:
        match field:
            case "name":
                return name_in_quickbooks(
                    value, pair.code, self._found.names, self._settings.taken_name, vendor=ours.now.key,
                    latin1_only=self._found.latin1_only, shown=ours.now.name,
                )[0]  # fmt: skip
            case "term":
                return None if value.startswith(UNKNOWN_TERM) else value
            case "currency":
                return None if value != ours.now.values.get(CURRENCY) else value
            case _:
                return translation_vendors.fits(field, self._spelled(value))

    def _spelled(self, value: str) -> str:
        """A text in the letters this company's QuickBooks has."""
        if not self._found.latin1_only:
            return value
        return "\n".join(clean(part, limit=1000, latin1_only=True, single_line=True).text for part in value.split("\n"))

    def _in_basware(self, field: str, value: str) -> str | None:
        if field == TERM:
            known = not value or value in self._found.terms or value.startswith(UNKNOWN_TERM)
            return value if known else None
        return vendor_bodies.fits(field, value)

    # what has to be sent

    def _for_quickbooks(self, kept: Kept, merged: Merged) -> Kept:
        if not self._settings.to_quickbooks:
            return kept
        return msgspec.structs.replace(kept, changes=merged.to_quickbooks)

    def _for_basware(self, kept: Kept, merged: Merged, theirs: InBasware | None, row: OutgoingRow | None) -> Kept:
        if not self._settings.to_basware:
            return kept
        pair, memory = kept.pair, kept.memory
        if theirs is None and not pair.external_code:
            return kept  # known from an invoice only: nobody can say what Basware has
        if theirs is not None and theirs.by_hand:
            return self._typed_in(kept, merged)
        base = theirs.record if theirs else vendor_bodies.new_record(pair.external_code, pair.code, self._shape)
        values = self._wire_values(merged, base)
        record = vendor_bodies.with_values(base, values, self._shape)
        present = vendor_bodies.bank_details(base)
        if theirs is not None and not pair.bank:
            pair = msgspec.structs.replace(
                pair, bank=bank_text(present)
            )  # what is there when the two meet is what is known
            kept = msgspec.structs.replace(kept, pair=pair)
        changed_bank = theirs is not None and bank_text(present) != pair.bank
        restored = changed_bank and digest(present) == memory.refused_bank
        if restored:
            record = vendor_bodies.with_bank_details(record, bank_from(pair.bank))
        waits = self._waits_for_term(merged) if theirs is None else ()
        under_way = row is not None and row.state is OutgoingState.SENT  # what becomes of it is known later
        fresh = theirs is not None and memory.screen != _stamp(theirs) and not under_way
        by_hand = theirs is not None and fresh and _changed_in_screens(theirs, base)
        needed = theirs is None or bool(merged.to_basware) or restored or by_hand
        made = NewOutgoing(
            resource=RESOURCE, external_code=pair.external_code, subject=f"vendor {pair.code}", name=pair.name,
            body=vendor_bodies.body_of(record), holds=waits,
        )  # fmt: skip
        if changed_bank and not restored:
            return msgspec.structs.replace(kept, bank_found=bank_text(present))
        return msgspec.structs.replace(
            kept,
            record=made,
            needed=needed,
            afresh=by_hand and not merged.to_basware,
            told=merged.to_basware if theirs else self._all_held(merged),
            memory=msgspec.structs.replace(memory, screen=_stamp(theirs)) if by_hand and theirs else memory,
            holds=(*kept.holds, *waits),
        )

    def _all_held(self, merged: Merged) -> dict[str, str]:
        """Everything agreed as far as Basware can hold it."""
        held = {field: self._in_basware(field, one.value) for field, one in merged.agreed.items()}
        return {field: value for field, value in held.items() if value is not None}

    def _wire_values(self, merged: Merged, base: dict[str, Any]) -> dict[str, str]:
        """Everything agreed as Basware writes it. A term that has several codes there stays under the one it has."""
        values = self._all_held(merged)
        if TERM in values:
            present = str((base.get("paymentTerms") or {}).get("paymentTermCode") or "")
            wanted = values[TERM]
            same = present and self._found.terms_by_code.get(present) == wanted
            code = present if same else self._found.terms.get(wanted, wanted.removeprefix(UNKNOWN_TERM))
            values[TERM] = code
        return values

    def _out_of_use(self, pair: VendorPair, memory: Memory, theirs: InBasware | None) -> Kept:
        """Basware's vendor of one that QuickBooks merged into another: inactive, and nothing else of it changes."""
        if not self._settings.to_basware or theirs is None or theirs.by_hand or not theirs.now.active:
            holds = self._only_by_hand(pair, "active") if theirs and theirs.by_hand and theirs.now.active else ()
            return Kept(pair=pair, memory=memory, holds=holds)
        record = vendor_bodies.with_values(theirs.record, {ACTIVE: NO}, self._shape)
        made = NewOutgoing(
            resource=RESOURCE, external_code=pair.external_code, subject=f"vendor {pair.code}", name=pair.name,
            body=vendor_bodies.body_of(record),
        )  # fmt: skip
        return Kept(pair=pair, memory=memory, record=made, needed=True)

    # what a person has to do

    def _typed_in(self, kept: Kept, merged: Merged) -> Kept:
        home = {CURRENCY: self._found.home_currency}  # what a vendor has in Basware whose currency nobody entered
        wanted = [name for name, value in merged.to_basware.items() if home.get(name) != value]
        if not wanted:
            return kept
        fields = ", ".join(name.replace("_", " ") for name in wanted)
        return msgspec.structs.replace(kept, holds=(*kept.holds, *self._only_by_hand(kept.pair, fields)))

    @staticmethod
    def _only_by_hand(pair: VendorPair, fields: str) -> tuple[Hold, ...]:
        facts = {"name": pair.name, "code": pair.code, "fields": fields}
        return (Hold(cause=Cause.VENDOR_TYPED_IN, subject=f"vendor {pair.code}", facts=facts),)

    def _waits_for_term(self, merged: Merged) -> tuple[Hold, ...]:
        """A vendor that is new in Basware waits for its payment term: sent without, it would be paid by none."""
        return tuple(
            self._term_hold(merged, side) for field, side in merged.unheld if (field, side) == (TERM, Side.BASWARE)
        )

    @staticmethod
    def _term_hold(merged: Merged, side: Side) -> Hold:
        term = merged.agreed[TERM].value.removeprefix(UNKNOWN_TERM)
        return Hold(cause=Cause.VENDOR_TERM_UNKNOWN, subject=term, facts={"term": term, "system": side.value})

    def _holds(
        self, pair: VendorPair, merged: Merged, ours: InQuickBooks, theirs: InBasware | None
    ) -> tuple[Hold, ...]:
        holds = list[Hold]()
        for field, side in merged.unheld:
            value = merged.agreed[field].value
            if field == TERM and (side is Side.QUICKBOOKS or theirs is not None):
                holds.append(self._term_hold(merged, side))
            elif (field, side) == (NAME, Side.QUICKBOOKS):
                holder = self._found.names.holder(value, but=ours.now.key)
                facts = {"name": value, "supplier": pair.code, "taken": holder}
                holds.append(Hold(cause=Cause.VENDOR_NAME_TAKEN, subject=value, facts=facts))
            elif field == CURRENCY and theirs is not None and ours.now.values.get(CURRENCY):
                facts = {
                    "vendor": f"{pair.name} ({ours.now.key})",
                    "vendor_currency": ours.now.values[CURRENCY],
                    "code": pair.code,
                    "in_basware": value or "no currency",
                }
                holds.append(Hold(cause=Cause.VENDOR_CURRENCY_DIFFERS, subject=pair.code, facts=facts))
        tax = merged.agreed.get(TAX_ID)
        shown = ours.now.tax_tail
        known = tax is not None and tax.value and shown and TAX_ID not in merged.to_quickbooks
        if tax is not None and known and not same_tax_id(tax.value, shown):
            facts = {"name": pair.name, "code": pair.code, "tail": shown}
            holds.append(Hold(cause=Cause.VENDOR_TAX_ID_DIFFERS, subject=f"vendor {pair.code}", facts=facts))
        return tuple(holds)


def _with_known_tax_id(memory: Memory, ours: InQuickBooks, theirs: InBasware | None) -> Memory:
    """At the first meeting a tax id that QuickBooks shows the end of is left alone: it is the same, or a person has to look."""
    if memory.agreed or theirs is None or not ours.now.tax_tail:
        return memory
    known = {TAX_ID: theirs.now.values.get(TAX_ID, "")}
    return msgspec.structs.replace(memory, seen_quickbooks=memory.seen_quickbooks | known)


def _stamp(theirs: InBasware) -> str:
    return theirs.screen.last_updated if theirs.screen else ""


def _changed_in_screens(theirs: InBasware, base: dict[str, Any]) -> bool:
    """Whether somebody changed the vendor in Basware's screens after it was posted last. The interface goes before them."""
    screen = theirs.screen
    changed = instant(screen.last_updated) if screen else None
    if screen is None or changed is None or theirs.posted_at is None or changed <= theirs.posted_at:
        return False
    values: Values = theirs.now.values
    address = vendor_bodies.postal_address(base)
    posted = {
        NAME: values[NAME], ACTIVE: values[ACTIVE], EMAIL: values[EMAIL], CURRENCY: values[CURRENCY],
        TERM: str((base.get("paymentTerms") or {}).get("paymentTermCode") or ""),
        ADDRESS: Address(street=address["street"], city=address["city"], postal_code=address["postal_code"]).text(),
    }  # fmt: skip
    shown = {
        NAME: screen.name, ACTIVE: "true" if screen.active else NO, EMAIL: screen.email, CURRENCY: screen.currency,
        TERM: screen.payment_term,
        ADDRESS: Address(street=screen.street, city=screen.city, postal_code=screen.postal_code).text(),
    }  # fmt: skip
    return posted != shown


def digest(details: list[dict[str, Any]]) -> str:
    """What tells bank details apart without repeating them."""
    return sha256(bank_text(details).encode()).hexdigest()


def bank_digest(pair: VendorPair) -> str:
    """The same of those that wait for approval at a pair; empty when none do."""
    return digest(bank_from(pair.bank_found)) if pair.bank_found else ""


def bank_text(details: list[dict[str, Any]]) -> str:
    """Bank details, the same text for the same details."""
    return msgspec.json.encode(details, order="sorted").decode()


def bank_from(text: str) -> list[dict[str, Any]]:
    """Bank details as they are kept."""
    return msgspec.json.decode(text, type=list[dict[str, Any]]) if text else []
