"""A day at the console: is everything in order, what needs somebody, putting it right, and seeing it posted."""

import re
from datetime import date

from playwright.sync_api import Page, expect

from ml_connector.model.people import Role
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from paperwork import invoice
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

    place = page.locator("section", has_text="Vendor inactive").first
    place.get_by_role("link", name="Fix it", exact=True).click()
    way = place.get_by_role("group", name=re.compile("Reactivate Vendor Redfern Couriers"))
    way.get_by_label("Reason, for whoever asks later").fill("delivers again")
    assert one.barriers() == []
    way.get_by_role("button", name="Reactivate it", exact=True).click()
    expect(page.get_by_text("is made active in QuickBooks with the next run")).to_be_visible()
    work(world)
    assert world.only_transaction("RC-90066")[1]["VendorRef"]["value"] == "113"
    page.reload()
    expect(page.get_by_text("Vendor inactive")).to_have_count(0)


TYPES_AT_ONCE = """document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
    const field = document.querySelector("input[list]");
    field.value = "6420";
    field.dispatchEvent(new Event("input", {bubbles: true}));
}), {once: true})"""


def test_what_is_typed_the_moment_a_card_opens_counts(world: World, window: OpenWindow) -> None:
    work(world)
    page = window(world, Role.ADMINISTRATOR).open(f"{HERE}/needs-you")
    place = page.locator("section", has_text="Account not mapped").first
    page.evaluate(TYPES_AT_ONCE)
    place.get_by_role("link", name="Fix it", exact=True).click()
    expect(place.locator("datalist option").first).to_have_attribute("value", "68")


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


def test_some_bills_of_closed_books_get_the_first_open_day_and_one_gets_another_on_its_page(
    world: World, window: OpenWindow
) -> None:
    for number in ("D-1", "D-2"):
        world.approve(invoice(number, day=date(2026, 8, 15)))
    work(world)
    one = window(world, Role.ACCOUNTANT)
    page = one.open(f"{HERE}/needs-you")
    place = page.locator("section", has_text="the books are closed").filter(has_text="2 bills")
    place.get_by_role("link", name="Fix it", exact=True).click()
    expect(place.get_by_label("Post on")).to_have_value("2026-10-01")
    place.get_by_text("Only some of them").click()
    place.get_by_label("D-1, ").check()
    place.get_by_label("Reason, for whoever asks later").first.fill("August is closed")
    place.get_by_role("button", name="Change the date", exact=True).click()
    expect(page.locator("#said")).to_contain_text("1 of them will be posted on 10/01/2026")

    page = one.open(f"{HERE}/documents/{world.row('D-2').invoice_id}")
    page.locator("summary", has_text="Change the date").click()
    page.get_by_label("Post it on").fill("2026-10-02")
    page.get_by_label("Reason").locator("visible=true").fill("August is closed")
    page.get_by_role("button", name="Change the date").click()
    expect(page.get_by_text("Posting date 10/02/2026")).to_be_visible()
    assert one.barriers() == []
    work(world)
    assert [world.only_transaction(number)[1]["TxnDate"] for number in ("D-1", "D-2")] == ["2026-10-01", "2026-10-02"]


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
