"""When a job is due, given its plan, its past, and what people and the other systems ask of it."""

from datetime import time, timedelta
from typing import Any

import pytest

from ml_connector.model.timetable import DueBy, JobHistory
from ml_connector.rules.timetable import FIRST_PAUSE, LONGEST_PAUSE, next_due, next_run, preview, retry_after
from timetables import APPROVAL, cron, every, plan, quiet_nights, utc

NOON = utc("2026-11-28 17:00")
NIGHT = utc("2026-11-28 08:00")
MORNING = utc("2026-11-28 11:00")
POLL = plan(every(10), APPROVAL)
QUIET = plan(every(10), APPROVAL, blackouts=(quiet_nights(),))
DAILY = plan(cron("0 6 * * *"))
HOUR = timedelta(hours=1)


def past(**parts: Any) -> JobHistory:
    """A job that ran well up to a minute before noon."""
    run = {"last_started": NOON - timedelta(minutes=1), "last_finished": NOON - timedelta(seconds=30)}
    return JobHistory(**({"since": NOON - timedelta(days=30)} | run | parts))


# By plan


def test_a_job_that_polls_first_runs_as_soon_as_its_connection_is_there() -> None:
    due = next_due(POLL, JobHistory(since=NOON), NOON)

    assert (due.at, due.by, due.why) == (NOON, DueBy.FIRST, "its first run")


def test_a_job_with_times_of_day_waits_for_the_first_of_them_after_its_connection_is_there() -> None:
    due = next_due(DAILY, JobHistory(since=NOON), NOON + HOUR)

    assert (due.at, due.by) == (utc("2026-11-29 11:00"), DueBy.PLAN)


def test_after_a_run_the_next_slot_is_due() -> None:
    due = next_due(POLL, past(), NOON)
    run = next_run(POLL, NOON - timedelta(minutes=1))

    assert run is not None
    assert (due.at, due.why, due.by) == (run.at, "every 10 minutes", DueBy.PLAN)


def test_a_week_of_missed_runs_is_made_up_for_by_one() -> None:
    back = NOON + timedelta(days=7)
    overdue = next_due(POLL, past(), back)
    after = next_due(POLL, past(last_started=back, last_finished=back), back)

    assert overdue.at is not None
    assert overdue.at < back
    assert after.at is not None
    assert after.at > back


def test_runs_planned_before_the_schedule_was_changed_are_not_made_up_for() -> None:
    changed = past(last_started=NOON - timedelta(days=3), last_finished=NOON - timedelta(days=3), since=NOON)

    assert next_due(DAILY, changed, NOON).at == utc("2026-11-29 11:00")


def test_a_plan_that_is_stretched_is_due_later_but_what_is_announced_is_not() -> None:
    relaxed = next_due(POLL, past(), NOON, stretch=6)
    announced = next_due(POLL, past(oldest_notice_at=NOON), NOON, stretch=6)

    assert relaxed.at == NOON - timedelta(minutes=1) + HOUR
    assert announced.at == NOON


def test_a_job_without_a_plan_is_due_when_somebody_asks() -> None:
    nothing = plan()

    assert next_due(nothing, past(), NOON).by is DueBy.NOTHING
    assert next_due(nothing, past(), NOON).at is None
    assert next_due(nothing, past(asked_at=NOON, asked_by="Ann"), NOON).at == NOON


# By announcement, and what came of the last run


def test_an_announced_approval_makes_invoices_due_at_once() -> None:
    due = next_due(POLL, past(oldest_notice_at=NOON), NOON)

    assert (due.at, due.why, due.by) == (NOON, "after an approval in Basware", DueBy.NOTICE)


def test_a_lost_announcement_costs_no_more_than_the_interval_beside_it() -> None:
    due = next_due(POLL, past(), NOON)

    assert due.at is not None
    assert due.at - NOON <= timedelta(minutes=10)


def test_announcements_are_nothing_to_a_job_that_does_not_wait_for_them() -> None:
    assert next_due(plan(every(10)), past(oldest_notice_at=NOON), NOON).by is DueBy.PLAN


def test_a_run_that_left_something_for_later_goes_on_then() -> None:
    due = next_due(DAILY, past(again_at=NOON + timedelta(minutes=2)), NOON)

    assert (due.at, due.by) == (NOON + timedelta(minutes=2), DueBy.AGAIN)


def test_a_run_that_was_cut_off_is_due_at_once() -> None:
    due = next_due(DAILY, past(last_finished=NOON - HOUR), NOON)

    assert (due.by, due.at is not None and due.at <= NOON) == (DueBy.CUT_OFF, True)


def test_a_job_that_is_cut_off_again_and_again_rests_longer_each_time_whatever_wants_it() -> None:
    begun = NOON - timedelta(seconds=1)
    waits = []
    for number in (1, 2, 3):
        cut_off = past(
            last_started=begun, last_finished=NOON - HOUR, cut_offs=number, oldest_notice_at=NOON, again_at=NOON
        )
        due = next_due(POLL, cut_off, NOON)
        assert (due.by, due.why) == (DueBy.CUT_OFF, f"its last {number + 1} runs were cut off")
        assert due.at is not None
        waits.append(due.at - begun)
    assert waits == [retry_after(number, "acme/invoices") for number in (1, 2, 3)]


