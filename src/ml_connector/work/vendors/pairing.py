"""Who is who: vendors of both systems become pairs, merges in QuickBooks are followed, who is on one side only is to be created.

Called inside the transaction that stores what follows. Nothing is sent from here.
"""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from ml_connector.basware.vendor_bodies import CODE_LIMIT, EXTERNAL_CODE_LIMIT
from ml_connector.model.holds import Cause, Hold
from ml_connector.rules.vendor_match import Candidate, match
from ml_connector.rules.vendor_names import free_code
from ml_connector.store import audit, links
from ml_connector.store.database import Tx
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import VendorState
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.desk import Desk
from ml_connector.work.vendors.materials import Materials

VENDOR = "vendor"
"""The kind of link that says which vendor of QuickBooks an invoice's supplier code is."""
_KNOWN = frozenset({VendorState.LINKED, VendorState.MERGED, VendorState.GONE})


def pair_up(tx: Tx, desk: Desk, found: Materials, pairs: dict[str, VendorPair]) -> dict[str, VendorPair]:
    """Every pair as it is to be, by vendor code; those not there before are new."""
    made = dict(pairs)
    for code, pair in pairs.items():
        if pair.quickbooks_id:
            made[code] = _followed(tx, desk, found, made, pair)
        elif pair.state is VendorState.CREATE and found.links.get(code) in found.quickbooks:
            made[code] = linked(tx, desk, pair, found.links[code], "created from here")
    _match_new(tx, desk, found, made)
    if desk.settings.vendors.to_basware and found.basware_is_known:
        _add_from_quickbooks(tx, desk, found, made)
    return made


def linked(tx: Tx, desk: Desk, pair: VendorPair, quickbooks_id: str, why: str, *, by: str = "") -> VendorPair:
    """The pair with its vendor in QuickBooks; from now on invoices with its code go to that one."""
    now, actor = desk.clock.now(), by or desk.worker
    links.put(
        tx,
        desk.connection_id,
        LinkRow(kind=VENDOR, basware_id=pair.code, quickbooks_type="Vendor", quickbooks_id=quickbooks_id),
        now,
    )
    audit.record(
        tx, desk.connection_id, at=now, actor=actor, action="vendor linked", subject=f"vendor {pair.code}",
        before=pair.quickbooks_id, after=quickbooks_id, reason=why,
    )  # fmt: skip
    return msgspec.structs.replace(
        pair, quickbooks_id=quickbooks_id, state=VendorState.LINKED, why=why, candidates="", holds=(), changed_by=actor
    )


def _followed(tx: Tx, desk: Desk, found: Materials, made: dict[str, VendorPair], pair: VendorPair) -> VendorPair:
    """A pair whose vendor QuickBooks merged into another one follows it. If that one has a code of its own in Basware, this
    one goes out of use there, and its invoices go to the survivor all the same."""
    own = found.quickbooks.get(pair.quickbooks_id)
    if own is not None and not own.deleted:
        back = pair.state is VendorState.GONE
        return msgspec.structs.replace(pair, state=VendorState.LINKED, holds=()) if back else pair
    survivor = _survivor(found, pair.quickbooks_id)
    if not survivor:
        facts = {"name": pair.name, "code": pair.code, "id": pair.quickbooks_id}
        hold = Hold(cause=Cause.VENDOR_GONE, subject=f"vendor {pair.code}", facts=facts)
        return msgspec.structs.replace(pair, state=VendorState.GONE, holds=(hold,))
    others = [one for one in made.values() if one.quickbooks_id == survivor and one.state is VendorState.LINKED]
    why = f"QuickBooks merged vendor {pair.quickbooks_id} into {survivor}"
    moved = linked(tx, desk, pair, survivor, why)
    return msgspec.structs.replace(moved, state=VendorState.MERGED) if others else moved


def _survivor(found: Materials, quickbooks_id: str) -> str:
    """The vendor that took over another one, also over several merges; empty when nobody knows of one."""
    passed = {quickbooks_id}
    one = found.quickbooks.get(quickbooks_id)
    while one is not None and one.deleted and one.merged_into and one.merged_into not in passed:
        passed.add(one.merged_into)
        quickbooks_id = one.merged_into
        one = found.quickbooks.get(quickbooks_id)
    return quickbooks_id if one is not None and not one.deleted else ""


