"""A cause put right where it is shown: everything it held goes by itself."""

import re

from playwright.sync_api import expect

from ml_connector.model.people import Role
from windows import OpenWindow
from world import World

HELD = "NG118971"
"""Its account 6470 is one that the demo company's mapping does not know."""


def test_a_code_is_mapped_on_its_card_and_the_bill_it_held_is_posted(world: World, window: OpenWindow) -> None:
    world.settle()
    assert world.state(HELD) == "held"
    one = window(world, Role.ADMINISTRATOR, everywhere=True)
    one.open("/c/demo/needs-you")
    card = one.page.locator("[data-card]", has_text="6470")
    expect(card).to_contain_text("4,476.80 USD")
    card.get_by_role("link", name="Fix it", exact=True).click()

    card.get_by_label("In QuickBooks it is").fill("6420")
    card.get_by_role("button", name="Map", exact=True).click()

    expect(one.page.get_by_role("status")).to_contain_text(re.compile("again|1 "))
    world.settle()
    kind, bill = world.only_transaction(HELD)
    assert (kind, str(bill["TotalAmt"])) == ("Bill", "4476.80")
    one.page.reload()
    expect(one.page.locator("[data-card]", has_text="6470")).to_have_count(0)


def test_somebody_who_may_only_look_is_offered_nothing_to_press(world: World, window: OpenWindow) -> None:
    world.settle()
    one = window(world, Role.VIEWER)
    one.open("/c/demo/needs-you")
    main = one.page.get_by_role("main")
    expect(main).to_contain_text("Account not mapped")
    expect(main.locator("form[method=post]")).to_have_count(0)


def test_cards_are_walked_with_j_and_k_and_the_search_of_documents_is_reached_with_a_slash(
    world: World, window: OpenWindow
) -> None:
    world.settle()
    one = window(world, Role.VIEWER)
    one.open("/c/demo/needs-you")
    cards = one.page.locator("[data-card]")
    one.page.keyboard.press("j")
    expect(cards.nth(0)).to_have_class(re.compile("chosen"))
    one.page.keyboard.press("j")
    one.page.keyboard.press("j")
    one.page.keyboard.press("k")
    expect(cards.nth(1)).to_have_class(re.compile("chosen"))

    one.open("/c/demo/documents")
    one.page.keyboard.press("/")
    one.page.keyboard.type(HELD)
    one.page.keyboard.press("Enter")
    expect(one.page.locator("tbody tr")).to_have_count(1)
    expect(one.page.locator("tbody")).to_contain_text("account not mapped")
