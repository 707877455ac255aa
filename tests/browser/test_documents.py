"""Documents, the plan, what changed afterwards and the audit in a real browser: usable, accessible, without a complaint."""

import pytest
from playwright.sync_api import expect

from ml_connector.model.people import Role
from ml_connector.work import review
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.review import Flow
from paperwork import invoice
from windows import OpenWindow
from world import World

SCREENS = (
    "documents?state=held&text=a", "documents/{posted}", "documents/{posted}/technical", "documents/{held}", "plan",
    "drift?every=true",
)  # fmt: skip


@pytest.fixture
def busy(world: World) -> World:
    """The demo company after a run, with one bill changed in QuickBooks since and one invoice that waits for a release."""
    PERFORM[Job.CHANGES](world.desk())
    world.settle()
    world.act("change_bill", id=world.only_transaction("F-2314")[1]["Id"], amount="4000.00")
    review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    PERFORM[Job.CHANGES](world.desk())
    return world


@pytest.mark.parametrize("phone", [False, True], ids=["at a desk", "on a phone"])
def test_every_screen_has_no_barrier_and_fits(busy: World, window: OpenWindow, phone: bool) -> None:
    one = window(busy, Role.ADMINISTRATOR, phone=phone, dark=phone)
    ids = {"posted": busy.row("F-2314").invoice_id, "held": busy.row("HS-7731").invoice_id}
    for screen in SCREENS:
        one.open(f"/c/demo/{screen.format(**ids)}")
        assert (screen, one.barriers(), one.is_too_wide()) == (screen, [], False)


def test_an_invoice_is_found_with_the_keyboard_put_on_hold_and_let_go(busy: World, window: OpenWindow) -> None:
    page = window(busy, Role.ACCOUNTANT).open("/c/demo/documents")
    page.keyboard.press("/")
    page.keyboard.type("A-1")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="A-1", exact=True).click()
    page.locator("summary", has_text="Put on hold").click()
    page.get_by_label("Reason").first.fill("the price is argued about")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.locator("#said")).to_contain_text("It is on hold")
    page.get_by_role("button", name="Release the hold").click()
    expect(page.locator("#said")).to_contain_text("It goes on")


def test_what_is_ticked_in_the_plan_is_released_and_posted(busy: World, window: OpenWindow) -> None:
    page = window(busy, Role.ACCOUNTANT).open("/c/demo/plan")
    page.get_by_label("Release A-1").check()
    page.get_by_role("button", name="Release what is ticked").click()
    expect(page.locator("#said")).to_contain_text("1 document released")
    busy.settle()
    assert len(busy.posted("A-1")) == 1


def test_a_difference_is_brought_back_where_it_is_shown(busy: World, window: OpenWindow) -> None:
    page = window(busy, Role.ACCOUNTANT).open("/c/demo/drift")
    page.get_by_label("Reason").first.fill("nobody may change it")
    page.get_by_role("button", name="Bring back what was posted").first.click()
    expect(page.locator("#said")).to_contain_text("brings back")
    busy.settle()
    _, bill = busy.only_transaction("F-2314")
    assert str(bill["TotalAmt"]) == "3688.75"
