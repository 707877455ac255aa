"""What each role sees and may press, and the screens of plan, mapping, vendors and operation, in a real browser on one world."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, expect

from databases import SqliteFiles
from ml_connector.console.navigation import SECTIONS
from ml_connector.model.people import Right, Role
from ml_connector.quickbooks.webhooks import signature
from ml_connector.store import mappings, notices, secrets
from ml_connector.store.database import Database
from ml_connector.store.schema import NoticeState, System
from ml_connector.work import review
from ml_connector.work.review import Flow
from paperwork import invoice, line
from vendor_scenes import Vendors, bank
from visits import Visit
from windows import OpenWindow
from world import World, build_world

HERE = "/c/demo"
TOKEN = "verifier-of-our-app"
DISPUTED = "V-10011"
WHAT_CAN_BE_PRESSED = """async (addresses) => Promise.all(addresses.map(async (address) => {
    const answer = await fetch(address);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [answer.status, found.querySelectorAll("main form[method=post], main [hx-post]").length];
}))"""
"""How many things of each page send something, without drawing them."""


@pytest.fixture(scope="module")
def shared(sqlite: SqliteFiles) -> Iterator[Vendors]:
    """One world for the module: a vendor's bank details have changed, three bills wait for a release, one is held for its account.

    Its tests touch different things of it, and run in any order.
    """
    with sqlite.fresh() as url:
        database = Database.open(url)
        world = build_world(database, company="empty")
        vendors = Vendors(world)
        vendors.sync()
        for account in ("021-1", "666-9"):
            vendors.edit(DISPUTED, lambda one, account=account: one.update(paymentMeans=bank(account)))
            vendors.sync()
        review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
        world.restart()
        for number in ("A-1", "A-2", "B-1"):
            world.approve(invoice(number))
        world.approve(invoice("H-1", line("5.50", account="6470")))
        world.settle()
        yield vendors
        database.close()


# roles


def test_a_viewer_has_nothing_to_press_anywhere(shared: Vendors, window: OpenWindow) -> None:
    one = window(shared.world, Role.VIEWER)
    pages = [section.path for section in SECTIONS if section.right is Right.VIEW]
    pages += [
        f"vendors/{DISPUTED}",
        f"documents/{shared.world.row('H-1').invoice_id}",
        "mapping/rules",
        "mapping/history",
    ]
    page = one.open(f"{HERE}/today")
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    pressed = page.evaluate(WHAT_CAN_BE_PRESSED, [f"{one.url}{HERE}/{path}" for path in pages])
    assert pressed == [[200, 0]] * len(pages), dict(zip(pages, pressed, strict=True))


def test_an_accountant_decides_and_does_not_map_or_administer(shared: Vendors, window: OpenWindow) -> None:
    one = window(shared.world, Role.ACCOUNTANT)
    page = one.open(f"{HERE}/mapping?only=unmapped")
    expect(page.get_by_role("row", name=re.compile("Account 6470"))).to_be_visible()
    expect(page.get_by_role("button", name="Take over what is ticked or named")).to_have_count(0)
    expect(page.get_by_label("Another record for Account 6470")).to_have_count(0)
    one.open(f"{HERE}/plan")
    expect(page.get_by_role("button", name="Release what is ticked")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Switch the review off"))).to_have_count(0)
    for closed in (f"{HERE}/settings", f"{HERE}/messages", "/connections/new"):
        one.open(closed)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your role does not allow this")
    one.forgive("403")


# plan


def test_the_plan_is_filtered_released_whole_as_shown_and_goes_on_without_review(
    shared: Vendors, window: OpenWindow
) -> None:
    world = shared.world
    page = window(world, Role.ACCOUNTANT).open(f"{HERE}/plan")
    page.keyboard.press("/")
    page.keyboard.type("A-")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile(r"\bB-1\b"))).to_have_count(0)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Release all 2 that wait").click()
    expect(page.locator("#said")).to_contain_text("2 documents released")
    world.settle()
    assert [len(world.posted(number)) for number in ("A-1", "A-2", "B-1")] == [1, 1, 0]

    boss = window(world, Role.ADMINISTRATOR).open(f"{HERE}/plan")
    boss.once("dialog", lambda dialog: dialog.dismiss())
    boss.get_by_role("button", name="Switch the review off and post what waits").click()
    expect(boss.get_by_text("Invoices are under review")).to_be_visible()
    boss.once("dialog", lambda dialog: dialog.accept())
    boss.get_by_role("button", name="Switch the review off and post what waits").click()
    expect(boss.get_by_text("Invoices are not under review")).to_be_visible()
    world.restart().settle()
    assert len(world.posted("B-1")) == 1

    boss.get_by_role("button", name="Have invoices wait for a release").click()
    expect(boss.get_by_text("Invoices are under review")).to_be_visible()
    world.restart().approve(invoice("C-1"))
    world.settle()
    assert world.posted("C-1") == []


# mapping


def test_a_rule_is_tried_kept_undone_and_a_table_with_a_wrong_row_changes_nothing(
    shared: Vendors, window: OpenWindow
) -> None:
    world = shared.world
    one = window(world, Role.MAPPER)
    page = one.open(f"{HERE}/mapping/rules")
    with world.database.read() as tx:
        before = mappings.load(tx, world.connection_id)
    page.get_by_label("Dimension").select_option("account")
    page.get_by_label("Basware's code").fill("6470")
    page.get_by_label("Becomes in QuickBooks").fill("6420")
    page.get_by_label("Why", exact=True).first.fill("as agreed with Kim")
    page.get_by_role("button", name="Try on real documents").click()
    expect(page.get_by_role("heading", name="What it would change")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("H-1"))).to_contain_text("6420")
    with world.database.read() as tx:
        assert mappings.load(tx, world.connection_id) == before, "trying keeps nothing"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#said")).to_contain_text("6470 becomes")

    page.get_by_role("link", name="History", exact=True).click()
    newest, older = page.locator("[data-card]").nth(0), page.locator("[data-card]").nth(1)
    expect(newest).to_contain_text("as agreed with Kim")
    expect(newest).to_contain_text(one.person.login)
    older.get_by_text("Go back to this version").click()
    older.get_by_label("Why").fill("Kim was wrong")
    page.once("dialog", lambda dialog: dialog.accept())
    older.get_by_role("button", name=re.compile("Restore version")).click()
    expect(page.locator("#said")).to_contain_text("The mapping is what it was")
    with world.database.read() as tx:
        assert set(mappings.load(tx, world.connection_id).rules) == set(before.rules)

    with page.expect_download() as leaving:
        page.get_by_role("link", name="Rules", exact=True).click()
        page.get_by_role("link", name="Export CSV").click()
    table = leaving.value.path().read_text(encoding="utf-8-sig")
    wrong = f"{table}account,6471,,,,no such account,,\naccount,6472,,,,6420,,\n"
    row = len(table.splitlines()) + 1
    upload = FilePayload(name="mapping.csv", mimeType="text/csv", buffer=wrong.encode())
    page.get_by_label("Table", exact=True).set_input_files(files=[upload])
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(rf"\b{row}\b.*no such account"))
    one.forgive("422")
    with world.database.read() as tx:
        assert set(mappings.load(tx, world.connection_id).rules) == set(before.rules)


# vendors


def test_new_bank_details_need_a_second_pair_of_eyes(shared: Vendors, window: OpenWindow) -> None:
    """Who said which vendor it is does not approve its bank details; a colleague does, and what waited for it is sent."""
    first = window(shared.world, Role.MAPPER, Role.ACCOUNTANT)
    page = first.open(f"{HERE}/vendors/{DISPUTED}")
    expect(page.get_by_role("heading", name="New bank details wait for approval")).to_be_visible()
    same = shared.pair(DISPUTED).quickbooks_id
    page.get_by_text("It is another vendor").click()
    page.get_by_label("Reason").fill("looking again")
    page.get_by_role("button", name="Undo the link").click()
    page.get_by_label("Its id in QuickBooks").fill(same)
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_label("How you know").fill("they wrote to me")
    page.get_by_role("button", name="They are right").click()
    expect(page.get_by_role("alert")).to_contain_text("somebody else")
    assert page.url.endswith(f"{HERE}/vendors/{DISPUTED}"), "reloading it sends nothing"
    expect(page.get_by_label("How you know")).to_have_value("they wrote to me")
    expect(page.get_by_label("How you know")).to_be_focused()
    assert first.barriers() == []
    first.forgive("422")
    shared.act("edit_vendor", id=same, changes={"DisplayName": "Beacon Two"})
    shared.sync()
    assert shared.posted(DISPUTED)["name"] == "Beacon Office Supply Co.", "nothing is sent for the vendor meanwhile"

    second = window(shared.world, Role.ACCOUNTANT)
    page = second.open(f"{HERE}/vendors/{DISPUTED}")
    page.get_by_role("button", name="Show them in full").click()
    expect(page.get_by_role("row", name="New 666-9")).to_be_visible()
    assert second.barriers() == []
    page.reload()
    expect(page.get_by_role("row", name="New 666-9")).to_have_count(0)
    page.get_by_role("button", name="Show them in full").click()
    page.get_by_label("How you know").fill("called the number we had before")
    page.get_by_role("button", name="They are right").click()
    expect(page.locator("#said")).to_contain_text("are approved")
    shared.sync(3)
    posted = shared.posted(DISPUTED)
    assert (posted["name"], posted["paymentMeans"]) == ("Beacon Two", bank("666-9"))


# operation


def test_the_calendar_of_the_days_to_come_is_there_at_once_and_for_as_long_as_wanted(
    shared: Vendors, window: OpenWindow
) -> None:
    page = window(shared.world, Role.VIEWER).open(f"{HERE}/schedules")
    expect(page.locator(".calendar > li").first).to_be_visible()
    page = window(shared.world, Role.VIEWER).open(f"{HERE}/schedules/calendar")
    page.get_by_label("Days", exact=True).fill("31")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".calendar > li")).to_have_count(31)


def announced(world: World, caller: Visit) -> None:
    """QuickBooks announces a changed bill, and it is dealt with."""
    with world.database.write() as tx:
        secrets.put(tx, world.vault, world.connection_id, "quickbooks.webhook_token", TOKEN, world.clock.now())
    event = {"id": "e1", "type": "qbo.bill.updated.v1", "intuitentityid": "145", "intuitaccountid": world.realm_id}
    body = json.dumps([event]).encode()
    headers = {"intuit-signature": signature(body, TOKEN)}
    assert caller.client.post("/webhooks/quickbooks", content=body, headers=headers).status_code == 200
    with world.database.write() as tx:
        waiting = notices.waiting(tx, world.connection_id, System.QUICKBOOKS)
        notices.settle(tx, world.connection_id, [one.id for one in waiting], NoticeState.DONE, world.clock.now())


def test_a_webhook_call_is_found_looked_at_and_read_again(shared: Vendors, window: OpenWindow) -> None:
    one = window(shared.world, Role.ACCOUNTANT)
    announced(shared.world, one.person)
    page = one.open(f"{HERE}/webhooks")
    page.keyboard.press("/")
    page.keyboard.type("Bill 145")
    page.keyboard.press("Enter")
    page.get_by_role("rowheader").get_by_role("link").first.click()
    expect(page.get_by_role("row", name=re.compile("Bill 145"))).to_contain_text("Read")
    page.keyboard.press("r")
    expect(page.locator("#said")).to_contain_text("1 announcement will be read once more.")
    with shared.world.database.read() as tx:
        assert notices.waiting_count(tx, shared.world.connection_id, System.QUICKBOOKS) == 1


def test_who_did_what_is_found_in_the_audit(shared: Vendors, window: OpenWindow) -> None:
    boss = window(shared.world, Role.ADMINISTRATOR)
    page = boss.open(f"{HERE}/schedules")
    page.get_by_text("Pause the connection").click()
    page.get_by_label("Reason").first.fill("year end close")
    page.get_by_role("button", name="Pause everything").click()
    page.get_by_role("button", name="Resume the connection").click()

    page = window(shared.world, Role.VIEWER).open(f"{HERE}/audit")
    page.get_by_label("Who").select_option(boss.person.login)
    page.get_by_role("button", name="Search").click()
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("year end close")


# at the keyboard, and while one looks


def test_a_list_is_gone_through_with_keys_and_follows_what_happens(shared: Vendors, window: OpenWindow) -> None:
    world = shared.world
    one = window(world, Role.ACCOUNTANT)
    one.page.clock.install()
    page = one.open(f"{HERE}/documents")
    page.evaluate("window.sameage = 'still the same page'")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr[data-row]").nth(1)).to_have_class(re.compile("chosen"))
    page.keyboard.press("k")
    expect(page.locator("tr[data-row]").nth(0)).to_have_class(re.compile("chosen"))
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()

    world.approve(invoice("LIVE-1"))
    world.settle()
    expect(page.get_by_role("row", name=re.compile("LIVE-1"))).to_have_count(0)
    page.clock.fast_forward(16_000)
    expect(page.get_by_role("row", name=re.compile("LIVE-1"))).to_be_visible()
    assert page.evaluate("window.sameage") == "still the same page"
