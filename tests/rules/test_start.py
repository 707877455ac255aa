"""The start date: what is dated before it is not posted, and says so."""

from datetime import date
from typing import Any

import pytest

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingDate, PostingPolicy
from ml_connector.model.postings import Decision, DuplicateChoice, Outcome
from ml_connector.rules.accrual import plan_accrual

START = {"start_date": date(2026, 11, 5)}
EARLY = {"voucher_date": date(2026, 11, 4)}


def test_a_document_dated_before_the_start_is_held_with_both_dates(office: Any) -> None:
    plan = office.plan(office.invoice(**EARLY), policy=START)

    (hold,) = plan.holds
    assert (plan.outcome, plan.postings, hold.cause) == (Outcome.HOLD, (), Cause.BEFORE_START_DATE)
    assert hold.facts == {"date": "2026-11-04", "source": "voucher date", "start": "2026-11-05"}


def test_a_document_of_the_first_day_is_posted(office: Any) -> None:
    assert office.plan(office.invoice(), policy=START).outcome is Outcome.POST


def test_without_a_start_date_nothing_is_too_early(office: Any) -> None:
    assert office.plan(office.invoice(voucher_date=date(2026, 10, 1))).outcome is Outcome.POST


@pytest.mark.parametrize(
    ("choice", "early"),
    [(PostingDate.VOUCHER_DATE, False), (PostingDate.INVOICE_DATE, True), (PostingDate.TODAY, False)],
)
def test_the_date_that_counts_is_the_one_it_would_be_posted_on(office: Any, choice: PostingDate, early: bool) -> None:
    plan = office.plan(
        office.invoice(), policy=START | {"posting_date": choice}
    )  # invoice of the 2nd, voucher of the 5th

    assert (plan.outcome is Outcome.HOLD) is early


def test_what_its_coding_lacks_is_not_asked_of_a_document_nobody_posts(office: Any) -> None:
    unmapped = office.invoice(office.row(100, account="9999"), **EARLY)

    assert [hold.cause for hold in office.plan(unmapped, policy=START).holds] == [Cause.BEFORE_START_DATE]


def test_a_number_that_is_in_quickbooks_already_is_said_as_well(office: Any) -> None:
    document = office.invoice(**EARLY)
    there = office.existing(doc_number=document.invoice_number)

    causes = [hold.cause for hold in office.plan(document, policy=START, existing=(there,)).holds]

    assert causes == [Cause.BEFORE_START_DATE, Cause.DUPLICATE_NUMBER]


def test_it_can_be_linked_to_what_was_entered_by_hand(office: Any) -> None:
    document = office.invoice(**EARLY)
    there = office.existing(doc_number=document.invoice_number)
    decision = Decision(duplicate=DuplicateChoice.LINK, link_to=(TransactionType.BILL, there.id))

    plan = office.plan(document, policy=START, existing=(there,), decision=decision)

    assert (plan.outcome, plan.existing) == (Outcome.ADOPT, (there,))


def test_posting_it_anyway_does_not_get_round_the_start(office: Any) -> None:
    decision = Decision(duplicate=DuplicateChoice.POST_ANYWAY)

    assert office.plan(office.invoice(**EARLY), policy=START, decision=decision).outcome is Outcome.HOLD


def test_it_can_be_given_back_to_basware(office: Any) -> None:
    decision = Decision(duplicate=DuplicateChoice.REJECT, reason="old")

    assert office.plan(office.invoice(**EARLY), policy=START, decision=decision).outcome is Outcome.REFUSE


def test_a_prebooked_invoice_from_before_the_start_is_not_accrued(office: Any) -> None:
    plan = plan_accrual(
        office.invoice(**EARLY), number=1, books=office.books(), mapping=office.mapping(), policy=PostingPolicy(**START),
        today=date(2026, 11, 20), quickbooks_rates={},
    )  # fmt: skip

    assert plan.posting is None
    assert Cause.BEFORE_START_DATE in {hold.cause for hold in plan.holds}
