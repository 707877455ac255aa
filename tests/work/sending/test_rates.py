"""QuickBooks' exchange rates in Basware: once a day, only where they differ."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ml_connector.store import alerts
from ml_connector.work.jobs import Job
from sent_lists import SentLists, nothing_in_basware
from twins.faults import FaultKind, FaultRule
from world import build_world


@pytest.fixture
def abroad(database):
    """A company that deals in euros and Canadian dollars, and sends nothing but rates."""
    off = {"accounts": False, "cost_centers": False, "classes": "", "customers": "", "payment_terms": False}
    made = SentLists(build_world(database, company=nothing_in_basware(), mapping=False), **off)
    made.world.act("set_preference", path="CurrencyPrefs.MultiCurrencyEnabled", value=True)
    for currency, rate in (("EUR", "1.0842"), ("CAD", "0.7236")):
        made.world.act("add_currency", code=currency)
        made.world.act("set_exchange_rate", currency=currency, rate=rate)
    yield made
    assert made.world.check() == []


def rates(firm: SentLists) -> dict[tuple[str, str], Decimal]:
    return {
        (one["currencyCodeFrom"], one["validFrom"][:10]): Decimal(str(one["rate"]))
        for one in firm.in_p2p("exchangeRates").values()
    }


def test_the_rate_of_each_currency_in_use_goes_to_basware_from_the_day_on(abroad):
    assert abroad.go() == 2

    day = abroad.world.clock.now().date().isoformat()
    assert rates(abroad) == {("EUR", day): Decimal("1.0842"), ("CAD", day): Decimal("0.7236")}
    [euro] = [one for one in abroad.in_p2p("exchangeRates").values() if one["currencyCodeFrom"] == "EUR"]
    assert euro["currencyCodeTo"] == "USD"


def test_rates_are_asked_for_once_a_day_and_an_unchanged_one_is_not_given_again(abroad):
    abroad.go()
    first = abroad.world.clock.now().date().isoformat()
    abroad.world.clock.advance(86_400)
    abroad.world.act("set_exchange_rate", currency="EUR", rate="1.0901")

    assert abroad.go() == 1
    assert abroad.go() == 0
    second = abroad.world.clock.now().date().isoformat()
    assert rates(abroad)["EUR", second] == Decimal("1.0901")
    assert rates(abroad)["EUR", first] == Decimal("1.0842")
    assert ("CAD", second) not in rates(abroad)


def test_a_currency_that_is_no_longer_used_gets_no_new_rate(abroad):
    abroad.go()
    cad = next(
        one for one in abroad.world.quickbooks.books(abroad.world.realm_id)["CompanyCurrency"] if one["Code"] == "CAD"
    )
    tomorrow = (abroad.world.clock.now() + timedelta(days=1)).date().isoformat()
    abroad.world.act("set_exchange_rate", currency="CAD", rate="0.9", date=tomorrow)
    abroad.world.act("inactivate", entity="CompanyCurrency", id=cad["Id"])
    abroad.world.clock.advance(86_400)

    assert abroad.go() == 0


def test_a_company_with_one_currency_asks_for_nothing(database):
    firm = SentLists(build_world(database, company=nothing_in_basware(), mapping=False))
    firm.go()

    assert firm.in_p2p("exchangeRates") == {}


def test_rates_that_quickbooks_refuses_to_show_are_told_and_cost_nothing_else(abroad):
    abroad.settings(accounts=True)
    abroad.do(Job.CHANGES)
    abroad.do(Job.MASTER_DATA)
    abroad.world.clock.advance(86_400)
    text = '{"Fault":{"Error":[{"Message":"no","Detail":"Feature not on","code":"5020"}],"type":"ValidationFault"}}'
    abroad.world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, path="/query", status=400, text=text))
    abroad.do(Job.MASTER_DATA)

    with abroad.world.database.read() as tx:
        told = [one.message for one in alerts.listing(tx, abroad.world.connection_id)]
    assert any("exchange rates" in message for message in told)
