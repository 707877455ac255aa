"""Many Basware companies to many QuickBooks companies in one installation: each document in the right books, once, and answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx2
import msgspec
import pytest

from firms import join, other_company
from ml_connector.app import CompanyCodeTakenError
from ml_connector.store import alerts
from ml_connector.store.alerts import AlertRow
from ml_connector.store.database import Database
from ml_connector.store.schema import Severity
from ml_connector.work.p2p_settings import OrdersFeed, UnclaimedFeed, VendorsFeed
from ml_connector.work.unclaimed import NOT_LOOKED, UNCLAIMED
from paperwork import CORVID, invoice, line
from twins.faults import FaultKind, FaultRule
from vendor_scenes import Vendors
from world import World, build_world, payable


class OneCompanyAtATime(httpx2.BaseTransport):
    """A Basware that lists documents of one company only: a tenant whose API client may not see the others."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        listed = request.method == "GET" and request.url.path.endswith("/accountingDocuments")
        if listed and "companyCode" not in request.url.params:
            return httpx2.Response(400, json={"code": "BAD_REQUEST", "message": "companyCode is required"})
        return self._inner.handle_request(request)


SHIFT = 500_000
HOUR = 61 * 60


@dataclass
class Group:
    """One Basware with several companies, and two QuickBooks companies: Calloway has US10, Meridian US20 and US30."""

    calloway: World
    meridian: World

    def settle(self) -> None:
        """Both connections work until nothing is due."""
        self.calloway.settle()
        self.meridian.settle()

    def approve(self, number: str, company: str, net: str = "100.00", **changes: Any) -> str:
        return self.calloway.approve(
            invoice(
                number, line(net), supplier=changes.pop("supplier", CORVID), changes={"companyCode": company} | changes
            )
        )

    def alerts(self, kind: str = UNCLAIMED) -> list[tuple[str, AlertRow]]:
        with self.calloway.database.read() as tx:
            return [
                (world.connection.name, one)
                for world in (self.calloway, self.meridian)
                for one in alerts.listing(tx, world.connection_id)
                if one.kind == kind
            ]


@pytest.fixture
def group(database: Database) -> Iterator[Group]:
    calloway = build_world(database, company="empty")
    seed = other_company("9341453900999020", "Meridian Holdings", shift=SHIFT)
    both = Group(calloway, join(calloway, seed, "US20", "US30", name="meridian", shift=SHIFT))
    yield both
    for world in (both.calloway, both.meridian):
        assert world.quickbooks.check(world.realm_id) == []


def with_basware(world: World, **changes: Any) -> None:
    world.change_settings(
        lambda known: msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, **changes))
    )


COMPANIES = ("US10", "US20", "US30", "US20", "US10", "US30", "US10")


def test_documents_mixed_in_one_poll_are_each_in_their_own_companys_books_once_and_answered(group: Group) -> None:
    for number, company in enumerate(COMPANIES):
        group.approve(f"IC-{number}", company, f"{10 + number}.00")
    group.settle()
    group.settle()

    home = {"US10": group.calloway, "US20": group.meridian, "US30": group.meridian}
    for number, company in enumerate(COMPANIES):
        own = home[company]
        other = group.meridian if own is group.calloway else group.calloway
        kind, record = own.only_transaction(f"IC-{number}")
        assert (kind, payable(kind, record)) == ("Bill", Decimal(10 + number))
        assert other.posted(f"IC-{number}") == []
        (answer,) = own.answers(f"IC-{number}")
        assert (answer["success"], answer["voucherNumber1"]) == (True, record["Id"])
        assert own.in_basware(f"IC-{number}")["processingStatus"] == "Transferred"
    assert len(group.calloway.transactions()) == 3
    assert len(group.meridian.transactions()) == 4


def test_the_same_codes_lead_to_each_companys_own_vendors_and_accounts(group: Group) -> None:
    group.approve("IC-1", "US10")
    group.approve("IC-2", "US20")
    group.settle()

    _, here = group.calloway.only_transaction("IC-1")
    _, there = group.meridian.only_transaction("IC-2")

    def ids(bill: dict[str, Any]) -> tuple[int, int, int]:
        account = bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]
        return int(bill["VendorRef"]["value"]), int(bill["APAccountRef"]["value"]), int(account)

    assert ids(there) == tuple(one + SHIFT for one in ids(here))
    assert there["VendorRef"]["name"].endswith("(Meridian Holdings)")


def test_the_same_number_of_the_same_supplier_in_two_companies_is_two_documents(group: Group) -> None:
    first = group.approve("SAME-1", "US10", "40.00")
    second = group.approve("SAME-1", "US20", "41.00", invoiceId="second-of-that-number")
    group.settle()

    assert [payable(*one) for one in group.calloway.posted(first)] == [Decimal("40.00")]
    assert [payable(*one) for one in group.meridian.posted(second)] == [Decimal("41.00")]


def test_while_one_company_is_down_the_other_is_posted_and_nothing_is_twice_afterwards(group: Group) -> None:
    down = group.calloway.quickbooks_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=503, times=None, path=f"/{group.meridian.realm_id}/")
    )
    for number, company in enumerate(COMPANIES):
        group.approve(f"IC-{number}", company)
    group.calloway.settle()
    with pytest.raises(Exception, match="QuickBooks"):
        group.meridian.run()
    assert (len(group.calloway.transactions()), len(group.meridian.transactions())) == (3, 0)

    group.calloway.quickbooks_faults.remove(down)
    group.meridian.clock.advance(120)
    group.settle()
    assert (len(group.calloway.transactions()), len(group.meridian.transactions())) == (3, 4)
    assert all(len(group.calloway.answers(f"IC-{number}")) == 1 for number in range(len(COMPANIES)))


