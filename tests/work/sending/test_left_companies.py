"""A company code that is taken out of a connection: what Basware was given for it follows, and people are told of what cannot."""

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace
from tests.work.orders.conftest import Buyer

from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.work.p2p_settings import MatchingOrdersSettings
from ml_connector.work.sending.left_companies import ALERT
from sent_lists import SentLists, nothing_in_basware
from twins.demo_company import basware_seed, quickbooks_seed
from vendor_scenes import Vendors
from world import World, build_world


def with_companies(world: World, *codes: str) -> None:
    world.change_settings(lambda known: replace(known, basware=replace(known.basware, company_codes=codes)))


def two_companies() -> tuple[dict[str, Any], dict[str, Any]]:
    """The demo company without documents, which Basware has as US10 and US20; its suppliers are those of both."""
    books, tenant = quickbooks_seed(), basware_seed()
    for vendor in tenant["vendors"]:
        vendor["companies"] = [*vendor["companies"], {"companyCode": "US20", "inheritToChildUnits": True}]
    companies = [*tenant["companies"], {"companyCode": "US20", "name": "Ohio"}]
    return books, {**tenant, "companies": companies, "accountingDocuments": [], "attachments": {}}


def alerted(world: World) -> list[tuple[str, str]]:
    with world.database.read() as tx:
        found = alerts.of_kind(tx, world.connection_id, ALERT)
    return [(one.subject, one.message) for one in found]


@dataclass
class Abroad:
    """A company with two codes in Basware that deals in euros."""

    firm: SentLists

    def use(self) -> dict[tuple[str, str], bool]:
        """Whether each rate may be used in each company, by day, in Basware's own books."""
        return {
            (entity["validFrom"][:10], one["companyCode"]): one["active"]
            for entity in self.firm.in_p2p("exchangeRates").values()
            for one in entity["companies"]
        }


@pytest.fixture
def abroad(database: Database) -> Abroad:
    seeds = nothing_in_basware()
    seeds[1]["companies"].append({"companyCode": "US20", "name": "Ohio"})
    off: dict[str, Any] = {
        "accounts": False,
        "cost_centers": False,
        "classes": "",
        "customers": "",
        "payment_terms": False,
    }
    firm = SentLists(build_world(database, company=seeds, mapping=False), **off)
    firm.world.act("set_preference", path="CurrencyPrefs.MultiCurrencyEnabled", value=True)
    firm.world.act("add_currency", code="EUR")
    firm.world.act("set_exchange_rate", currency="EUR", rate="1.0842")
    with_companies(firm.world, "US10", "US20")
    firm.go()
    return Abroad(firm)


def test_rates_are_out_of_use_in_a_company_that_is_taken_out_and_back_with_it(abroad):
    first = abroad.firm.world.clock.now().date().isoformat()
    abroad.firm.world.clock.advance(86_400)
    abroad.firm.world.act("set_exchange_rate", currency="EUR", rate="1.0901")
    abroad.firm.go()
    second = abroad.firm.world.clock.now().date().isoformat()
    assert set(abroad.use().values()) == {True}

    with_companies(abroad.firm.world, "US10")
    assert abroad.firm.go() == 2
    assert abroad.use() == {
        (first, "US10"): True, (first, "US20"): False, (second, "US10"): True, (second, "US20"): False,
    }  # fmt: skip
    assert abroad.firm.go() == 0
    assert alerted(abroad.firm.world) == []

    with_companies(abroad.firm.world, "US10", "US20")
    abroad.firm.go()
    assert set(abroad.use().values()) == {True}


def test_a_company_that_is_new_gets_the_rate_that_holds_now(abroad):
    world = abroad.firm.world
    with_companies(world, "US10")
    abroad.firm.go()
    world.clock.advance(86_400)
    world.act("set_exchange_rate", currency="EUR", rate="1.0901")
    abroad.firm.go()
    second = world.clock.now().date().isoformat()
    assert (second, "US20") not in abroad.use()

    with_companies(world, "US10", "US20")
    abroad.firm.go()
    assert abroad.use()[second, "US20"] is True


@pytest.fixture
def buyer(database: Database) -> Buyer:
    """A company whose orders are given to US20, and which has US10 as well."""
    made = Buyer(build_world(database, company=two_companies()))
    with_companies(made.world, "US10", "US20")
    made.settings(matching_orders=MatchingOrdersSettings(enabled=True, company_code="US20"))
    return made


def test_an_order_stays_in_its_company_and_is_closed_there_when_that_is_taken_out(buyer):
    order = buyer.order()
    buyer.carry()
    assert (buyer.heads()["1005"]["companyCode"], buyer.heads()["1005"]["isClosed"]) == ("US20", False)

    with_companies(buyer.world, "US10")
    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    buyer.carry()
    head = buyer.heads()["1005"]
    assert (head["companyCode"], head["isClosed"]) == ("US20", True)
    assert [line["isClosed"] for line in buyer.lines()] == [True]
    assert buyer.in_quickbooks(order)["POStatus"] == "Open"
    ((code, message),) = alerted(buyer.world)
    assert code == "US20"
    assert "1 purchase order given for it is closed in Basware" in message

    with_companies(buyer.world, "US10", "US20")
    buyer.carry()
    assert buyer.heads()["1005"]["isClosed"] is False
    assert [line["isClosed"] for line in buyer.lines()] == [False]
    assert alerted(buyer.world) == []


def test_vendors_of_a_company_that_is_taken_out_stay_and_people_are_told(database: Database):
    world = build_world(database, company=two_companies())
    vendors = Vendors(world)
    with_companies(world, "US10", "US20")
    vendors.new_in_quickbooks("Harbor Paper LLC", number="V-777")
    vendors.sync(3)
    assert {one["companyCode"] for one in vendors.in_p2p("V-777")["companies"]} == {"US10", "US20"}

    with_companies(world, "US10")
    vendors.sync()
    assert {one["companyCode"] for one in vendors.in_p2p("V-777")["companies"]} == {"US10", "US20"}
    ((code, message),) = alerted(world)
    assert code == "US20"
    assert "14 vendors given for it stay usable there" in message
    vendors.sync()
    assert len(alerted(world)) == 1
