"""Which days a company works, which days of a month are meant, and what the clock on the wall means."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ml_connector.model.timetable import Calendar, Days, Span
from ml_connector.rules.calendar import days_from, holiday, instant, is_working, matches, start_of_day

NEW_YORK = Calendar(country="US", subdivision="NY")


def month(days: Days, year: int, number: int, calendar: Calendar = NEW_YORK) -> list[int]:
    """The days of a month that are meant."""
    first = date(year, number, 1)
    return [day.day for day in days_from(first, 31) if day.month == number and matches(days, day, calendar)]


def test_a_public_holiday_is_no_working_day_and_has_a_name() -> None:
    assert not is_working(date(2026, 11, 26), NEW_YORK)
    assert "Thanksgiving" in holiday(date(2026, 11, 26), NEW_YORK)
    assert is_working(date(2026, 11, 27), NEW_YORK)


def test_a_holiday_of_a_part_of_a_country_counts_only_there() -> None:
    epiphany = date(2026, 1, 6)

    assert not is_working(epiphany, Calendar(country="DE", subdivision="BY"))
    assert is_working(epiphany, Calendar(country="DE", subdivision="BE"))


def test_own_closing_days_are_holidays_and_exceptions_are_working_days() -> None:
    own = Calendar(
        country="US",
        closed=(Span(first=date(2026, 12, 24), last=date(2026, 12, 31)),),
        open=(Span(first=date(2026, 11, 26), last=date(2026, 11, 28)),),
    )

    assert holiday(date(2026, 12, 30), own) == "company closed"
    assert is_working(date(2026, 11, 26), own)
    assert is_working(date(2026, 11, 28), own), "a Saturday on which stock is taken"


def test_a_company_may_work_from_sunday_to_thursday() -> None:
    gulf = Calendar(working_weekdays=(6, 0, 1, 2, 3))

    assert is_working(date(2026, 11, 29), gulf)
    assert not is_working(date(2026, 11, 27), gulf)


def test_days_of_a_month_count_from_both_ends() -> None:
    assert month(Days(of_month=(15, -1)), 2028, 2) == [15, 29]
    assert month(Days(of_month=(31,)), 2026, 11) == []
    assert month(Days(of_month=(-1, -2, -3)), 2026, 12) == [29, 30, 31]


def test_working_days_of_a_month_leave_out_weekends_and_holidays() -> None:
    """May 2026 begins on a Friday, ends on a Sunday, and Monday the 25th is Memorial Day."""
    assert month(Days(working_of_month=(1, 2)), 2026, 5) == [1, 4]
    assert month(Days(working_of_month=(-1, -5)), 2026, 5) == [22, 29]


def test_the_last_working_day_of_a_year_may_be_well_before_its_end() -> None:
    closed = Calendar(country="DE", closed=(Span(first=date(2026, 12, 24), last=date(2026, 12, 31)),))

    assert month(Days(working_of_month=(-1,)), 2026, 12, closed) == [23]
    assert month(Days(working_of_month=(1,)), 2027, 1, closed) == [4]


def test_days_have_to_fit_every_part_that_says_something() -> None:
    mondays = Days(weekdays=(0,), spans=(Span(first=date(2026, 11, 1), last=date(2026, 11, 20)),))

    assert month(mondays, 2026, 11) == [2, 9, 16]
    assert month(Days(weekdays=(3,), only_working=True), 2026, 11) == [5, 12, 19]


# What the clock on the wall means


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:00"),
        ("Europe/Helsinki", date(2026, 3, 29), time(3, 30), "2026-03-29T01:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 0), "2026-04-23T22:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(12, 0), "2011-12-30T10:00"),
    ],
)
def test_a_time_the_clock_skips_is_the_first_moment_after(zone: str, day: date, wall: time, expected: str) -> None:
    assert instant(day, wall, zone) == datetime.fromisoformat(expected + "+00:00")


@pytest.mark.parametrize(
    ("zone", "day", "wall", "first", "apart"),
    [
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30", 60),
        ("Europe/Helsinki", date(2026, 10, 25), time(3, 30), "2026-10-25T00:30", 60),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-04T14:45", 30),
    ],
)
def test_a_time_shown_twice_is_the_first_unless_the_second_is_wanted(
    zone: str, day: date, wall: time, first: str, apart: int
) -> None:
    at = datetime.fromisoformat(first + "+00:00")

    assert instant(day, wall, zone) == at
    assert instant(day, wall, zone, later=True) == at + timedelta(minutes=apart)


def test_a_day_that_has_no_midnight_begins_when_its_clock_begins() -> None:
    assert start_of_day(date(2026, 4, 24), "Africa/Cairo") == datetime(2026, 4, 23, 22, tzinfo=UTC)
