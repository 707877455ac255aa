"""A month of vendors on both sides: at its end the books of both systems say the same, and an invoice finds its vendor."""

import msgspec
from tests.work.vendors.conftest import Vendors

from ml_connector.store.database import Database
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from world import build_world


def test_after_a_month_of_changes_both_systems_have_the_same_vendors(database: Database) -> None:
    both = Vendors(build_world(database, company="empty"))
    both.sync()
    both.new_in_quickbooks(
        "Harbor Paper LLC", number="V-777", TermRef={"value": "3"}, PrimaryEmailAddr={"Address": "ap@harbor.example"}
    )
    both.post(
        {
            "externalCode": "other-1",
            "vendorCode": "V-800",
            "name": "Delta Freight Ltd",
            "companies": [{"companyCode": "US10", "inheritToChildUnits": True}],
            "paymentTerms": {"paymentTermCode": "NET45"},
            "customFields": [{"name": "Segment", "value": "A"}],
            "processingStatus": {"active": True, "paymentDenied": True},
        }
    )
    both.sync(3)
    both.act("edit_vendor", id=both.in_quickbooks("V-800")["Id"], changes={"DisplayName": "Delta Freight Group"})
    both.edit("V-777", lambda one: one["contacts"][0].update(email="new@harbor.example"))
    both.act("inactivate", entity="Vendor", id="101")
    both.sync(3)

    for code in ("V-777", "V-800", "V-10012", "V-10015"):
        ours, theirs = both.in_quickbooks(code), both.in_p2p(code)
        assert ours["DisplayName"] == theirs["name"]
        assert ours.get("PrimaryEmailAddr", {}).get("Address", "") == _email(theirs)
        assert ours["Active"] == theirs["processingStatus"]["active"]
    assert both.in_p2p("V-10011")["processingStatus"]["active"] is False
    assert both.in_p2p("V-800")["customFields"] == [{"name": "Segment", "value": "A"}]
    assert both.in_p2p("V-800")["processingStatus"]["paymentDenied"] is True
    assert both.in_p2p("V-777")["contacts"][0]["email"] == "new@harbor.example"
    assert both.world.check() == []


def test_a_quiet_month_sends_nothing(database: Database) -> None:
    both = Vendors(build_world(database, company="empty"))
    both.sync(3)
    before = (both.world.basware_seen.writes, both.world.quickbooks_seen.writes, _all(both))
    for _ in range(3):
        both.world.clock.advance(86_400)
        desk = both.world.desk()
        desk.take_lease()
        PERFORM[Job.MASTER_DATA](desk)
        desk.release_lease()

    assert (both.world.basware_seen.writes, both.world.quickbooks_seen.writes, _all(both)) == before


def _email(record: dict[str, object]) -> str:
    contacts = msgspec.convert(record.get("contacts", []), list[dict[str, object]])
    return str(contacts[0].get("email", "")) if contacts else ""


def _all(both: Vendors) -> list[bytes]:
    rows = both.tenant.intake.p2p.rows("vendors")
    return [msgspec.json.encode(row.entity) for row in rows]
