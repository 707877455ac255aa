"""From an installation that nobody has opened to the first posted bill, by a person with a browser, through Intuit's own page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from databases import SqliteFiles
from ml_connector.app import App
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.people.links import first_link
from ml_connector.work.settings import decode_settings
from ml_connector.work.sign_in.links import CALLBACK
from twins.quickbooks.sign_in import App as IntuitApp
from twins.serve import TwinServer
from windows import OpenWindow, Window
from world import BASWARE_HOST, QUICKBOOKS_HOST, World, build_world

PASSWORD = "seven green herons at dawn"
COMPANY, OTHER = "Calloway Thorne Advisors LLP", "Harbour & Sons"
OTHER_REALM = "9130358000000001"
CLIENT_ID, CLIENT_SECRET = "demo-quickbooks-client", "demo-quickbooks-secret"
ADDRESSES = {
    "base-url": f"https://{QUICKBOOKS_HOST}",
    "discovery-url": f"https://{QUICKBOOKS_HOST}/.well-known/openid_configuration",
    "token-url": f"https://{QUICKBOOKS_HOST}/oauth2/v1/tokens/bearer",
    "revoke-url": f"https://{QUICKBOOKS_HOST}/v2/oauth2/tokens/revoke",
}
"""Where the twin is, as somebody enters it who does not use Intuit's own addresses; its page for people is on loopback."""


@dataclass
class Installation:
    """An installation that nobody has opened yet, both twins, and the address of Intuit's page for people."""

    world: World
    consent: str


@pytest.fixture
def new(sqlite: SqliteFiles) -> Iterator[Installation]:
    """The person at Intuit administers two companies; invoices of one of them wait in Basware."""
    with sqlite.fresh() as url, sqlite.fresh() as own_url:
        world = build_world(url, mapping=False)
        own = Database.open(own_url)
        own.migrate()
        world.database, world.app = (
            own,
            App(own, world.vault, clock=world.clock, transport=world.transport, worker="console"),
        )
        other = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": "RT1-other"}
        info = {"CompanyInfo": {"CompanyName": OTHER}, "Preferences": {}}
        world.quickbooks.add_company({"realm_id": OTHER_REALM, **other, **info})
        with TwinServer(world.quickbooks) as twin:
            yield Installation(world, f"{twin.url}/connect/oauth2")
        own.close()


def first_person(new: Installation, one: Window) -> None:
    link = first_link(new.world.app.identity, by="the operator").path
    page = one.open(link)
    expect(page).to_have_url(f"{one.url}/welcome")
    page.get_by_label("Your name").fill("Kim Controller")
    page.get_by_label("Your e-mail address or login").fill("kim@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill("another one altogether")
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The two passwords are not the same")
    expect(page.get_by_label("Your name")).to_have_value("Kim Controller")
    one.forgive("422")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page).to_have_url(f"{one.url}/connections")


def begin(one: Window) -> None:
    page = one.page
    page.get_by_role("link", name="Set up the first connection").click()
    page.get_by_label("Name", exact=True).fill("acme-us")
    page.get_by_label("Basware company codes").fill("US10")
    page.get_by_role("button", name="Begin").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect QuickBooks")


def enter_keys(new: Installation, page: Page) -> None:
    page.get_by_label("Client id").fill(CLIENT_ID)
    page.get_by_label("Client secret").fill(CLIENT_SECRET)
    page.get_by_text("Other addresses than Intuit's own").click()
    for name, address in ADDRESSES.items():
        page.locator(f"#set-quickbooks-{name.replace('-', '_')}").fill(address)
    page.locator("#set-quickbooks-authorize_url").fill(new.consent)


def to_intuit(new: Installation, page: Page, button: str = "Save and connect") -> None:
    """One press of a button, without a policy that lets forms lead elsewhere."""
    page.get_by_role("button", name=button).click()
    expect(page).to_have_url(re.compile(re.escape(new.consent)))


def agree(page: Page, company: str) -> None:
    page.get_by_role("radio", name=company).check()
    page.get_by_role("button", name="Connect").click()


