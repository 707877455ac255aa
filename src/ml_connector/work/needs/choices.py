"""What the forms of a cause offer: codes to be mapped with the obvious match, vendors and transactions to choose among.

Read only. Everything offered comes from the holds themselves and from our copies of QuickBooks; nobody is called.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Dimension
from ml_connector.model.vendors import Side
from ml_connector.store import held, links, vendor_pairs
from ml_connector.store.held import Held
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.rows import chunks
from ml_connector.store.schema import VendorState
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.accruals.shown import AccrualView
from ml_connector.work.dating import OpenDays, open_days
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.document_sides import basware_page
from ml_connector.work.needs.cards import ACCRUALS, Card, Heap, accruals_shown, holds_in, members
from ml_connector.work.needs.remedies import Act, Remedy
from ml_connector.work.needs.targets import Target, named, proposed
from ml_connector.work.reactivating.shown import InactiveRecord, inactive_records
from ml_connector.work.vendors.views import CandidateLine, VendorView, vendor_view

SHOWN = 50
_LOOKED_THROUGH = 500
"""Members read at once when something is looked for among all of them."""
"""Members listed on a card's own page at once."""
_ID = re.compile(r"\((\d+)\)")
_KINDS = {
    TransactionType.BILL: "Bill",
    TransactionType.VENDOR_CREDIT: "Vendor credit",
    TransactionType.JOURNAL_ENTRY: "Journal entry",
}


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A code to be mapped. `proposed`: what it may become, the likeliest first. `may_create`: it is a vendor
    that both systems keep, and this connection may create it in QuickBooks."""

    dimension: Dimension
    code: str
    name: str
    proposed: tuple[Target, ...]
    may_create: bool = False


class Uncoded(msgspec.Struct, frozen=True, kw_only=True):
    """A record of QuickBooks that no code of Basware leads to."""

    dimension: Dimension
    id: str
    name: str


class GivenTwice(msgspec.Struct, frozen=True, kw_only=True):
    """A record of QuickBooks whose code is another record's in Basware. `kind` is Basware's kind of record, such as `Account`."""

    kind: str
    id: str
    name: str
    code: str
    other: str


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that has the document's number already, in words."""

    link: str
    words: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a cause holds, with what there is to choose from for it alone. `posted`: its transactions in QuickBooks, in words
    with their pages there; `basware` its page in Basware, empty where the connection names none."""

    held: Held
    posted: tuple[tuple[str, str], ...] = ()
    basware: str = ""
    existing: tuple[Existing, ...] = ()
    vendor: VendorView | None = None
    candidates: tuple[CandidateLine, ...] = ()


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the forms of one card offer."""

    codes: tuple[Code, ...]
    members: tuple[Member, ...]
    more: bool
    uncoded: tuple[Uncoded, ...] = ()
    given_twice: tuple[GivenTwice, ...] = ()
    accruals: tuple[AccrualView, ...] = ()
    days: OpenDays | None = None
    """Where documents can be given another date: which."""
    inactive: tuple[InactiveRecord, ...] = ()


def choices(desk: Desk, heap: Heap, card: Card, remedy: Remedy, *, offset: int = 0) -> Choices:
    """What there is to choose for a card, and the portion of its members that begins at `offset`."""
    found = members(desk, heap, limit=SHOWN + 1, offset=offset)
    shown = found[:SHOWN]
    holds = holds_in(desk, heap, shown)
    dated = Act.DATE in remedy.acts and HeldIn.DOCUMENTS.value in heap.numbers
    return Choices(
        codes=tuple(_codes(desk, heap, card, remedy, holds)),
        members=_with_pages(desk, [_member(desk, one, holds.get(one.key, ()), remedy) for one in shown]),
        more=len(found) > SHOWN,
        uncoded=tuple(_uncoded(remedy, holds)),
        given_twice=tuple(_given_twice(holds)) if Act.GIVEN_CODE in remedy.acts else (),
        accruals=tuple(accruals_shown(desk, heap)) if ACCRUALS in heap.numbers and not offset else (),
        days=open_days(desk, (Cause(heap.cause),)) if dated else None,
        inactive=tuple(_inactive(desk, card, remedy, holds)),
    )


def _with_pages(desk: Desk, shown: Sequence[Member]) -> tuple[Member, ...]:
    """Documents with the pages of what was posted of them, and their own in Basware."""
    ids = [one.held.key for one in shown if one.held.where is HeldIn.DOCUMENTS]
    with desk.database.read() as tx:
        posted = links.for_records(tx, desk.connection_id, "invoice", ids)
    settings = desk.settings.quickbooks
    return tuple(
        msgspec.structs.replace(
            one,
            posted=tuple(
                (f"{_KINDS[TransactionType(link.quickbooks_type)]} {link.doc_number or link.quickbooks_id}",
                 record_page(settings, link.quickbooks_type, link.quickbooks_id))
                for link in posted.get(one.held.key, ())
            ),
            basware=basware_page(desk, one.held.key) if one.held.key in ids else "",
        )
        for one in shown
    )  # fmt: skip


