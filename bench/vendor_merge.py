"""Random edits of vendors on both sides, in both systems' screens and through their interfaces, with clocks that differ and
messages that get lost. After quiet both sides agree, every value is the newest that was written, and nothing that only one side has
is lost.

What is expected is worked out from the list of edits alone; what came of them is read from the twins' own books.

    python bench/vendor_merge.py            # 60 stories
    SHORT=1 python bench/vendor_merge.py    # 6
    FIRST=17 python bench/vendor_merge.py   # begin with story 17

Prints a table; exits with 1 if anything does not hold.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from ml_connector.basware.errors import BaswareError
from ml_connector.basware.master_data import resource_named
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.store import outgoing, vendor_pairs
from ml_connector.store.database import Database
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.feed_settings import ExtractsSettings
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors.settings import VendorSettings
from twins.faults import FaultKind, FaultRule
from world import World, build_world

CYCLE = (Job.CHANGES, Job.MASTER_DATA, Job.INVOICES, Job.OUTCOMES)
STEPS = 60
QUICKBOOKS, BASWARE = "QuickBooks", "Basware"
NAME, EMAIL, PHONE, STREET, TERM, ACTIVE = "name", "email", "phone", "street", "term", "active"
TERMS = {"1": "IMMED", "2": "NET15", "3": "NET30", "4": "NET45", "5": "NET60"}
TAX_ID = "12-3456789"
Change = Callable[[dict[str, Any]], None]


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
        contact = _inner(record, "contacts", {"name": "Payables", "role": "PrimaryContact"}, "role")
        for what, name in ((EMAIL, "email"), (PHONE, "telephone")):
            if what in changes:
                contact.pop(name, None)
                contact |= {name: changes[what]} if changes[what] else {}
        if STREET in changes:
            new = {"externalCode": f"{code}-P", "name": "Office", "addressType": "PostalAddress"}
            address = _inner(record, "addresses", new, "addressType")
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


def _inner(record: dict[str, Any], name: str, new: dict[str, Any], key: str) -> dict[str, Any]:
    """The inner record of a kind, made if there is none."""
    found = record.setdefault(name, [])
    if not any(one.get(key) == new[key] for one in found):
        found.append(new)
    return next(one for one in found if one.get(key) == new[key])


def read_quickbooks(record: dict[str, Any]) -> dict[str, Any]:
    """The fields both have, from QuickBooks' own books."""
    return {
        NAME: record["DisplayName"] if record["Active"] else record["DisplayName"].removesuffix(" (deleted)"),
        EMAIL: record.get("PrimaryEmailAddr", {}).get("Address", ""),
        PHONE: record.get("PrimaryPhone", {}).get("FreeFormNumber", ""),
        STREET: record.get("BillAddr", {}).get("Line1", ""),
        TERM: record.get("TermRef", {}).get("value", ""),
        ACTIVE: record["Active"],
    }


def read_basware(record: dict[str, Any]) -> dict[str, Any]:
    """The same, from what Basware's interface holds."""
    contact = next((one for one in record.get("contacts", ()) if one.get("role") == "PrimaryContact"), {})
    address = next((one for one in record.get("addresses", ()) if one["addressType"] == "PostalAddress"), {})
    code = (record.get("paymentTerms") or {}).get("paymentTermCode", "")
    return {
        NAME: record["name"],
        EMAIL: contact.get("email", ""),
        PHONE: contact.get("telephone", ""),
        STREET: address.get("streetName", ""),
        TERM: {one: key for key, one in TERMS.items()}.get(code, code),
        ACTIVE: record["processingStatus"]["active"],
    }


def vendor_of_basware(code: str) -> dict[str, Any]:
    """A vendor as another program gives it to Basware, with much that QuickBooks knows nothing of."""
    return {
        "externalCode": f"other-{code}",
        "vendorCode": code,
        "name": f"Firm {code}",
        "sourceSystem": "other",
        "companies": [{"companyCode": "US10", "inheritToChildUnits": True}],
        "contacts": [{"name": "Payables", "role": "PrimaryContact"}, {"name": "Sales", "role": "AdditionalContact"}],
        "addresses": [
            {"externalCode": f"{code}-D", "name": "Dock", "addressType": "DeliveryAddress", "streetName": "9 Dock"},
            {"externalCode": f"{code}-P", "name": "Office", "addressType": "PostalAddress", "cityName": "Salem"},
        ],
        "paymentMeans": [
            {
                "paymentMeansCode": "ACH",
                "currencyCode": "USD",
                "default": True,
                "financialAccounts": [
                    {
                        "financialInstitution": {"id": "EXMPUS33", "name": "Example Bank", "schemeId": "BIC"},
                        "financialAccountIdentifiers": [{"schemeId": "BBAN", "id": f"021-{code}", "default": True}],
                    }
                ],
            }
        ],
        "paymentTerms": {"paymentTermCode": "NET30"},
        "orderingDetails": {"orderingFormat": "email", "orderEmail": "orders@firm.example"},
        "processingStatus": {"active": True, "paymentDenied": False},
    }


