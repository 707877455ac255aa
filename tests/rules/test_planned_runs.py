"""The timetable itself: when a plan wants runs, through changes of the clock, leap days, month ends, holidays and blackouts."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ml_connector.model.timetable import Blackout, Calendar, Days, JobPlan, OnHoliday, Span
from ml_connector.rules.timetable import next_run, preview
from ml_connector.rules.triggers import parsed
from timetables import APPROVAL, cron, every, month_end, payment_run, plan, quiet_nights, reasons, runs, utc

AMERICAN = Calendar(country="US", subdivision="NY")
GERMAN = Calendar(country="DE", subdivision="BY")


# Intervals


def test_an_interval_keeps_its_distance() -> None:
    shown = preview(plan(every(10)), utc("2026-11-28 00:00"), 100)

    assert {later.at - earlier.at for earlier, later in pairwise(shown)} == {timedelta(minutes=10)}
    assert shown[0].why == "every 10 minutes"


def test_companies_and_jobs_with_the_same_interval_do_not_call_at_the_same_second() -> None:
    now = utc("2026-11-28 00:00")
    starts = [next_run(plan(every(10), seed=f"company {number}"), now) for number in range(600)]
    seconds = {one.at.replace(microsecond=0) for one in starts if one}

    assert len(seconds) > 350, "600 companies in 600 seconds: about 380 different ones when spread evenly"
    assert next_run(plan(every(10), job="orders"), now) != next_run(plan(every(10)), now)


def test_the_same_company_is_always_given_the_same_seconds() -> None:
    assert next_run(plan(every(10)), utc("2026-11-28 00:00")) == next_run(plan(every(10)), utc("2026-11-28 00:00"))


def test_a_stretched_interval_is_that_much_longer() -> None:
    shown = preview(plan(every(10)), utc("2026-11-28 00:00"), 20, stretch=2.5)

    assert {later.at - earlier.at for earlier, later in pairwise(shown)} == {timedelta(minutes=25)}


def test_times_of_day_are_not_stretched() -> None:
    assert preview(plan(cron("0 6 * * *")), utc("2026-11-28 00:00"), 5, stretch=9) == preview(
        plan(cron("0 6 * * *")), utc("2026-11-28 00:00"), 5
    )


# The clock being put forward and back


SKIPPED = {
    ("America/New_York", "2026-03-08 02:30"): "07:00",
    ("America/Los_Angeles", "2026-03-08 02:30"): "10:00",
    ("Europe/Helsinki", "2026-03-29 03:30"): "01:00",
    ("Europe/London", "2026-03-29 01:30"): "01:00",
    ("Australia/Sydney", "2026-10-04 02:30"): "16:00",
    ("Australia/Lord_Howe", "2026-10-04 02:15"): "15:30",
}
"""Times on the wall that the clock skips when it is put forward, each with the moment in UTC right after the change."""

TWICE = {
    ("America/New_York", "2026-11-01 01:30"): "05:30",
    ("America/Los_Angeles", "2026-11-01 01:30"): "08:30",
    ("Europe/Helsinki", "2026-10-25 03:30"): "00:30",
    ("Europe/London", "2026-10-25 01:30"): "00:30",
    ("Australia/Sydney", "2026-04-05 02:30"): "15:30",
    ("Australia/Lord_Howe", "2026-04-05 01:45"): "14:45",
}
"""Times on the wall that come twice when the clock is put back, each with its first moment in UTC."""


@pytest.mark.parametrize(("zone", "wall"), SKIPPED)
def test_a_daily_run_in_the_hour_that_does_not_exist_runs_once_right_after_it(zone: str, wall: str) -> None:
    assert _daily_runs(zone, wall) == {"cron": [SKIPPED[zone, wall]], "payment run": [SKIPPED[zone, wall]]}


@pytest.mark.parametrize(("zone", "wall"), TWICE)
def test_a_daily_run_in_the_hour_that_comes_twice_runs_once_in_the_first(zone: str, wall: str) -> None:
    assert _daily_runs(zone, wall) == {"cron": [TWICE[zone, wall]], "payment run": [TWICE[zone, wall]]}


def _daily_runs(zone: str, wall: str) -> dict[str, list[str]]:
    """When a plan that runs daily at a time on the wall runs on that day, in UTC, by how the plan says so."""
    moment = datetime.fromisoformat(wall)
    day, at = moment.date(), moment.time()
    daily = {"cron": cron(f"{at.minute} {at.hour} * * *", zone), "payment run": payment_run(Days(), at, zone)}
    return {name: [f"{run:%H:%M}" for run in _on(day, zone, plan(one, zone=zone))] for name, one in daily.items()}


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/Helsinki", "Australia/Sydney", "America/Santiago", "Africa/Cairo"]
)
@pytest.mark.parametrize("wall", [time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(3, 30), time(23, 30)])
def test_a_daily_run_runs_once_on_each_of_the_days_of_three_years(zone: str, wall: time) -> None:
    daily = plan(cron(f"{wall.minute} {wall.hour} * * *", zone), zone=zone)
    shown = preview(daily, datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1), 1096)
    days = [run.at.astimezone(ZoneInfo(zone)).date() for run in shown]

    assert days == [date(2027, 1, 1) + timedelta(days=number) for number in range(1096)]
    assert shown[-1].at.year == 2029 or days[-1] == date(2029, 12, 31)


def test_a_plan_that_runs_every_hour_means_real_hours_when_the_clock_changes() -> None:
    hourly = plan(cron("15 * * * *"))

    assert runs(hourly, "2026-03-08 06:00", 3) == ["2026-03-08 06:15", "2026-03-08 07:15", "2026-03-08 08:15"]
    assert runs(hourly, "2026-11-01 05:00", 3) == ["2026-11-01 05:15", "2026-11-01 06:15", "2026-11-01 07:15"]


def test_a_payment_run_keeps_its_time_on_the_wall_through_the_year() -> None:
    assert runs(plan(payment_run()), "2026-10-26 00:00", 2) == ["2026-10-29 18:00", "2026-11-05 19:00"]


def _on(day: date, zone: str, of: JobPlan) -> list[datetime]:
    begin = datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone)).astimezone(UTC)
    return [run.at for run in preview(of, begin - timedelta(microseconds=1), 5) if run.at < end]


# Days of the month and of the year


def test_a_plan_for_leap_day_waits_for_it_even_through_a_century() -> None:
    assert runs(plan(cron("0 12 29 2 *", "UTC")), "2026-01-01 00:00", 2) == ["2028-02-29 12:00", "2032-02-29 12:00"]
    assert runs(plan(cron("0 12 29 2 *", "UTC")), "2097-01-01 00:00", 1) == ["2104-02-29 12:00"]


def test_the_last_day_of_the_month_follows_the_length_of_the_month() -> None:
    last = payment_run(Days(of_month=(-1,)), time(12), "UTC")

    assert runs(plan(last), "2028-01-01 00:00", 3) == ["2028-01-31 12:00", "2028-02-29 12:00", "2028-03-31 12:00"]


def test_a_year_ends_and_the_next_one_begins() -> None:
    shown = runs(plan(cron("0 23 * * *", "Pacific/Auckland")), "2026-12-31 09:00", 2)

    assert shown == ["2026-12-31 10:00", "2027-01-01 10:00"]


def test_a_payment_run_on_the_last_working_day() -> None:
    last = payment_run(Days(working_of_month=(-1,)), time(10), "UTC")

    assert runs(plan(last, calendar=AMERICAN), "2026-05-01 00:00", 3) == [
        "2026-05-29 10:00", "2026-06-30 10:00", "2026-07-31 10:00",
    ]  # fmt: skip


def test_a_run_hours_before_and_after_a_payment_run() -> None:
    before, after = payment_run(offset=timedelta(hours=-2)), payment_run(offset=timedelta(hours=1))
    shown = preview(plan(before, after), utc("2026-12-01 00:00"), 2)

    assert [f"{run.at:%d %H:%M}" for run in shown] == ["03 17:00", "03 20:00"]
    assert reasons(shown) == ["2 hours before payment run", "1 hour after payment run"]


def test_a_run_days_before_a_payment_run_is_found_although_its_day_has_passed() -> None:
    before = payment_run(offset=timedelta(days=-2))

    assert runs(plan(before), "2026-12-02 00:00", 1) == ["2026-12-08 19:00"]
    assert runs(plan(before), "2026-12-01 18:00", 1) == ["2026-12-01 19:00"]


def test_runs_are_denser_at_month_end_and_as_before_after_it() -> None:
    shown = preview(plan(every(60), month_end(5, last=1, first=1)), utc("2026-11-29 05:00"), 700)
    by_day = {day: sum(1 for run in shown if _new_york(run.at).day == day) for day in (29, 30, 1)}

    assert by_day == {29: 24, 30: 288, 1: 288}, "the hourly runs are among those every five minutes"
    last = next(run for run in shown if "month-end" in run.why)
    assert last.why == "month-end: every 5 minutes"


def test_month_end_begins_and_ends_at_midnight_of_its_zone() -> None:
    shown = preview(plan(month_end(60, last=1, zone="Asia/Tokyo")), utc("2026-11-01 00:00"), 24)

    assert utc("2026-11-29 15:00") <= shown[0].at < utc("2026-11-29 16:00")
    assert utc("2026-11-30 14:00") <= shown[-1].at < utc("2026-11-30 15:00")


def test_two_triggers_at_the_same_moment_are_one_run_with_both_reasons() -> None:
    shown = preview(plan(cron("0 14 * * *"), payment_run()), utc("2026-12-03 00:00"), 2)

    assert reasons(shown)[0] == "at its times (0 14 * * *); payment run"
    assert shown[1].at == utc("2026-12-04 19:00")


# Holidays


def test_a_payment_run_on_a_holiday_moves_to_the_working_day_before() -> None:
    moved = payment_run(on_holiday=OnHoliday.BEFORE)
    shown = preview(plan(moved, calendar=AMERICAN), utc("2026-11-20 00:00"), 2)

    assert [f"{run.at:%a %d}" for run in shown] == ["Wed 25", "Thu 03"]
    assert shown[0].why == "payment run, moved from Thu 26 Nov (Thanksgiving Day)"


def test_a_payment_run_on_a_holiday_moves_to_the_working_day_after_through_holidays_and_weekends_in_a_row() -> None:
    """Good Friday 2026 is 3 April, Easter Monday the 6th."""
    moved = payment_run(Days(weekdays=(4,)), on_holiday=OnHoliday.AFTER, zone="Europe/Berlin")

    assert runs(plan(moved, calendar=GERMAN), "2026-04-01 00:00", 2) == ["2026-04-07 12:00", "2026-04-10 12:00"]


def test_a_payment_run_on_a_holiday_is_left_out_when_that_is_the_rule() -> None:
    assert runs(plan(payment_run(on_holiday=OnHoliday.SKIP), calendar=AMERICAN), "2026-11-20 00:00", 1) == [
        "2026-12-03 19:00"
    ]


def test_a_payment_run_runs_on_a_holiday_when_nothing_else_is_said() -> None:
    assert runs(plan(payment_run(), calendar=AMERICAN), "2026-11-20 00:00", 1) == ["2026-11-26 19:00"]


def test_a_day_of_the_month_on_a_weekend_is_moved_like_one_on_a_holiday() -> None:
    fifteenth = Days(of_month=(15,))

    before = plan(payment_run(fifteenth, zone="UTC", on_holiday=OnHoliday.BEFORE), calendar=AMERICAN)
    assert runs(before, "2026-11-01 00:00", 2) == ["2026-11-13 14:00", "2026-12-15 14:00"]


def test_a_weekday_named_on_purpose_is_not_moved_although_nobody_works() -> None:
    saturdays = payment_run(Days(weekdays=(5,)), zone="UTC", on_holiday=OnHoliday.BEFORE)

    assert runs(plan(saturdays, calendar=AMERICAN), "2026-11-01 00:00", 1) == ["2026-11-07 14:00"]


def test_days_off_in_a_row_that_all_move_to_one_day_are_one_run() -> None:
    """A closed fortnight: every daily run in it is made up for by one run on the working day before."""
    closed = Calendar(closed=(Span(first=date(2026, 12, 21), last=date(2027, 1, 3)),))
    daily = cron("0 12 * * *", "UTC", on_holiday=OnHoliday.BEFORE)

    assert runs(plan(daily, calendar=closed), "2026-12-17 13:00", 3) == [
        "2026-12-18 12:00", "2026-12-19 12:00", "2026-12-20 12:00",
    ]  # fmt: skip
    assert runs(plan(daily, calendar=closed), "2026-12-20 13:00", 1) == ["2027-01-04 12:00"]


# Blackouts


def test_a_run_in_a_blackout_runs_at_its_end() -> None:
    shown = preview(plan(cron("0 3 * * *"), blackouts=(quiet_nights(),)), utc("2026-11-28 00:00"), 1)

    assert shown[0].at == utc("2026-11-28 11:00")
    assert shown[0].why == "at its times (0 3 * * *), kept back until the end of: quiet nights"


def test_a_night_of_polls_is_made_up_for_by_one_at_its_end() -> None:
    shown = preview(plan(every(10), blackouts=(quiet_nights(),)), utc("2026-11-28 02:50"), 3)

    assert shown[0].at < utc("2026-11-28 03:00")
    assert utc("2026-11-28 11:00") <= shown[1].at < utc("2026-11-28 11:10")
    assert shown[2].at - shown[1].at <= timedelta(minutes=10)


def test_a_run_kept_back_by_one_blackout_is_kept_back_by_the_one_it_would_run_into() -> None:
    maintenance = Blackout(reason="maintenance", zone="America/New_York", start=time(6), end=time(7))
    shown = preview(plan(cron("0 3 * * *"), blackouts=(maintenance, quiet_nights())), utc("2026-11-28 00:00"), 1)

    assert shown[0].at == utc("2026-11-28 12:00")
    assert shown[0].why.endswith("kept back until the end of: quiet nights and maintenance")


def test_a_blackout_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    fridays = quiet_nights(days=Days(weekdays=(4,)))
    shown = runs(plan(cron("0 3 * * *"), blackouts=(fridays,)), "2026-11-27 00:00", 3)

    assert shown == ["2026-11-27 08:00", "2026-11-28 11:00", "2026-11-29 08:00"]


def test_a_freeze_on_the_first_three_days_of_the_month_keeps_everything_until_the_fourth() -> None:
    freeze = Blackout(reason="closing", zone="America/New_York", days=Days(of_month=(1, 2, 3)))
    shown = preview(plan(every(10), blackouts=(freeze,)), utc("2026-12-01 04:50"), 2)

    assert shown[0].at < utc("2026-12-01 05:00")
    assert utc("2026-12-04 05:00") <= shown[1].at < utc("2026-12-04 05:10")


def test_a_freeze_of_named_days_over_new_year() -> None:
    days = Days(spans=(Span(first=date(2026, 12, 30), last=date(2027, 1, 2)),))
    freeze = Blackout(reason="year-end", zone="UTC", days=days)

    assert runs(plan(cron("0 12 * * *", "UTC"), blackouts=(freeze,)), "2026-12-29 13:00", 2) == [
        "2027-01-03 00:00", "2027-01-03 12:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 7), 7), (date(2026, 10, 31), 9), (date(2026, 6, 1), 8)])
def test_a_quiet_night_is_an_hour_shorter_or_longer_when_the_clock_changes(day: date, hours: int) -> None:
    quiet = plan(every(1), blackouts=(quiet_nights(),))
    begin = datetime.combine(day, time(22), ZoneInfo("America/New_York")).astimezone(UTC)
    run = next_run(quiet, begin)

    assert run is not None
    assert timedelta(0) <= run.at - begin - timedelta(hours=hours) < timedelta(minutes=1)


def test_a_blackout_that_ends_in_the_hour_that_comes_twice_ends_the_second_time() -> None:
    night = quiet_nights(time(23), time(1, 30))
    run = next_run(plan(every(1), blackouts=(night,)), utc("2026-11-01 04:00"))

    assert run is not None
    assert utc("2026-11-01 06:30") <= run.at < utc("2026-11-01 06:31")


def test_seen_from_within_a_blackout_the_runs_it_keeps_back_are_not_lost() -> None:
    assert runs(plan(cron("0 23 * * *"), blackouts=(quiet_nights(),)), "2026-11-28 08:00", 1) == ["2026-11-28 11:00"]


def test_a_plan_without_planned_runs_has_an_empty_preview() -> None:
    assert preview(plan(APPROVAL), utc("2026-11-28 00:00"), 5) == []
    ended = Days(spans=(Span(first=date(2026, 1, 1), last=date(2026, 1, 31)),))
    assert preview(plan(payment_run(ended)), utc("2026-11-28 00:00"), 5) == []


# Cron expressions


def test_cron_knows_the_last_day_the_nth_weekday_and_lists() -> None:
    assert runs(plan(cron("0 12 L * *", "UTC")), "2026-11-28 00:00", 1) == ["2026-11-30 12:00"]
    assert runs(plan(cron("0 12 * * THU#1", "UTC")), "2026-11-28 00:00", 2) == ["2026-12-03 12:00", "2027-01-07 12:00"]
    assert runs(plan(cron("0 6,18 * * 1-5", "UTC")), "2026-11-27 07:00", 2) == ["2026-11-27 18:00", "2026-11-30 06:00"]


@pytest.mark.parametrize("text", ["", "0 6", "0 0 6 * * *", "61 * * * *", "0 6 31 2 *", "@daily", "0 6 * * FUNDAY"])
def test_what_is_no_cron_expression_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ValueError, match="is no cron expression"):
        parsed(text)


def _new_york(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("America/New_York"))