def connect_quickbooks(new: Installation, one: Window) -> None:
    """The person refuses, is sent back by somebody else's answer, chooses the wrong company, and then the right one."""
    page = one.page
    callback = f"{one.url}{CALLBACK}"
    new.world.quickbooks.sign_in.register(IntuitApp(CLIENT_ID, CLIENT_SECRET, (callback,)))
    expect(page.get_by_text(callback)).to_be_visible()
    page.get_by_role("button", name="Save and connect").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the client id and the client secret")
    one.forgive("422")
    enter_keys(new, page)

    to_intuit(new, page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Somebody chose not to connect on Intuit's page. Nothing was changed."
    )
    expect(page.get_by_label("Client id")).to_have_value("")

    one.open(f"{CALLBACK}?code=AB11stolen&state=somebody-elses&realmId={OTHER_REALM}")
    expect(page.get_by_role("alert")).to_contain_text("This answer belongs to no request of ours")

    to_intuit(new, page)
    agree(page, OTHER)
    expect(page.get_by_text(f"QuickBooks is connected to {OTHER}")).to_be_visible()
    assert "state=" not in page.url
    page.get_by_text("Another company was meant").click()
    page.get_by_role("button", name=f"Let go of {OTHER}").click()
    expect(page.get_by_role("status").first).to_contain_text("The company is let go of")

    to_intuit(new, page)
    agree(page, COMPANY)
    expect(page.get_by_text(f"QuickBooks is connected to {COMPANY}")).to_be_visible()

    to_intuit(new, page, "Connect again")
    agree(page, OTHER)
    expect(page.get_by_role("alert")).to_contain_text("This is another QuickBooks company")
    expect(page.get_by_text(f"QuickBooks is connected to {COMPANY}")).to_be_visible()


def connect_basware(one: Window) -> None:
    page = one.page
    page.get_by_role("link", name="Go on: Connect Basware").click()
    page.get_by_label("Region of Basware").select_option("EU")
    page.get_by_text("Basware named another address").click()
    page.locator("#set-basware-base_url").fill(f"https://{BASWARE_HOST}")
    page.get_by_label("Client id").fill("demo-basware-client")
    page.get_by_label("Client secret").fill("the one of last year")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Saved, but Basware does not accept it.")
    expect(page.locator("#set-basware-base_url")).to_have_value(f"https://{BASWARE_HOST}")
    one.forgive("422")
    page.get_by_label("Client secret").fill("demo-basware-secret")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved, and Basware accepts it.")


def read_the_report(one: Window) -> None:
    page = one.page
    page.get_by_role("button", name="Ask both systems").click()
    expect(page.get_by_role("row", name=re.compile("Basware sign-in"))).to_contain_text("OK")
    assert one.barriers() == []
    page.get_by_role("link", name="Go on", exact=True).click()


def match_codes(one: Window) -> None:
    """The confident in bulk, one by hand, one is left open."""
    page = one.page
    page.get_by_role("button", name="Look at what waits").click()
    ticked = page.get_by_role("checkbox", checked=True)
    expect(ticked.first).to_be_visible()
    sure = ticked.count()
    assert one.barriers() == []
    page.get_by_label("Another record for Account 6470").fill("no such account")
    page.get_by_role("button", name="Take over what is ticked or named").first.click()
    expect(page.get_by_role("alert")).to_contain_text("no such account")
    expect(page.get_by_label("Another record for Account 6470")).to_have_value("no such account")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(sure)
    one.forgive("422")
    page.get_by_label("Another record for Account 6470").fill("6420")
    page.get_by_role("button", name="Take over what is ticked or named").first.click()
    expect(page.get_by_role("status").first).to_contain_text("codes are matched.")
    expect(page.get_by_text(re.compile("not matched yet"))).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Go on", exact=True).click()


def say_from_when(one: Window) -> None:
    """QuickBooks' own closing date is known, and proposed; whoever says nothing is asked again."""
    page = one.page
    day = page.get_by_label("First day whose documents are posted here")
    expect(day).to_have_value("2026-10-01")
    day.fill("")
    page.get_by_role("button", name="Save and see the first plan").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the first day")
    one.forgive("422")
    day.fill("2026-10-02")
    page.get_by_role("button", name="Save and see the first plan").click()


def release(one: Window) -> None:
    """Pressed in two windows: it is released once."""
    page = one.page
    page.get_by_role("link", name="Go on to the release").first.click()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url)
    for tab, words in ((page, "The first run begins by itself"), (second, "was released already")):
        tab.once("dialog", lambda dialog: dialog.accept())
        tab.get_by_role("button", name="Release", exact=True).click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Today")
        expect(tab.get_by_role("status").first).to_contain_text(words)
    second.close()


