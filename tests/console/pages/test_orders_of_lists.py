"""Lists put in order by the headings of their columns, on pages, in tables for spreadsheets and in the API."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import msgspec
import pytest

from ml_connector.model.people import Role
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors import decisions
from payday import Payday
from programs import token_for
from vendor_scenes import Vendors
from visits import Visit, VisitAs
from world import World


@pytest.fixture
def world(empty_world: World) -> World:
    return empty_world


def by_program(world: World, person: Visit, path: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token_for(world.app, Role.VIEWER, world.connection_id)}"}
    found: list[dict[str, Any]] = person.client.get(f"/api/v1/connections/demo/{path}", headers=headers).json()["items"]
    return found


def sorted_by(person: Visit, path: str) -> dict[str, str]:
    """The headings that say that a list goes by them, and which way."""
    found = re.findall(r'<th [^>]*aria-sort="(\w+)"><a [^>]*>([^<]+)<', person.get(path).text)
    return {heading: direction for direction, heading in found}


def next_of(person: Visit, path: str, heading: str) -> str:
    """Where the link of a heading leads."""
    found = re.search(rf'<a href="([^"]+)">{heading}<', person.get(path).text)
    assert found is not None
    return unescape(found[1])


def test_vendors_go_by_name_state_or_last_change_as_their_headings_say(world: World, visit: VisitAs) -> None:
    vendors = Vendors(world)
    vendors.sync()
    world.clock.advance(60)
    decisions.link(world.desk(), "V-10011", vendors.pair("V-10011").quickbooks_id, actor="anna")
    person = visit(world, Role.ACCOUNTANT)
    assert sorted_by(person, "/c/demo/vendors") == {"Vendor": "ascending"}
    changed = next_of(person, "/c/demo/vendors?text=v", "Last change")
    assert sorted_by(person, changed) == {"Last change": "descending"}
    assert next_of(person, changed, "Last change").endswith("?text=v&sort=changed")

    lists = {
        sort: [one["code"] for one in person.table(f"/c/demo/vendors?format=csv&sort={sort}")]
        for sort in ("name", "-name", "state", "-changed", "nonsense")
    }
    assert lists["-name"] == lists["name"][::-1] != lists["-changed"]
    assert lists["-changed"][0] == "V-10011"
    assert lists["nonsense"] == lists["name"]
    states = [one["status"] for one in person.table("/c/demo/vendors?format=csv&sort=-state")]
    assert states == sorted(states, reverse=True)
    assert by_program(world, person, "vendors?sort=-changed&limit=1")[0]["code"] == "V-10011"


def test_orders_go_by_number_amount_or_arrival(world: World, visit: VisitAs) -> None:
    def taken_over(settings: ConnectionSettings) -> ConnectionSettings:
        own = msgspec.structs.replace(settings.basware, orders=OrdersFeed(enabled=True))
        return msgspec.structs.replace(settings, basware=own)

    world.change_settings(taken_over)
    for number, amount in (("PO-2", 100), ("PO-1", 20), ("PO-3", 9)):
        rows = [{"quantity": 1, "netUnitPrice": Decimal(amount), "coding": [{"accountCode": "6110"}]}]
        document = {"externalCode": f"X{number}", "orderNumber": number, "supplierCode": "V-10011"}
        world.basware.act("purchase_order", document=document, lines=rows)
        world.do(Job.ORDERS)
    person = visit(world, Role.ACCOUNTANT)

    expected = {"": "312", "arrived": "213", "number": "123", "-number": "321", "-net": "213", "net": "312"}
    for sort, numbers in expected.items():
        shown = [one["order"][-1] for one in person.table(f"/c/demo/orders?format=csv&sort={sort}")]
        assert "".join(shown) == numbers, sort
    assert sorted_by(person, "/c/demo/orders?sort=-net") == {"Net": "descending"}
    assert [one["number"] for one in by_program(world, person, "orders?sort=net")] == ["PO-3", "PO-1", "PO-2"]


def test_payments_go_by_day_or_amount(world: World, visit: VisitAs) -> None:
    payday = Payday(world)
    account = next(one for one in world.quickbooks.books(world.realm_id)["Account"] if one["AccountType"] == "Bank")
    for number, amount, day in (
        ("P-1", "20.00", "2026-11-18"),
        ("P-2", "100.00", "2026-11-17"),
        ("P-3", "9.00", "2026-11-19"),
    ):
        payday.bill(number, "120.00")
        bill = world.only_transaction(number)[1]["Id"]
        world.act("pay", id=bill, account=account["Id"], amount=amount, number=f"C{number}", date=day)
    payday.follow()
    person = visit(world, Role.ACCOUNTANT)

    for sort, numbers in {"-day": "312", "day": "213", "-paid": "213", "paid": "312"}.items():
        shown = [one["invoice"][-1] for one in person.table(f"/c/demo/payments?format=csv&sort={sort}")]
        assert "".join(shown) == numbers, sort
    assert sorted_by(person, "/c/demo/payments?sort=-day") == {"Newest payment": "descending"}
    assert sorted_by(person, "/c/demo/payments") == {}
    found = by_program(world, person, "payments?sort=-paid")
    assert [one["invoice_number"] for one in found] == ["P-2", "P-1", "P-3"]
