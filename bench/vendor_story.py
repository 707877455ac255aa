"""One story of vendors that are edited on both sides: what people and programs do, what the connector does, and the verdict.

What is expected is worked out from the list of edits alone; what came of them is read from the twins' own books.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from ml_connector.basware.errors import BaswareError
from ml_connector.basware.master_data import resource_named
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.store import outgoing, vendor_pairs
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from twins.faults import FaultKind, FaultRule
from vendor_sides import (
    ACTIVE,
    BASWARE,
    EMAIL,
    NAME,
    PHONE,
    QUICKBOOKS,
    STREET,
    TERM,
    TERMS,
    inner,
    read_basware,
    read_quickbooks,
    vendor_of_basware,
)
from world import World

CYCLE = (Job.CHANGES, Job.MASTER_DATA, Job.INVOICES, Job.OUTCOMES)


@dataclass
class Story:
    """One story: its world, who wrote what last, and what was counted on the way."""

    world: World
    luck: random.Random
    newest: dict[tuple[str, str], tuple[datetime, str, Any]] = field(default_factory=dict)
    """By vendor code and field: when it was written last, where, and what."""
    alone: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By vendor code and a word: what only one side has."""
    unseen: set[tuple[str, str]] = field(default_factory=set)
    """Vendors with an edit that was not looked at yet, by code and side: one more would be told apart by nobody."""
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    numbers: int = 0
    trouble_ahead: int = 0

    # the two systems' own books

    @property
    def tenant(self) -> Any:
        return next(iter(self.world.basware._world.tenants.values()))

    def ours(self, code: str) -> dict[str, Any] | None:
        """A vendor in QuickBooks' own books."""
        records = self.world.quickbooks.books(self.world.realm_id)["Vendor"]
        return next((dict(one) for one in records if one.get("AcctNum") == code), None)

    def theirs(self, code: str) -> dict[str, Any] | None:
        """A vendor as Basware's interface has it."""
        stored = self.tenant.intake.records("vendors").stored.values()
        found = next((one.entity for one in stored if one.entity["vendorCode"] == code), None)
        return None if found is None else msgspec.json.decode(msgspec.json.encode(found))

    def in_p2p(self, code: str) -> dict[str, Any] | None:
        """A vendor in Purchase-to-Pay."""
        rows = self.tenant.intake.p2p.rows("vendors")
        return next((dict(row.entity) for row in rows if row.entity["vendorCode"] == code), None)

    # what people and other programs do

    def wait(self) -> None:
        """Edits are far enough apart to be told apart by any clock here."""
        self.world.clock.advance(self.luck.randint(60, 900))

    def value(self, what: str, code: str) -> Any:
        """A new value of a field, of which no two are equal."""
        self.numbers += 1
        if what == NAME:
            return f"Firm {code} {self.numbers}"
        if what == EMAIL:
            return self.luck.choice(["", f"ap{self.numbers}@firm.example"])
        if what == PHONE:
            return self.luck.choice(["", f"+1 503 555 {self.numbers:04}"])
        if what == STREET:
            return f"{self.numbers} Harbor Street"
        return self.luck.choice(list(TERMS)) if what == TERM else self.luck.random() < 0.7

    def edit(self, code: str, side: str) -> None:
        """One edit, of one field or several, in one system."""
        if (code, side) in self.unseen or self.ours(code) is None or self.theirs(code) is None:
            return
        fields = self.luck.sample([NAME, EMAIL, PHONE, STREET, TERM, ACTIVE], self.luck.randint(1, 3))
        now = read_quickbooks(self.ours(code) or {}) if side == QUICKBOOKS else read_basware(self.theirs(code) or {})
        wanted = {what: self.value(what, code) for what in fields}
        changes = {what: value for what, value in wanted.items() if value != now[what]}  # the same again is no change
        if not changes:
            return
        self.wait()
        if side == QUICKBOOKS:
            changes = self.edit_quickbooks(code, changes)
        else:
            self.edit_basware(code, changes)
        self.unseen.add((code, side))
        self.counts[f"edits in {side}"] += 1
        for what, value in changes.items():
            self.newest[code, what] = (self.world.clock.now(), side, value)

    def edit_quickbooks(self, code: str, changes: dict[str, Any]) -> dict[str, Any]:
        """A person, or a program: both change the books in the same way. A vendor out of use keeps its suffix."""
        record = self.ours(code) or {}
        active = changes.get(ACTIVE, record["Active"])
        wire: dict[str, Any] = {"Active": active} if ACTIVE in changes else {}
        if NAME in changes or (ACTIVE in changes and active):
            plain = changes.get(NAME) or record["DisplayName"].removesuffix(" (deleted)")
            wire["DisplayName"] = plain
        if EMAIL in changes:
            wire["PrimaryEmailAddr"] = {"Address": changes[EMAIL]} if changes[EMAIL] else {"Address": ""}
        if PHONE in changes:
            wire["PrimaryPhone"] = {"FreeFormNumber": changes[PHONE]}
        if STREET in changes:
            wire["BillAddr"] = {"Line1": changes[STREET], "City": "Portland", "Country": "US"}
        if TERM in changes:
            wire["TermRef"] = {"value": changes[TERM]}
        if self.luck.random() < 0.5:
            self.numbers += 1
            self.alone[code, "check name"] = wire["PrintOnCheckName"] = f"Check {self.numbers}"
        if self.luck.random() < 0.5:
            self.world.quickbooks.act(self.world.realm_id, "edit_vendor", id=record["Id"], changes=wire)
            self.counts["in QuickBooks' screens"] += 1
        else:
            body = {"sparse": True, "Id": record["Id"], "SyncToken": record["SyncToken"], **wire}
            self.numbers += 1
            self.world.desk().quickbooks.send("Vendor", msgspec.json.encode(body), f"other-{self.numbers}", "")
            self.counts["through QuickBooks' interface"] += 1
        return changes

    def edit_basware(self, code: str, changes: dict[str, Any]) -> None:
        """Another program posts the whole vendor, as it read it and with its changes."""
        record = self.theirs(code) or {}
        record.pop("lastUpdated", None)
        if NAME in changes:
            record["name"] = changes[NAME]
        contact = inner(record, "contacts", {"name": "Payables", "role": "PrimaryContact"}, "role")
        for what, name in ((EMAIL, "email"), (PHONE, "telephone")):
            if what in changes:
                contact.pop(name, None)
                contact |= {name: changes[what]} if changes[what] else {}
        if STREET in changes:
            new = {"externalCode": f"{code}-P", "name": "Office", "addressType": "PostalAddress"}
            address = inner(record, "addresses", new, "addressType")
            address["streetName"] = changes[STREET]
            address |= {"cityName": "Portland", "additionalAddressFields": [{"key": "Country", "value": "US"}]}
            for name in ("countrySubEntity", "postalZone"):
                address.pop(name, None)
        if TERM in changes:
            record["paymentTerms"] = {"paymentTermCode": TERMS[changes[TERM]]}
        if ACTIVE in changes:
            record["processingStatus"]["active"] = changes[ACTIVE]
        if self.luck.random() < 0.5:
            self.numbers += 1
            record["customFields"] = [{"name": "Segment", "value": f"S{self.numbers}"}]
            self.alone[code, "custom field"] = record["customFields"]
        if self.luck.random() < 0.3:
            record["processingStatus"]["paymentDenied"] = denied = self.luck.random() < 0.5
            self.alone[code, "payment block"] = denied
        self.world.desk().master_data.post(resource_named("vendors"), [msgspec.json.encode(record).decode()])
        self.counts["through Basware's interface"] += 1

    def edit_screens(self, code: str) -> None:
        """A person changes a vendor in Basware's screens: it does not count against what programs wrote."""
        self.wait()
        try:
            self.world.basware.act("edit_vendor", vendor=code, changes={"name": f"Typed over {self.numbers}"})
        except KeyError:
            return
        self.counts["in Basware's screens"] += 1

    def new_in_quickbooks(self) -> None:
        """A person enters a vendor in QuickBooks."""
        self.wait()
        self.numbers += 1
        code = f"Q-{self.numbers}"
        fields = {"BillAddr": {"Line1": "1 New Street", "City": "Salem", "Country": "US"}, "TermRef": {"value": "2"}}
        self.world.quickbooks.act(self.world.realm_id, "create_vendor", name=f"New {code}", number=code, fields=fields)
        self.remember(code, QUICKBOOKS, {NAME: f"New {code}", STREET: "1 New Street", TERM: "2", ACTIVE: True})

    def new_in_basware(self) -> None:
        """Another program gives Basware a vendor."""
        self.wait()
        self.numbers += 1
        code = f"B-{self.numbers}"
        record = {**vendor_of_basware(code), "name": f"New {code}"}
        self.world.desk().master_data.post(resource_named("vendors"), [msgspec.json.encode(record).decode()])
        self.remember(code, BASWARE, {NAME: f"New {code}", TERM: "3", ACTIVE: True})
        self.alone[code, "order format"] = record["orderingDetails"]

    def remember(self, code: str, side: str, values: dict[str, Any]) -> None:
        """A vendor was entered."""
        self.counts[f"new in {side}"] += 1
        for what, value in values.items():
            self.newest[code, what] = (self.world.clock.now(), side, value)

    def trouble(self) -> None:
        """The next cycle loses a message, on its way there or on its way back."""
        self.trouble_ahead += 1

    def arm(self) -> None:
        """Only the connector's messages get lost: what others wrote has to be known for certain."""
        for _ in range(self.trouble_ahead):
            kind = self.luck.choice([FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
            faults = self.luck.choice([self.world.quickbooks_faults, self.world.basware_faults])
            faults.add(FaultRule(kind=kind, method="POST", times=1))
            self.counts["lost messages"] += 1
        self.trouble_ahead = 0

    def disarm(self) -> None:
        """No message gets lost from now on."""
        for faults in (self.world.quickbooks_faults, self.world.basware_faults):
            faults.clear()

    # the connector

    def perform(self, job: Job) -> bool:
        """Do one job, whether or not it goes through; whether it did."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            PERFORM[job](desk)
        except (*TRY_LATER, BaswareError, QuickBooksError):
            self.counts["jobs cut off"] += 1
            return False
        finally:
            desk.release_lease()
        return True

    def look(self) -> None:
        """A cycle of the connector. Once QuickBooks and Basware were read and compared, every edit so far was looked at."""
        seen = set(self.unseen)
        self.arm()
        went = [self.perform(job) for job in CYCLE]
        self.disarm()
        self.world.clock.advance(65)
        if went[0] and went[1]:
            self.unseen -= seen
        self.counts["cycles"] += 1

    def settle(self) -> None:
        """Quiet: no more edits, no more trouble, and as much time as the slowest outcome takes."""
        self.trouble_ahead = 0
        for round_ in range(10):
            self.look()
            if round_ == 4:
                self.world.clock.advance(90_000)  # nobody ever tells of a request that never arrived
        self.world.basware.act("extract")
        self.perform(Job.EXTRACTS)
        for _ in range(4):
            self.look()

    # the verdict

    def judge(self) -> None:
        """Compare both systems' own books with each other, and with the list of edits."""
        self.world.basware.act("accept_imports")
        for code in sorted({code for code, _ in self.newest} | set(demo_codes(self))):
            ours, theirs, p2p = self.ours(code), self.theirs(code), self.in_p2p(code)
            if ours is None or theirs is None or p2p is None:
                where = [name for name, one in ((QUICKBOOKS, ours), (BASWARE, theirs), ("P2P", p2p)) if one is None]
                self.problems.append(f"{code} is missing in {', '.join(where)}")
                continue
            here, there = read_quickbooks(ours), read_basware(theirs)
            for what, value in here.items():
                self.counts["fields compared"] += 1
                if value != there[what]:
                    self.problems.append(f"{code}: {what} is {value!r} in QuickBooks and {there[what]!r} in Basware")
                written = self.newest.get((code, what))
                if written is not None and written[2] != value:
                    self.problems.append(f"{code}: {what} is {value!r}; {written[1]} wrote {written[2]!r} last")
            self.judge_alone(code, ours, theirs)
            plain = [
                {key: one for key, one in record.items() if key not in {"lastUpdated", "tags", "buvid"}}
                for record in (theirs, p2p)
            ]
            if plain[0] != plain[1]:
                self.problems.append(f"{code}: what a person typed into Basware's screens is still there")
        self.problems += self.world.check()
        with self.world.database.read() as tx:
            held = [one.code for one in vendor_pairs.every(tx, self.world.connection_id).values() if one.holds]
            rows = outgoing.of_resource(tx, self.world.connection_id, "vendors").values()
        self.problems += [f"{code} is held" for code in held]
        self.problems += [f"{one.subject} is {one.state.value}" for one in rows if one.state.value != "done"]

    def judge_alone(self, code: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
        """What only one side has."""
        found = {
            "check name": ours.get("PrintOnCheckName"),
            "custom field": theirs.get("customFields"),
            "payment block": (theirs.get("processingStatus") or {}).get("paymentDenied"),
            "order format": theirs.get("orderingDetails"),
            "delivery": [one for one in theirs.get("addresses", ()) if one["addressType"] == "DeliveryAddress"],
            "bank": [one.get("financialAccounts") for one in theirs.get("paymentMeans", ())],
        }
        for (owner, word), value in self.alone.items():
            if owner == code:
                self.counts["fields of one side only"] += 1
                if found[word] != value:
                    self.problems.append(f"{code}: {word} was {value!r} and is {found[word]!r}")


def demo_codes(story: Story) -> list[str]:
    """Vendors that the story began with."""
    return [f"V-{number}" for number in range(1, 6)] if story else []


def codes(story: Story) -> list[str]:
    """Vendors there are to edit."""
    return sorted({code for code, _ in story.newest} | set(demo_codes(story)))
