"""Intuit's limits are kept by waiting: never more starts in any window than allowed, however the calls arrive."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.work.budget import Limits, RequestBudget
from twins.clock import Clock
from world import VirtualClock

START = datetime(2026, 11, 20, 14, tzinfo=UTC)


def _clock() -> VirtualClock:
    return VirtualClock(Clock(START, running=False))


def _starts(budget: RequestBudget, clock: VirtualClock, calls: list[tuple[float, bool]]) -> list[tuple[float, bool]]:
    """When each call started, in seconds; every call comes so many seconds after the one before it."""
    starts = []
    for gap, batch in calls:
        clock.advance(gap)
        with budget.slot(batch=batch):
            starts.append(((clock.now() - START).total_seconds(), batch))
    return starts


def _most(times: list[float], window: float) -> int:
    return max((sum(start <= other < start + window for other in times) for start in times), default=0)


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=60))
def test_no_window_ever_holds_more_calls_than_allowed(calls: list[tuple[float, bool]]) -> None:
    clock = _clock()
    limits = Limits(requests_per_minute=20, requests_per_second=3, batches_per_minute=5)

    starts = _starts(RequestBudget(clock, limits), clock, calls)

    assert _most([at for at, _ in starts], 1.0) <= 3
    assert _most([at for at, _ in starts], 60.0) <= 20
    assert _most([at for at, batch in starts if batch], 60.0) <= 5


def test_calls_below_the_limits_do_not_wait() -> None:
    clock = _clock()

    starts = _starts(RequestBudget(clock, Limits()), clock, [(0.2, True)] * 40)

    assert [round(at, 3) for at, _ in starts] == [round(0.2 * number, 3) for number in range(1, 41)]


@pytest.mark.parametrize(("named", "expected"), [(7.0, 7.0), (0.0, 0.0), (None, 60.0)])
def test_after_a_refusal_everybody_is_quiet_for_the_time_it_named_or_a_minute(
    named: float | None, expected: float
) -> None:
    clock = _clock()
    budget = RequestBudget(clock, Limits())

    budget.throttled(named)

    assert _starts(budget, clock, [(0.0, False)]) == [(expected, False)]


def test_a_shorter_refusal_does_not_cut_a_longer_one_short() -> None:
    clock = _clock()
    budget = RequestBudget(clock, Limits())

    budget.throttled(30.0)
    budget.throttled(1.0)

    assert _starts(budget, clock, [(0.0, False)]) == [(30.0, False)]


def test_what_a_process_before_this_one_used_up_counts() -> None:
    clock = _clock()
    limits = Limits(batches_per_minute=2)
    before = START.timestamp() - 10

    budget = RequestBudget(clock, limits, [(before, True), (before, True), (before, False)])

    assert _starts(budget, clock, [(0.0, False), (0.0, True)]) == [(0.0, False), (50.25, True)]


def test_no_more_calls_are_under_way_at_once_than_allowed() -> None:
    budget = RequestBudget(_clock(), Limits(in_flight=2))
    third_is_let_in = Event()

    def third_call() -> None:
        with budget.slot(batch=False):
            third_is_let_in.set()

    with ThreadPoolExecutor(1) as other, budget.slot(batch=False):
        with budget.slot(batch=False):
            call = other.submit(third_call)
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            assert not third_is_let_in.wait(0.2)
        call.result(timeout=30)
    assert third_is_let_in.is_set()
