"""The feeds crash before and after each of their steps, and lose each answer: nothing gets lost, nothing is acknowledged unseen.

How they crash: bench/crashes.py.
"""

from collections.abc import Callable

import pytest

from crashes import FAULTS, Saboteur, every_fault, live, perform
from databases import SqliteFiles
from frozen import copied_at
from ml_connector.model.policy import PostingPolicy, TakenBack
from ml_connector.rules.marker import find_undo
from ml_connector.store import copies
from ml_connector.store.database import Database
from ml_connector.store.schema import RequestState
from ml_connector.work.feed_settings import ExtractsSettings
from ml_connector.work.feeds import orders, vendors
from ml_connector.work.feeds.outcome_views import outcome_lines
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed, VendorsFeed
from paper_files import paper
from paperwork import invoice, line
from world import build_world


def told(files: SqliteFiles, office_at, begin, story, faults=FAULTS) -> int:
    """Tell a story undisturbed and again with its steps struck, each time from the beginning; how many times it was struck."""

    def in_full(saboteur: Saboteur) -> None:
        with files.fresh() as url:
            office = office_at(copied_at(url, begin, lambda database: begin(database).world))
            story(office, url, saboteur)
            office.world.database.close()

    return every_fault(in_full, faults)


def done(office, url: str, job: Job, saboteur: Saboteur, check: Callable[[], None]) -> None:
    """Do a job in one process after another until it went through twice; look at the books after each life."""

    def act(app) -> bool:
        perform(app, job)
        return True

    live(office.world, url, saboteur, act, after=lambda _: check())


@pytest.fixture
def begin(office_at) -> Callable[[Database], object]:
    """The demo company with small pages, in a database of its own."""

    def made(database: Database):
        office = office_at(build_world(database, company="empty", mapping=False))
        office.settings(orders=OrdersFeed(enabled=True, page_size=2), vendors=VendorsFeed(enabled=True, page_size=40))
        return office

    return made


def here(office, feed: str, codes) -> set[str]:
    with office.world.database.read() as tx:
        return set(copies.known(tx, office.world.connection_id, feed, list(codes)))


def test_orders(sqlite, office_at, begin):
    codes = ["PO-1", "PO-2", "PO-3"]

    def begun(database):
        office = begin(database)
        for code in codes:
            office.order(code)
        return office

    def story(office, url, saboteur):
        def nothing_unseen() -> None:
            exported = {code for code in codes if office.status_in_basware(code) == "Exported"}
            assert exported <= here(office, orders.FEED, codes), "acknowledged, and not here"

        done(office, url, Job.ORDERS, saboteur, nothing_unseen)
        assert {office.status_in_basware(code) for code in codes} == {"Exported"}
        assert office.unacknowledged() == []
        assert [office.versions(code) for code in codes] == [1, 1, 1]

    assert told(sqlite, office_at, begun, story) > 40


def test_reading_invoices_again(sqlite, office_at):
    numbers = ["OLD-1", "OLD-2", "OLD-3"]

    def begun(database):
        office = office_at(build_world(database, company="empty"))
        office.settings(page_size=2)
        office.world.approve(invoice("A-1", line("40.00")))
        office.world.settle()
        for number in numbers:
            office.world.clock.advance(60)
            elsewhere = office.world.approve(invoice(number, line("40.00")))
            office.world.basware.act("move", invoice_id=elsewhere, status="Transferred")
        office.ask_to_read_again(Job.INVOICES, "2026-11-01")
        return office

    def story(office, url, saboteur):
        def posted_once() -> None:
            assert len(office.world.transactions()) == 1

        done(office, url, Job.INVOICES, saboteur, posted_once)
        assert {office.world.state(number) for number in numbers} == {"ignored"}
        assert office.world.state("A-1") == "confirmed"
        assert office.asked_to_read_again(Job.INVOICES) == ""

    assert told(sqlite, office_at, begun, story) > 30


def test_vendors(sqlite, office_at, begin):
    def story(office, url, saboteur):
        done(office, url, Job.VENDORS, saboteur, lambda: None)
        assert office.number(vendors.FEED) == office.in_basware()

    assert told(sqlite, office_at, begin, story) > 15


def test_files_of_invoices(sqlite, office_at, tmp_path):
    def begun(database):
        office = office_at(build_world(database, company="empty"))
        office.settings(extracts=ExtractsSettings(spool=str(tmp_path)))
        for number in ("A-1", "A-2"):
            files = {f"F-{number}": paper(f"{number}.pdf")}
            office.world.basware.act("approve", document=invoice(number, line("40.00")), files=files)
        office.world.settle()
        office.world.clock.advance(60)
        return office

    def story(office, url, saboteur):
        def never_twice() -> None:
            names = [one["FileName"] for one in office.world.quickbooks.books(office.world.realm_id)["Attachable"]]
            assert len(names) == len(set(names)), "a file is in QuickBooks twice"

        done(office, url, Job.ATTACHMENTS, saboteur, never_twice)
        done(office, url, Job.ATTACHMENTS, Saboteur(), never_twice)
        attached = office.world.quickbooks.books(office.world.realm_id)["Attachable"]
        assert sorted(one["FileName"] for one in attached) == ["A-1.pdf", "A-2.pdf"]

    assert told(sqlite, office_at, begun, story) > 30


def test_outcomes(sqlite, office_at):
    def begun(database):
        office = office_at(build_world(database, company="empty"))
        office.world.basware.act("refuse_imports", message="closed", entity_type="TransferResponse", times=1)
        for number in ("A-1", "A-2"):
            office.world.approve(invoice(number, line("40.00")))
        office.world.settle()
        office.world.clock.advance(31)
        return office

    def story(office, url, saboteur):
        done(office, url, Job.OUTCOMES, saboteur, lambda: None)
        heard = {one.invoice_number: one.state for one in outcome_lines(office.world.desk())}
        assert sorted(heard.values()) == [RequestState.DONE, RequestState.FAILED]
        assert sorted(office.world.state(number) for number in heard) == ["confirmed", "held"]
        assert all(one.acknowledged for one in office.tenant.intake.requests.values())

    assert told(sqlite, office_at, begun, story, faults=("crash after", "answer lost")) > 10


@pytest.mark.parametrize("how", [TakenBack.DELETE, TakenBack.REVERSE])
def test_undoing_what_basware_takes_back(sqlite, office_at, how):
    def begun(database):
        office = office_at(build_world(database, company="empty", policy=PostingPolicy(taken_back=how)))
        office.world.approve(invoice("A-1", line("40.00")))
        office.world.settle()
        office.world.clock.advance(16 * 60)
        office.world.basware.act("ask", invoice_id=office.world.in_basware("A-1")["invoiceId"], request="remove")
        return office

    def story(office, url, saboteur):
        def reversals() -> int:
            given = office.world.quickbooks.books(office.world.realm_id)["VendorCredit"]
            return sum(find_undo(one.get("PrivateNote", "")) is not None for one in given)

        def undone_once() -> None:
            assert reversals() <= 1
            assert office.world.check() == []

        done(office, url, Job.INVOICES, saboteur, undone_once)
        assert office.world.state("A-1") == "withdrawn"
        assert reversals() == (how is TakenBack.REVERSE)
        assert len(office.world.posted("A-1")) == (how is TakenBack.REVERSE)

    assert told(sqlite, office_at, begun, story, faults=("crash after", "answer lost")) > 15
