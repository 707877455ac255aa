"""Vendors that people typed into Basware's screens, seen through Data Access extracts, and who wins when several wrote."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ml_connector.model.holds import Cause
from ml_connector.store.database import Database
from ml_connector.work.feed_settings import ExtractsSettings
from ml_connector.work.jobs import Job
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors.views import vendor_view
from vendor_scenes import Vendors
from world import build_world


class Screens(Vendors):
    """Two systems whose screens are read as well."""

    def extract(self) -> None:
        """Data Access writes an extract, and it is loaded."""
        self.basware("extract")
        self.perform(Job.EXTRACTS)

    def type_in(self, code: str, name: str, **fields: str) -> None:
        """Somebody types a vendor into Basware's screens."""
        company = {"companies": [{"companyCode": "US10", "inheritToChildUnits": True}]}
        status = {"processingStatus": {"active": True, "paymentDenied": False}}
        self.basware("add_vendor", vendor={"vendorCode": code, "name": name, **company, **status, **fields})


@pytest.fixture
def screens(database: Database, tmp_path: Path) -> Iterator[Screens]:
    """The demo company with Data Access, everything compared once."""
    made = Screens(build_world(database, company="empty"))

    def with_extracts(settings: ConnectionSettings) -> ConnectionSettings:
        basware = msgspec.structs.replace(
            settings.basware, extracts=ExtractsSettings(enabled=True, spool=str(tmp_path / "spool"))
        )
        return msgspec.structs.replace(settings, basware=basware)

    made.world.change_settings(with_extracts)
    made.extract()
    made.sync()
    yield made
    assert made.world.check() == []


def test_a_vendor_typed_into_baswares_screens_is_created_in_quickbooks_and_its_later_changes_follow(screens):
    screens.type_in("V-900", "Quayside Repairs")
    screens.extract()
    screens.sync(3)
    assert screens.in_quickbooks("V-900")["DisplayName"] == "Quayside Repairs"

    screens.basware("edit_vendor", vendor="V-900", changes={"name": "Quayside Repairs & Sons"})
    screens.extract()
    screens.sync(3)

    assert screens.in_quickbooks("V-900")["DisplayName"] == "Quayside Repairs & Sons"
    assert screens.names_in_quickbooks().count("Quayside Repairs & Sons") == 1


def test_what_quickbooks_changes_of_a_vendor_typed_in_is_for_a_person_who_is_told_the_fields(screens):
    screens.type_in("V-900", "Quayside Repairs")
    screens.extract()
    screens.sync(3)
    own = screens.in_quickbooks("V-900")["Id"]
    screens.act("edit_vendor", id=own, changes={"PrimaryEmailAddr": {"Address": "pay@quayside.example"}})
    screens.sync(3)

    view = vendor_view(screens.world.desk(), screens.pair("V-900"))
    [cause] = view.vendor.causes
    assert cause.code == Cause.VENDOR_TYPED_IN.value
    assert "email" in f"{cause.sentence} {cause.what_to_do}"
    assert screens.in_quickbooks("V-900")["PrimaryEmailAddr"]["Address"] == "pay@quayside.example"

    screens.basware(
        "edit_vendor", vendor="V-900", changes={"contacts": [{"name": "AP", "email": "pay@quayside.example"}]}
    )
    screens.extract()
    screens.sync(3)
    assert screens.pair("V-900").holds == ()


def test_a_vendor_typed_in_and_then_edited_on_both_sides_ends_on_the_later_value(screens):
    screens.type_in("V-900", "Quayside Repairs")
    screens.extract()
    screens.sync(3)
    own = screens.in_quickbooks("V-900")["Id"]
    screens.act("edit_vendor", id=own, changes={"DisplayName": "Older Name"})
    screens.basware("edit_vendor", vendor="V-900", changes={"name": "Newer Name"})
    screens.extract()
    screens.sync(3)

    assert screens.in_quickbooks("V-900")["DisplayName"] == "Newer Name"
    assert screens.in_p2p("V-900")["name"] == "Newer Name"
    assert screens.pair("V-900").holds == ()


def test_what_the_interface_was_given_goes_before_what_people_type_over_it_with_the_next_cycle(screens):
    given = screens.in_p2p("V-10011")["name"]
    screens.basware("edit_vendor", vendor="V-10011", changes={"name": "Typed Over"})
    assert screens.in_p2p("V-10011")["name"] == "Typed Over"

    screens.extract()
    screens.sync(3)

    assert screens.in_p2p("V-10011")["name"] == given
    assert screens.in_quickbooks("V-10011")["DisplayName"] == given
    assert screens.pair("V-10011").holds == ()
    posted = screens.posted("V-10011")
    screens.sync(2)
    assert screens.posted("V-10011") == posted, "it is overwritten once"


def test_a_change_in_quickbooks_and_one_typed_over_it_in_basware_end_with_that_of_quickbooks_on_both_sides(screens):
    screens.act("edit_vendor", id="101", changes={"DisplayName": "Beacon Two"})
    screens.basware("edit_vendor", vendor="V-10011", changes={"name": "Typed Over Later"})
    screens.extract()
    screens.sync(3)

    assert screens.in_quickbooks("101")["DisplayName"] == "Beacon Two"
    assert screens.in_p2p("V-10011")["name"] == screens.posted("V-10011")["name"] == "Beacon Two"
