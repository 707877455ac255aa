"""What people decide about vendors: who is who, that one is new, whether new bank details are right, that a refused one goes again.

Every decision is kept with who took it and why. None of them sends anything by itself; the next run of the job acts on it.
"""

import msgspec

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.people import person_behind
from ml_connector.store import alerts, audit, links, mappings, outgoing_calls, vendor_pairs
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.schema import VendorState
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.decisions import DecisionError, required_reason
from ml_connector.work.desk import Desk
from ml_connector.work.reactivating import asking
from ml_connector.work.vendors.keeping import bank_digest, bank_from, digest
from ml_connector.work.vendors.materials import RESOURCE
from ml_connector.work.vendors.memory import recall
from ml_connector.work.vendors.pairing import VENDOR, join, refused, store_joined
from ml_connector.work.vendors.portion import BANK_ALERT

_APPROVED = "bank details approved"


def link(desk: Desk, name: str, quickbooks_id: str, *, actor: str) -> VendorPair:
    """A vendor of Basware is this one of QuickBooks. The two are compared as at a first meeting.

    Raises DecisionError for vendors that are not there.
    """
    with desk.write() as tx:
        pair = _pair(tx, desk, name)
        row = book_store.some_of(tx, desk.connection_id, "Vendor", [quickbooks_id]).get(quickbooks_id)
        if row is None or row.deleted:
            raise DecisionError(
                f"QuickBooks has no vendor with the id {quickbooks_id}. `ml-connector vendors review` shows ids."
            )
        fresh = msgspec.structs.replace(pair, memory="", apart="")
        made, joined = join(fresh, quickbooks_id, f"linked by {actor}", by=actor)
        store_joined(tx, desk, [joined])
        vendor_pairs.put_many(tx, desk.connection_id, [made], desk.clock.now())
    return made


def unlink(desk: Desk, name: str, *, reason: str, actor: str) -> VendorPair:
    """The two are not the same vendor: both stay as they are, and a person says who they are. Raises DecisionError."""
    reason = required_reason(reason)
    with desk.write() as tx:
        pair = _pair(tx, desk, name)
        if not pair.quickbooks_id:
            raise DecisionError(f"Vendor {pair.code} is linked to no vendor of QuickBooks: there is nothing to undo.")
        rules = mappings.load(tx, desk.connection_id).rules
        if any(rule.dimension is Dimension.VENDOR and rule.code == pair.code for rule in rules):
            raise DecisionError(
                f"A mapping rule says who {pair.code} is. Remove it with `ml-connector mapping remove`, then unlink again."
            )
        apart = sorted({*refused(pair), pair.quickbooks_id})
        made = msgspec.structs.replace(
            pair, quickbooks_id="", state=VendorState.REVIEW, memory="", candidates="", holds=(), why="",
            apart=msgspec.json.encode(apart).decode(), changed_by=actor,
        )  # fmt: skip
        links.remove(tx, desk.connection_id, VENDOR, pair.code, 0)
        _put(tx, desk, made, before=pair.quickbooks_id, action="vendor unlinked", reason=reason, actor=actor)
    return made


def reactivate(desk: Desk, name: str, *, reason: str, actor: str) -> VendorPair:
    """QuickBooks' vendor of the two is to be active again. Raises DecisionError."""
    pair = named(desk, name)
    if not pair.quickbooks_id:
        raise DecisionError(f"Vendor {pair.code} is linked to no vendor of QuickBooks: there is none to make active.")
    asking.reactivate(desk, Dimension.VENDOR, pair.quickbooks_id, reason=reason, actor=actor)
    return pair


def create(desk: Desk, name: str, *, actor: str) -> VendorPair:
    """A vendor of Basware is none that QuickBooks has: the next run creates it there. Raises DecisionError."""
    with desk.write() as tx:
        pair = _pair(tx, desk, name)
        if pair.state in {VendorState.LINKED, VendorState.MERGED}:
            raise DecisionError(
                f"Vendor {pair.code} is vendor {pair.quickbooks_id} of QuickBooks. Unlink it first if that is wrong."
            )
        if not desk.settings.vendors.to_quickbooks:
            raise DecisionError(
                "This connection creates no vendors in QuickBooks. Set to_quickbooks = true in [vendors], or create it "
                "in QuickBooks and link it."
            )
        links.remove(tx, desk.connection_id, VENDOR, pair.code, 0)
        apart = sorted({*refused(pair), *([pair.quickbooks_id] if pair.quickbooks_id else [])})
        made = msgspec.structs.replace(
            pair, quickbooks_id="", state=VendorState.CREATE, memory="", candidates="", holds=(), why=f"new, by {actor}",
            apart=msgspec.json.encode(apart).decode() if apart else "", changed_by=actor,
        )  # fmt: skip
        _put(tx, desk, made, before=pair.state.value, action="vendor to be created", reason="", actor=actor)
    return made


def approve_bank(desk: Desk, name: str, *, reason: str, actor: str, seen: str | None = None) -> VendorPair:
    """The new bank details are right. Raises DecisionError when none wait, without a reason, and for whoever matched the vendor
    since details were approved last, by hand, by a rule or by a program of theirs: money that goes elsewhere takes two people.

    `seen` is the digest of the details that the person was shown: others that came since are not approved with them.
    """
    with desk.write() as tx:
        pair = _waiting(tx, desk, name, reason)
        if seen is not None and seen != bank_digest(pair):
            raise DecisionError(
                f"The bank details of vendor {pair.code} have changed since you looked, or it was not said which ones you saw. "
                "Nothing was approved. Look at them again."
            )
        if person_behind(actor) in _matched_by(tx, desk, pair):
            raise DecisionError(
                f"You said who vendor {pair.code} is, so somebody else has to approve its bank details: "
                "anybody with the right to decide."
            )
        made = msgspec.structs.replace(pair, bank=pair.bank_found, bank_found="", bank_found_at=None, changed_by=actor)
        return _decided(tx, desk, made, action=_APPROVED, reason=reason, actor=actor)


