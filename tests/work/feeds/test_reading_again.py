"""Reading again from a day on, as a person may ask of a feed: what is here stays, what is missing comes, a crash costs one page."""

from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select

from crashes import Crash
from ml_connector.model.holds import Cause
from ml_connector.store import cursors
from ml_connector.store.schema import audit
from ml_connector.work.feeds import orders, vendors
from ml_connector.work.feeds.outcome_views import outcome_lines
from ml_connector.work.feeds.reading import UNREADABLE
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from ml_connector.work.schedule import run_now
from ml_connector.work.views import document_view
from paperwork import invoice, line

DOCUMENTS = "/v1/accountingDocuments"
TAKEN_BACK = {"Removed", "Returned", "PrebookCanceled"}


def ask(office, job, *, days):
    """A person asks for everything from some days ago on."""
    now = office.world.clock.now()
    since = (now - timedelta(days=days)).date()
    run_now(
        office.world.database, office.world.connection, job, despite="", actor="Ann", now=now, backfill=since
    )  # fmt: skip
    return since.isoformat()


def posted_elsewhere(office, *numbers, status="Transferred"):
    """Invoices that another program took over and answered."""
    for number in numbers:
        office.world.clock.advance(60)
        office.world.basware.act("move", invoice_id=office.world.approve(invoice(number, line("40.00"))), status=status)


def trail(office):
    """Who asked for reading again, and what was said at its end."""
    own = audit.c
    wanted = own.action.in_(["asked to read again", "read again"])
    with office.world.database.read() as tx:
        rows = tx.execute(select(own.actor, own.action, own.subject, own.after).where(wanted).order_by(own.id)).all()
    return [tuple(row) for row in rows]


def interrupt(between, path, number):
    """The process ends at a call that reads a resource again; what Basware takes back is looked for beside that, always."""
    seen = []

    def count(request: httpx2.Request) -> None:
        taken_back = request.url.params.get("ProcessingStatus") in TAKEN_BACK
        if request.url.path == path and "lastUpdated" in request.url.params and not taken_back:
            seen.append(request)
            if len(seen) == number:
                raise Crash

    between.before = count
    return seen


# invoices


def test_an_invoice_posted_from_here_is_read_again_and_stays_posted_once(office):
    office.world.approve(invoice("A-1", line("40.00")))
    office.world.settle()
    before = office.world.posted("A-1")

    ask(office, Job.INVOICES, days=10)
    office.do(Job.INVOICES)

    assert office.world.state("A-1") == "confirmed"
    assert office.world.posted("A-1") == before
    assert len(office.world.answers("A-1")) == 1
    assert office.asked_to_read_again(Job.INVOICES) == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [("Transferred", "as transferred already"), ("Paid", "and paid already"), ("TransferFailed", "transfer failed")],
)
def test_an_invoice_transferred_in_another_way_is_shown_and_never_posted(office, status, words):
    posted_elsewhere(office, "OLD", status=status)

    ask(office, Job.INVOICES, days=10)
    office.do(Job.INVOICES)
    office.world.settle()

    assert office.world.state("OLD") == "ignored"
    note = document_view(office.world.desk(), office.world.row("OLD")).note
    assert words in note
    assert "send it to accounting again in Basware" in note
    assert office.world.transactions() == []
    assert office.world.answers("OLD") == []


def test_an_invoice_changed_before_the_day_asked_for_is_left_alone(office):
    posted_elsewhere(office, "OLD")
    office.world.clock.advance(5 * 86_400)
    posted_elsewhere(office, "NEW")

    ask(office, Job.INVOICES, days=2)
    office.do(Job.INVOICES)

    assert office.world.state("NEW") == "ignored"
    with pytest.raises(KeyError):
        office.world.state("OLD")


def test_an_invoice_sent_again_after_that_is_posted_once(office):
    posted_elsewhere(office, "OLD")
    ask(office, Job.INVOICES, days=10)
    office.do(Job.INVOICES)

    office.world.send_again("OLD")
    office.world.settle()

    assert office.world.state("OLD") == "confirmed"
    assert len(office.world.posted("OLD")) == 1


def test_what_waits_is_posted_before_anything_is_read_again(office, between):
    office.world.approve(invoice("A-1", line("40.00")))
    seen = interrupt(between, DOCUMENTS, 1)
    ask(office, Job.INVOICES, days=10)
    with pytest.raises(Crash):
        office.do(Job.INVOICES)

    assert len(seen) == 1
    assert len(office.world.posted("A-1")) == 1


def test_after_a_crash_in_the_middle_reading_goes_on_where_it_was(office, between):
    office.settings(page_size=2)
    office.world.restart(transport=between)
    posted_elsewhere(office, *(f"OLD-{number}" for number in range(9)))
    asked = ask(office, Job.INVOICES, days=10)
    interrupt(between, DOCUMENTS, 4)
    with pytest.raises(Crash):
        office.do(Job.INVOICES)
    assert office.asked_to_read_again(Job.INVOICES) == asked
    office.world.restart(transport=between)
    seen = interrupt(between, DOCUMENTS, 1_000)

    office.do(Job.INVOICES)

    assert len([one for one in seen if one.url.params["ProcessingStatus"] == "Transferred"]) == 2
    assert {office.world.state(f"OLD-{number}") for number in range(9)} == {"ignored"}
    assert trail(office) == [
        ("Ann", "asked to read again", "invoices", f"from {asked}"),
        (office.world.desk().worker, "read again", "invoices", f"from {asked}"),
    ]


