"""What needs somebody: one card for each cause, the way out right there, and the books of the twins afterwards."""

import re

import msgspec
import pytest
from sqlalchemy import update

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.people import Role
from ml_connector.rules.vendor_match import Candidate
from ml_connector.store import alerts, outgoing, payments, vendor_pairs
from ml_connector.store.database import Database
from ml_connector.store.outgoing import NewOutgoing
from ml_connector.store.schema import OutgoingState, PaymentState, Severity, VendorState
from ml_connector.store.schema import outgoing as outgoing_table
from ml_connector.store.vendor_pairs import VendorPair, put_many
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from ml_connector.work.needs.cards import heaps
from ml_connector.work.reactivating.telling import PATIENCE
from ml_connector.work.settings import ConnectionSettings
from paperwork import BEACON, invoice, line
from twins.faults import FaultKind, FaultRule
from visits import Visit, VisitAs, text_of
from world import World, build_world

HERE = "/c/demo/needs-you"


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty")


def post(world: World) -> None:
    """Two runs of the job that posts and answers, as engines do them."""
    for _ in range(2):
        assert run_job(world.app, world.app.connection("demo"), Job.INVOICES, worker="a worker").problem == ""


def card(world: World, cause: str) -> str:
    """Where the card of a cause is."""
    [only] = [one for one in heaps(world.desk()) if one.cause == cause]
    return f"{HERE}/{only.card}"


def said(visitor: Visit) -> str:
    """What the list says at its top and below."""
    return text_of(visitor.get(HERE))


def test_nothing_held_is_an_empty_page_that_teaches(world: World, visit: VisitAs) -> None:
    post(world)
    assert "Nothing needs you" in said(visit(world, Role.VIEWER))


def test_240_bills_of_one_inactive_vendor_are_one_card(world: World, visit: VisitAs) -> None:
    for number in range(240):
        world.approve(invoice(f"RC-{number}", line("10.00"), supplier="V-10009"))
    post(world)
    viewer = visit(world, Role.VIEWER)
    page = said(viewer)
    assert "1 cause, each with everything it holds" in page
    assert "240 bills" in page
    assert "2,400.00 USD" in page or "USD 2,400.00" in page or "$2,400.00" in page
    assert "whoever keeps the mapping, here" in page
    detail = viewer.get(card(world, "vendor-inactive"))
    assert "240 in all" in text_of(detail)
    assert detail.text.count("data-row") == 50


def test_reactivating_the_vendor_in_quickbooks_and_looking_again_posts_all_it_held(
    world: World, visit: VisitAs
) -> None:
    for number in ("A-1", "A-2"):
        world.approve(invoice(number, supplier="V-10009"))
    post(world)
    accountant, there = visit(world, Role.ACCOUNTANT), card(world, "vendor-inactive")
    assert "https://qbo.intuit.com/app/vendors" in accountant.get(there).text
    world.act("activate", entity="Vendor", id="113")

    answer = accountant.post(f"{there}/again", now="yes")

    assert "2 of them will be looked at again in the next run. It runs now." in text_of(accountant.follow(answer))
    post(world)
    assert [world.only_transaction(number)[1]["VendorRef"]["value"] for number in ("A-1", "A-2")] == ["113", "113"]


def test_a_mapper_reactivates_the_vendor_on_the_card_and_all_it_held_is_posted(world: World, visit: VisitAs) -> None:
    numbers = [f"A-{number}" for number in range(12)]
    for number in numbers:
        world.approve(invoice(number, supplier="V-10009"))
    post(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "vendor-inactive")
    accountant = visit(world, Role.ACCOUNTANT)
    assert "A mapper or an administrator can have it made active from here" in text_of(accountant.get(there))
    for other in (accountant, visit(world, Role.VIEWER)):
        assert other.post(f"{there}/reactivate", record="113", reason="delivers again").status_code == 403
    without = mapper.post(f"{there}/reactivate", record="113", reason="")
    assert (without.status_code, "Give the reason" in text_of(without)) == (422, True)

    answer = mapper.post(f"{there}/reactivate", record="113", reason="delivers again")

    assert "Redfern Couriers (113) is made active in QuickBooks with the next run" in text_of(mapper.follow(answer))
    assert "“delivers again”. It is made active in QuickBooks with the next run" in text_of(mapper.get(there))
    post(world)
    assert {world.only_transaction(number)[1]["VendorRef"]["value"] for number in numbers} == {"113"}
    assert "Nothing needs you" in said(mapper)


