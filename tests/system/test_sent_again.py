"""Basware sends documents again, with the same content or corrected. Nothing is posted twice, and what was paid or closed stays."""

from decimal import Decimal

import pytest

from ml_connector.model.holds import Cause
from ml_connector.work.budget import Limits
from ml_connector.work.settings import QuickBooksSettings
from paperwork import invoice, line
from world import Build, World, payable


@pytest.fixture
def posted(world: World) -> World:
    """One invoice of 100.00, posted and confirmed."""
    world.approve(invoice("A-1", line("60.00"), line("40.00", practice="TECH")))
    world.settle()
    return world


def _corrected(net: str) -> dict[str, object]:
    """The same invoice with other amounts."""
    fresh = invoice("A-1", line(net), line("40.00", practice="TECH"))
    return {name: fresh[name] for name in ("codingRows", "netSum", "grossSum", "netSumCompany", "grossSumCompany")}


def test_the_same_content_gets_the_same_answer_again_and_nothing_new_is_posted(posted: World) -> None:
    (before,) = posted.posted("A-1")
    writes = posted.quickbooks_seen.writes

    posted.send_again("A-1")
    posted.settle()

    first, second = posted.answers("A-1")
    assert first["externalCode"] != second["externalCode"]
    told = ("success", "voucherNumber1", "voucherNumber2", "responseMessage")
    assert [first[name] for name in told] == [second[name] for name in told]
    assert posted.posted("A-1") == [before]
    assert posted.quickbooks_seen.writes == writes
    assert posted.in_basware("A-1")["processingStatus"] == "Transferred"
    assert posted.check() == []


def test_sent_again_three_times_it_is_answered_three_times_and_posted_once(posted: World) -> None:
    for _ in range(3):
        posted.send_again("A-1")
        posted.settle()

    assert len({answer["externalCode"] for answer in posted.answers("A-1")}) == 4
    posted.only_transaction("A-1")


def test_changed_content_updates_the_bill_while_it_is_unpaid_and_open(posted: World) -> None:
    _, old = posted.only_transaction("A-1")

    posted.send_again("A-1", **_corrected("75.50"))
    posted.settle()

    kind, bill = posted.only_transaction("A-1")
    assert (bill["Id"], payable(kind, bill)) == (old["Id"], Decimal("115.50"))
    assert [answer["success"] for answer in posted.answers("A-1")] == [True, True]
    assert posted.state("A-1") == "confirmed"
    assert posted.check() == []


def test_a_bill_that_somebody_edited_meanwhile_is_updated_from_its_present_version(posted: World) -> None:
    _, old = posted.only_transaction("A-1")
    posted.act("edit", entity="Bill", id=old["Id"], changes={"DueDate": "2027-01-31"})

    posted.send_again("A-1", **_corrected("75.50"))
    posted.settle()

    kind, bill = posted.only_transaction("A-1")
    assert payable(kind, bill) == Decimal("115.50")


def test_changed_content_of_a_paid_bill_is_held(posted: World) -> None:
    _, bill = posted.only_transaction("A-1")
    posted.act("pay", id=bill["Id"], account="31")

    posted.send_again("A-1", **_corrected("75.50"))
    posted.settle()

    assert posted.causes("A-1") == [Cause.CHANGED_AFTER_PAYMENT]
    assert posted.only_transaction("A-1")[1]["TotalAmt"] == Decimal("100.00")


def test_a_paid_bill_sent_again_unchanged_is_simply_answered(posted: World) -> None:
    _, bill = posted.only_transaction("A-1")
    posted.act("pay", id=bill["Id"], account="31")

    posted.send_again("A-1")
    posted.settle()

    assert [answer["success"] for answer in posted.answers("A-1")] == [True, True]