def demo_codes(story: Story) -> list[str]:
    """Vendors that the story began with."""
    return [f"V-{number}" for number in range(1, 6)] if story else []


def keeping_vendors(settings: ConnectionSettings, spool: Path) -> ConnectionSettings:
    """Settings that keep vendors and terms in step, and read Basware's screens."""
    basware = msgspec.structs.replace(
        settings.basware,
        vendors=msgspec.structs.replace(settings.basware.vendors, enabled=True),
        extracts=ExtractsSettings(enabled=True, spool=str(spool)),
        master_data=msgspec.structs.replace(
            settings.basware.master_data, enabled=True, accounts=False, cost_centers=False, classes="", customers="",
            tax_codes=False, exchange_rates=False,
        ),
    )  # fmt: skip
    return msgspec.structs.replace(
        settings, basware=basware, vendors=VendorSettings(to_basware=True, to_quickbooks=True)
    )


def tell(seed: int, folder: Path) -> Story:
    """One story from its seed."""
    luck = random.Random(seed)
    ahead = (luck.choice([0, -45, 30, 600]), luck.choice([0, 40, -300, 900]))
    database = Database.open(f"sqlite:///{folder / f'{seed}.db'}")
    database.migrate()
    world = build_world(database, company="empty", ahead=ahead)
    world.change_settings(lambda settings: keeping_vendors(settings, folder / f"spool {seed}"))
    story = Story(world=world, luck=luck)
    world.basware.act("extract")
    story.perform(Job.EXTRACTS)
    for number in range(1, 6):
        code = f"V-{number}"
        record = vendor_of_basware(code)
        world.desk().master_data.post(resource_named("vendors"), [msgspec.json.encode(record).decode()])
        story.alone[code, "delivery"] = [record["addresses"][0]]
        story.alone[code, "bank"] = [record["paymentMeans"][0]["financialAccounts"]]
        story.alone[code, "order format"] = record["orderingDetails"]
        fields = {"TaxIdentifier": TAX_ID, "TermRef": {"value": "3"}}
        world.quickbooks.act(world.realm_id, "create_vendor", name=f"Firm {code}", number=code, fields=fields)
    for _ in range(6):
        story.look()
    acts: list[tuple[int, Callable[[], None]]] = [
        (5, lambda: story.edit(luck.choice(codes(story)), QUICKBOOKS)),
        (5, lambda: story.edit(luck.choice(codes(story)), BASWARE)),
        (1, lambda: story.edit_screens(luck.choice(codes(story)))),
        (1, story.new_in_quickbooks),
        (1, story.new_in_basware),
        (2, story.trouble),
        (5, story.look),
        (1, lambda: _extract(story)),
    ]
    for _ in range(STEPS):
        [act] = luck.choices([act for _, act in acts], [weight for weight, _ in acts])
        act()
    story.settle()
    story.judge()
    return story


def _extract(story: Story) -> None:
    story.wait()
    story.world.basware.act("extract")
    story.perform(Job.EXTRACTS)


def codes(story: Story) -> list[str]:
    """Vendors there are to edit."""
    return sorted({code for code, _ in story.newest} | set(demo_codes(story)))


def main() -> int:
    """Tell every story; 0 if all of them end well."""
    first, number = (
        int(os.environ.get("FIRST", "1")),
        int(os.environ.get("STORIES", "6" if os.environ.get("SHORT") else "60")),
    )
    total, bad = Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + number):
            story = tell(seed, Path(folder))
            total += story.counts
            bad += [f"story {seed}: {problem}" for problem in story.problems]
            story.world.database.close()
    table = Table(title=f"Vendors on both sides, {number} stories", header_style="bold")
    table.add_column("What")
    table.add_column("Number", justify="right")
    for what, count in sorted(total.items()):
        table.add_row(what, f"{count:,}")
    table.add_row("what does not hold", f"{len(bad):,}", style="bold")
    console = Console()
    console.print(table)
    for problem in bad[:20]:
        console.print(problem, markup=False, highlight=False)
    console.print("Both sides agree." if not bad else "NOT everything holds.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
