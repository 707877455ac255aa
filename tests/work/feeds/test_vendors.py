"""Vendors that other programs gave to Basware: read by their last change, with a cursor that only moves with what is here."""

import tracemalloc

import httpx2
import pytest

from ml_connector.basware.errors import Unavailable
from ml_connector.work.feeds import vendors
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import VendorsFeed
from twins.faults import FaultKind, FaultRule

VENDORS = "/v1/vendors"


def vendor(number, *companies, inherit=False, **changes):
    return {
        "externalCode": f"E-{number}",
        "vendorCode": f"VX-{number}",
        "name": f"Vendor {number}",
        "companies": [{"companyCode": code, "inheritToChildUnits": inherit} for code in companies or ("US10",)],
        **changes,
    }


def give(office, *records):
    """Another program gives vendors to Basware through its interface."""
    office.world.clock.advance(1)
    office.post("/v1/vendors", list(records))


def test_the_first_reading_takes_every_vendor_and_the_next_only_what_changed(office):
    give(office, vendor(1))
    office.world.clock.advance(3600)
    give(office, vendor(2))
    first = office.do(Job.VENDORS)
    assert office.here("E-1", vendors.FEED)["name"] == "Vendor 1"
    office.world.clock.advance(86_400)
    give(office, vendor(2, name="Renamed"))

    second = office.do(Job.VENDORS)

    assert first.counts["new"] == first.counts["seen"] > 2
    assert (second.counts["seen"], second.counts["changed"]) == (1, 1)
    assert office.here("E-2", vendors.FEED)["name"] == "Renamed"


def test_what_the_overlap_brings_again_makes_no_new_version(office):
    give(office, vendor(1))
    office.do(Job.VENDORS)

    again = office.do(Job.VENDORS)

    assert again.counts["seen"] > 0
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    assert office.versions("E-1", vendors.FEED) == 1


def test_vendors_of_other_companies_are_left_out_but_those_handed_down_from_above_are_not(office):
    give(office, vendor(1, "DE20"), vendor(2, "GROUP", inherit=True), vendor(3, "DE20", "US10"))

    office.do(Job.VENDORS)

    assert office.here("E-1", vendors.FEED) is None
    assert office.here("E-2", vendors.FEED) is not None
    assert office.here("E-3", vendors.FEED) is not None


def test_a_vendor_that_leaves_the_company_is_kept_up_to_date(office):
    give(office, vendor(1))
    office.do(Job.VENDORS)
    give(office, vendor(1, "DE20"))

    office.do(Job.VENDORS)

    assert office.here("E-1", vendors.FEED)["companies"][0]["companyCode"] == "DE20"


def test_bare_lists_are_read_like_wrapped_ones(office):
    office.world.basware.switches.bare_vendors_and_lines = True
    give(office, vendor(1))

    office.do(Job.VENDORS)

    assert office.here("E-1", vendors.FEED) is not None


def test_a_reading_that_was_cut_off_goes_on_where_it_was(office):
    office.settings(vendors=VendorsFeed(enabled=True, page_size=10))
    give(office, *(vendor(number) for number in range(60)))
    down = office.world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=429, retry_after=900, path=VENDORS, nth=4, times=None)
    )
    with pytest.raises(Exception, match="pause"):
        office.do(Job.VENDORS)
    office.world.basware_faults.remove(down)
    office.world.clock.advance(901)

    report = office.do(Job.VENDORS)

    assert report.counts["seen"] == office.in_basware() - 30
    assert office.number(vendors.FEED) == office.in_basware()


def test_a_place_that_expired_while_we_were_away_means_reading_from_the_beginning(office):
    office.settings(vendors=VendorsFeed(enabled=True, page_size=10))
    office.world.basware.switches.continuation_seconds = 60
    give(office, *(vendor(number) for number in range(40)))
    down = office.world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=429, retry_after=900, path=VENDORS, nth=3, times=None)
    )
    with pytest.raises(Exception, match="pause"):
        office.do(Job.VENDORS)
    office.world.basware_faults.remove(down)
    office.world.clock.advance(3600)

    report = office.do(Job.VENDORS)

    assert office.number(vendors.FEED) == office.in_basware()
    assert report.counts["new"] == office.in_basware() - 20
    assert office.versions("E-1", vendors.FEED) == 1


