"""No sliding window ever holds more starts than allowed, wherever a start is put in; and none is put later than it has to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.rules.pacing import Window, earliest_start

MINUTE, SECOND = Window(20, 60.25), Window(3, 1.25)


def _most(starts: list[float], window: Window) -> int:
    """The most starts that any span of the window's length holds; its end belongs to the next one."""
    return max((sum(one <= other < one + window.seconds for other in starts) for one in starts), default=0)


def _placed(wishes: list[float], *windows: Window) -> list[float]:
    """Starts put in one after the other, each from the moment it was wished for on."""
    starts: list[float] = []
    for wish in wishes:
        starts.append(earliest_start(wish, [(window, sorted(starts)) for window in windows]))
    return starts


@given(st.lists(st.floats(0, 200), max_size=80))
def test_no_window_is_overfilled_whatever_the_order_of_the_wishes(wishes: list[float]) -> None:
    starts = _placed(wishes, MINUTE, SECOND)

    assert all(start >= wish for start, wish in zip(starts, wishes, strict=True))
    assert _most(starts, MINUTE) <= MINUTE.count
    assert _most(starts, SECOND) <= SECOND.count


@given(st.lists(st.floats(0, 8), min_size=1, max_size=40), st.floats(0, 70))
def test_no_earlier_moment_would_have_done(wishes: list[float], wish: float) -> None:
    others = _placed(wishes, MINUTE, SECOND)
    start = earliest_start(wish, [(MINUTE, sorted(others)), (SECOND, sorted(others))])
    tried = [wish, *(one + window.seconds for one in others for window in (MINUTE, SECOND))]

    for moment in tried:
        if wish <= moment < start:
            assert any(_most([*others, moment], window) > window.count for window in (MINUTE, SECOND))


def test_a_start_promised_for_later_counts_for_those_put_before_it() -> None:
    window = Window(2, 10.0)

    assert earliest_start(0.0, [(window, [5.0, 6.0])]) == 15.0
    assert earliest_start(0.0, [(window, [5.0, 12.0])]) == 0.0


def test_a_share_left_free_is_left_out_of_the_count_but_never_all_of_it() -> None:
    assert Window(10, 1.0).leaving_free(0.2) == Window(8, 1.0)
    assert Window(1, 1.0).leaving_free(0.9) == Window(1, 1.0)
    assert Window(500, 60.0).leaving_free(0.0) == Window(500, 60.0)


def test_starts_that_are_evened_follow_each_other_two_at_once_instead_of_ten() -> None:
    assert Window(10, 1.25).evened() == Window(2, 0.25)
    assert Window(3, 1.2).evened() == Window(1, pytest.approx(0.4))
    assert Window(1, 1.25).evened() == Window(1, 1.25)