def test_who_asks_after_a_job_was_cut_off_need_not_wait_and_who_asked_before_has_to() -> None:
    begun = NOON - timedelta(seconds=1)
    cut_off = {"last_started": begun, "last_finished": NOON - HOUR, "cut_offs": 2, "asked_by": "Ann"}

    assert next_due(POLL, past(**cut_off, asked_at=NOON), NOON).at == NOON
    for despite in ("", "urgent"):
        due = next_due(POLL, past(**cut_off, asked_at=begun - HOUR, despite=despite), NOON)
        assert due.at == begun + retry_after(2, "acme/invoices")


def test_after_a_failure_nothing_but_a_person_brings_it_back_before_its_time() -> None:
    failed = past(failures=3, retry_at=NOON + HOUR, oldest_notice_at=NOON, again_at=NOON)
    due = next_due(POLL, failed, NOON)

    assert (due.at, due.why, due.by) == (NOON + HOUR, "tried again after it failed 3 times in a row", DueBy.RETRY)
    assert next_due(POLL, past(failures=3, asked_at=NOON, asked_by="Ann"), NOON).at == NOON


def test_a_daily_run_that_failed_does_not_wait_for_the_next_day() -> None:
    due = next_due(DAILY, past(failures=1, retry_at=NOON + timedelta(seconds=30)), NOON)

    assert due.at == NOON + timedelta(seconds=30)


# Pauses and blackouts


def test_a_paused_job_is_never_due_whatever_is_asked_or_announced() -> None:
    due = next_due(
        POLL, past(paused="Ann paused it: audit", asked_at=NOON, despite="urgent", oldest_notice_at=NOON), NOON
    )

    assert (due.at, due.why, due.by) == (None, "Ann paused it: audit", DueBy.PAUSED)


@pytest.mark.parametrize(
    "wanted",
    [
        {"asked_at": NIGHT, "asked_by": "Ann"},
        {"oldest_notice_at": NIGHT},
        {"again_at": NIGHT},
        {"failures": 1, "retry_at": NIGHT},
        {"last_started": NIGHT, "last_finished": None},
    ],
)
def test_whatever_wants_a_job_within_a_blackout_gets_it_at_its_end(wanted: dict[str, Any]) -> None:
    run = {"last_started": NIGHT - HOUR, "last_finished": NIGHT - HOUR}
    due = next_due(QUIET, JobHistory(**({"since": NIGHT - HOUR} | run | wanted)), NIGHT)

    assert due.at == MORNING
    assert due.why.endswith(", kept back until the end of: quiet nights")


def test_what_was_due_before_a_blackout_and_did_not_start_waits_for_its_end() -> None:
    before = utc("2026-11-28 02:30")
    late = JobHistory(since=before - HOUR, last_started=before, last_finished=before, oldest_notice_at=before)

    assert next_due(QUIET, late, NIGHT).at == MORNING
    assert next_due(QUIET, late, utc("2026-11-28 02:31")).at == before


def test_a_person_may_run_a_job_in_spite_of_a_blackout_by_saying_why() -> None:
    due = next_due(QUIET, past(asked_at=NIGHT, asked_by="Ann", despite="the bank closes early"), NIGHT)

    assert (due.at, due.by) == (NIGHT, DueBy.ASKED)
    assert due.why == "Ann asked for it, in spite of blackouts: the bank closes early"


def test_a_run_in_spite_of_a_blackout_that_failed_is_tried_again_after_its_pause_and_still_within_it() -> None:
    retry = NIGHT + timedelta(minutes=2)
    asked = past(asked_at=NIGHT, asked_by="Ann", despite="the bank closes early", failures=3, retry_at=retry)

    assert next_due(QUIET, asked, NIGHT).at == retry


# Pauses after failures


def test_pauses_after_failures_double_up_to_a_quarter_of_an_hour() -> None:
    pauses = [retry_after(number, "acme/invoices") for number in range(1, 12)]

    for number, pause in enumerate(pauses):
        full = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
        assert full * 0.75 <= pause <= full
    assert pauses == [retry_after(number, "acme/invoices") for number in range(1, 12)]
    assert retry_after(10_000, "acme/invoices") <= LONGEST_PAUSE


def test_companies_that_failed_together_do_not_come_back_together() -> None:
    assert len({retry_after(4, f"company {number}") for number in range(200)}) > 190


def test_a_preview_from_a_history_begins_where_the_job_is_due() -> None:
    due = next_due(DAILY, past(), NOON)

    assert preview(DAILY, NOON, 1)[0].at == due.at


def test_what_runs_by_interval_does_not_begin_all_at_once_at_the_end_of_a_blackout() -> None:
    ends = set()
    for number in range(100):
        company = plan(every(10), seed=f"company {number}", blackouts=(quiet_nights(),))
        run = {"last_started": NIGHT - timedelta(minutes=5), "last_finished": NIGHT - timedelta(minutes=4)}
        within = next_due(company, JobHistory(since=NIGHT - HOUR, **run), NIGHT)
        after = next_due(company, JobHistory(since=NIGHT - HOUR, **run), MORNING)
        assert within.at == after.at, "the moment stays, whenever it is asked for"
        assert within.at is not None
        assert MORNING <= within.at < MORNING + timedelta(minutes=10)
        ends.add(within.at)
    assert len(ends) > 90


def test_what_runs_by_interval_does_not_begin_within_the_next_blackout() -> None:
    narrow = quiet_nights(start=time(6, 0, 1), end=time(8))
    for number in range(50):
        company = plan(every(10), seed=f"company {number}", blackouts=(quiet_nights(), narrow))
        run = next_run(company, NIGHT)
        assert run is not None
        assert run.at < MORNING + timedelta(seconds=1) or run.at >= MORNING + timedelta(hours=2)
