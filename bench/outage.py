"""A company is cut off for hours, days or weeks while people go on working in QuickBooks; then see whether its copies are right.

Two connections with a QuickBooks company each, and the same history in both: one hears every webhook, the other hears nothing and
calls nobody until the outage is over. Afterwards the copies of both have to be those of QuickBooks' own books, and equal.

    python bench/outage.py            # 2 hours, 3 days, 40 days, on SQLite and PostgreSQL
    SHORT=1 python bench/outage.py    # the same with fewer edits

Prints calls and metered reads for each; exits with 1 if any copy is wrong.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from announcements import Mailbag
from databases import Databases, postgres_server, sqlite_files
from followed import Followed, differences
from ml_connector.store import books as book_store
from world import World, build_world

HOUR = 3600.0
OUTAGES = (("2 hours", 2 * HOUR, 1.0, 0), ("3 days", 72 * HOUR, 2.0, 0), ("40 days", 960 * HOUR, 3.0, 1100))
"""Name, seconds, how much people do (times the edits of 2 hours), and how many entries they make besides, in one entity."""
_AT_FIRST = 300
"""Vendors, bills and entries each that are there before the outage; a tenth of them in the short form."""
_STEPS = 12
"""The history is told in so many parts, between which time passes and, in the one that hears everything, notices are read."""


@dataclass(frozen=True)
class Outcome:
    """What one outage came to. `calls` and `metered` are of the reading after it; `wrong` is what is not right, in words."""

    name: str
    edits: Counter[str]
    cut_off: dict[str, int]
    always: dict[str, int]
    wrong: list[str]


class People:
    """Who works in QuickBooks' own pages. The same seed does the same in every company that was set up the same."""

    def __init__(self, world: World) -> None:
        self._world, self._chance = world, random.Random(7)
        self.done: Counter[str] = Counter()
        books = world.quickbooks.books(world.realm_id)
        self._accounts = [one["Id"] for one in books["Account"] if one["AccountType"] == "Expense" and one["Active"]]
        self._bank = next(one["Id"] for one in books["Account"] if one["AccountType"] == "Bank" and one["Active"])
        self._vendors: list[str] = []
        self._bills: list[str] = []
        self._payments: list[str] = []
        self._entries: list[str] = []

    def settle_in(self, count: int) -> None:
        """What is there before the outage: vendors, bills and entries."""
        for _ in range(count):
            self.new_vendor()
            self.new_bill()
            self.new_entry()

    def work(self, count: int) -> None:
        """A stretch of ordinary work, so many acts."""
        acts = (
            self.new_vendor, self.new_bill, self.new_bill, self.new_entry, self.edit_bill, self.edit_bill, self.edit_vendor,
            self.delete_entry, self.delete_bill, self.merge_vendors, self.pay, self.void, self.switch_vendor, self.rename,
        )  # fmt: skip
        for _ in range(count):
            self._world.clock.advance(1)
            self._chance.choice(acts)()

    def new_vendor(self) -> None:
        """A new vendor."""
        name = f"Vendor {self.done['vendors made']}"
        self._vendors.append(self._act("vendors made", "create_vendor", name=name)["Id"])

    def new_bill(self) -> None:
        """A new bill of a vendor who is still there."""
        line = {
            "Amount": 10 + self._chance.randrange(90),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": self._chance.choice(self._accounts)}},
        }
        body = {"VendorRef": {"value": self._chance.choice(self._vendors)}, "Line": [line]}
        self._bills.append(self._act("bills made", "enter", entity="Bill", body=body)["Id"])

    def new_entry(self) -> None:
        """A new journal entry."""
        debit, credit = self._chance.sample(self._accounts, 2)
        lines = [
            {"side": "Debit", "account": debit, "amount": "1.00"},
            {"side": "Credit", "account": credit, "amount": "1.00"},
        ]
        self._entries.append(self._act("entries made", "create_journal_entry", lines=lines)["Id"])

    def edit_bill(self) -> None:
        """A note on a bill."""
        note = f"note {self.done['bills edited']}"
        self._act("bills edited", "change_bill", id=self._chance.choice(self._bills), note=note)

    def edit_vendor(self) -> None:
        """Another name for checks."""
        changes = {"PrintOnCheckName": f"check {self.done['vendors edited']}"}
        self._act("vendors edited", "edit_vendor", id=self._chance.choice(self._vendors), changes=changes)

    def delete_entry(self) -> None:
        """An entry less, while there are enough."""
        if len(self._entries) > 5:
            self._act("entries deleted", "delete", entity="JournalEntry", id=self._take(self._entries))

    def delete_bill(self) -> None:
        """An unpaid bill less, while there are enough."""
        if len(self._bills) > 5:
            self._act("bills deleted", "delete", entity="Bill", id=self._take(self._bills))

    def merge_vendors(self) -> None:
        """Two vendors become one."""
        if len(self._vendors) > 5:
            vanishing = self._take(self._vendors)
            kept = self._chance.choice(self._vendors)
            self._act("vendors merged", "merge", entity="Vendor", id=kept, vanishing=vanishing)

    def pay(self) -> None:
        """A bill is paid."""
        if len(self._bills) > 5:
            bill = self._take(self._bills)
            self._payments.append(self._act("bills paid", "pay", id=bill, account=self._bank)["Id"])

    def void(self) -> None:
        """A payment is voided."""
        if self._payments:
            self._act("payments voided", "void_payment", id=self._take(self._payments))

    def switch_vendor(self) -> None:
        """A vendor nobody has used is made inactive."""
        made = self._act("vendors made", "create_vendor", name=f"Vendor {self.done['vendors made']}")
        self._act("made inactive", "inactivate", entity="Vendor", id=made["Id"])

    def rename(self) -> None:
        """An account gets another name."""
        number = self.done["accounts renamed"]
        self._act("accounts renamed", "rename", entity="Account", id=self._accounts[0], name=f"Account {number}")

    def _take(self, ids: list[str]) -> str:
        return ids.pop(self._chance.randrange(len(ids)))

    def _act(self, what: str, action: str, **details: Any) -> dict[str, Any]:
        self.done[what] += 1
        return self._world.quickbooks.act(self._world.realm_id, action, **details)