def reject_bank(desk: Desk, name: str, *, reason: str, actor: str) -> VendorPair:
    """The new bank details are wrong: the next run puts back those that were approved last. Raises DecisionError."""
    with desk.write() as tx:
        pair = _waiting(tx, desk, name, reason)
        memory = msgspec.structs.replace(recall(pair.memory), refused_bank=digest(bank_from(pair.bank_found)))
        made = msgspec.structs.replace(pair, memory=memory.text(), bank_found="", bank_found_at=None, changed_by=actor)
        return _decided(tx, desk, made, action="bank details rejected", reason=reason, actor=actor)


def retry(desk: Desk, name: str, *, actor: str) -> VendorPair:
    """Send what was refused once more, because something was put right elsewhere."""
    with desk.write() as tx:
        pair = _pair(tx, desk, name)
        now = desk.clock.now()
        sent = (
            outgoing_calls.retry(tx, desk.connection_id, RESOURCE, [pair.external_code], now)
            if pair.external_code
            else 0
        )
        memory = msgspec.structs.replace(recall(pair.memory), again=True)
        made = msgspec.structs.replace(pair, memory=memory.text())
        _put(tx, desk, made, before="", action="vendor retry asked for", reason=f"{sent} records refused", actor=actor)
    return made


def _pair(tx: Tx, desk: Desk, name: str) -> VendorPair:
    """The vendor a person means, held fast: of two who decide at the same moment, the second sees what the first decided.

    Raises DecisionError.
    """
    code = _meant(tx, desk, name).code
    return vendor_pairs.held_fast(tx, desk.connection_id, [code])[code]


def _meant(tx: Tx, desk: Desk, name: str) -> VendorPair:
    """The vendor a person means, by vendor code, name, or QuickBooks' id. Raises DecisionError."""
    exact = vendor_pairs.get(tx, desk.connection_id, name)
    if exact is not None:
        return exact
    found = [
        one
        for one in vendor_pairs.these(
            tx, desk.connection_id, vendor_pairs.ordered(desk.connection_id, text=name).read(tx)
        )
        if name.casefold()
        in {one.name.casefold(), one.quickbooks_id, one.code.casefold(), one.external_code.casefold()}
    ]
    if len(found) != 1:
        many = (
            f"{len(found)} vendors go by {name!r}: name one by its vendor code."
            if found
            else f"No vendor goes by {name!r}."
        )
        raise DecisionError(f"{many} `ml-connector vendors list` shows all that are known.")
    return found[0]


def _waiting(tx: Tx, desk: Desk, name: str, reason: str) -> VendorPair:
    required_reason(reason, "how you know that it is right, or why it is not")
    return waiting_for_approval(tx, desk, name)


def waiting_for_approval(tx: Tx, desk: Desk, name: str) -> VendorPair:
    """The vendor a person means, held fast, whose bank details wait. Raises DecisionError where none do."""
    pair = _pair(tx, desk, name)
    if not pair.bank_found:
        raise DecisionError(f"No bank details of vendor {pair.code} wait for approval.")
    return pair


def _matched_by(tx: Tx, desk: Desk, pair: VendorPair) -> set[str]:
    """Who decided, on a page or through a program, which vendor of the other system this is, since details were approved last."""
    about = f"vendor {pair.code}"
    last = audit.listing(tx, desk.connection_id, subject=about, action=_APPROVED, limit=1)
    since = last[0].id if last else 0
    return {
        person_behind(entry.actor)
        for action in ("vendor linked", "vendor unlinked", "vendor to be created", mappings.VENDOR_MAPPED)
        for entry in audit.listing(tx, desk.connection_id, subject=about, action=action, limit=1000)
        if entry.id > since
    }


def _decided(tx: Tx, desk: Desk, pair: VendorPair, *, action: str, reason: str, actor: str) -> VendorPair:
    """Keep a decision about bank details: nothing about them waits any more."""
    holds = tuple(one for one in pair.holds if one.cause is not Cause.VENDOR_BANK_CHANGED)
    made = msgspec.structs.replace(pair, holds=holds)
    alerts.clear(tx, desk.connection_id, kind=BANK_ALERT, subject=pair.code, now=desk.clock.now())
    _put(tx, desk, made, before="", action=action, reason=reason.strip(), actor=actor)
    return made


def _put(tx: Tx, desk: Desk, pair: VendorPair, *, before: str, action: str, reason: str, actor: str) -> None:
    now = desk.clock.now()
    vendor_pairs.put_many(tx, desk.connection_id, [pair], now)
    audit.record(
        tx, desk.connection_id, at=now, actor=actor, action=action, subject=f"vendor {pair.code}", before=before,
        after=pair.state.value, reason=reason,
    )  # fmt: skip


def named(desk: Desk, name: str) -> VendorPair:
    """The vendor a person means. Raises DecisionError."""
    with desk.database.read() as tx:
        return _meant(tx, desk, name)
