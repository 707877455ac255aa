"""Documents in the console: found, looked at from both sides, and decided about by whoever may."""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work import review
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.review import Flow
from paperwork import invoice, line
from programs import another_connection
from visits import VisitAs, text_of
from world import World, build_world

PLACE = "/c/demo/documents"


@pytest.fixture
def demo(sqlite: SqliteFiles) -> Iterator[World]:
    """The demo company after a whole run: posted, held and returned documents."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        world = build_world(database)
        world.settle()
        yield world
        database.close()


@pytest.fixture
def waiting(sqlite: SqliteFiles) -> Iterator[World]:
    """Under review: A-1 is proposed, A-2 is held for its account."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        world = build_world(database, company="empty")
        review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
        world.restart()
        world.approve(invoice("A-1", line("60.00"), line("40.00", practice="TECH")))
        world.approve(invoice("A-2", line("5.50", account="6470")))
        world.settle()
        yield world
        database.close()


def page_of(world: World, number: str) -> str:
    return f"{PLACE}/{world.row(number).invoice_id}"


def test_the_list_has_a_badge_both_numbers_and_a_link_into_quickbooks(demo: World, visit: VisitAs) -> None:
    page = visit(demo, Role.VIEWER).get(PLACE)
    _, bill = demo.only_transaction("F-2314")

    assert page.status_code == 200
    assert "Confirmed" in text_of(page)
    assert f'href="https://qbo.intuit.com/app/bill?txnId={bill["Id"]}"' in page.text
    assert "3,688.75" in text_of(page)


def test_an_invoice_is_found_by_number_vendor_amount_order_and_state(demo: World, visit: VisitAs) -> None:
    browser = visit(demo, Role.VIEWER)
    _, bill = demo.only_transaction("BO-449288")

    for query in ("text=bo-449288", f"text={bill['Id']}", "amount=511.21", "amount=511,21", "order=PO-7742"):
        found = text_of(browser.get(f"{PLACE}?{query}"))
        assert ("BO-449105" if query.startswith("order") else "BO-449288") in found
        assert "HS-7773" not in found
    held = text_of(browser.get(f"{PLACE}?state=held&text=harbor&since=2026-10-01&until=2026-10-31"))
    assert "BO-449288" not in held
    assert "cannot be read: amount" in text_of(browser.get(f"{PLACE}?amount=much"))
    assert "Nothing fits" in text_of(browser.get(f"{PLACE}?text=nobody+has+this"))


def test_the_table_for_spreadsheets_goes_by_the_order_that_was_chosen(demo: World, visit: VisitAs) -> None:
    browser = visit(demo, Role.VIEWER)
    latest, oldest, largest = (browser.table(f"{PLACE}?format=csv&sort={sort}") for sort in ("", "oldest", "amount"))
    assert oldest == latest[::-1] != []
    amounts = [abs(Decimal(one["amount"])) for one in largest if one["amount"]]
    assert amounts == sorted(amounts, reverse=True)
    assert {one["invoice id"] for one in largest} == {one["invoice id"] for one in latest}


def test_counts_say_that_they_are_of_all_documents_also_when_something_is_searched(demo: World, visit: VisitAs) -> None:
    browser = visit(demo, Role.VIEWER)
    everything, searched = browser.get(PLACE).text, browser.get(f"{PLACE}?text=BO-449288").text
    of_held = re.compile(r'state=held"><span[^>]*>Held</span> (\d+)</a>')
    assert of_held.findall(everything) == of_held.findall(searched) != []
    assert "Of all documents:" in everything
    assert "Of all documents, whatever is searched:" in searched
    in_select = re.compile(r'<option value="held">Held( \(\d+\))?</option>')
    assert in_select.findall(everything) != [""]
    assert in_select.findall(searched) == [""], "beside what is searched for a number would be read as what fits"


def test_the_list_goes_on_with_older_documents_and_back(demo: World, visit: VisitAs) -> None:
    browser = visit(demo, Role.VIEWER)
    first = browser.get(PLACE)
    older = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(older)
    assert "F-2314" in first.text
    assert "F-2314" not in second.text
    newer = second.text.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "F-2314" in browser.get(newer).text


def test_as_csv_the_list_is_whole_and_no_cell_is_a_formula(demo: World, visit: VisitAs) -> None:
    demo.approve(invoice("=1+1"))
    demo.settle()
    answer = visit(demo, Role.VIEWER).get(f"{PLACE}?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))

    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) == len(demo.basware.documents())
    assert "'=1+1" in {row["invoice"] for row in rows}


