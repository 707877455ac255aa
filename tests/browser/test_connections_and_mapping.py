"""Connections, their set-up, settings and the mapping in a real browser: nothing is in anybody's way, and a code is matched."""

from playwright.sync_api import expect

from ml_connector.model.people import Role
from windows import OpenWindow
from world import World

STEPS = ("quickbooks", "basware", "check", "policies", "mapping", "start", "plan", "release")


def test_no_step_of_a_set_up_stands_in_anybodys_way(world: World, window: OpenWindow) -> None:
    one = window(world, Role.ADMINISTRATOR, everywhere=True)
    one.open("/connections/new")
    one.page.get_by_label("Name", exact=True).fill("acme-us")
    one.page.get_by_label("Basware company codes").fill("ZZ10")
    one.page.get_by_role("button", name="Begin").click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Connect QuickBooks")

    barriers = {}
    for step in STEPS:
        one.open(f"/c/acme-us/setup/{step}")
        barriers[step] = one.barriers()

    assert barriers == {step: [] for step in STEPS}


def test_a_code_is_matched_side_by_side(world: World, window: OpenWindow) -> None:
    world.settle()
    one = window(world, Role.MAPPER)
    one.open("/c/demo/mapping?only=unmapped")
    one.page.get_by_label("Another record for Account 6470").fill("6420")
    one.page.get_by_role("button", name="Take over").click()

    expect(one.page.get_by_role("status")).to_contain_text("matched. What waited")
    world.settle()
    assert world.state("NG118971") == "confirmed"
