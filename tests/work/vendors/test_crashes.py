"""Keeping vendors in step crashes before and after each of its steps, loses each answer, sends each request twice: in the end both
books are those of a run that nothing disturbed.

The steps are those of the crash matrix: every commit to the database and every request. Another worker goes on after each crash.
`CRASHES=all` in the environment strikes every step; without it, a few of each fault.
"""

import os
from typing import Any

import msgspec
import pytest

from crash_matrix import ON_COMMITS, Crash, SabotagedDatabase, SabotagedTransport, Saboteur
from databases import SqliteFiles
from ml_connector.app import App
from ml_connector.store import intents, outgoing
from ml_connector.store.schema import OutgoingState
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import TakenBackFeed
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.tenure import LONG, ConnectionBusyError
from ml_connector.work.vendors.pairing import external_code
from twins.demo_company import basware_seed, quickbooks_seed
from vendor_scenes import CYCLE, Vendors, by_another_program
from world import Seeds, build_world

FAULTS = ("crash before", "crash after", "answer lost", "sent twice")
FEW = 2
"""Steps that are struck by each fault in the short form."""


def company() -> Seeds:
    """The demo company with two vendors in QuickBooks, one of which Basware has, and one that only Basware has."""
    books, basware = quickbooks_seed(), basware_seed()
    for name in ("Bill", "BillPayment", "VendorCredit", "JournalEntry"):
        books["entities"][name] = []
    books["entities"]["Vendor"] = [one for one in books["entities"]["Vendor"] if one["Id"] in {"101", "102"}]
    del books["entities"]["Vendor"][1]["TermRef"]  # payment terms are a story of their own
    both = next(one for one in basware["vendors"] if one["vendorCode"] == "V-10011")
    only = by_another_program("V-800", "Delta Freight Ltd", lastUpdated="2026-11-01T05:00:00.000Z")
    return books, basware | {"accountingDocuments": [], "attachments": {}, "vendors": [both, only]}


def begun(url: str) -> Vendors:
    """Both systems as they are before they meet for the first time."""
    vendors = Vendors(build_world(url, company=company(), mapping=False), payment_terms=False)
    vendors.world.change_settings(_without_documents)
    return vendors


def _without_documents(settings: ConnectionSettings) -> ConnectionSettings:
    """Settings that leave out what has nothing to do with vendors, so that a story has no idle steps."""
    basware = msgspec.structs.replace(settings.basware, taken_back=TakenBackFeed(enabled=False))
    return msgspec.structs.replace(settings, basware=basware)


def live(vendors: Vendors, url: str, saboteur: Saboteur) -> None:
    """Do the jobs again and again, in another process after each crash, until nothing is under way."""
    clock = vendors.world.clock
    for life in range(12):
        database = SabotagedDatabase.open(url)
        database.saboteur = saboteur
        transport = SabotagedTransport(vendors.world.transport, saboteur)
        app = App(database, vendors.world.vault, clock=clock, transport=transport, worker=f"life {life}")
        try:
            for _ in range(8):
                calls = [_do(app, job) for job in CYCLE][1]
                clock.sleep(65)
                if not calls and not under_way(vendors):
                    return
        except (Crash, ConnectionBusyError, *TRY_LATER):
            clock.sleep(LONG + 1)
        finally:
            database.close()
    raise AssertionError("the vendors never came to rest")


def _do(app: App, job: Job) -> int:
    desk = app.desk(app.connection(""), job=job)
    desk.take_lease()
    report = PERFORM[job](desk)
    desk.release_lease()
    return report.counts.get("calls", 0)


def under_way(vendors: Vendors) -> bool:
    """Whether anything is on its way to either system."""
    with vendors.world.database.read() as tx:
        rows = outgoing.of_resource(tx, vendors.world.connection_id, "vendors").values()
        writes = intents.in_state(tx, vendors.world.connection_id, intents.UNDER_WAY)
    return bool(writes) or any(row.state in {OutgoingState.READY, OutgoingState.SENT} for row in rows)


def story(url: str, saboteur: Saboteur) -> dict[str, Any]:
    """Two systems meet, then a vendor changes in each; what both hold in the end."""
    vendors = begun(url)
    try:
        live(vendors, url, saboteur)
        vendors.act("edit_vendor", id="101", changes={"PrimaryEmailAddr": {"Address": "new@beacon.example"}})
        vendors.edit("V-800", lambda one: one.update(contacts=[{"name": "AP", "email": "ap@delta.example"}]))
        live(vendors, url, saboteur)
        assert vendors.world.check() == []
        return books(vendors)
    finally:
        vendors.world.database.close()


def books(vendors: Vendors) -> dict[str, Any]:
    """What both systems' own books say of vendors, but for moments, for the number that makes a record new to Basware, and for what
    tells the connection from others."""
    ours = vendors.world.quickbooks.books(vendors.world.realm_id)["Vendor"]
    vendors.world.basware.act("accept_imports")
    given = vendors.world.basware.master_data()
    passing = {"MetaData", "lastUpdated", "tags", "buvid", "changedInP2P"}
    held = {
        name: sorted(({key: value for key, value in one.items() if key not in passing} for one in records), key=_name)
        for name, records in (
            ("QuickBooks", ours), ("Basware", given["interface"]["vendors"]), ("P2P", given["p2p"]["vendors"]),
        )
    }  # fmt: skip
    text = msgspec.json.encode(held).decode().replace(external_code(vendors.world.connection_id, ""), "ours-")
    return msgspec.json.decode(text)


def _name(record: dict[str, Any]) -> str:
    return str(record.get("DisplayName") or record["name"])


@pytest.fixture(scope="module")
def undisturbed(sqlite: SqliteFiles) -> tuple[list[str], dict[str, Any]]:
    """The steps of a run that nothing disturbs, and the books at its end."""
    saboteur = Saboteur()
    with sqlite.fresh() as url:
        return saboteur.steps, story(url, saboteur)


def is_struck(label: str, fault: str) -> bool:
    """Requests are struck by every fault; commits by a crash, but those that only prolong the lease."""
    if not label.startswith("commit"):
        return True
    return fault in ON_COMMITS and not label.startswith(("commit: desk.", "commit: tenure."))


def struck(steps: list[str], fault: str) -> list[int]:
    """The numbers of the steps that a fault strikes: of each kind of step the first, and of these a few in the short form."""
    if os.environ.get("CRASHES") == "all":
        return [number for number, label in enumerate(steps) if is_struck(label, fault)]
    first = {label: number for number, label in reversed(list(enumerate(steps))) if is_struck(label, fault)}
    numbers = sorted(first.values())
    every = len(numbers) // FEW
    return numbers[FAULTS.index(fault) % every :: every][:FEW]


def test_the_undisturbed_run_ends_with_every_vendor_on_both_sides_once(undisturbed):
    _, held = undisturbed

    names = ["Beacon Office Supply Co.", "Corvid Cloud Hosting, Inc.", "Delta Freight Ltd"]
    assert sorted(one["DisplayName"] for one in held["QuickBooks"]) == names
    assert [sorted(one["name"] for one in held[name]) for name in ("Basware", "P2P")] == [names, names]


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_step_both_books_end_as_if_nothing_had(sqlite: SqliteFiles, undisturbed, fault: str):
    steps, expected = undisturbed
    numbers = struck(steps, fault)
    assert len(numbers) >= FEW
    for number in numbers:
        with sqlite.fresh() as url:
            assert story(url, Saboteur(number, fault)) == expected, f"{fault}, step {number}: {steps[number]}"