def test_a_document_shows_both_sides_with_the_rule_behind_each_field(demo: World, visit: VisitAs) -> None:
    page = visit(demo, Role.VIEWER).get(page_of(demo, "BO-449105"))
    words = text_of(page)

    assert "Journal entry" in words
    assert "policy for several locations: journal entry" in words
    assert "exact code NYC" in words
    assert "Written to QuickBooks" in words
    assert "have Basware take it back" in words
    assert '<form method="post" action="/c/demo/documents' not in page.text, "a viewer is offered nothing to do"


def test_what_somebody_changed_in_quickbooks_is_marked(demo: World, visit: VisitAs) -> None:
    _, bill = demo.only_transaction("F-2314")
    demo.act("change_bill", id=bill["Id"], amount="4000.00")
    demo.clock.advance(3600)
    PERFORM[Job.CHANGES](demo.desk())
    page = visit(demo, Role.VIEWER).get(page_of(demo, "F-2314"))
    assert 'class="differs"' in page.text
    assert "Changed in QuickBooks afterwards" in text_of(page)


def test_the_technical_page_has_request_ids_and_bodies_without_bank_details(demo: World, visit: VisitAs) -> None:
    page = visit(demo, Role.VIEWER).get(page_of(demo, "F-2314") + "/technical")
    raw = demo.in_basware("F-2314")

    assert "Create Bill, QuickBooks: done" in text_of(page)
    assert "POST" in text_of(page)
    assert raw["supplierBankBBAN"]
    assert raw["supplierBankBBAN"] not in page.text


def test_a_vendor_s_name_with_markup_does_no_harm(demo: World, visit: VisitAs) -> None:
    demo.approve(invoice("X-1", supplier="V-6666", supplier_name="<script>alert(1)</script>"))
    demo.settle()
    browser = visit(demo, Role.VIEWER)
    for address in (PLACE, page_of(demo, "X-1"), page_of(demo, "X-1") + "/technical"):
        assert "<script>alert" not in browser.get(address).text


def test_an_accountant_puts_on_hold_and_lets_go_and_quickbooks_shows_it(waiting: World, visit: VisitAs) -> None:
    browser = visit(waiting, Role.ACCOUNTANT)
    place = page_of(waiting, "A-1")
    said = text_of(browser.follow(browser.post(f"{place}/hold", reason="price is argued about")))
    assert "It is on hold" in said
    assert "price is argued about" in said
    review.set_review(waiting.desk(), Flow.INVOICES, on=False, actor="Ada")
    waiting.restart().settle()
    assert waiting.posted("A-1") == []

    browser.post(f"{place}/let-go", reason="")
    waiting.settle()
    assert len(waiting.posted("A-1")) == 1
    assert "too late" in text_of(browser.post(f"{place}/hold", reason="too late now"))


def test_what_was_looked_at_is_released_and_nothing_else(waiting: World, visit: VisitAs) -> None:
    browser = visit(waiting, Role.ACCOUNTANT)
    place, proposal = page_of(waiting, "A-1"), waiting.row("A-1").proposal
    assert proposal in browser.get(place).text
    told = text_of(browser.follow(browser.post(f"{place}/release", proposal="something else")))
    assert "has changed since you looked" in told
    browser.post(f"{place}/release", proposal=proposal)
    browser.post(f"{place}/take-back-release")
    waiting.settle()
    assert waiting.posted("A-1") == []
    browser.post(f"{place}/release", proposal=proposal)
    waiting.settle()
    assert len(waiting.posted("A-1")) == 1


def test_a_held_document_is_ignored_with_a_reason_and_put_back(waiting: World, visit: VisitAs) -> None:
    browser = visit(waiting, Role.ACCOUNTANT)
    place = page_of(waiting, "A-2")
    assert browser.post(f"{place}/ignore", reason=" ").status_code == 422
    browser.post(f"{place}/ignore", reason="paid by card")
    assert waiting.state("A-2") == "ignored"
    browser.post(f"{place}/put-back")
    waiting.settle()
    assert waiting.state("A-2") == "held"