def test_changed_content_in_closed_books_is_held_until_they_are_open_again(posted: World) -> None:
    posted.act("close_books", date="2026-11-10")
    posted.send_again("A-1", **_corrected("75.50"))
    posted.settle()
    assert Cause.CHANGED_IN_CLOSED_PERIOD in posted.causes("A-1")
    assert posted.only_transaction("A-1")[1]["TotalAmt"] == Decimal("100.00")

    posted.act("close_books", date="2026-10-31")
    posted.settle()

    assert posted.only_transaction("A-1")[1]["TotalAmt"] == Decimal("115.50")


def test_an_invoice_that_became_a_credit_note_is_held(posted: World) -> None:
    credit = invoice("A-1", line("-60.00"), line("-40.00", practice="TECH"))
    posted.send_again("A-1", codingRows=credit["codingRows"], netSum=-100, grossSum=-100)
    posted.settle()

    assert posted.causes("A-1") == [Cause.CHANGED_KIND]
    assert posted.only_transaction("A-1")[0] == "Bill"


def test_a_transaction_somebody_deleted_is_named_and_not_silently_posted_anew(posted: World) -> None:
    _, bill = posted.only_transaction("A-1")
    posted.act("delete", entity="Bill", id=bill["Id"])

    posted.send_again("A-1")
    posted.settle()

    assert posted.causes("A-1") == [Cause.POSTED_TRANSACTION_GONE]
    assert posted.posted("A-1") == []


def test_a_correction_made_while_the_document_is_held_is_what_is_posted(world: World) -> None:
    world.approve(invoice("A-1", line("60.00", account="6470"), line("40.00", practice="TECH")))
    world.settle()
    assert world.state("A-1") == "held"

    world.send_again("A-1", **_corrected("75.50"))
    world.settle()

    kind, bill = world.only_transaction("A-1")
    assert payable(kind, bill) == Decimal("115.50")
    assert [answer["success"] for answer in world.answers("A-1")] == [True]


def test_a_document_given_back_and_corrected_in_basware_is_posted(world: World) -> None:
    wrong = invoice("A-1", line("60.00"), line("40.00", practice="TECH"), changes={"grossSum": 999})
    world.approve(wrong)
    world.settle()
    assert world.state("A-1") == "returned"

    world.send_again("A-1", **_corrected("60.00"))
    world.settle()

    assert [answer["success"] for answer in world.answers("A-1")] == [False, True]
    world.only_transaction("A-1")


def test_an_invoice_over_two_offices_keeps_its_journal_entry_when_its_amounts_change(world: World) -> None:
    world.approve(invoice("A-1", line("60.00"), line("40.00", "BOS")))
    world.settle()
    fresh = invoice("A-1", line("65.00"), line("40.00", "BOS"))

    world.send_again("A-1", **{name: fresh[name] for name in ("codingRows", "netSum", "grossSum")})
    world.settle()

    kind, entry = world.only_transaction("A-1")
    assert (kind, payable(kind, entry)) == ("JournalEntry", Decimal("105.00"))


def test_a_document_sent_again_with_its_old_time_stamp_is_answered_again(build: Build) -> None:
    at_once = QuickBooksSettings(limits=Limits(requests_per_second=1000))  # no time passes while the calls take turns
    posted = build(quickbooks_settings=at_once)
    posted.approve(invoice("A-1"))
    posted.settle()
    posted.basware.act("retransfer", invoice_id=posted.in_basware("A-1")["invoiceId"], changes={})
    assert posted.in_basware("A-1")["lastUpdated"] == posted.row("A-1").last_updated

    posted.settle()

    assert posted.in_basware("A-1")["processingStatus"] == "Transferred"
    assert len(posted.answers("A-1")) == 2
    assert len(posted.posted("A-1")) == 1
    assert posted.check() == []


def test_a_posted_invoice_that_comes_back_broken_is_held_and_not_reported_as_failed(posted: World) -> None:
    posted.send_again("A-1", grossSum=1)

    posted.settle()
    posted.clock.advance(30 * 86400)
    posted.settle()

    assert posted.state("A-1") == "held"
    assert [answer["success"] for answer in posted.answers("A-1")] == [True]
    assert len(posted.posted("A-1")) == 1
