"""Every screen, looked at by a real browser: it complains about nothing, nothing is in anybody's way or too wide for a phone."""

from decimal import Decimal

import msgspec
import pytest

from ml_connector.console.navigation import SECTIONS
from ml_connector.model.people import Role
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from windows import PHONE, OpenWindow
from world import World

MORE = ("schedules/calendar", "mapping/rules", "mapping/history", "settings?subject=secrets", "connection")
SIDEWAYS = (
    "[...document.querySelectorAll('.table-responsive')].filter((one) => one.scrollWidth > one.clientWidth + 1)"
    ".map((one) => one.innerText.slice(0, 80))"
)
"""What of a page scrolls sideways within it."""
PAGES = [f"/c/demo/{path}" for path in (*(section.path for section in SECTIONS), *MORE)]
PAGES += ["/connections", "/connections/new", "/people", "/me", "/errors", "/errors/vendor-inactive"]


@pytest.fixture
def synced(world: World) -> World:
    world.settle()
    return world


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)], ids=["desk", "phone and dark"])
def test_every_screen_can_be_used_by_everybody(synced: World, window: OpenWindow, phone: bool, dark: bool) -> None:
    one = window(synced, Role.ADMINISTRATOR, everywhere=True, phone=phone, dark=dark)
    found = []
    for path in PAGES:
        one.open(path)
        heading = one.page.get_by_role("heading", level=1).inner_text()
        found += [f"{path}: {words}" for words in one.barriers()]
        if heading == "There is no such page":
            found.append(f"{path}: is not there")
        if one.is_too_wide():
            found.append(f"{path}: is too wide")
    assert found == [], "\n".join(found)


def test_every_screen_teaches_where_there_is_nothing_yet(world: World, window: OpenWindow) -> None:
    one = window(world, Role.ADMINISTRATOR, everywhere=True)
    for path in PAGES:
        one.open(path)
        words = one.page.get_by_role("main").inner_text()
        assert len(words) > 80, f"{path} says too little: {words}"


def test_on_a_phone_the_rows_of_a_list_are_cards_and_for_who_listens_a_table(synced: World, window: OpenWindow) -> None:
    one = window(synced, Role.ACCOUNTANT, phone=True)
    one.open("/c/demo/needs-you").get_by_role("heading", level=2).get_by_role("link").first.click()
    for path in (one.page.url.removeprefix(one.url), "/c/demo/documents"):
        page = one.open(path)
        assert page.evaluate(SIDEWAYS) == [], f"{path} scrolls sideways"
        table = page.get_by_role("table")
        assert table.get_by_role("columnheader", name="Amount").count() == 1
        row = table.get_by_role("row").nth(1)
        assert row.get_by_role("rowheader").count() == 1
        cell = row.get_by_role("cell").last
        top = "(it) => it.getBoundingClientRect().top"
        assert cell.evaluate(top) > row.get_by_role("rowheader").evaluate(top), f"{path}: beside each other"
        assert row.evaluate("(it) => it.getBoundingClientRect().height") < PHONE["height"] / 2, (
            f"{path}: a card is long"
        )
        named = cell.evaluate("(it) => getComputedStyle(it, '::before').content").strip('"')
        assert named == cell.get_attribute("data-label")


def test_on_a_phone_orders_and_their_lines_are_cards_as_well(world: World, window: OpenWindow) -> None:
    settings = world.desk().settings.basware
    taken_over = msgspec.structs.replace(settings, orders=OrdersFeed(enabled=True))
    world.change_settings(lambda known: msgspec.structs.replace(known, basware=taken_over))
    document = {"externalCode": "PO-1", "orderNumber": "PO-2026-000117", "supplierCode": "V-10011"}
    coded = {"coding": [{"accountCode": "6110"}]}
    rows = [{"quantity": 10, "netUnitPrice": Decimal(20), "description": "Copy paper, white, A4, 80 g", **coded}]
    world.basware.act("purchase_order", document=document, lines=rows)
    world.do(Job.ORDERS)
    one = window(world, Role.ACCOUNTANT, phone=True)
    for path, label in (("orders", "Net"), ("orders/PO-1", "Net")):
        page = one.open(f"/c/demo/{path}")
        assert page.evaluate(SIDEWAYS) == [], f"{path} scrolls sideways"
        assert not one.is_too_wide(), path
        assert one.barriers() == [], path
        row = page.get_by_role("table").first.get_by_role("row").nth(1)
        cell = row.locator(f"[data-label='{label}']")
        top = "(it) => it.getBoundingClientRect().top"
        assert cell.evaluate(top) > row.get_by_role("rowheader").evaluate(top), f"{path}: beside each other"
        assert cell.evaluate("(it) => getComputedStyle(it, '::before').content").strip('"') == label
