"""The showcase's story as a process of the twins tells it, and the clock that keeps step with it."""

from datetime import timedelta

import pytest

from ml_connector.demonstration.stage import StageError, serving
from ml_connector.demonstration.telling import MovedClock, telling
from ml_connector.work.clock import SystemClock


def test_twins_and_installation_begin_in_the_past_and_end_at_the_present_moment() -> None:
    clock = MovedClock(timedelta(days=3))
    with serving("none", clock.now()) as twins, telling(twins["quickbooks"]["url"], clock) as told:
        assert [chapter.name for chapter in told.chapters][:2] == ["beginning", "first papers"]
        told.advance(86_400)
        assert timedelta(days=1) < SystemClock().now() - clock.now() < timedelta(days=2, seconds=1)
        told.catch_up()
        assert clock.behind == timedelta(0)


def test_a_chapter_that_cannot_be_played_is_told_by_its_name() -> None:
    clock = MovedClock(timedelta(0))
    with (
        serving("none") as twins,
        telling(twins["quickbooks"]["url"], clock) as told,
        pytest.raises(StageError, match="out of use"),
    ):
        told.play("out of use")
