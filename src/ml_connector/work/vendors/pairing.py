"""Who is who: vendors of both systems become pairs, merges in QuickBooks are followed, who is on one side only is to be created.

Worked out in memory, whatever the number of vendors; what follows is stored with the decisions about each pair.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256

import msgspec

from ml_connector.basware.vendor_bodies import CODE_LIMIT, EXTERNAL_CODE_LIMIT
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.vendors import VendorNow
from ml_connector.rules.vendor_match import Candidate, Matches, match
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


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor of Basware is, from now on, this one of QuickBooks. `before`: the id it was linked to; `by`: who says so."""

    code: str
    before: str
    quickbooks_id: str
    why: str
    by: str


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """Every pair as it is to be, by vendor code; `joined` are those of them that have to be linked."""

    pairs: dict[str, VendorPair]
    joined: dict[str, Joined]


def pair_up(desk: Desk, found: Materials, pairs: dict[str, VendorPair]) -> Paired:
    """Who is who, from what is known of both sides and the pairs there are. Stores nothing."""
    pairing = _Pairing(desk, found, pairs)
    pairing.follow()
    pairing.match_new()
    if desk.settings.vendors.to_basware and found.basware_is_known:
        pairing.add_from_quickbooks()
    return Paired(pairs=pairing.made, joined=pairing.joined)


def join(pair: VendorPair, quickbooks_id: str, why: str, *, by: str) -> tuple[VendorPair, Joined]:
    """The pair with its vendor in QuickBooks, and what has to be stored so that invoices with its code go to that one."""
    joined = Joined(code=pair.code, before=pair.quickbooks_id, quickbooks_id=quickbooks_id, why=why, by=by)
    made = msgspec.structs.replace(
        pair, quickbooks_id=quickbooks_id, state=VendorState.LINKED, why=why, candidates="", holds=(), changed_by=by
    )
    return made, joined


def store_joined(tx: Tx, desk: Desk, some: Collection[Joined]) -> None:
    """Link vendors, and write down who linked them and why."""
    now = desk.clock.now()
    rows = [
        LinkRow(kind=VENDOR, basware_id=one.code, quickbooks_type="Vendor", quickbooks_id=one.quickbooks_id)
        for one in some
    ]
    links.put_many(tx, desk.connection_id, rows, now)
    entries = [
        audit.NewEntry(
            at=now, actor=one.by, action="vendor linked", subject=f"vendor {one.code}", before=one.before,
            after=one.quickbooks_id, reason=one.why,
        )
        for one in some
    ]  # fmt: skip
    audit.record_many(tx, desk.connection_id, entries)


