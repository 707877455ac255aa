"""Purchase orders that Basware exports: taken over whole, acknowledged only once they are here, never those of others."""

import httpx2
import pytest

from ml_connector.basware.errors import ScopeMissing, Unavailable
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from twins.faults import FaultKind, FaultRule

ORDERS = "/v1/exportedPurchaseOrders"
LIST = ORDERS + "$"
ACKNOWLEDGE = "/acknowledge$"


def test_an_order_is_kept_whole_and_basware_offers_it_no_more(office):
    office.order("PO-1", noteToSupplier="Back door")

    report = office.do(Job.ORDERS)

    assert office.here("PO-1")["noteToSupplier"] == "Back door"
    assert office.status_in_basware("PO-1") == "Exported"
    assert office.unacknowledged() == []
    assert report.counts == {"new": 1, "changed": 0, "acknowledged": 1, "unreadable": 0}
    assert office.do(Job.ORDERS).counts["new"] == 0


def test_an_order_changed_in_basware_arrives_as_another_version(office):
    office.order("PO-1")
    office.do(Job.ORDERS)
    office.change("PO-1", noteToSupplier="Front door")

    assert office.do(Job.ORDERS).counts["changed"] == 1

    assert office.here("PO-1")["noteToSupplier"] == "Front door"
    assert office.versions("PO-1") == 2
    assert office.status_in_basware("PO-1") == "Exported"


def test_reading_back_what_was_acknowledged_makes_no_version_of_it(office):
    for number in range(7):
        office.order(f"PO-{number}")
    office.settings(orders=OrdersFeed(enabled=True, page_size=3))

    office.do(Job.ORDERS)
    office.do(Job.ORDERS)

    assert [office.versions(f"PO-{number}") for number in range(7)] == [1] * 7


def test_a_change_made_between_our_reading_and_our_acknowledging_is_not_lost(office, between):
    office.order("PO-1")
    done = []

    def change_it_then(request: httpx2.Request) -> None:
        if request.url.path.endswith("/acknowledge") and not done:
            done.append(True)
            office.change("PO-1", noteToSupplier="Changed in the meantime")

    between.before = change_it_then
    office.do(Job.ORDERS)

    assert office.status_in_basware("PO-1") == "Exported"
    assert office.here("PO-1")["noteToSupplier"] == "Changed in the meantime"


def test_orders_of_other_companies_are_left_to_others(office):
    office.order("OURS")
    office.order("THEIRS", companyCode="DE20")

    office.do(Job.ORDERS)

    assert office.here("THEIRS") is None
    assert office.status_in_basware("THEIRS") == "WaitingForExport"
    assert office.status_in_basware("OURS") == "Exported"


def test_orders_of_other_companies_are_left_even_if_basware_forgets_to_filter(office, between):
    office.order("THEIRS", companyCode="DE20")

    def forget(request: httpx2.Request) -> None:
        request.url = request.url.copy_remove_param("companyCode")

    between.before = forget
    office.do(Job.ORDERS)

    assert office.here("THEIRS") is None
    assert office.status_in_basware("THEIRS") == "WaitingForExport"


def test_an_order_somebody_acknowledged_meanwhile_is_fine(office, between):
    office.order("PO-1")

    def be_first(request: httpx2.Request) -> None:
        if request.url.path.endswith("/acknowledge"):
            between.before = lambda _request: None
            between.inner.handle_request(httpx2.Request("POST", request.url, headers=request.headers))

    between.before = be_first
    office.do(Job.ORDERS)

    assert office.here("PO-1") is not None
    assert office.unacknowledged() == []


def test_an_order_whose_acknowledgement_got_no_answer_is_settled_by_asking_what_it_is(office):
    office.order("PO-1")
    office.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path=ACKNOWLEDGE))
    office.do(Job.ORDERS)
    assert office.unacknowledged() == ["PO-1"]

    office.do(Job.ORDERS)

    assert office.unacknowledged() == []
    assert office.versions("PO-1") == 1


def test_an_acknowledgement_basware_refuses_stops_no_other_order_and_is_tried_again(office):
    office.order("PO-1")
    office.order("PO-2")
    office.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=409, path=ACKNOWLEDGE))
    office.do(Job.ORDERS)
    assert office.status_in_basware("PO-2") == "Exported"

    office.do(Job.ORDERS)

    assert office.status_in_basware("PO-1") == "Exported"
    assert office.unacknowledged() == []


def test_basware_going_down_in_the_middle_loses_nothing_and_forgets_nothing(office):
    for number in range(4):
        office.order(f"PO-{number}")
    down = office.world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=429, retry_after=900, path=ACKNOWLEDGE, nth=3, times=None)
    )
    with pytest.raises(Exception, match="pause"):
        office.do(Job.ORDERS)
    assert office.unacknowledged() == ["PO-2", "PO-3"]

    office.world.basware_faults.remove(down)
    office.world.clock.advance(901)
    office.do(Job.ORDERS)

    assert office.unacknowledged() == []
    assert {office.status_in_basware(f"PO-{number}") for number in range(4)} == {"Exported"}
    assert {office.versions(f"PO-{number}") for number in range(4)} == {1}


def test_one_page_that_cannot_be_read_costs_no_order(office):
    for number in range(5):
        office.order(f"PO-{number}")
    office.world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path="/download/"))

    office.do(Job.ORDERS)

    assert {office.status_in_basware(f"PO-{number}") for number in range(5)} == {"Exported"}