def test_a_document_gets_another_date_and_says_who_chose_it_until_that_is_undone(
    waiting: World, visit: VisitAs
) -> None:
    browser = visit(waiting, Role.ACCOUNTANT)
    place = page_of(waiting, "A-1")
    assert 'name="day" value="2026-11-05"' in browser.get(place).text
    late = browser.post(f"{place}/change-date", shown_on=place, day="2028-11-16", reason="typed <wrongly>")
    assert (late.status_code, "is it the right year?" in late.text) == (422, True)
    assert 'value="2028-11-16"' in late.text
    assert 'value="typed &lt;wrongly&gt;"' in late.text

    browser.post(f"{place}/change-date", day="2026-11-16", reason="the goods came then")
    waiting.settle()
    page = browser.get(place)
    assert "Posting date 11/16/2026 , chosen by" in text_of(page)
    assert "date chosen by" in text_of(page), "the rule behind the field"
    assert text_of(page).count("the goods came then") == 3, "at the top, as the rule, and in the timeline"
    assert "chosen by" not in text_of(browser.get(page_of(waiting, "A-2")))

    browser.post(f"{place}/undo-date")
    waiting.settle()
    browser.post(f"{place}/release", proposal=waiting.row("A-1").proposal)
    waiting.settle()
    assert waiting.only_transaction("A-1")[1]["TxnDate"] == "2026-11-05"
    gone = browser.post(f"{place}/change-date", day="2026-11-16", reason="too late")
    assert (gone.status_code, "is in QuickBooks already. Change its date there." in text_of(gone)) == (422, True)


def test_a_document_is_rejected_to_basware_with_the_reason(waiting: World, visit: VisitAs) -> None:
    visit(waiting, Role.ACCOUNTANT).post(page_of(waiting, "A-2") + "/reject", reason="not ours at all")
    waiting.settle()
    (answer,) = waiting.answers("A-2")
    assert (answer["success"], "not ours at all" in answer["responseMessage"]) == (False, True)


def test_a_document_is_linked_to_what_was_entered_by_hand(waiting: World, visit: VisitAs) -> None:
    vendor = next(one.id for one in waiting.books().vendors.values() if one.number == "V-10011")
    account = next(one.id for one in waiting.books().accounts.values() if one.type == "Expense")
    detail = {"AccountRef": {"value": account}}
    body = {
        "VendorRef": {"value": vendor}, "DocNumber": "by hand", "TxnDate": "2026-11-05",
        "Line": [{"Amount": 5.5, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}],
    }  # fmt: skip
    bill = waiting.act("enter", entity="Bill", body=body)
    browser = visit(waiting, Role.ACCOUNTANT)
    browser.post(
        page_of(waiting, "A-2") + "/link", link_to=f"Bill:{bill['Id']}", reason="entered last week", sure="yes"
    )
    waiting.settle()
    assert waiting.state("A-2") == "confirmed"
    assert waiting.answers("A-2")[0]["voucherNumber1"] == bill["Id"]


@pytest.mark.parametrize(
    "act",
    ["retry", "hold", "let-go", "ignore", "put-back", "release", "take-back-release", "change-date", "undo-date",
     "link", "post-anyway", "reject",
     "delete", "reverse", "keep"],
)  # fmt: skip
def test_who_may_not_decide_is_told_so_and_nothing_happens(waiting: World, visit: VisitAs, act: str) -> None:
    place, before = page_of(waiting, "A-1"), waiting.row("A-1")
    for role in (Role.VIEWER, Role.MAPPER):
        assert visit(waiting, role).post(f"{place}/{act}", reason="x").status_code == 403
    assert waiting.row("A-1") == before


