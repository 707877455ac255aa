"""A day at the console: is everything in order, what needs somebody, putting it right, and seeing it posted."""

import re

from playwright.sync_api import Page, expect

from ml_connector.model.people import Role
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from windows import OpenWindow
from world import World

HERE = "/c/demo"


def work(world: World) -> None:
    """What a worker does: the job that posts and answers, twice."""
    for _ in range(2):
        assert run_job(world.app, world.app.connection("demo"), Job.INVOICES, worker="a worker").problem == ""


def card(page: Page, title: str) -> str:
    """The address of a card on the list."""
    return page.get_by_role("link", name=title, exact=True).get_attribute("href") or ""


def test_a_cause_is_fixed_on_its_card_and_its_bill_is_posted(world: World, window: OpenWindow) -> None:
    work(world)
    one = window(world, Role.ADMINISTRATOR)
    page = one.open(f"{HERE}/today")
    expect(page.get_by_text(re.compile("Yes, but .* need you"))).to_be_visible()
    page.get_by_role("link", name="See what needs you").click()
    place = page.locator("section", has_text="Account not mapped").first
    place.get_by_role("link", name="Fix it", exact=True).click()
    field = place.get_by_label("In QuickBooks it is")
    field.fill("6420")
    expect(place.locator("datalist option").first).to_have_attribute("value", "68")

    place.get_by_role("button", name="Map", exact=True).click()

    expect(page.get_by_text("What it held will be planned again by itself.")).to_be_visible()
    work(world)
    assert world.state("NG118971") == "confirmed"
    assert world.only_transaction("NG118971")
    page.reload()
    expect(page.get_by_text("Account not mapped")).to_have_count(0)


def test_the_same_goes_by_keys_alone(world: World, window: OpenWindow) -> None:
    work(world)
    page = window(world, Role.ACCOUNTANT).open(f"{HERE}/needs-you")
    page.keyboard.press("j")
    expect(page.locator("[data-card].chosen")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("r")
    expect(page.locator("[data-card].chosen fieldset").first).to_be_visible()


def test_a_duplicate_is_linked_without_leaving_the_list(world: World, window: OpenWindow) -> None:
    work(world)
    page = window(world, Role.ACCOUNTANT).open(f"{HERE}/needs-you")
    place = page.locator("section", has_text="Number is already in QuickBooks").first
    place.get_by_role("link", name="Fix it", exact=True).click()
    place.get_by_role("button", name="This is it: link them").click()
    expect(page.get_by_text("HS-7731: decided.")).to_be_visible()
    work(world)
    assert world.state("HS-7731") == "confirmed"


def test_the_history_is_drawn_and_also_there_as_a_table(world: World, window: OpenWindow) -> None:
    work(world)
    page = window(world, Role.VIEWER).open(f"{HERE}/today")
    expect(page.locator(".uplot canvas")).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.locator("details table tbody tr")).to_have_count(30)


def test_today_stays_fresh_without_reloading(world: World, window: OpenWindow) -> None:
    page = window(world, Role.VIEWER).open(f"{HERE}/today")
    expect(page.get_by_text("No: Basware was not looked at yet")).to_be_visible()
    work(world)
    page.evaluate("htmx.trigger('#now', 'refresh')")
    expect(page.get_by_text(re.compile("Yes, but"))).to_be_visible()


def test_each_card_and_the_page_of_its_cause_have_no_barrier(world: World, window: OpenWindow) -> None:
    work(world)
    one = window(world, Role.ADMINISTRATOR)
    page = one.open(f"{HERE}/needs-you")
    links = [link.get_attribute("href") or "" for link in page.locator("h2 a").all()]
    assert len(links) >= 4
    for link in links:
        one.open(link)
        assert one.barriers() == []
    one.open("/errors/vendor-inactive")
    assert one.barriers() == []
    one.open("/errors")
    assert one.barriers() == []