def test_places_that_expire_every_time_end_as_trouble_and_keep_what_was_read(office, between):
    office.settings(vendors=VendorsFeed(enabled=True, page_size=10))
    office.world.basware.switches.continuation_seconds = 5

    def dawdle(request: httpx2.Request) -> None:
        if "x-amz-meta-continuationtoken" in request.headers:
            office.world.clock.advance(10)

    between.before = dawdle
    with pytest.raises(Unavailable, match="forgot the place"):
        office.do(Job.VENDORS)

    assert office.number(vendors.FEED) == 10


def test_a_damaged_page_is_kept_told_and_read_again_and_costs_no_other_page(office):
    office.settings(vendors=VendorsFeed(enabled=True, page_size=10))
    give(office, *(vendor(number) for number in range(40)))
    office.world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path=VENDORS, nth=2))

    first = office.do(Job.VENDORS)
    assert first.counts["unreadable"] == 1
    assert office.number(vendors.FEED) == office.in_basware() - 10
    assert [kind for kind, _ in office.alerts()] == ["unreadable records"]

    second = office.do(Job.VENDORS)
    assert second.counts["new"] == 10
    assert office.number(vendors.FEED) == office.in_basware()
    assert office.alerts() == []


def test_one_vendor_without_a_usable_code_costs_no_other(office, between):
    give(office, vendor(1), vendor(2))
    plain = between.inner

    class Damaged(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = plain.handle_request(request)
            body = answer.read().replace(b'"externalCode":"E-1"', b'"externalCode":{"oops":1}')
            return httpx2.Response(answer.status_code, headers=answer.headers.multi_items(), content=body)

    between.inner = Damaged()
    office.do(Job.VENDORS)
    assert office.here("E-2", vendors.FEED) is not None
    assert len(office.alerts()) == 1

    between.inner = plain
    office.do(Job.VENDORS)
    assert office.here("E-1", vendors.FEED) is not None
    assert office.alerts() == []


def test_a_time_stamp_ahead_of_our_clock_hides_nothing_that_comes_later(office):
    give(office, vendor(1))
    records = office.tenant.intake.records("vendors")
    records.stored["E-1"].entity["lastUpdated"] = "2099-01-01T00:00:00.000Z"
    office.do(Job.VENDORS)
    office.world.clock.advance(86_400)
    give(office, vendor(2))

    office.do(Job.VENDORS)

    assert office.here("E-2", vendors.FEED) is not None


def test_fields_and_values_of_a_later_release_are_kept(office):
    office.world.basware.switches.unknown_enum_values = True
    office.world.basware.switches.extra_fields = True
    give(office, vendor(1))

    office.do(Job.VENDORS)

    assert "baswareMinorRelease" in office.here("E-1", vendors.FEED)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_thousands_of_vendors_are_read_in_little_memory_and_unchanged_ones_cost_no_version(office):
    office.keep_vendors(vendor(number) for number in range(4_000))
    office.world.desk()
    tracemalloc.start()
    try:
        report = office.do(Job.VENDORS)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert report.counts["new"] == office.in_basware() > 4_000
    assert most < 20_000_000
    assert office.do(Job.VENDORS).counts["changed"] == 0


def test_an_answer_that_is_no_list_at_all_moves_nothing(office):
    office.world.basware_faults.add(
        FaultRule(
            kind=FaultKind.STATUS, status=200, text="<html>maintenance</html>", content_type="text/html", path=VENDORS
        )
    )
    office.do(Job.VENDORS)
    assert office.number(vendors.FEED) == 0

    office.do(Job.VENDORS)
    assert office.number(vendors.FEED) == office.in_basware()


def test_a_person_can_have_vendors_read_again_from_a_day_on(office):
    office.do(Job.VENDORS)
    office.world.clock.advance(5 * 86_400)
    give(office, vendor(1))
    office.do(Job.VENDORS)
    assert office.do(Job.VENDORS).counts["seen"] < office.in_basware()

    office.ask_to_read_again(Job.VENDORS, "2000-01-01")

    assert office.do(Job.VENDORS).counts["seen"] == office.in_basware()
    assert office.asked_to_read_again(Job.VENDORS) == ""
    assert office.do(Job.VENDORS).counts["seen"] < office.in_basware()