def test_a_place_that_basware_forgot_meanwhile_means_reading_that_list_again(office, between):
    office.settings(page_size=2)
    office.world.basware.switches.continuation_seconds = 60
    office.world.restart(transport=between)
    posted_elsewhere(office, *(f"OLD-{number}" for number in range(5)))
    ask(office, Job.INVOICES, days=10)
    interrupt(between, DOCUMENTS, 2)
    with pytest.raises(Crash):
        office.do(Job.INVOICES)
    between.before = lambda _request: None
    office.world.clock.advance(3600)

    office.do(Job.INVOICES)

    assert {office.world.state(f"OLD-{number}") for number in range(5)} == {"ignored"}
    assert office.asked_to_read_again(Job.INVOICES) == ""


def test_another_day_asked_for_in_the_middle_begins_anew(office, between):
    office.settings(page_size=2)
    office.world.restart(transport=between)
    posted_elsewhere(office, "OLD")
    office.world.clock.advance(5 * 86_400)
    posted_elsewhere(office, *(f"NEW-{number}" for number in range(4)))
    ask(office, Job.INVOICES, days=2)
    interrupt(between, DOCUMENTS, 2)
    with pytest.raises(Crash):
        office.do(Job.INVOICES)
    between.before = lambda _request: None

    ask(office, Job.INVOICES, days=20)
    office.do(Job.INVOICES)

    assert office.world.state("OLD") == "ignored"
    assert office.asked_to_read_again(Job.INVOICES) == ""


def test_a_page_that_stays_unreadable_costs_one_record_and_is_told(office):
    posted_elsewhere(office, "OLD-1", "OLD-2", "OLD-3")
    broken = office.world.in_basware("OLD-2")["invoiceId"]
    office.world.basware.act("corrupt", invoice_id=broken, text='{"invoiceId": ')
    ask(office, Job.INVOICES, days=10)
    office.do(Job.INVOICES)

    assert office.asked_to_read_again(Job.INVOICES) == ""
    assert [office.world.state(number) for number in ("OLD-1", "OLD-3")] == ["ignored", "ignored"]
    assert UNREADABLE in [kind for kind, _ in office.alerts()]


# purchase orders, vendors


def test_orders_go_on_where_a_crash_left_them_and_no_cursor_goes_back(office, between):
    office.settings(orders=OrdersFeed(enabled=True, page_size=2))
    office.world.restart(transport=between)
    for number in range(7):
        office.order(f"OLD-{number}")
        office.acknowledge_elsewhere(f"OLD-{number}")
    asked = ask(office, Job.ORDERS, days=10)
    path = "/v1/exportedPurchaseOrders"
    interrupt(between, path, 3)
    with pytest.raises(Crash):
        office.do(Job.ORDERS)
    assert office.asked_to_read_again(Job.ORDERS) == asked
    seen = interrupt(between, path, 1_000)

    office.do(Job.ORDERS)

    assert len(seen) == 2
    assert office.number(orders.FEED) == 7
    assert office.asked_to_read_again(Job.ORDERS) == ""


def test_vendors_read_again_leave_the_cursor_where_it_was(office):
    office.do(Job.VENDORS)
    with office.world.database.read() as tx:
        before = cursors.get(tx, office.world.connection_id, vendors.FEED)
    asked = ask(office, Job.VENDORS, days=400)
    office.do(Job.VENDORS)

    with office.world.database.read() as tx:
        after = cursors.get(tx, office.world.connection_id, vendors.FEED)
    assert '"since":"' in before
    assert before.split('"since":')[1][:24] == after.split('"since":')[1][:24]
    assert (office.world.desk().worker, "read again", "vendors", f"from {asked}") in trail(office)


# outcomes


def test_an_answer_given_up_as_never_heard_of_is_settled_when_read_again(office):
    switches = office.world.basware.switches
    switches.request_status_delay_seconds = 2 * 86_400
    office.world.approve(invoice("A-1", line("40.00")))
    office.world.settle()
    for _ in range(3):
        office.world.clock.advance(43_300)
        office.do(Job.OUTCOMES)
    assert [one.state for one in outcome_lines(office.world.desk())] == ["unheard"]
    office.world.clock.advance(86_400)

    ask(office, Job.OUTCOMES, days=5)
    report = office.do(Job.OUTCOMES)

    assert report.counts["processed"] == 1
    assert [one.state for one in outcome_lines(office.world.desk())] == ["done"]
    assert office.alerts() == []
    assert office.asked_to_read_again(Job.OUTCOMES) == ""


def test_outcomes_read_again_change_nothing_that_is_settled(office):
    office.world.basware.act("refuse_imports", message="closed", entity_type="TransferResponse", times=1)
    for number in ("A-1", "A-2"):
        office.world.approve(invoice(number, line("40.00")))
    office.world.settle()
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)
    before = outcome_lines(office.world.desk())

    ask(office, Job.OUTCOMES, days=5)
    report = office.do(Job.OUTCOMES)

    assert outcome_lines(office.world.desk()) == before
    assert (report.counts["processed"], report.counts["refused"]) == (0, 0)
    assert sorted(office.world.causes(number) for number in ("A-1", "A-2")) == [[], [Cause.ANSWER_REFUSED]]


def test_outcomes_go_on_where_a_crash_left_them(office, between):
    for number in range(5):
        office.world.approve(invoice(f"A-{number}", line("40.00")))
    office.world.settle()
    office.world.clock.advance(31)
    office.do(Job.OUTCOMES)
    own = office.world.desk().settings.basware.outcomes
    office.settings(outcomes=type(own)(page_size=2))
    office.world.restart(transport=between)
    ask(office, Job.OUTCOMES, days=5)
    interrupt(between, "/v1/requestStatus", 3)
    with pytest.raises(Crash):
        office.do(Job.OUTCOMES)
    seen = interrupt(between, "/v1/requestStatus", 1_000)

    office.do(Job.OUTCOMES)

    assert len(seen) == 1
    assert office.asked_to_read_again(Job.OUTCOMES) == ""