def test_documents_of_a_company_no_connection_takes_over_are_told_once_with_what_to_do(group: Group) -> None:
    for number in range(3):
        group.approve(f"LOST-{number}", "US40")
    group.approve("IC-1", "US20")
    group.settle()
    group.calloway.clock.advance(HOUR)
    group.settle()

    ((name, alert),) = group.alerts()
    assert (name, alert.subject, alert.times) == ("demo", "US40", 2)
    assert "3 approved documents of Basware company US40 wait" in alert.message
    assert "Add US40 to company_codes" in alert.message
    assert group.calloway.in_basware("LOST-0")["processingStatus"] == "WaitingForTransfer"


def test_the_alert_ends_by_itself_when_a_connection_takes_the_company_over(group: Group) -> None:
    group.approve("LOST-1", "US40")
    group.settle()
    assert len(group.alerts()) == 1

    with_basware(group.meridian, company_codes=("US20", "US30", "US40"))
    group.settle()
    group.calloway.run()

    assert group.alerts() == []
    group.meridian.only_transaction("LOST-1")


def test_the_alert_ends_when_nothing_of_the_company_waits_any_more(group: Group) -> None:
    lost = group.approve("LOST-1", "US40")
    group.settle()
    group.calloway.basware.act("remove", invoice_id=lost)
    group.calloway.clock.advance(HOUR)
    group.settle()

    assert group.alerts() == []


def test_a_company_that_another_program_takes_over_is_nobodys_business(group: Group) -> None:
    with_basware(group.meridian, unclaimed=UnclaimedFeed(elsewhere=("US40",)))
    group.approve("LOST-1", "US40")
    group.settle()

    assert group.alerts() == []


def test_when_the_connection_that_tells_is_paused_the_other_one_tells(group: Group) -> None:
    group.approve("LOST-1", "US40")
    group.settle()
    assert [name for name, _ in group.alerts()] == ["demo"]
    with_basware(group.calloway, unclaimed=UnclaimedFeed(enabled=False))
    group.calloway.clock.advance(HOUR)
    group.settle()

    assert [name for name, _ in group.alerts()] == ["meridian"]


def test_exported_orders_of_a_company_without_a_connection_are_told_too(group: Group) -> None:
    with_basware(group.calloway, orders=OrdersFeed(enabled=True))
    group.calloway.basware.act(
        "purchase_order",
        document={"externalCode": "PO-1", "companyCode": "US40"},
        lines=[{"quantity": 1, "netUnitPrice": Decimal("19.99"), "coding": [{"accountCode": "6150"}]}],
    )
    group.settle()

    ((_, alert),) = group.alerts()
    assert "1 exported order of Basware company US40 waits" in alert.message


def test_prebooked_invoices_of_a_company_without_a_connection_are_told_too(group: Group) -> None:
    for number, company in (("PRE-1", "US40"), ("PRE-2", "US20")):
        document = invoice(number, line("100.00"), supplier=CORVID, changes={"companyCode": company})
        group.calloway.basware.act("prebook", document=document)
    group.settle()

    ((_, alert),) = group.alerts()
    assert (alert.subject, alert.severity) == ("US40", Severity.ERROR)
    assert "1 prebooked invoice of Basware company US40 waits" in alert.message


def test_vendors_of_a_company_without_a_connection_are_told_until_one_takes_it_over(group: Group) -> None:
    with_basware(group.calloway, vendors=VendorsFeed(enabled=True))
    for code, company in (("V-1", "US40"), ("V-2", "US40"), ("V-3", "US20")):
        vendor = {"externalCode": code, "vendorCode": code, "name": code, "companies": [{"companyCode": company}]}
        scene = Vendors(group.calloway)
        scene.post(vendor)
    group.settle()

    ((name, alert),) = group.alerts()
    assert (name, alert.subject, alert.severity) == ("demo", "US40", Severity.WARNING)
    assert "2 vendors of Basware company US40 are in Basware" in alert.message
    assert "Add US40 to company_codes" in alert.message

    with_basware(group.meridian, company_codes=("US20", "US30", "US40"))
    group.settle()
    group.calloway.run()
    assert group.alerts() == []


def test_a_vendor_that_its_company_hands_down_is_nobodys_missing_one(group: Group) -> None:
    with_basware(group.calloway, vendors=VendorsFeed(enabled=True))
    companies = [{"companyCode": "GROUP", "inheritToChildUnits": True}]
    vendor = {"externalCode": "V-1", "vendorCode": "V-1", "name": "V-1", "companies": companies}
    Vendors(group.calloway).post(vendor)
    group.settle()

    assert group.alerts() == []


def test_when_basware_does_not_list_all_companies_a_person_is_told_that_nobody_looks(group: Group) -> None:
    group.approve("IC-1", "US10")
    group.calloway.restart(transport=OneCompanyAtATime(group.calloway.transport))
    group.settle()

    ((_, alert),) = group.alerts(NOT_LOOKED)
    assert "would not be noticed" in alert.message
    assert len(group.calloway.posted("IC-1")) == 1


def test_one_company_in_two_connections_of_the_same_sign_in_is_refused(group: Group) -> None:
    with pytest.raises(CompanyCodeTakenError, match="posted twice"):
        with_basware(group.meridian, company_codes=("US20", "US10"))
    group.approve("IC-1", "US10")
    group.settle()
    assert len(group.calloway.posted("IC-1")) == 1