def test_a_page_that_stays_unreadable_costs_only_its_own_order_and_is_told(office):
    office.settings(orders=OrdersFeed(enabled=True, page_size=2))
    for number in range(5):
        office.order(f"PO-{number}")
    # the first page of two, then of the single orders the second one, each time
    office.world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path="/download/", nth=1))
    office.world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path="/download/", nth=3))

    report = office.do(Job.ORDERS)

    statuses = [office.status_in_basware(f"PO-{number}") for number in range(5)]
    assert statuses.count("Exported") == 4
    assert report.counts["unreadable"] == 1
    assert [kind for kind, _ in office.alerts()] == ["unreadable records"]

    office.do(Job.ORDERS)
    assert {office.status_in_basware(f"PO-{number}") for number in range(5)} == {"Exported"}
    assert office.alerts() == []


def test_an_order_without_a_usable_code_is_kept_told_and_never_acknowledged(office, between):
    office.order("PO-1")
    office.order("PO-2")
    office.world.basware.switches.redirect = "never"
    plain = between.inner

    class Damaged(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = plain.handle_request(request)
            body = answer.read()
            if b"WaitingForExport" in body:
                body = body.replace(b'"externalCode":"PO-1"', b'"externalCode":17', 1)
            return httpx2.Response(answer.status_code, headers=answer.headers.multi_items(), content=body)

    between.inner = Damaged()
    office.do(Job.ORDERS)

    assert office.status_in_basware("PO-1") == "WaitingForExport"
    assert office.status_in_basware("PO-2") == "Exported"
    assert len(office.alerts()) == 1
    office.do(Job.ORDERS)
    assert len(office.alerts()) == 1  # it is still there, and nobody forgets it


@pytest.mark.parametrize("hop", ["final", "redirect", "both"])
def test_redirected_pages_are_followed_wherever_the_continuation_is(office, hop):
    office.settings(orders=OrdersFeed(enabled=True, page_size=2))
    office.world.basware.switches.redirect = "always"
    office.world.basware.switches.continuation_on = hop
    for number in range(5):
        office.order(f"PO-{number}")

    assert office.do(Job.ORDERS).counts["acknowledged"] == 5


def test_a_place_in_the_list_that_basware_forgot_only_means_reading_again(office, between):
    office.settings(orders=OrdersFeed(enabled=True, page_size=2))
    for number in range(5):
        office.order(f"PO-{number}")
    office.world.basware.switches.continuation_seconds = 30
    delays = [60.0]

    def dawdle(request: httpx2.Request) -> None:
        if "x-amz-meta-continuationtoken" in request.headers and delays:
            office.world.clock.advance(delays.pop())

    between.before = dawdle
    office.do(Job.ORDERS)

    assert {office.status_in_basware(f"PO-{number}") for number in range(5)} == {"Exported"}
    assert delays == []


def test_a_list_whose_place_is_forgotten_every_time_ends_as_trouble_of_baswares(office, between):
    office.settings(orders=OrdersFeed(enabled=True, page_size=1))
    for number in range(12):
        office.order(f"PO-{number}", processingStatus="WaitingForExport")
    office.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=409, path=ACKNOWLEDGE, times=None))
    office.world.basware.switches.continuation_seconds = 5

    def dawdle(request: httpx2.Request) -> None:
        if "x-amz-meta-continuationtoken" in request.headers:
            office.world.clock.advance(10)

    between.before = dawdle
    with pytest.raises(Unavailable, match="forgot the place"):
        office.do(Job.ORDERS)


def test_values_and_fields_of_a_later_release_change_nothing(office):
    office.order("PO-1")
    office.world.basware.switches.unknown_enum_values = True
    office.world.basware.switches.extra_fields = True

    office.do(Job.ORDERS)

    assert office.here("PO-1")["orderStatus"] == "ValueOfALaterRelease"
    assert office.status_in_basware("PO-1") == "Exported"


@pytest.mark.parametrize("manner", ["refuse", "drop"])
def test_without_the_right_only_this_feed_stops(office, manner):
    office.world.basware.switches.ungranted_scopes = manner
    tenant = next(iter(office.world.basware._world.tenants.values()))
    tenant.scopes = tenant.scopes - {"exportedPurchaseOrders.write"}
    office.order("PO-1")

    with pytest.raises(ScopeMissing):
        office.do(Job.ORDERS)

    assert office.world.desk().basware.ping("US10") in {True, False}
    assert office.do(Job.VENDORS).counts["seen"] > 0
    assert office.status_in_basware("PO-1") == "WaitingForExport"


def test_two_connections_of_one_tenant_take_their_own_orders_only(office):
    berlin = office.second_connection("berlin", "DE20")
    office.order("NYC-1")
    office.order("BER-1", companyCode="DE20")

    office.do(Job.ORDERS)
    assert office.status_in_basware("BER-1") == "WaitingForExport"

    assert berlin.do(Job.ORDERS).counts["new"] == 1
    assert office.status_in_basware("BER-1") == "Exported"
    assert (office.here("BER-1"), berlin.here("NYC-1")) == (None, None)


def test_orders_exported_before_the_connection_are_read_when_a_person_asks_from_a_day_on(office):
    office.order("OLD")
    office.acknowledge_elsewhere("OLD")
    office.world.clock.advance(86_400)
    office.do(Job.ORDERS)
    assert office.here("OLD") is None

    office.ask_to_read_again(Job.ORDERS, "2026-11-20")
    office.do(Job.ORDERS)

    assert office.here("OLD") is not None
    assert office.asked_to_read_again(Job.ORDERS) == ""
    assert office.unacknowledged() == []
