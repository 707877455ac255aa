"""A person chooses the day a document is posted on: what the books of both twins say then, and when it is too late or too early."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from crashes import Saboteur, every_fault, live, perform
from databases import SqliteFiles
from ml_connector.app import App
from ml_connector.model.holds import Cause
from ml_connector.model.policy import AnswerFailed, PostingDate, PostingPolicy, UnknownVendor
from ml_connector.model.postings import DuplicateChoice
from ml_connector.store import audit
from ml_connector.store.schema import DocumentState
from ml_connector.work import dating, decisions, planning, review
from ml_connector.work.decisions import DecisionError
from ml_connector.work.engine import Step
from ml_connector.work.jobs import Job
from ml_connector.work.review import Flow
from ml_connector.work.views import document_view
from paperwork import invoice, line
from world import World, build_world

DAY = date(2026, 11, 16)


def choose(world: World, number: str, day: date = DAY, reason: str = "October is closed") -> None:
    dating.change_date(world.desk(), world.row(number), day, reason=reason, actor="Kim")


@pytest.fixture
def closed(world: World) -> World:
    """Two invoices of the 5th, whose books are closed through the 10th."""
    world.act("close_books", date="2026-11-10")
    for number in ("A-1", "A-2"):
        world.approve(invoice(number))
    world.settle()
    assert world.causes("A-1") == world.causes("A-2") == [Cause.PERIOD_CLOSED]
    return world


def test_the_chosen_day_is_on_the_bill_and_its_due_date_is_its_own(closed: World) -> None:
    choose(closed, "A-1")
    closed.settle()

    _, bill = closed.only_transaction("A-1")
    assert (bill["TxnDate"], bill["DueDate"]) == ("2026-11-16", closed.in_basware("A-1")["dueDate"][:10])
    assert "Dated 2026-11-16 by a person's choice instead of voucher date 2026-11-05" in bill["PrivateNote"]
    assert (closed.state("A-1"), closed.state("A-2")) == ("confirmed", "held")
    view = document_view(closed.desk(), closed.row("A-1"))
    assert "date chosen by Kim: October is closed" in [one.rule for one in view.explanations]
    with closed.database.read() as tx:
        told = audit.listing(tx, closed.connection_id, subject=closed.row("A-1").invoice_id, limit=100)
    [entry] = [one for one in told if one.action == "posting date chosen"]
    assert (entry.actor, entry.before, entry.after) == ("Kim", "2026-11-05", "2026-11-16")


@pytest.mark.parametrize(
    ("day", "why"),
    [(date(2026, 11, 10), "closed through 2026-11-10"), (date(2027, 11, 16), "days ahead")],
)
def test_a_day_on_which_nothing_can_be_posted_is_refused_and_the_document_stays_held(
    closed: World, day: date, why: str
) -> None:
    with pytest.raises(DecisionError, match=why):
        choose(closed, "A-1", day)
    with pytest.raises(DecisionError, match="reason"):
        choose(closed, "A-1", reason=" ")
    assert (closed.state("A-1"), closed.row("A-1").chosen_date) == ("held", None)


def test_what_is_posted_given_back_or_ignored_is_dated_no_more(closed: World) -> None:
    choose(closed, "A-1")
    decisions.ignore(closed.desk(), closed.row("A-2"), reason="by card", actor="Kim")
    closed.settle()

    for number, why in (("A-1", "in QuickBooks already"), ("A-2", "is ignored")):
        with pytest.raises(DecisionError, match=why):
            choose(closed, number)
    with pytest.raises(DecisionError, match="in QuickBooks already"):
        dating.undo_date(closed.desk(), closed.row("A-1"), actor="Kim")
    closed.send_again("A-1", description="another text")
    closed.run()
    with pytest.raises(DecisionError, match="in QuickBooks already"):
        choose(closed, "A-1", date(2026, 11, 17))
    assert closed.only_transaction("A-1")[1]["TxnDate"] == "2026-11-16"


def test_whoever_looked_at_it_before_somebody_else_decided_is_told_so(closed: World) -> None:
    seen = closed.row("A-1")
    decisions.ignore(closed.desk(), seen, reason="by card", actor="Ada")
    with pytest.raises(DecisionError, match="Somebody else was quicker"):
        dating.change_date(closed.desk(), seen, DAY, reason="closed", actor="Kim")
    assert (closed.state("A-1"), closed.row("A-1").chosen_date) == ("ignored", None)


def test_a_bill_that_somebody_deleted_is_posted_anew_on_a_chosen_day(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    world.act("delete", entity="Bill", id=world.only_transaction("A-1")[1]["Id"])
    world.act("close_books", date="2026-11-10")
    world.send_again("A-1")
    world.settle()
    assert set(world.causes("A-1")) == {Cause.POSTED_TRANSACTION_GONE, Cause.PERIOD_CLOSED}

    anew = {"link_to": "", "reason": "deleted by mistake", "actor": "Kim"}
    decisions.decide_duplicate(world.desk(), world.row("A-1"), DuplicateChoice.POST_ANYWAY, **anew)
    world.settle()
    choose(world, "A-1")
    world.settle()
    assert world.only_transaction("A-1")[1]["TxnDate"] == "2026-11-16"


def test_a_day_chosen_while_the_vendor_is_created_is_on_the_bill(build: Callable[..., World]) -> None:
    world = build(policy=PostingPolicy(unknown_vendor=UnknownVendor.CREATE))
    world.approve(invoice("N-1", supplier="V-77777", supplier_name="Newcomer Ltd"))
    world.run({Step.INTAKE, Step.PLAN})
    assert world.state("N-1") == DocumentState.VENDOR_PENDING
    choose(world, "N-1")
    world.settle()
    assert world.only_transaction("N-1")[1]["TxnDate"] == "2026-11-16"
    assert sum(one.get("AcctNum") == "V-77777" for one in world.quickbooks.books(world.realm_id)["Vendor"]) == 1


def test_a_document_without_any_date_gets_the_chosen_one_and_what_nobody_can_read_gets_none(
    build: Callable[..., World],
) -> None:
    world = build(policy=PostingPolicy(answer_fixable_in_basware=AnswerFailed.NEVER))
    world.approve(invoice("A-1", changes={"voucherDate": None, "invoiceDate": None}))
    bad = world.approve(invoice("A-2"))
    world.basware.act("corrupt", invoice_id=bad, text=f'{{"invoiceId": "{bad}"}}')
    world.settle()
    assert (world.causes("A-1"), world.row(bad).state) == ([Cause.MISSING_DATE], DocumentState.HELD)

    choose(world, "A-1")
    with pytest.raises(DecisionError, match="cannot be read"):
        choose(world, bad)
    world.settle()
    _, bill = world.only_transaction("A-1")
    assert (bill["TxnDate"], bill["DueDate"]) == ("2026-11-16", world.in_basware("A-1")["dueDate"][:10])


def test_a_choice_is_undone_until_the_next_run_and_made_again(closed: World) -> None:
    choose(closed, "A-1")
    dating.undo_date(closed.desk(), closed.row("A-1"), actor="Kim")
    closed.settle()
    assert (closed.causes("A-1"), closed.posted("A-1")) == ([Cause.PERIOD_CLOSED], [])
    with pytest.raises(DecisionError, match="nothing to undo"):
        dating.undo_date(closed.desk(), closed.row("A-1"), actor="Kim")

    choose(closed, "A-1")
    choose(closed, "A-1", date(2026, 11, 17))
    closed.settle()
    assert closed.only_transaction("A-1")[1]["TxnDate"] == "2026-11-17"


def test_a_document_corrected_in_basware_keeps_the_chosen_day_while_its_own_dates_stay(closed: World) -> None:
    choose(closed, "A-1")
    choose(closed, "A-2")
    closed.send_again("A-1", description="another text")
    later = invoice("A-2", day=date(2026, 11, 12))
    closed.send_again("A-2", voucherDate=later["voucherDate"])
    closed.settle()

    assert closed.only_transaction("A-1")[1]["TxnDate"] == "2026-11-16"
    assert closed.only_transaction("A-2")[1]["TxnDate"] == "2026-11-12"


def test_a_bill_on_a_chosen_day_stays_there_when_its_invoice_is_corrected_after_it_was_posted(closed: World) -> None:
    choose(closed, "A-1")
    closed.settle()
    fresh = invoice("A-1", line("75.00"))
    names = ("codingRows", "netSum", "grossSum", "netSumCompany", "grossSumCompany")
    closed.send_again("A-1", **{name: fresh[name] for name in names})
    closed.settle()

    _, bill = closed.only_transaction("A-1")
    assert (bill["TxnDate"], bill["TotalAmt"], closed.state("A-1")) == ("2026-11-16", 75, "confirmed")


def test_of_several_documents_those_that_can_be_are_dated_and_of_the_others_it_is_said(closed: World) -> None:
    decisions.ignore(closed.desk(), closed.row("A-2"), reason="by card", actor="Kim")
    rows = [closed.row("A-1"), closed.row("A-2")]
    changed = dating.change_dates(closed.desk(), rows, DAY, reason="closed", actor="Kim")
    assert (changed.moved, len(changed.left)) == (1, 1)
    assert "A-2 is ignored" in changed.left[0]


def test_a_released_document_is_not_posted_on_a_day_that_nobody_released(world: World) -> None:
    review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    review.release(world.desk(), review.waiting(world.desk()), actor="Ada")
    choose(world, "A-1")
    world.settle()
    assert (world.state("A-1"), world.transactions()) == ("planned", [])

    review.release(world.desk(), review.waiting(world.desk()), actor="Ada")
    world.settle()
    assert world.only_transaction("A-1")[1]["TxnDate"] == "2026-11-16"


@pytest.mark.parametrize("looked_at", ["received", "held"])
def test_a_run_that_read_the_document_before_the_choice_does_not_post_its_old_date(
    closed: World, monkeypatch: pytest.MonkeyPatch, looked_at: str
) -> None:
    closed.act("close_books", date="2026-10-31")  # by now its own date could be posted
    if looked_at == "received":
        decisions.retry(closed.desk(), [closed.row("A-1")], actor="Kim")
    look_up: Callable[..., Any] = planning.look_up
    chosen = list[str]()

    def meanwhile(*args: Any, **named: Any) -> Any:
        if not chosen:
            chosen.append(closed.state("A-1"))
            choose(closed, "A-1")
        return look_up(*args, **named)

    monkeypatch.setattr(planning, "look_up", meanwhile)
    closed.settle()

    assert chosen == [looked_at]
    assert closed.only_transaction("A-1")[1]["TxnDate"] == "2026-11-16"


def test_a_late_invoice_from_before_the_start_is_posted_on_a_chosen_day(build: Callable[..., World]) -> None:
    world = build(policy=PostingPolicy(start_date=date(2026, 11, 15)))
    world.approve(invoice("A-1"))
    world.settle()
    assert world.causes("A-1") == [Cause.BEFORE_START_DATE]
    with pytest.raises(DecisionError, match="the start date"):
        choose(world, "A-1", date(2026, 11, 14))

    choose(world, "A-1", date(2026, 11, 15))
    world.settle()
    assert world.only_transaction("A-1")[1]["TxnDate"] == "2026-11-15"


def test_a_crash_at_any_step_or_a_repeated_choice_posts_it_once(fast_files: SqliteFiles) -> None:
    def story(saboteur: Saboteur) -> None:
        with fast_files.fresh() as url:
            world = build_world(url, company="empty")
            world.act("close_books", date="2026-11-10")
            world.approve(invoice("A-1"))
            world.settle()

            def act(app: App) -> bool:
                waits = world.state("A-1") in {"held", "received"}
                if waits:
                    desk = app.desk(app.connection(""))
                    for _ in range(2):
                        dating.change_date(desk, world.row("A-1"), DAY, reason="closed", actor="Kim")
                perform(app, Job.INVOICES)
                return not waits

            live(world, url, saboteur, act)
            world.settle()
            assert (world.only_transaction("A-1")[1]["TxnDate"], world.check()) == ("2026-11-16", [])
            assert len(world.answers("A-1")) == 1
            world.database.close()

    def strikes(label: str, _fault: str) -> bool:
        return not label.startswith(("commit: desk.", "commit: tenure."))  # those only prolong the lease

    assert every_fault(story, strikes=strikes) > 10


def test_on_the_last_evening_of_the_month_today_is_the_day_it_is_where_the_company_is(world: World) -> None:
    world.change_settings(
        lambda own: replace(
            own,
            policy=replace(own.policy, posting_date=PostingDate.TODAY),
            schedule=replace(own.schedule, time_zone="America/New_York"),
        )
    )
    world.clock.move_to(datetime(2026, 12, 1, 1, 30, tzinfo=UTC))
    world.approve(invoice("LATE-1"))
    world.settle()

    assert world.only_transaction("LATE-1")[1]["TxnDate"] == "2026-11-30"
    assert dating.open_days(world.desk()).proposed == date(2026, 11, 30)


def test_a_release_of_before_does_not_count_again_when_the_date_goes_there_and_back(world: World) -> None:
    review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    choose(world, "A-1", DAY)
    world.settle()
    review.release(world.desk(), review.waiting(world.desk()), actor="Ada")
    choose(world, "A-1", date(2026, 11, 20))
    planning.plan_documents(world.desk())
    choose(world, "A-1", DAY)
    world.settle()

    assert (world.state("A-1"), world.posted("A-1")) == ("planned", [])
