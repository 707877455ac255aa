"""Posting date, due date, terms, and closed books."""

from datetime import date

import pytest

from ml_connector.model.books import Vendor
from ml_connector.model.policy import ClosedPeriod, PostingDate, PostingPolicy
from ml_connector.model.postings import Outcome
from ml_connector.rules.dates import posting_date


@pytest.mark.parametrize(
    ("choice", "day"),
    [
        (PostingDate.VOUCHER_DATE, date(2026, 11, 5)),
        (PostingDate.INVOICE_DATE, date(2026, 11, 2)),
        (PostingDate.TODAY, date(2026, 11, 20)),
    ],
)
def test_the_policy_chooses_the_posting_date(office, choice, day):
    assert office.posted(office.invoice(), policy={"posting_date": choice}).txn_date == day


@pytest.mark.parametrize(
    ("choice", "missing", "told"),
    [
        (PostingDate.VOUCHER_DATE, "voucher_date", "invoice date 2026-11-02, for want of a voucher date"),
        (PostingDate.INVOICE_DATE, "invoice_date", "voucher date 2026-11-05, for want of an invoice date"),
    ],
)
def test_the_other_date_stands_in_for_a_missing_one_and_it_is_said(office, choice, missing, told):
    plan = office.plan(office.invoice(**{missing: None}), policy={"posting_date": choice})
    assert plan.outcome is Outcome.POST
    assert office.explained(plan, "posting date").source == told


def test_a_document_without_any_date_is_held(office):
    document = office.invoice(voucher_date=None, invoice_date=None)
    assert office.causes(document) == {"missing-date"}
    assert posting_date(document, PostingPolicy(), date(2026, 1, 1), None) is None


CLOSED = {"voucher_date": date(2026, 9, 30)}


def test_a_date_in_closed_books_is_held(office):
    plan = office.plan(office.invoice(**CLOSED))
    (hold,) = plan.holds
    assert plan.outcome is Outcome.HOLD
    assert (hold.cause.value, hold.subject, hold.facts["closed_through"]) == ("period-closed", "2026-09", "2026-09-30")


def test_the_day_after_closing_is_open(office):
    assert office.posted(office.invoice(voucher_date=date(2026, 10, 1))).txn_date == date(2026, 10, 1)


def test_books_that_were_never_closed_take_any_date(office):
    assert office.posted(office.invoice(**CLOSED), books=office.books(book_close_date=None)).txn_date == date(
        2026, 9, 30
    )


def test_a_date_in_closed_books_can_move_to_the_first_open_day_with_a_note(office):
    bill = office.posted(office.invoice(**CLOSED), policy={"closed_period": ClosedPeriod.FIRST_OPEN_DAY})
    assert bill.txn_date == date(2026, 10, 1)
    assert "Dated 2026-10-01, the first open day: voucher date 2026-09-30 lies in closed books" in bill.memo


def test_a_date_in_closed_books_can_be_refused_to_basware(office):
    plan = office.plan(office.invoice(**CLOSED), policy={"closed_period": ClosedPeriod.REFUSE})
    assert plan.outcome is Outcome.REFUSE
    assert [hold.cause.value for hold in plan.holds] == ["period-closed"]


def test_books_closed_for_ever_have_no_first_open_day(office):
    books = office.books(book_close_date=date.max)
    assert office.causes(office.invoice(), books=books, policy={"closed_period": ClosedPeriod.FIRST_OPEN_DAY}) == {
        "period-closed"
    }


def test_an_explicit_due_date_stands_beside_the_mapped_terms(office):
    bill = office.posted(office.invoice(payment_term_code="NET30"))
    assert (bill.due_date, bill.term_id) == (date(2026, 12, 2), "3")


def test_without_a_due_date_quickbooks_counts_from_the_terms(office):
    bill = office.posted(office.invoice(payment_term_code="NET30", due_date=None))
    assert (bill.due_date, bill.term_id) == (None, "3")


def test_without_due_date_and_term_the_vendors_own_terms_count(office):
    books = office.books(vendors={"71": Vendor(id="71", name="Northwind", number="V-1", term_id="3")})
    plan = office.plan(office.invoice(due_date=None), books=books)
    assert plan.postings[0].term_id == "3"
    assert office.explained(plan, "terms").rule == "the vendor's own terms"


def test_an_unmapped_term_holds_only_if_the_due_date_depends_on_it(office):
    assert office.causes(office.invoice(payment_term_code="NET45", due_date=None)) == {"term-not-mapped"}
    plan = office.plan(office.invoice(payment_term_code="NET45"))
    assert plan.outcome is Outcome.POST
    assert "NET45" in office.explained(plan, "terms").source


def test_inactive_terms_are_held(office):
    assert office.causes(office.invoice(payment_term_code="NET99")) == {"term-inactive"}


def test_a_due_date_before_the_posting_date_is_kept_as_given(office):
    assert office.posted(office.invoice(due_date=date(2026, 10, 15))).due_date == date(2026, 10, 15)
