"""What a browser alone decides: what stands on paper, and what a page that is renewed by itself leaves alone."""

from playwright.sync_api import Page, expect

from ml_connector.model.people import Role
from ml_connector.work import review
from ml_connector.work.review import Flow
from paperwork import invoice
from windows import OpenWindow
from world import World


def renew(page: Page, place: str) -> None:
    """What the page does by itself every few seconds."""
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.evaluate(f"htmx.trigger('{place}', 'refresh')")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def test_paper_has_the_list_and_the_reasons_and_nothing_to_press(world: World, window: OpenWindow) -> None:
    world.settle()
    review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    page = window(world, Role.ACCOUNTANT).open("/c/demo/plan")
    page.emulate_media(media="print")
    expect(page.get_by_text("Waits for a release, then is posted")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    assert page.locator("button:visible, input:visible, select:visible").count() == 0

    page.goto(page.url.replace("/plan", f"/documents/{world.row('F-2314').invoice_id}"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("tbody details span").first).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("tbody details span").first).to_be_hidden()


def test_a_list_that_is_renewed_keeps_the_chosen_row_and_the_focus(world: World, window: OpenWindow) -> None:
    world.settle()
    page = window(world, Role.ACCOUNTANT).open("/c/demo/documents")
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = page.locator("tr.chosen a").first.get_attribute("href")
    renew(page, "#documents")
    assert page.locator("tr.chosen a").first.get_attribute("href") == chosen
    assert page.evaluate("document.activeElement.getAttribute('href')") == chosen
    page.keyboard.press("j")
    assert page.locator("tr.chosen a").first.get_attribute("href") != chosen
