"""The twins' time."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from twins.clock import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def source():
    """A source of time moved by hand."""
    moment = [datetime(2020, 5, 5, tzinfo=UTC)]

    def read():
        return moment[0]

    def move(seconds):
        moment[0] += timedelta(seconds=seconds)

    read.move = move
    return read


def test_a_running_clock_follows_its_source_at_its_scale(source):
    clock = Clock(START, scale=60, source=source)
    source.move(2)
    assert clock.now() == START + timedelta(minutes=2)
    clock.run(scale=1)
    source.move(3)
    assert clock.now() == START + timedelta(seconds=123)


def test_a_stopped_clock_moves_only_when_told(source):
    clock = Clock(START, source=source)
    source.move(5)
    clock.stop()
    source.move(100)
    assert clock.now() == START + timedelta(seconds=5)
    assert not clock.running
    clock.advance(10)
    assert clock.now() == START + timedelta(seconds=15)
    clock.set(START)
    source.move(1)
    assert clock.now() == START


def test_a_running_clock_goes_on_from_where_it_was_set(source):
    clock = Clock(START, source=source)
    source.move(5)
    clock.set(START - timedelta(days=1))
    source.move(5)
    assert clock.now() == START - timedelta(days=1) + timedelta(seconds=5)


def test_time_never_stands_still_or_runs_backwards_by_scale(source):
    clock = Clock(START, source=source)
    for scale in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive scale"):
            clock.run(scale=scale)
    assert (clock.running, clock.scale) == (True, 1)


@pytest.mark.parametrize("running", [True, False])
def test_a_clock_put_away_goes_on_from_that_instant(running):
    clock = Clock(START, running=running, scale=60)
    before = clock.now()
    kept = pickle.loads(pickle.dumps(clock))
    assert (kept.running, kept.scale) == (running, 60)
    assert before <= kept.now() <= before + timedelta(hours=6), "no more than the moments this test takes"
    assert running or kept.now() == before


def test_a_clock_that_shows_real_time_still_does_after_it_was_put_away():
    kept = pickle.loads(pickle.dumps(Clock()))
    assert abs(kept.now() - datetime.now(UTC)) < timedelta(minutes=1)
    moved = Clock()
    moved.advance(86_400)
    assert pickle.loads(pickle.dumps(moved)).now() - datetime.now(UTC) > timedelta(hours=23)