def history(url: str, seconds: float, acts: int, entries: int, *, hears: bool) -> tuple[World, People, dict[str, int]]:
    """One company's story, with or without hearing of it; what it cost to be up to date at its end."""
    world = build_world(url, company="empty")
    followed, people = Followed(world, Mailbag(world)), People(world)
    people.settle_in(_AT_FIRST // 10 if os.environ.get("SHORT") else _AT_FIRST)
    world.clock.advance(1200)
    followed.read()
    followed.mail.deliver()  # so that webhooks are known to arrive
    world.clock.advance(60)
    followed.read()
    before = _cost(world)
    people.done.clear()
    people.done["vendors made"] = 10_000  # names that are not there yet
    for _step in range(_STEPS):
        people.work(acts // _STEPS)
        for _ in range(entries // _STEPS):
            people.new_entry()
        world.clock.advance(max(1.0, seconds / _STEPS - acts / _STEPS))
        if hears:
            followed.read_announced()
        else:
            followed.mail.lose()
    world.clock.advance(60)
    if hears:
        followed.read_announced()
    else:
        for _ in range(3):
            followed.read()
            world.clock.advance(60)
    people.done["vendors made"] -= 10_000
    return world, people, {name: number - before[name] for name, number in _cost(world).items()}


def _cost(world: World) -> Counter[str]:
    """Calls to QuickBooks so far, and how many reads Intuit's meter counts when every query of a batch counts."""
    metered = sum(row["core_plus_batch_items"] for row in world.quickbooks.meter.report())
    return Counter({"calls": world.quickbooks.calls["requests"], "metered": metered})


def rehearse(databases: Databases, name: str, seconds: float, acts: int, entries: int) -> Outcome:
    """One outage beside an undisturbed company with the same history."""
    with databases.fresh() as one, databases.fresh() as other:
        cut_off, people, cost = history(one, seconds, acts, entries, hears=False)
        always, twins, usual = history(other, seconds, acts, entries, hears=True)
        try:
            wrong = [f"cut off: {line}" for line in differences(cut_off)]
            wrong += [f"never cut off: {line}" for line in differences(always)]
            wrong += _unlike(cut_off, always)
            if people.done != twins.done:
                wrong.append("the two histories are not the same")
            return Outcome(name, people.done, cost, usual, wrong)
        finally:
            cut_off.database.close()
            always.database.close()


def _unlike(cut_off: World, always: World) -> list[str]:
    """Where the two have different copies: other records, other versions, or a deletion only one of them knows of."""
    wrong = list[str]()
    for entity in cut_off.desk().settings.changes.captured:
        kept = [
            {row.quickbooks_id: (row.sync_token, row.name, row.active) for row in _copies(world, entity)}
            for world in (cut_off, always)
        ]
        wrong += [f"{entity} {key} is not alike" for key, _ in kept[0].items() ^ kept[1].items()]
    return wrong


def _copies(world: World, entity: str) -> list[book_store.BookRow]:
    with world.database.read() as tx:
        return book_store.all_of(tx, world.connection_id, entity)


def show(name: str, outcomes: list[Outcome], console: Console) -> int:
    """Print one database's table; how many outages left something wrong."""
    table = Table(title=f"{name}: after an outage, to be as if there had been none", title_justify="left")
    columns = ("Outage", "Edits meanwhile", "Calls after it", "Metered reads", "Never cut off: calls", "Metered reads ",
               "Copies")  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column in {"Outage", "Copies"} else "right")
    for one in outcomes:
        table.add_row(
            one.name, str(sum(one.edits.values())), str(one.cut_off["calls"]), str(one.cut_off["metered"]),
            str(one.always["calls"]), str(one.always["metered"]),
            f"{len(one.wrong)} wrong: {'; '.join(one.wrong[:3])}" if one.wrong else "equal to QuickBooks and to each other",
        )  # fmt: skip
    console.print(table)
    for one in outcomes:
        console.print(f"{one.name}: " + ", ".join(f"{number} {what}" for what, number in sorted(one.edits.items())))
    return sum(bool(one.wrong) for one in outcomes)


def main() -> int:
    """Run every outage on both databases."""
    acts = 60 if os.environ.get("SHORT") else 300
    console = Console(width=None if sys.stdout.isatty() else 160)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        kinds: list[tuple[str, AbstractContextManager[Databases]]] = [
            ("SQLite", sqlite_files(Path(folder))),
            ("PostgreSQL", postgres_server()),
        ]
        for name, making in kinds:
            with making as databases:
                outcomes = [
                    rehearse(databases, length, seconds, int(acts * share), entries)
                    for length, seconds, share, entries in OUTAGES
                ]
                wrong += show(name, outcomes, console)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
