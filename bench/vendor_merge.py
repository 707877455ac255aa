"""Random edits of vendors on both sides, in both systems' screens and through their interfaces, with clocks that differ and
messages that get lost. After quiet both sides agree, every value is the newest that was written, and nothing that only one side has
is lost.

What is expected is worked out from the list of edits alone; what came of them is read from the twins' own books.

    python bench/vendor_merge.py            # 60 stories
    SHORT=1 python bench/vendor_merge.py    # 3
    FIRST=17 python bench/vendor_merge.py   # begin with story 17

Prints a table; exits with 1 if anything does not hold.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from ml_connector.basware.master_data import resource_named
from ml_connector.store.database import Database
from ml_connector.work.feed_settings import ExtractsSettings
from ml_connector.work.jobs import Job
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors.settings import VendorSettings
from vendor_sides import BASWARE, QUICKBOOKS, vendor_of_basware
from vendor_story import Story, codes
from world import build_world

STEPS = 60
TAX_ID = "12-3456789"


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


def main() -> int:
    """Tell every story; 0 if all of them end well."""
    first, number = (
        int(os.environ.get("FIRST", "1")),
        int(os.environ.get("STORIES", "3" if os.environ.get("SHORT") else "60")),
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