class _Pairing:
    """One pairing of all vendors, in memory."""

    def __init__(self, desk: Desk, found: Materials, pairs: dict[str, VendorPair]) -> None:
        self._desk, self._found, self._before = desk, found, pairs
        self.made = dict(pairs)
        self.joined: dict[str, Joined] = {}

    def _join(self, pair: VendorPair, quickbooks_id: str, why: str) -> VendorPair:
        made, self.joined[pair.code] = join(pair, quickbooks_id, why, by=self._desk.worker)
        return made

    def follow(self) -> None:
        """Follow vendors that QuickBooks merged or lost, and those that were created from here."""
        holders = Counter(one.quickbooks_id for one in self.made.values() if one.state is VendorState.LINKED)
        for code, pair in self._before.items():
            if pair.quickbooks_id:
                made = self._followed(pair, holders)
                holders.subtract([pair.quickbooks_id] if pair.state is VendorState.LINKED else [])
                holders.update([made.quickbooks_id] if made.state is VendorState.LINKED else [])
                self.made[code] = made
            elif pair.state is VendorState.CREATE and self._found.links.get(code) in self._found.quickbooks:
                self.made[code] = self._join(pair, self._found.links[code], "created from here")

    def _followed(self, pair: VendorPair, holders: Mapping[str, int]) -> VendorPair:
        """A pair whose vendor QuickBooks merged into another one follows it. If that one has a code of its own in Basware, this
        one goes out of use there, and its invoices go to the survivor all the same."""
        own = self._found.quickbooks.get(pair.quickbooks_id)
        if own is not None and not own.deleted:
            back = pair.state is VendorState.GONE
            return msgspec.structs.replace(pair, state=VendorState.LINKED, holds=()) if back else pair
        survivor = _survivor(self._found, pair.quickbooks_id)
        if not survivor:
            facts = {"name": pair.name, "code": pair.code, "id": pair.quickbooks_id}
            hold = Hold(cause=Cause.VENDOR_GONE, subject=f"vendor {pair.code}", facts=facts)
            return msgspec.structs.replace(pair, state=VendorState.GONE, holds=(hold,))
        moved = self._join(pair, survivor, f"QuickBooks merged vendor {pair.quickbooks_id} into {survivor}")
        return msgspec.structs.replace(moved, state=VendorState.MERGED) if holders[survivor] > 0 else moved

    def match_new(self) -> None:
        """Match the vendors of Basware that are no pair yet, or about which a person was asked."""
        made, found = self.made, self._found
        asked = {code: one for code, one in made.items() if one.state in {VendorState.REVIEW, VendorState.CREATE}}
        open_ = [one for code, one in found.basware.items() if code not in made or code in asked]
        by_code = {code: key for code, key in found.links.items() if code not in made or code in asked}
        held = {one.quickbooks_id for one in made.values() if one.state in _KNOWN} - set(by_code.values())
        free = [one.now for key, one in found.quickbooks.items() if not one.deleted and key not in held]
        apart = {code: refused(one) for code, one in asked.items()}
        matches = match([one.now for one in open_], free, by_code, apart)
        for one in open_:
            self._matched(one.now, asked.get(one.now.code), matches)

    def _matched(self, vendor: VendorNow, before: VendorPair | None, matches: Matches) -> None:
        code = vendor.code
        pair = before or VendorPair(code=code, state=VendorState.REVIEW, changed_by=self._desk.worker)
        pair = msgspec.structs.replace(pair, external_code=vendor.key, name=vendor.name)
        sure, likely = matches.certain.get(code), matches.review.get(code, ())
        if sure is not None and (not pair.apart or sure.why[0] == "linked before"):
            self.made[code] = self._join(pair, sure.quickbooks_id, ", ".join(sure.why))
        elif pair.state is VendorState.CREATE and before is not None:
            self.made[code] = pair
        elif likely or pair.apart:
            hold = Hold(cause=Cause.VENDOR_UNSURE, subject=f"vendor {code}", facts=_facts(pair, likely))
            self.made[code] = msgspec.structs.replace(pair, candidates=_candidates(likely), holds=(hold,))
        elif self._desk.settings.vendors.to_quickbooks and vendor.active:
            self.made[code] = msgspec.structs.replace(
                pair, state=VendorState.CREATE, candidates="", holds=(), why="new"
            )

    def add_from_quickbooks(self) -> None:
        """Vendors in use that Basware does not have, and that nobody has to look at first."""
        made, found = self.made, self._found
        busy = {one.quickbooks_id for one in made.values() if one.quickbooks_id}
        busy |= {one.quickbooks_id for pair in made.values() for one in candidates_of(pair)}
        busy |= {one for pair in made.values() if pair.state is VendorState.REVIEW for one in refused(pair)}
        new = {
            key: one for key, one in found.quickbooks.items() if key not in busy and not one.deleted and one.now.active
        }
        linked_codes = {quickbooks_id: code for code, quickbooks_id in found.links.items() if code not in made}
        wanted = {key: linked_codes.get(key, "") or one.now.code for key, one in new.items()}
        for key, code in free_code(wanted, [*made, *found.basware], CODE_LIMIT).items():
            pair = VendorPair(
                code=code,
                external_code=external_code(self._desk.connection_id, key),
                name=new[key].now.name,
                state=VendorState.LINKED,
                bank="[]",
            )
            made[code] = self._join(pair, key, "new in QuickBooks")


def _survivor(found: Materials, quickbooks_id: str) -> str:
    """The vendor that took over another one, also over several merges; empty when nobody knows of one."""
    passed = {quickbooks_id}
    one = found.quickbooks.get(quickbooks_id)
    while one is not None and one.deleted and one.merged_into and one.merged_into not in passed:
        passed.add(one.merged_into)
        quickbooks_id = one.merged_into
        one = found.quickbooks.get(quickbooks_id)
    return quickbooks_id if one is not None and not one.deleted else ""


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


def external_code(connection_id: str, quickbooks_id: str) -> str:
    """Our own key of a vendor in Basware, the same for ever; connections that share a tenant do not share keys."""
    return f"qb-{sha256(connection_id.encode()).hexdigest()[:8]}-{quickbooks_id}"[:EXTERNAL_CODE_LIMIT]