def _uncoded(remedy: Remedy, holds: Mapping[str, Sequence[Hold]]) -> Iterable[Uncoded]:
    """Records that orders name and no code leads to, each once; only those that are there can be given a code."""
    if Act.CODE not in remedy.acts:
        return
    seen = set[tuple[Dimension, str]]()
    for facts in (hold.facts for some in holds.values() for hold in some):
        told = facts.get("vendor") or facts.get("name", "")
        name, _, rest = told.rpartition(" (")
        dimension = remedy.dimension or Dimension(facts.get("what", "").replace(" ", "_"))
        if name and (id_ := rest.rstrip(")")).isdecimal() and (dimension, id_) not in seen:
            seen.add((dimension, id_))
            yield Uncoded(dimension=dimension, id=id_, name=name)


def _inactive(desk: Desk, card: Card, remedy: Remedy, holds: Mapping[str, Sequence[Hold]]) -> list[InactiveRecord]:
    """The records that what is shown waits for, as far as they are there. Holds name a record with its id behind it."""
    if Act.REACTIVATE not in remedy.acts or remedy.dimension is None:
        return []
    own = [hold.facts for some in holds.values() for hold in some]
    facts: Sequence[Mapping[str, str]] = own or [card.facts]
    return inactive_records(desk, remedy.dimension, [found for one in facts if (found := _record_named(one))])


def waits_for(desk: Desk, heap: Heap, record_id: str) -> bool:
    """Whether anything that a heap holds waits for this record of QuickBooks."""
    if heap.hold is not None and _record_named(heap.hold.facts) == record_id:
        return True
    for some in chunks(members(desk, heap, limit=heap.number), _LOOKED_THROUGH):
        held = holds_in(desk, heap, some).values()
        if any(_record_named(hold.facts) == record_id for holds in held for hold in holds):
            return True
    return False


def _record_named(facts: Mapping[str, str]) -> str:
    """The id of the record that is in the way, empty where the facts name none."""
    found = _ID.findall(facts.get("vendor") or facts.get("target", ""))
    return found[-1] if found else ""


def _given_twice(holds: Mapping[str, Sequence[Hold]]) -> Iterable[GivenTwice]:
    for hold in (one for some in holds.values() for one in some):
        kind, _, id_ = hold.subject.rpartition(" ")
        facts = hold.facts
        yield GivenTwice(
            kind=kind, id=id_, name=facts.get("name", ""), code=facts.get("code", ""), other=facts.get("other", "")
        )


def _codes(desk: Desk, heap: Heap, card: Card, remedy: Remedy, holds: Mapping[str, Sequence[Hold]]) -> list[Code]:
    if remedy.dimension is None or not {Act.MAP, Act.VENDOR} & set(remedy.acts):
        return []
    if Act.VENDOR in remedy.acts:
        among = named(desk, "Vendor", _ID.findall(card.facts.get("vendors", "")))
        with desk.database.read() as tx:
            names = held.suppliers(tx, desk.connection_id, heap.cause, heap.subject)
            able = {code for code in names if _may_create(desk, vendor_pairs.get(tx, desk.connection_id, code))}
        found = [_code(desk, remedy.dimension, code, name, among) for code, name in names.items()]
        return [msgspec.structs.replace(one, may_create=one.code in able) for one in found]
    own = [hold.facts for some in holds.values() for hold in some]
    facts: Sequence[Mapping[str, str]] = own or [card.facts]
    names = {code: one.get("name", "") for one in facts if (code := _code_in(one))}
    return [_code(desk, remedy.dimension, code, name, []) for code, name in sorted(names.items())]


def _code_in(facts: Mapping[str, str]) -> str:
    """The code of Basware's that a hold names. A term that only QuickBooks' vendor has is none."""
    term = facts.get("term", "") if facts.get("system") == Side.QUICKBOOKS.value else ""
    return facts.get("code", "") or term


def _may_create(desk: Desk, pair: VendorPair | None) -> bool:
    known = pair is not None and pair.state not in {VendorState.LINKED, VendorState.MERGED}
    return known and desk.settings.vendors.to_quickbooks


def _code(desk: Desk, dimension: Dimension, code: str, name: str, among: list[Target]) -> Code:
    """What the hold itself names comes first; else the obvious match."""
    offered = among or proposed(desk, dimension, code, name)
    return Code(dimension=dimension, code=code, name=name, proposed=tuple(offered))


def _member(desk: Desk, one: Held, holds: Sequence[Hold], remedy: Remedy) -> Member:
    if one.where is HeldIn.DOCUMENTS and Act.DUPLICATE in remedy.acts:
        return Member(held=one, existing=tuple(_existing(hold) for hold in holds if "id" in hold.facts))
    if one.where is HeldIn.VENDORS and {Act.PAIR, Act.BANK} & set(remedy.acts):
        with desk.database.read() as tx:
            pair = vendor_pairs.get(tx, desk.connection_id, one.key)
        view = vendor_view(desk, pair) if pair is not None else None
        return Member(held=one, vendor=view, candidates=tuple(view.candidates) if view else ())
    return Member(held=one)


def _existing(hold: Hold) -> Existing:
    facts = hold.facts
    kind = TransactionType(facts["type"])
    words = f"{_KINDS[kind]} {facts.get('number', '')} of {facts.get('date', '')} over {facts.get('amount', '')}"
    return Existing(
        link=f"{kind.value}:{facts['id']}", words=f"{words}, entered {facts.get('entered', '')}".rstrip(", ")
    )
