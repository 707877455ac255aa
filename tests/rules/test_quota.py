"""How a month of metered reads comes out, and by how much polls slow down so that it does not end above the limit."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.rules.quota import MAX_STRETCH, POLL_SHARE, DayOfReads, outlook, stretched

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)  # 15.5 of November's 30 days have passed


def _days(first: date, count: int, *, needed: int = 0, polls: int = 0, stretch: float = 1.0) -> list[DayOfReads]:
    return [
        DayOfReads(day=first + timedelta(days=number), needed=needed, polls=polls, stretch=stretch)
        for number in range(count)
    ]


def test_an_even_month_is_forecast_from_its_pace() -> None:
    days = [*_days(date(2026, 11, 1), 15, needed=40, polls=60), DayOfReads(day=date(2026, 11, 16), needed=20, polls=30)]

    seen = outlook(days, 3000, NOON)

    assert seen.used == 1550
    assert seen.forecast == 3000
    assert seen.unslowed == 3000


def test_last_months_days_tell_the_pace_and_do_not_count_as_used() -> None:
    first = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)

    seen = outlook(_days(date(2026, 10, 1), 31, polls=100), 0, first)

    assert (seen.used, seen.forecast) == (0, 3000)


def test_a_company_without_any_reads_has_nothing_to_fear() -> None:
    seen = outlook([], 500, NOON)

    assert (seen.used, seen.forecast, seen.unslowed, seen.stretch) == (0, 0, 0, 1.0)


def test_the_first_hour_is_not_taken_for_the_pace_of_the_month() -> None:
    """A company that was just connected reads its lists once; a day is the shortest time that counts as a pace."""
    hour = datetime(2026, 11, 16, 1, tzinfo=UTC)

    assert outlook([DayOfReads(day=date(2026, 11, 16), polls=100)], 0, hour).forecast < 100 + 15 * 100


def test_without_a_limit_nothing_is_slowed() -> None:
    assert outlook(_days(date(2026, 11, 1), 15, polls=10**6), 0, NOON).stretch == 1.0


def test_polls_slow_down_by_as_much_as_the_month_needs() -> None:
    seen = outlook(_days(date(2026, 11, 1), 15, needed=100, polls=400), 10_000, NOON)
    pace = 7 / 7.5  # seven whole days and half of one in which nothing was read
    left = 14.5
    allowed = (10_000 * POLL_SHARE - 7500) / left - 100 * pace

    assert seen.stretch == pytest.approx(400 * pace / allowed)
    assert seen.unslowed > 10_000


def test_being_slowed_is_no_reason_to_go_faster_again() -> None:
    full = outlook(_days(date(2026, 11, 1), 15, polls=400), 8000, NOON)
    slowed = [
        *_days(date(2026, 11, 1), 8, polls=400),
        *_days(date(2026, 11, 9), 7, polls=100, stretch=4.0),
    ]

    seen = outlook(slowed, 8000, NOON)

    assert full.stretch > 1
    assert seen.forecast < 8000
    assert seen.unslowed > 8000
    assert seen.stretch > 1


@pytest.mark.parametrize("needed", [0, 5000])
def test_when_all_is_used_polls_are_as_slow_as_they_get(needed: int) -> None:
    assert outlook(_days(date(2026, 11, 1), 15, polls=1000, needed=needed), 15_000, NOON).stretch == MAX_STRETCH


def test_the_month_is_that_of_the_zone() -> None:
    evening = datetime(2026, 12, 1, 3, tzinfo=UTC)
    days = _days(date(2026, 11, 1), 30, polls=10)

    assert outlook(days, 0, evening.astimezone(ZoneInfo("America/Los_Angeles"))).used == 300
    assert outlook(days, 0, evening).used == 0


@pytest.mark.parametrize(
    ("interval", "stretch", "expected"),
    [
        (timedelta(minutes=5), 1.0, timedelta(minutes=5)),
        (timedelta(minutes=15), 2.5, timedelta(minutes=37, seconds=30)),
        (timedelta(hours=2), MAX_STRETCH, timedelta(days=1)),
        (timedelta(days=7), 3.0, timedelta(days=7)),
    ],
)
def test_a_poll_looks_once_a_day_however_little_is_left(
    interval: timedelta, stretch: float, expected: timedelta
) -> None:
    assert stretched(interval, stretch) == expected


@given(
    full=st.integers(50, 3000),
    needed=st.integers(0, 300),
    limit=st.integers(15_000, 60_000),
)
def test_a_month_that_follows_the_stretch_ends_below_its_limit(full: int, needed: int, limit: int) -> None:
    """Polls at full speed would read `full` times a day; each day they read what the stretch of its morning lets them."""
    days: list[DayOfReads] = []
    for number in range(30):
        day = date(2026, 11, 1) + timedelta(days=number)
        stretch = outlook(days, limit, datetime(day.year, day.month, day.day, tzinfo=UTC)).stretch
        polls = max(int(full / stretch), min(full, 4))
        days.append(DayOfReads(day=day, needed=needed, polls=polls, stretch=stretch))
    used = sum(one.needed + one.polls for one in days)

    assert used <= limit
    if 30 * (full + needed) > limit:
        assert used >= 0.9 * limit  # and not by standing still
