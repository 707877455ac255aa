"""A posting date that a person chose: what it decides, what it leaves alone, and which days can be chosen at all."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_connector.model.holds import Cause
from ml_connector.model.policy import ClosedPeriod, PostingDate, PostingPolicy
from ml_connector.model.postings import ChosenDate, Outcome
from ml_connector.rules.causes import short_message
from ml_connector.rules.chosen_dates import (
    MOST_DAYS_AHEAD,
    MOST_DAYS_BEFORE,
    first_open_day,
    proposed_day,
    why_not,
)
from ml_connector.rules.dates import posting_date

EXAMPLES = int(os.environ.get("RULES_EXAMPLES", "200"))
TODAY = date(2026, 11, 20)
DECEMBER = date(2026, 12, 1)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
days = st.dates(date(2025, 6, 1), date(2027, 6, 30))
surroundings = st.fixed_dictionaries({"close": st.none() | days, "start": st.none() | days})


def chosen(day: date, document: Any) -> ChosenDate:
    return ChosenDate(
        day=day, reason="October is closed", by="Kim", at=AT, voucher_date=document.voucher_date,
        invoice_date=document.invoice_date,
    )  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    day=days, own=st.tuples(st.none() | days, st.none() | days), around=surroundings, choice=st.sampled_from(PostingDate)
)  # fmt: skip
def test_a_day_that_can_be_chosen_is_the_posting_date_and_changes_nothing_but_the_memo(
    office: Any, day: date, own: tuple[date | None, date | None], around: dict[str, date | None], choice: PostingDate
) -> None:
    (voucher, invoiced), close, start = own, around["close"], around["start"]
    document = office.invoice(voucher_date=voucher, invoice_date=invoiced)
    books = office.books(book_close_date=close)
    policy = PostingPolicy(posting_date=choice, start_date=start)

    plan = office.plan(document, books=books, policy=policy, chosen=chosen(day, document))

    refused = why_not(day, voucher or invoiced, close_date=close, start_date=start, today=TODAY)
    closed, early = close is not None and day <= close, start is not None and day < start
    assert refused or not (closed or early)
    assert (plan.outcome is Outcome.HOLD) is (closed or early)
    if early:
        assert {one.cause for one in plan.holds} == {Cause.BEFORE_START_DATE}
    elif closed:
        assert {one.cause for one in plan.holds} == {Cause.PERIOD_CLOSED}
    else:
        (posting,) = plan.postings
        usual = office.posted(office.invoice(), books=office.books(book_close_date=None))
        same = {"txn_date": usual.txn_date, "memo": usual.memo}
        assert (posting.txn_date, msgspec.structs.replace(posting, **same)) == (day, usual)
        assert f"Dated {day} by a person's choice" in posting.memo


@settings(max_examples=EXAMPLES, deadline=None)
@given(own=st.none() | days, around=surroundings)
def test_what_is_proposed_can_be_chosen_unless_it_is_far_off(own: date | None, around: dict[str, date | None]) -> None:
    close, start = around["close"], around["start"]
    proposed = proposed_day(own, first_open_day(close, start), TODAY)
    assert proposed is not None
    refused = why_not(proposed, own, close_date=close, start_date=start, today=TODAY)
    assert not refused or "days ahead" in refused


def test_the_rule_behind_the_date_names_who_chose_it_and_why(office: Any) -> None:
    document = office.invoice(voucher_date=date(2026, 9, 29))
    told = office.explained(office.plan(document, chosen=chosen(DECEMBER, document)), "posting date")
    assert (told.source, told.rule, told.result) == (
        "voucher date 2026-09-29",
        "date chosen by Kim: October is closed",
        "2026-12-01",
    )


@pytest.mark.parametrize("changed", ["voucher_date", "invoice_date"])
def test_with_other_dates_in_basware_the_choice_counts_no_more_and_it_is_said(office: Any, changed: str) -> None:
    before = office.invoice()
    now = msgspec.structs.replace(before, **{changed: date(2026, 11, 9)})
    plan = office.plan(now, chosen=chosen(DECEMBER, before))
    assert plan.postings[0].txn_date == now.voucher_date
    assert "the date 2026-12-01 that Kim chose was for other dates" in office.explained(plan, "posting date").rule


def test_a_chosen_day_whose_books_were_closed_since_is_held_or_moved_as_any_other(office: Any) -> None:
    document = office.invoice()
    given = {"books": office.books(book_close_date=date(2026, 12, 31)), "chosen": chosen(DECEMBER, document)}
    (hold,) = office.plan(document, **given).holds
    assert (hold.cause, hold.subject) == (Cause.PERIOD_CLOSED, "2026-12")
    assert "date 2026-12-01 chosen by a person" in short_message((hold,))
    assert "Kim" not in short_message((hold,)), "who works here is not Basware's to know"

    moved = office.plan(document, policy={"closed_period": ClosedPeriod.FIRST_OPEN_DAY}, **given).postings[0]
    assert moved.txn_date == date(2027, 1, 1)
    assert "the first open day: date 2026-12-01 chosen by a person lies in closed books" in moved.memo


def test_the_exchange_rate_is_asked_for_on_the_chosen_day(office: Any) -> None:
    document = office.invoice()
    assert posting_date(document, PostingPolicy(), TODAY, None, chosen(DECEMBER, document)) == DECEMBER


def test_a_due_date_is_never_moved_and_a_document_without_any_date_gets_one(office: Any) -> None:
    document = office.invoice(voucher_date=None, invoice_date=None, due_date=date(2026, 11, 25))
    posting = office.posted(document, chosen=chosen(DECEMBER, document))
    assert (posting.txn_date, posting.due_date) == (DECEMBER, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("day", "why", "next_"),
    [
        (date(2026, 10, 31), "closed through 2026-10-31", "from 2026-11-05 on"),
        (date(2026, 11, 4), "before 2026-11-05, the start date", "from 2026-11-05 on"),
        (TODAY + timedelta(days=91), "more than 90 days ahead", "until 2027-02-18"),
        (date(2027, 12, 1), "is it the right year?", "until 2027-02-18"),
    ],
)
def test_a_day_that_cannot_be_chosen_is_refused_with_why_and_what_can(day: date, why: str, next_: str) -> None:
    told = why_not(day, TODAY, close_date=date(2026, 10, 31), start_date=date(2026, 11, 5), today=TODAY)
    assert why in told
    assert next_ in told


def test_a_year_too_early_is_taken_for_a_slip_but_not_for_a_document_that_is_as_old() -> None:
    open_ = {"close_date": None, "start_date": None, "today": TODAY}
    assert "is it the right year?" in why_not(date(2025, 11, 1), TODAY, **open_)
    assert why_not(date(2025, 11, 1), date(2025, 10, 3), **open_) == ""
    assert why_not(TODAY, date.min, **open_) == ""


def test_the_last_day_ahead_and_the_first_before_can_be_chosen_and_the_next_ones_not() -> None:
    open_ = {"close_date": None, "start_date": None, "today": TODAY}
    latest, earliest = TODAY + timedelta(days=MOST_DAYS_AHEAD), TODAY - timedelta(days=MOST_DAYS_BEFORE)
    one = timedelta(days=1)

    assert [bool(why_not(day, TODAY, **open_)) for day in (earliest - one, earliest, latest, latest + one)] == [
        True, False, False, True
    ]  # fmt: skip


def test_a_document_dated_ahead_has_the_year_before_today_to_choose_from() -> None:
    open_ = {"close_date": None, "start_date": None, "today": TODAY}
    assert why_not(TODAY - timedelta(days=MOST_DAYS_BEFORE), TODAY + timedelta(days=30), **open_) == ""


def test_books_that_are_closed_for_good_have_no_day_to_choose() -> None:
    assert first_open_day(date.max, None) is None
    assert proposed_day(None, None, TODAY) is None
    assert "Reopen the books" in why_not(TODAY, None, close_date=date.max, start_date=None, today=TODAY)