def test_a_reactivation_that_quickbooks_does_not_confirm_says_so_on_the_card_and_in_an_alert(
    world: World, visit: VisitAs
) -> None:
    world.approve(invoice("A-1", supplier="V-10009"))
    post(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "vendor-inactive")
    mapper.post(f"{there}/reactivate", record="113", reason="delivers again")
    world.quickbooks_faults.add(
        FaultRule(kind=FaultKind.LOST_BEFORE, path="/batch$", contains='"operation"', times=None)
    )
    world.run()
    world.clock.advance(PATIENCE.total_seconds())
    world.run()
    mapper = visit(world, Role.MAPPER)  # the session of before ended meanwhile

    stated = "It is on its way, and QuickBooks has not confirmed it since."
    assert stated in text_of(mapper.get(there))
    everything = said(mapper)
    assert "Not made active in QuickBooks" in everything
    assert "make it active in QuickBooks itself" in everything


def test_mapping_a_code_posts_what_it_held(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", line("40.00", account="6470")))
    post(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "account-not-mapped")
    offered = mapper.get(f"{HERE}/targets?dimension=account&target=6420", part=True).text
    assert 'value="68"' in offered

    answer = mapper.post(f"{there}/map", dimension="account", code="6470", target="6420")

    page = text_of(mapper.follow(answer))
    assert "6470 is 6420" in page
    assert "What it held will be planned again by itself." in page
    post(world)
    _, bill = world.only_transaction("A-1")
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == "68"
    assert "Nothing needs you" in said(mapper)


def test_a_target_that_is_none_is_said_in_words_and_nothing_changes(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", line("40.00", account="6470")))
    post(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "account-not-mapped")
    answer = mapper.post(f"{there}/map", dimension="account", code="6470", target="no such account")
    assert answer.status_code == 422
    assert "QuickBooks has no account with the id, number or name" in text_of(answer)
    assert card(world, "account-not-mapped") == there


def test_a_supplier_is_another_vendor_from_now_on(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", supplier="V-10009"))
    post(world)
    mapper = visit(world, Role.MAPPER)
    mapper.post(f"{card(world, 'vendor-inactive')}/map", dimension="vendor", code="V-10009", target="101")
    post(world)
    assert world.only_transaction("A-1")[1]["VendorRef"]["value"] == "101"


@pytest.fixture
def entered_by_hand(world: World) -> World:
    """A document whose number a bookkeeper has typed in for the same vendor."""
    bill = {
        "VendorRef": {"value": "101"}, "DocNumber": "A-1", "TxnDate": "2026-11-05",
        "Line": [{
            "Amount": 100, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "56"}},
        }],
    }  # fmt: skip
    world.act("enter", entity="Bill", body=bill)
    world.approve(invoice("A-1", supplier=BEACON))
    post(world)
    return world


def numbered(world: World) -> int:
    return sum(one.get("DocNumber") == "A-1" for one in world.quickbooks.books(world.realm_id)["Bill"])


def test_a_duplicate_is_linked_to_what_quickbooks_has(entered_by_hand: World, visit: VisitAs) -> None:
    world = entered_by_hand
    accountant, there = visit(world, Role.ACCOUNTANT), card(world, "duplicate-number")
    page = accountant.get(there).text
    found = re.search(r'name="link_to" value="(Bill:\d+)"', page)
    assert found is not None

    accountant.post(f"{there}/decide", key=world.row("A-1").invoice_id, choice="link", link_to=found[1])

    post(world)
    assert world.state("A-1") == "confirmed"
    assert numbered(world) == 1


def test_a_duplicate_is_posted_anyway(entered_by_hand: World, visit: VisitAs) -> None:
    world = entered_by_hand
    accountant = visit(world, Role.ACCOUNTANT)
    accountant.post(
        f"{card(world, 'duplicate-number')}/decide", key=world.row("A-1").invoice_id, choice="post anyway",
        reason="the vendor counts anew",
    )  # fmt: skip
    post(world)
    assert numbered(world) == 2


def test_bills_go_back_to_basware_with_the_reason(world: World, visit: VisitAs) -> None:
    for number in ("A-1", "A-2"):
        world.approve(invoice(number, supplier="V-10009"))
    post(world)
    accountant, there = visit(world, Role.ACCOUNTANT), card(world, "vendor-inactive")
    assert accountant.post(f"{there}/reject", reason=" ").status_code == 422

    accountant.post(f"{there}/reject", reason="the supplier is blocked")

    post(world)
    assert [world.state(number) for number in ("A-1", "A-2")] == ["returned", "returned"]
    assert "the supplier is blocked" in str(world.answers("A-1")[-1])


def test_only_chosen_bills_are_ignored(world: World, visit: VisitAs) -> None:
    for number in ("A-1", "A-2"):
        world.approve(invoice(number, supplier="V-10009"))
    post(world)
    accountant = visit(world, Role.ACCOUNTANT)
    accountant.post(
        f"{card(world, 'vendor-inactive')}/ignore", keys=[world.row("A-2").invoice_id], reason="paid by card"
    )
    assert (world.state("A-1"), world.state("A-2")) == ("held", "ignored")
    assert world.row("A-2").note == "paid by card"


def test_an_administrator_lets_closed_months_go_to_the_first_open_day(world: World, visit: VisitAs) -> None:
    world.act("close_books", date="2026-11-10")
    world.approve(invoice("A-1"))
    post(world)
    administrator, there = visit(world, Role.ADMINISTRATOR), card(world, "period-closed")
    assert visit(world, Role.ACCOUNTANT).post(f"{there}/first-open-day", reason="r").status_code == 403

    administrator.post(f"{there}/first-open-day", reason="the auditor agreed")

    world.restart()
    post(world)
    assert world.only_transaction("A-1")[1]["TxnDate"] == "2026-11-11"


@pytest.fixture
def closed(world: World) -> World:
    """Three bills of the 5th, whose books are closed through the 10th."""
    world.act("close_books", date="2026-11-10")
    for number in ("A-1", "A-2", "A-3"):
        world.approve(invoice(number))
    post(world)
    return world


def test_an_accountant_changes_the_date_of_everything_that_closed_books_hold(closed: World, visit: VisitAs) -> None:
    accountant, there = visit(closed, Role.ACCOUNTANT), card(closed, "period-closed")
    page = accountant.get(there)
    assert 'name="day" value="2026-11-11" min="2026-11-11" max="2027-02-18"' in page.text

    refused = accountant.post(f"{there}/change-date", day="2026-11-10", reason="late <post>")
    assert (refused.status_code, "they are closed through 11/10/2026" in text_of(refused)) == (422, True)
    assert 'value="2026-11-10"' in refused.text
    assert 'value="late &lt;post&gt;"' in refused.text
    unread = accountant.post(f"{there}/change-date", day="soon", reason="r")
    assert (unread.status_code, "Choose a day" in text_of(unread)) == (422, True)

    told = text_of(accountant.follow(accountant.post(f"{there}/change-date", day="2026-11-11", reason="late", now="y")))
    assert "3 of them will be posted on 11/11/2026 by the next run. Due dates stay what they are. It runs now." in told
    post(closed)
    assert {closed.only_transaction(number)[1]["TxnDate"] for number in ("A-1", "A-2", "A-3")} == {"2026-11-11"}
    assert "Nothing needs you" in said(accountant)


def test_only_the_chosen_bills_get_the_date_and_the_others_go_on_waiting(closed: World, visit: VisitAs) -> None:
    accountant, there = visit(closed, Role.ACCOUNTANT), card(closed, "period-closed")
    keys = [closed.row(number).invoice_id for number in ("A-1", "A-3")]
    accountant.post(f"{there}/change-date", day="2026-11-12", reason="late", keys=keys)
    post(closed)
    assert [closed.state(number) for number in ("A-1", "A-2", "A-3")] == ["confirmed", "held", "confirmed"]
    assert closed.only_transaction("A-3")[1]["TxnDate"] == "2026-11-12"


def test_what_vendors_are_called_is_text_and_never_markup(world: World, visit: VisitAs) -> None:
    world.approve(invoice("<b>1</b>", supplier="V-<i>", supplier_name="<script>alert(1)</script>"))
    post(world)
    viewer = visit(world, Role.VIEWER)
    for page in (viewer.get(HERE), viewer.get(card(world, "vendor-unknown"))):
        assert "alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert "<b>1</b>" not in page.text


def test_the_oldest_day_comes_first_then_the_largest_amount(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", line("10.00"), supplier="V-10009"))
    post(world)
    world.clock.advance(24 * 3600)
    world.approve(invoice("A-2", line("40.00", account="6470")))
    world.approve(invoice("A-3", line("4000.00"), supplier="V-77777", supplier_name="New Ltd"))
    post(world)
    table = visit(world, Role.VIEWER).get(f"{HERE}?format=csv").text.splitlines()[1:]
    assert [row.split(",")[0] for row in table] == ["vendor-inactive", "vendor-unknown", "account-not-mapped"]
    assert "4000.00" in table[1]


def test_a_card_can_be_opened_in_place(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", supplier="V-10009"))
    post(world)
    part = visit(world, Role.ACCOUNTANT).get(card(world, "vendor-inactive"), part=True)
    assert "<html" not in part.text
    assert "Give back to Basware" in part.text


def test_an_alert_is_put_away_with_a_reason(world: World, visit: VisitAs) -> None:
    with world.database.write() as tx:
        alerts.raise_(
            tx, world.connection_id, kind="tax", message="A tax differs.", severity=Severity.WARNING,
            now=world.clock.now(),
        )  # fmt: skip
        number = alerts.listing(tx, world.connection_id)[0].id
    accountant = visit(world, Role.ACCOUNTANT)
    assert "A tax differs." in said(accountant)
    assert accountant.post(f"{HERE}/alerts/{number}", reason="").status_code == 422
    accountant.post(f"{HERE}/alerts/{number}", reason="corrected")
    assert "A tax differs." not in said(accountant)


ACTS = {
    "map": {"dimension": "account", "code": "6470", "target": "6420"},
    "again": {}, "ignore": {"reason": "r"}, "reject": {"reason": "r"},
    "decide": {"key": "1", "choice": "reject"}, "vendor": {"key": "1", "act": "create"},
    "bank": {"key": "1", "act": "approve", "reason": "r"}, "first-open-day": {"reason": "r"},
    "change-date": {"day": "2026-11-20", "reason": "r"},
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_who_may_only_look_changes_nothing_and_nobody_of_another_company_finds_anything(
    world: World, visit: VisitAs, act: str
) -> None:
    world.approve(invoice("A-1", line("40.00", account="6470")))
    post(world)
    there = card(world, "account-not-mapped")
    assert visit(world, Role.VIEWER).post(f"{there}/{act}", **ACTS[act]).status_code == 403
    other = Role.ACCOUNTANT if act in {"map", "vendor", "first-open-day"} else Role.MAPPER
    assert visit(world, other).post(f"{there}/{act}", **ACTS[act]).status_code == 403
    stranger = visit(world)
    assert stranger.post(f"{there}/{act}", **ACTS[act]).status_code == 404
    assert stranger.get(there).status_code == stranger.get(HERE).status_code == 404
    assert stranger.get(f"{HERE}/targets?dimension=account&target=6").status_code == 404
    assert world.state("A-1") == "held"


def test_a_card_that_somebody_dealt_with_meanwhile_is_answered_with_words(world: World, visit: VisitAs) -> None:
    accountant = visit(world, Role.ACCOUNTANT)
    for answer in (accountant.get, accountant.post):
        gone = answer(f"{HERE}/{'0' * 24}{'/again' if answer == accountant.post else ''}")
        assert "Nothing waits for that cause any more" in text_of(accountant.follow(gone))
    assert accountant.get(f"{HERE}/no-card").status_code == 404


def test_a_mistake_comes_back_on_its_card_with_what_was_typed(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", line("10.00", account="6470")))
    post(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "account-not-mapped")
    again = mapper.post(f"{there}/map", dimension="account", code="6470", target="kein Konto 🧾")
    assert again.status_code == 422
    assert "QuickBooks has no account with the id, number or name" in text_of(again)
    assert 'value="kein Konto 🧾"' in again.text


def test_a_rule_of_the_settings_is_changed_on_the_card_and_what_it_held_is_posted(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", supplier="V-99", supplier_name="Nobody's Paper"))
    post(world)
    there = card(world, "vendor-unknown")
    assert "An administrator of the connection can change" in text_of(visit(world, Role.ACCOUNTANT).get(there))
    boss, rule = visit(world, Role.ADMINISTRATOR), "set:policy.unknown_vendor"
    wrong = boss.post(f"{there}/rule", **{rule: "perhaps"}, reason="Ada said so")
    assert (wrong.status_code, 'value="Ada said so"' in wrong.text) == (422, True)
    boss.post(f"{there}/rule", **{rule: "create"}, reason="Ada said so")
    world.restart()
    post(world)
    assert world.only_transaction("A-1")


# vendors of both systems


def unsure(world: World, **more: object) -> None:
    """A vendor of Basware's that may be vendor 101 of QuickBooks."""
    likely = [Candidate(quickbooks_id="101", name="Beacon Paper", score=60, why=("same name",))]
    hold = Hold(cause=Cause.VENDOR_UNSURE, subject="vendor V-1", facts={"name": "Beacon", "code": "V-1"})
    pair = VendorPair(
        code="V-1",
        name="Beacon",
        state=VendorState.REVIEW,
        candidates=msgspec.json.encode(likely).decode(),
        holds=(hold,),
    )
    with world.database.write() as tx:
        put_many(tx, world.connection_id, [msgspec.structs.replace(pair, **more)], world.clock.now())


def pair(world: World) -> VendorPair:
    with world.database.read() as tx:
        found = vendor_pairs.get(tx, world.connection_id, "V-1")
    assert found is not None
    return found


def test_a_vendor_nobody_could_match_is_chosen_among_candidates(world: World, visit: VisitAs) -> None:
    post(world)
    unsure(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "vendor-unsure")
    assert "It is Beacon Paper" in text_of(mapper.get(there))

    answer = mapper.post(f"{there}/vendor", key="V-1", act="link", quickbooks_id="101")

    assert "in QuickBooks." in text_of(mapper.follow(answer))
    assert (pair(world).state, pair(world).quickbooks_id) == (VendorState.LINKED, "101")


def with_vendors(old: ConnectionSettings) -> ConnectionSettings:
    """The same connection, creating vendors in QuickBooks."""
    replace = msgspec.structs.replace
    basware = replace(
        old.basware,
        master_data=replace(old.basware.master_data, enabled=True),
        vendors=replace(old.basware.vendors, enabled=True),
    )
    return replace(old, basware=basware, vendors=replace(old.vendors, to_quickbooks=True))


def test_a_vendor_is_created_only_where_the_connection_creates_vendors(world: World, visit: VisitAs) -> None:
    post(world)
    unsure(world)
    mapper, there = visit(world, Role.MAPPER), card(world, "vendor-unsure")
    refused = mapper.post(f"{there}/vendor", key="V-1", act="create")
    assert refused.status_code == 422
    assert "creates no vendors in QuickBooks" in text_of(refused)
    world.change_settings(with_vendors)

    answer = mapper.post(f"{there}/vendor", key="V-1", act="create")

    assert "Beacon will be created in QuickBooks in the next run." in text_of(mapper.follow(answer))
    assert pair(world).state is VendorState.CREATE


@pytest.mark.parametrize(("act", "kept"), [("approve", "DE02"), ("reject", "DE01")])
def test_new_bank_details_wait_for_somebody_and_are_never_shown_whole(
    world: World, visit: VisitAs, act: str, kept: str
) -> None:
    hold = Hold(cause=Cause.VENDOR_BANK_CHANGED, subject="vendor V-1", facts={"vendor": "Beacon"})
    unsure(
        world, state=VendorState.LINKED, quickbooks_id="101", candidates="", holds=(hold,),
        bank='[{"iban":"DE01000000001111"}]', bank_found='[{"iban":"DE02000000002222"}]',
        bank_found_at=world.clock.now(),
    )  # fmt: skip
    accountant, there = visit(world, Role.ACCOUNTANT), card(world, "vendor-bank-changed")
    page = accountant.get(there).text
    assert "DE02000000002222" not in page
    assert accountant.post(f"{there}/bank", key="V-1", act=act, reason="").status_code == 422

    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    assert (
        accountant.post(f"{there}/bank", key="V-1", act="approve", reason="sure", seen="other details").status_code
        == 422
    )
    accountant.post(f"{there}/bank", key="V-1", act=act, reason="called them back", seen=seen[1])

    assert kept in pair(world).bank
    assert pair(world).holds == ()


# what is no bill


def test_a_payment_basware_did_not_take_is_told_again(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1"))
    post(world)
    invoice_id, now = world.row("A-1").invoice_id, world.clock.now()
    hold = Hold(cause=Cause.PAYMENT_NOT_TOLD, facts={"detail": "the voucher is locked"})
    with world.database.write() as tx:
        payments.look_again(tx, world.connection_id, [invoice_id], now)
        payments.change(
            tx, world.connection_id, invoice_id, now, state=PaymentState.REFUSED, holds=(hold,), dirty=False
        )
    accountant, there = visit(world, Role.ACCOUNTANT), card(world, "payment-not-told")
    assert "1 payment" in said(accountant)
    assert "A-1" in text_of(accountant.get(there))

    accountant.post(f"{there}/again")

    with world.database.read() as tx:
        again = payments.get(tx, world.connection_id, invoice_id)
    assert again is not None
    assert again.state is PaymentState.DUE


def test_a_record_basware_refused_is_sent_again(world: World, visit: VisitAs) -> None:
    post(world)
    record = NewOutgoing(resource="accounts", external_code="QB-1", subject="Account 42", name="Paper", body="{}")
    hold = Hold(cause=Cause.RECORD_REFUSED, subject="Account 42", facts={"detail": "the code is too long"})
    with world.database.write() as tx:
        outgoing.plan(tx, world.connection_id, [record], world.clock.now())
        tx.execute(update(outgoing_table).values(state=OutgoingState.REFUSED, holds=(hold,)))
    accountant, there = visit(world, Role.ACCOUNTANT), card(world, "record-refused")
    assert "1 record for Basware" in said(accountant)
    assert "Give back to Basware" not in accountant.get(there).text

    accountant.post(f"{there}/again")

    with world.database.read() as tx:
        assert [one.state for one in outgoing.listing(tx, world.connection_id)] == [OutgoingState.READY]
    assert "Nothing needs you" in said(accountant)
