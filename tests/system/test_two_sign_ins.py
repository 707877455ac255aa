"""Two connections with sign-ins of their own at one Basware customer: recognised, so that no document is posted twice."""

import dataclasses
from typing import Any

import msgspec
import pytest

from firms import other_company
from ml_connector.app import CompanyCodeTakenError
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.work.ping import Check, ping
from ml_connector.work.same_customer import ALERT
from paperwork import CORVID, invoice, line
from twins.demo_company import setup
from world import World, accept_mapping, build_world, connection_file

SHIFT = 500_000
SECOND = "a-second-client"


def joined(world: World, *codes: str, bwcid: str = "", auth: str = "client_credentials") -> World:
    """Join another QuickBooks company to companies of this Basware, by a sign-in of its own; of another customer with `bwcid`."""
    world.clock.advance(60)
    tenants = world.basware._world.tenants
    first = next(iter(tenants.values()))
    tenants[SECOND] = dataclasses.replace(first, bwcid=bwcid) if bwcid else first
    seed = other_company("9341453900999020", "Meridian Holdings", shift=SHIFT)
    world.quickbooks.add_company(dict(seed))
    known = world.desk().settings
    basware: dict[str, Any] = {
        "companies": [{"companyCode": code} for code in codes],
        "client_id": SECOND, "client_secret": first.client_secret,
    }  # fmt: skip
    file, secrets = connection_file(
        seed, basware, name="meridian", policy=known.policy, quickbooks=known.quickbooks, page_size=100
    )
    if auth == "basic":
        own = msgspec.structs.replace(file.settings.basware, auth="basic")
        file = msgspec.structs.replace(file, settings=msgspec.structs.replace(file.settings, basware=own))
        secrets = secrets | {"basware.user": first.user, "basware.password": first.password}
    row = world.app.add_connection(msgspec.structs.replace(file, secrets=dict(secrets)), secrets)
    other = dataclasses.replace(world, connection=row, realm_id=str(seed["realm_id"]), _desk=None)
    links = {code: str(int(vendor_id) + SHIFT) for code, vendor_id in setup()["vendor_links"].items()}
    accept_mapping(other.desk(), vendor_links=links)
    return other


def checks(world: World) -> dict[str, Check]:
    with world.app.probe(world.connection) as probe:
        return {one.id: one for one in ping(world.desk(), probe)}


def alerted(world: World) -> list[str]:
    with world.database.read() as tx:
        return [one.message for one in alerts.of_kind(tx, world.connection_id, ALERT)]


def approve(world: World, number: str, company: str = "US10") -> None:
    document = invoice(number, line("100.00"), supplier=CORVID, changes={"companyCode": company})
    world.basware.act("approve", document=document, tenant=next(iter(world.basware._world.tenants)))


@pytest.fixture
def calloway(database: Database) -> World:
    """The connection that was there first, which has signed in."""
    world = build_world(database, company="empty")
    world.settle()
    return world


def test_a_company_under_two_sign_ins_of_one_customer_is_posted_by_the_older_connection_alone(calloway):
    meridian = joined(calloway, "US10", "US20")
    approve(calloway, "A-1")
    approve(calloway, "A-2", "US20")
    meridian.settle()
    calloway.settle()

    assert meridian.posted("A-1") == []
    calloway.only_transaction("A-1")
    meridian.only_transaction("A-2")
    (message,) = alerted(meridian)
    assert "demo takes over the Basware company US10 already, with another sign-in" in message
    assert alerted(calloway) == []


def test_ping_says_which_connection_has_the_company_already(calloway):
    meridian = joined(calloway, "US10")
    line_ = checks(meridian)["basware.shared.US10"]
    assert (line_.status, line_.ok) == ("failed", False)
    assert "connection demo takes over" in line_.found
    assert "basware.shared.US10" not in checks(calloway)


def test_the_alert_ends_when_the_company_is_taken_out_and_putting_it_back_is_refused(calloway):
    meridian = joined(calloway, "US10", "US20")
    meridian.settle()
    assert len(alerted(meridian)) == 1

    def codes(*wanted: str) -> None:
        meridian.change_settings(
            lambda known: msgspec.structs.replace(
                known, basware=msgspec.structs.replace(known.basware, company_codes=wanted)
            )
        )

    codes("US20")
    meridian.settle()
    assert alerted(meridian) == []
    with pytest.raises(CompanyCodeTakenError, match="same Basware customer"):
        codes("US20", "US10")


def test_the_same_code_at_another_customer_is_another_company(calloway):
    meridian = joined(calloway, "US10", bwcid="999999-PROD")
    assert "basware.shared.US10" not in checks(meridian)
    meridian.settle()
    assert alerted(meridian) == []


def test_where_basware_names_no_customer_ping_warns_of_a_code_that_two_connections_have(calloway):
    meridian = joined(calloway, "US10", auth="basic")
    line_ = checks(meridian)["basware.shared.US10"]
    assert (line_.status, line_.ok) == ("warning", True)
    assert "nobody can say" in line_.found
    assert "take US10 out of one of them" in line_.to_do


def test_companies_without_a_connection_are_told_once_for_all_sign_ins_of_a_customer(calloway):
    meridian = joined(calloway, "US20")
    meridian.settle()
    approve(calloway, "LOST-1", "US40")
    approve(calloway, "A-2", "US20")
    calloway.clock.advance(3700)
    calloway.settle()
    meridian.settle()
    with calloway.database.read() as tx:
        told = [
            (world.connection.name, one.subject)
            for world in (calloway, meridian)
            for one in alerts.of_kind(tx, world.connection_id, "company without a connection")
        ]
    assert told == [("demo", "US40")]
