"""What is shown of vendors: who is who, what both sides agreed on, what waits for whom. No bank account is shown whole."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from ml_connector.basware.bank_accounts import masked_accounts
from ml_connector.model.vendors import FIELDS
from ml_connector.rules.causes import describe
from ml_connector.rules.vendor_match import Candidate
from ml_connector.store import outgoing, vendor_pairs
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.schema import OutgoingState, VendorState
from ml_connector.store.vendor_pairs import VendorPair, VendorSort
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing
from ml_connector.work.vendors.keeping import bank_digest, bank_from
from ml_connector.work.vendors.materials import RESOURCE
from ml_connector.work.vendors.memory import recall
from ml_connector.work.vendors.pairing import candidates_of


class VendorCause(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a vendor waits for, in words."""

    code: str
    title: str
    sentence: str
    what_to_do: str
    who: str


class VendorLine(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor in a list. `basware` says how far the record for Basware is, empty when nothing was ever sent; `changed_at` when
    anything kept of the vendor changed last."""

    code: str
    name: str
    quickbooks_id: str
    external_code: str
    state: str
    why: str
    basware: str
    causes: list[VendorCause]
    changed_at: datetime | None


class FieldLine(msgspec.Struct, frozen=True, kw_only=True):
    """One field: what was agreed, who wrote it when, and what both sides said when they were looked at last."""

    field: str
    agreed: str
    written_by: str
    written_at: datetime | None
    quickbooks: str
    basware: str


class CandidateLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who a vendor under review may be."""

    quickbooks_id: str
    name: str
    score: int
    why: list[str]
    against: list[str]


class VendorView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one vendor. Bank accounts show their last four characters."""

    vendor: VendorLine
    fields: list[FieldLine]
    candidates: list[CandidateLine]
    bank_approved: list[str]
    bank_waiting: list[str]
    bank_waiting_since: datetime | None
    bank_waiting_digest: str
    changed_by: str


class ReviewLine(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor that a person has to match."""

    code: str
    name: str
    candidates: list[CandidateLine]


def vendor_list(
    desk: Desk,
    *,
    states: tuple[VendorState, ...] = (),
    text: str = "",
    waiting: bool = False,
    order: VendorSort = VendorSort.NAME,
) -> Listing[str, VendorLine]:
    """Vendors by name, unless told otherwise; with `waiting` only those that wait for something."""
    found = vendor_pairs.ordered(desk.connection_id, states=states, text=text, waiting=waiting, order=order)
    return Listing(desk.database, found, partial(_lines, desk))


def review_list(desk: Desk) -> Listing[str, ReviewLine]:
    """Vendors whose counterpart a person has to name."""
    found = vendor_pairs.ordered(desk.connection_id, states=(VendorState.REVIEW,))
    return Listing(desk.database, found, partial(_reviews, desk))


def _lines(desk: Desk, codes: Sequence[str]) -> list[VendorLine]:
    with desk.database.read() as tx:
        pairs = vendor_pairs.these(tx, desk.connection_id, codes)
        changed = vendor_pairs.changed_at(tx, desk.connection_id, codes)
        sent = [pair.external_code for pair in pairs if pair.external_code]
        rows = outgoing.known(tx, desk.connection_id, RESOURCE, sent)
    return [_line(pair, rows.get(pair.external_code), changed.get(pair.code)) for pair in pairs]


def _reviews(desk: Desk, codes: Sequence[str]) -> list[ReviewLine]:
    with desk.database.read() as tx:
        pairs = vendor_pairs.these(tx, desk.connection_id, codes)
    return [ReviewLine(code=one.code, name=one.name, candidates=_candidates(candidates_of(one))) for one in pairs]


def vendor_line(desk: Desk, pair: VendorPair) -> VendorLine:
    """One vendor as a list shows it."""
    with desk.database.read() as tx:
        rows = outgoing.known(tx, desk.connection_id, RESOURCE, [pair.external_code]) if pair.external_code else {}
        changed = vendor_pairs.changed_at(tx, desk.connection_id, [pair.code])
    return _line(pair, rows.get(pair.external_code), changed.get(pair.code))


def vendor_view(desk: Desk, pair: VendorPair) -> VendorView:
    """One vendor with its fields."""
    memory = recall(pair.memory)
    fields = []
    for name in FIELDS:
        agreed = memory.agreed.get(name)
        fields.append(
            FieldLine(
                field=name,
                agreed=_shown(agreed.value) if agreed else "",
                written_by=agreed.side.value if agreed else "",
                written_at=agreed.at if agreed else None,
                quickbooks=_shown(memory.seen_quickbooks.get(name, "")),
                basware=_shown(memory.seen_basware.get(name, "")),
            )
        )
    return VendorView(
        vendor=vendor_line(desk, pair),
        fields=fields,
        candidates=_candidates(candidates_of(pair)),
        bank_approved=masked_accounts(bank_from(pair.bank)),
        bank_waiting=masked_accounts(bank_from(pair.bank_found)),
        bank_waiting_since=pair.bank_found_at,
        bank_waiting_digest=bank_digest(pair),
        changed_by=pair.changed_by,
    )


def _line(pair: VendorPair, row: OutgoingRow | None, changed_at: datetime | None) -> VendorLine:
    holds = pair.holds + (row.holds if row is not None and row.state is OutgoingState.REFUSED else ())
    causes = [
        VendorCause(
            code=hold.cause.value,
            title=told.title,
            sentence=told.sentence,
            what_to_do=told.what_to_do,
            who=told.who.value,
        )
        for hold in holds
        for told in (describe(hold),)
    ]
    return VendorLine(
        code=pair.code,
        name=pair.name,
        quickbooks_id=pair.quickbooks_id,
        external_code=pair.external_code,
        state=pair.state.value,
        why=pair.why,
        basware=row.state.value if row is not None else "",
        causes=causes,
        changed_at=changed_at,
    )


def _candidates(found: list[Candidate]) -> list[CandidateLine]:
    return [
        CandidateLine(
            quickbooks_id=one.quickbooks_id,
            name=one.name,
            score=one.score,
            why=list(one.why),
            against=list(one.against),
        )
        for one in found
    ]


def _shown(value: str) -> str:
    """An address on one line."""
    return ", ".join(part for part in value.split("\n") if part)