def accounts_of(world: World, number: str) -> set[str]:
    """The numbers of the accounts that the one bill of an invoice is booked on, by QuickBooks' own books."""
    numbers = {one["Id"]: one.get("AcctNum", one["Name"]) for one in world.quickbooks.books(world.realm_id)["Account"]}
    _, bill = world.only_transaction(number)
    return {numbers[line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]] for line in bill["Line"]}


def acknowledged(world: World) -> set[str]:
    return {one["invoiceId"] for one in world.basware.documents() if one["processingStatus"] != "WaitingForTransfer"}


def test_from_an_installation_nobody_has_opened_to_the_first_posted_bill(new: Installation, window: OpenWindow) -> None:
    world, one = new.world, window(new.world, known=False)
    page, before = one.page, acknowledged(new.world)
    first_person(new, one)
    begin(one)
    connect_quickbooks(new, one)
    connect_basware(one)
    read_the_report(one)
    expect(page.get_by_label("Field with the class")).to_have_value("businessUnitCode")
    page.get_by_label("Days until Basware is told").fill("7")
    page.get_by_role("button", name="That is right, go on").click()
    match_codes(one)
    say_from_when(one)

    expect(page.get_by_role("heading", name=re.compile(r"^\d+ would be posted$"))).to_be_visible()
    row = page.get_by_role("row", name=re.compile("F-2314"))
    expect(row).to_contain_text("Becomes a bill")
    assert one.barriers() == []
    LocalEngine(world.app, heart=None, worker="a worker").step()
    assert (world.transactions(), acknowledged(world)) == ([], before), "nothing is written before the release"

    release(one)
    for _ in range(3):
        LocalEngine(world.app, heart=None, worker="a worker").step()
        world.clock.advance(120)
    page.reload()
    expect(page.get_by_text(re.compile("Yes, but .* need you"))).to_be_visible()
    expect(page.locator("section[aria-label=Bills] .card", has_text="Posted today")).to_contain_text("USD")
    one.open("/c/acme-us/documents?text=NG118971")
    expect(page.get_by_role("row", name=re.compile("NG118971"))).to_contain_text("Confirmed")
    assert "6420" in accounts_of(world, "NG118971"), "the account that was named by hand"
    coded = {row["accountCode"] for row in world.in_basware("F-2314")["codingRows"]}
    assert accounts_of(world, "F-2314") == coded, (
        "the accounts that were proposed: Basware's code is QuickBooks' number"
    )
    assert acknowledged(world) > before
    one.open("/c/acme-us/needs-you")
    expect(page.get_by_role("heading", name=re.compile("Vendor unknown"))).to_be_visible()


def test_two_administrators_at_once_lose_nothing_of_each_other(world: World, window: OpenWindow) -> None:
    ada, kim = (window(world, Role.ADMINISTRATOR, everywhere=True) for _ in range(2))
    for one in (ada, kim):
        one.open("/connections/new")
        one.page.get_by_label("Name", exact=True).fill("acme-us")
        one.page.get_by_label("Basware company codes").fill("ZZ10")
        one.page.get_by_role("button", name="Begin").click()
        expect(one.page.get_by_role("heading", level=1)).to_have_text("Connect QuickBooks")
        one.open("/c/acme-us/setup/policies")

    ada.page.get_by_label("Days until Basware is told").fill("7")
    ada.page.get_by_role("button", name="That is right, go on").click()
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("Match codes")
    ada.page.go_back()
    expect(ada.page.get_by_label("Days until Basware is told")).to_have_value("7")
    kim.page.locator("#set-policy-posting_date").select_option("today")
    kim.page.get_by_role("button", name="That is right, go on").click()
    expect(kim.page.get_by_role("heading", level=1)).to_have_text("Match codes")
    ada.page.locator("#set-policy-posting_date").select_option("invoice date")
    ada.page.get_by_role("button", name="That is right, go on").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("somebody saved “today” since this page was opened")
    expect(ada.page.locator("#set-policy-posting_date")).to_have_value("invoice date")
    ada.forgive("422")

    policy = decode_settings(world.app.connection("acme-us").settings).policy
    assert (policy.hold_days, policy.posting_date) == (7, "today")