def test_a_person_of_another_company_finds_nothing_there(waiting: World, visit: VisitAs) -> None:
    stranger = visit(waiting, Role.ADMINISTRATOR, elsewhere=another_connection(waiting))
    place = page_of(waiting, "A-1")
    for address in (PLACE, f"{PLACE}?format=csv", place, f"{place}/technical"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{place}/hold", reason="x").status_code == 404
    insider = visit(waiting, Role.ACCOUNTANT)
    assert insider.get(f"{PLACE}/{'0' * 32}").status_code == 404
    assert insider.post(f"{place}/explode", reason="x").status_code == 404


@pytest.mark.parametrize("place", ["?below=abc", f"?above={10**30}", "?start=-1e9"])
def test_an_address_nobody_can_read_is_answered_with_words(waiting: World, visit: VisitAs, place: str) -> None:
    answer = visit(waiting, Role.VIEWER).get(f"{PLACE}{place}", headers={"Accept": "text/html"})
    assert (answer.status_code, "Nothing was changed." in text_of(answer)) == (422, True)


def test_what_cannot_be_done_is_said_on_the_documents_page_with_what_was_typed(waiting: World, visit: VisitAs) -> None:
    browser, place = visit(waiting, Role.ACCOUNTANT), page_of(waiting, "A-2")
    empty = browser.post(f"{place}/ignore", shown_on=place, reason="  ")
    assert "Give the reason" in empty.text.partition("/ignore")[2].partition("</form>")[0], (
        "in the form itself, unfolded"
    )
    assert '<details open><summary class="btn">Ignore' in empty.text
    browser.post(f"{place}/ignore", reason="paid by card")
    late = browser.post(f"{place}/hold", shown_on=place, reason="wait for 🧾 Ada")
    assert (late.status_code, "it is too late to keep it back" in late.text) == (422, True)
    assert "You had written: <q>wait for 🧾 Ada</q>" in late.text
    assert "A-2" in text_of(late)


def test_a_bill_entered_by_hand_is_found_by_vendor_and_amount_and_linked_with_one_button(
    waiting: World, visit: VisitAs
) -> None:
    vendor = next(one.id for one in waiting.books().vendors.values() if one.number == "V-10011")
    account = next(one.id for one in waiting.books().accounts.values() if one.type == "Expense")
    detail = {"AccountRef": {"value": account}}

    def by_hand(number: str, day: str, amount: float) -> str:
        body = {
            "VendorRef": {"value": vendor}, "DocNumber": number, "TxnDate": day,
            "Line": [{"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail",
                      "AccountBasedExpenseLineDetail": detail}],
        }  # fmt: skip
        return str(waiting.act("enter", entity="Bill", body=body)["Id"])

    by_hand("hand-far", "2026-12-30", 5.5)
    near, differs = by_hand("hand-near", "2026-11-05", 5.5), by_hand("hand-other", "2026-11-05", 7.0)
    PERFORM[Job.CHANGES](waiting.desk())
    browser, place = visit(waiting, Role.ACCOUNTANT), page_of(waiting, "A-2")

    page = browser.get(f"{place}/link").text
    assert page.index("hand-near") < page.index("hand-far") < page.index("hand-other")
    assert "hand-other" not in browser.get(f"{place}/link?text=5,50").text
    other = text_of(browser.post(f"{place}/link", link_to=f"Bill:{differs}", reason="the same paper"))
    assert "It is over 7.00 USD, the invoice over 5.50 USD." in other
    assert 'value="the same paper"' in browser.post(f"{place}/link", link_to="Bill:x", reason="the same paper").text
    assert "QuickBooks have no such transaction" in text_of(browser.post(f"{place}/link", link_to="Bill:999999"))
    assert waiting.row("A-2").decision is None

    browser.post(f"{place}/link", link_to=f"Bill:{near}")
    waiting.settle()
    assert waiting.state("A-2") == "confirmed"
    waiting.approve(invoice("A-3", line("5.50", account="6470")))
    waiting.settle()
    warned = browser.post(f"{page_of(waiting, 'A-3')}/link", link_to=f"Bill:{near}")
    assert "It is linked to invoice A-2 already." in text_of(warned)


def test_a_table_of_what_basware_has_not_handed_over_holds_nothing_else(demo: World, visit: VisitAs) -> None:
    table = visit(demo, Role.VIEWER).get(f"{PLACE}?state=before+transfer&format=csv").text
    assert table.startswith("\ufeffinvoice,")
    assert "F-2314" not in table, "it is posted"


def test_a_held_one_is_tried_again_in_the_list_which_stays_as_it_was(waiting: World, visit: VisitAs) -> None:
    browser = visit(waiting, Role.ACCOUNTANT)
    query = "state=held&text=A-2"
    page = browser.get(f"{PLACE}?{query}")
    assert page.text.count("data-retry") == 1
    assert "data-retry" not in visit(waiting, Role.VIEWER).get(f"{PLACE}?{query}").text
    answer = browser.post(f"{page_of(waiting, 'A-2')}/retry", back=f"?{query}")
    assert answer.headers["location"] == f"{PLACE}?{query}"
    assert "A-2: It is planned again by the next run." in text_of(browser.follow(answer))