def _match_new(tx: Tx, desk: Desk, found: Materials, made: dict[str, VendorPair]) -> None:
    held = {one.quickbooks_id for one in made.values() if one.state in _KNOWN}
    asked = {code: one for code, one in made.items() if one.state in {VendorState.REVIEW, VendorState.CREATE}}
    open_ = [one for code, one in found.basware.items() if code not in made or code in asked]
    by_code = {code: one for code, one in found.links.items() if code not in made or code in asked}
    free = [
        one.now
        for key, one in found.quickbooks.items()
        if not one.deleted and (key not in held or key in by_code.values())
    ]
    apart = {code: refused(one) for code, one in asked.items()}
    matches = match([one.now for one in open_], free, by_code, apart)
    for one in open_:
        code = one.now.code
        before = asked.get(code)
        pair = before or VendorPair(
            code=code, external_code=one.now.key, name=one.now.name, state=VendorState.REVIEW, changed_by=desk.worker
        )
        pair = msgspec.structs.replace(pair, external_code=one.now.key, name=one.now.name)
        sure, likely = matches.certain.get(code), matches.review.get(code, ())
        if sure is not None and (not pair.apart or sure.why[0] == "linked before"):
            made[code] = linked(tx, desk, pair, sure.quickbooks_id, ", ".join(sure.why))
        elif pair.state is VendorState.CREATE and before is not None:
            made[code] = pair
        elif likely or pair.apart:
            hold = Hold(cause=Cause.VENDOR_UNSURE, subject=f"vendor {code}", facts=_facts(pair, likely))
            made[code] = msgspec.structs.replace(pair, candidates=_candidates(likely), holds=(hold,))
        elif desk.settings.vendors.to_quickbooks and one.now.active:
            made[code] = msgspec.structs.replace(pair, state=VendorState.CREATE, candidates="", holds=(), why="new")


def _facts(pair: VendorPair, likely: Iterable[Candidate]) -> dict[str, str]:
    told = [f"{one.name} ({one.quickbooks_id}): {', '.join((*one.why, *one.against))}" for one in likely]
    return {"name": pair.name, "code": pair.code, "candidates": "; ".join(told)}


def _candidates(likely: Iterable[Candidate]) -> str:
    return msgspec.json.encode(list(likely)).decode()


def candidates_of(pair: VendorPair) -> list[Candidate]:
    """Who a vendor under review may be, best first."""
    return msgspec.json.decode(pair.candidates, type=list[Candidate]) if pair.candidates else []


def refused(pair: VendorPair) -> frozenset[str]:
    """QuickBooks' ids of vendors that a person said this one is not."""
    return frozenset(msgspec.json.decode(pair.apart, type=list[str])) if pair.apart else frozenset()


def _add_from_quickbooks(tx: Tx, desk: Desk, found: Materials, made: dict[str, VendorPair]) -> None:
    """Vendors in use that Basware does not have, and that nobody has to look at first."""
    busy = {one.quickbooks_id for one in made.values() if one.quickbooks_id}
    busy |= {one.quickbooks_id for pair in made.values() for one in candidates_of(pair)}
    busy |= {one for pair in made.values() if pair.state is VendorState.REVIEW for one in refused(pair)}
    new = {key: one for key, one in found.quickbooks.items() if key not in busy and not one.deleted and one.now.active}
    linked_codes = {quickbooks_id: code for code, quickbooks_id in found.links.items() if code not in made}
    wanted = {key: linked_codes.get(key, "") or one.now.code for key, one in new.items()}
    codes = free_code(wanted, [*made, *found.basware], CODE_LIMIT)
    for key, code in codes.items():
        pair = VendorPair(
            code=code,
            external_code=external_code(desk.connection_id, key),
            name=new[key].now.name,
            state=VendorState.LINKED,
            bank="[]",
        )
        made[code] = linked(tx, desk, pair, key, "new in QuickBooks")


def external_code(connection_id: str, quickbooks_id: str) -> str:
    """Our own key of a vendor in Basware, the same for ever; connections that share a tenant do not share keys."""
    return f"qb-{sha256(connection_id.encode()).hexdigest()[:8]}-{quickbooks_id}"[:EXTERNAL_CODE_LIMIT]
