"""Keeping vendors in step crashes before and after each of its steps, loses each answer, sends each request twice: in the end both
books are those of a run that nothing disturbed.

How it crashes: bench/crashes.py.
"""

from typing import Any

import msgspec

from crashes import Saboteur, every_fault, live, perform
from databases import SqliteFiles
from ml_connector.app import App
from ml_connector.store import intents, outgoing
from ml_connector.store.schema import OutgoingState
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import TakenBackFeed
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors.pairing import external_code
from twins.demo_company import basware_seed, quickbooks_seed
from vendor_scenes import CYCLE, Vendors, by_another_program
from world import Seeds, build_world

NAMES = ["Beacon Office Supply Co.", "Corvid Cloud Hosting, Inc.", "Delta Freight Ltd"]


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


def carry(app: App, vendors: Vendors) -> bool:
    """Do the jobs until nothing is under way; whether that came."""
    for _ in range(8):
        reports = {job: perform(app, job) for job in CYCLE}
        vendors.world.clock.sleep(65)
        if not reports[Job.MASTER_DATA].counts["calls"] and not under_way(vendors):
            return True
    return False


def under_way(vendors: Vendors) -> bool:
    """Whether anything is on its way to either system."""
    with vendors.world.database.read() as tx:
        rows = outgoing.of_resource(tx, vendors.world.connection_id, "vendors").values()
        writes = intents.in_state(tx, vendors.world.connection_id, intents.UNDER_WAY)
    return bool(writes) or any(row.state in {OutgoingState.READY, OutgoingState.SENT} for row in rows)


def people_edit(vendors: Vendors) -> None:
    """A vendor changes in each system."""
    vendors.act("edit_vendor", id="101", changes={"PrimaryEmailAddr": {"Address": "new@beacon.example"}})
    vendors.edit("V-800", lambda one: one.update(contacts=[{"name": "AP", "email": "ap@delta.example"}]))
    vendors.world.clock.sleep(3601)  # until QuickBooks is asked again what changed


def be_patient(vendors: Vendors, number: int) -> None:
    """What Basware never got, because a process ended just before it was sent, is given up and sent anew after a day."""
    if number > 10:
        vendors.world.clock.sleep(90_000)


def struck(saboteur: Saboteur, sqlite: SqliteFiles) -> dict[str, Any]:
    """Two systems meet, then a vendor changes in each; what both hold in the end."""
    with sqlite.fresh() as url:
        vendors = begun(url)
        edited = list[str]()

        def act(app: App) -> bool:
            if carry(app, vendors) and not edited:
                people_edit(vendors)
                edited.append("both")
                return carry(app, vendors)
            return not under_way(vendors)

        live(vendors.world, url, saboteur, act, after=lambda number: be_patient(vendors, number))
        assert vendors.world.check() == []
        held = books(vendors)
        vendors.world.database.close()
    return held


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


def test_whatever_happens_at_any_step_both_books_end_as_if_nothing_had(sqlite: SqliteFiles):
    told = list[dict[str, Any]]()

    def story(saboteur: Saboteur) -> None:
        told.append(struck(saboteur, sqlite))
        assert told[-1] == told[0]

    def strikes(label: str, _fault: str) -> bool:
        return not label.startswith(("commit: desk.", "commit: tenure."))  # those only prolong the lease

    assert every_fault(story, strikes=strikes) > 200
    undisturbed = told[0]
    assert [_name(one) for one in undisturbed["QuickBooks"]] == NAMES
    assert [[_name(one) for one in undisturbed[where]] for where in ("Basware", "P2P")] == [NAMES, NAMES]
