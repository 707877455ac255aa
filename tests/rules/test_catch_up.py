"""When QuickBooks is asked for changes, which entities can be asked for them, and how a capped answer is taken apart."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.rules.catch_up import can_follow, next_catch_up, split
from timetables import utc

NOW = utc("2026-11-28 12:00")
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
PAST = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))
NAMES = st.lists(st.sampled_from(["Account", "Bill", "Vendor", "Item", "Term"]), min_size=1, unique=True)


def due(known_to: datetime | None, last_success: datetime | None) -> datetime:
    return next_catch_up(known_to=known_to, last_success=last_success, now=NOW, interval=A_DAY, gap=AN_HOUR)


@pytest.mark.parametrize(("known_to", "last_success"), [(None, NOW), (NOW, None), (None, None)])
def test_what_was_never_read_is_asked_for_at_once(known_to: datetime | None, last_success: datetime | None) -> None:
    assert due(known_to, last_success) == NOW


def test_after_a_good_run_quickbooks_is_asked_an_interval_after_what_is_known() -> None:
    assert due(NOW - AN_HOUR, NOW - AN_HOUR) == NOW - AN_HOUR + A_DAY


def test_after_a_gap_in_our_work_quickbooks_is_asked_at_once_and_at_the_gap_itself_not_yet() -> None:
    assert due(NOW - AN_HOUR, NOW - AN_HOUR - timedelta(seconds=1)) == NOW
    assert due(NOW - AN_HOUR, NOW - AN_HOUR) > NOW


@given(known=PAST, success=PAST)
def test_it_is_never_later_than_an_interval_after_what_is_known_or_now(known: timedelta, success: timedelta) -> None:
    assert due(NOW - known, NOW - success) <= max(NOW, NOW - known + A_DAY)


@given(ago=PAST, look_back=PAST)
def test_changes_can_be_followed_exactly_as_far_back_as_quickbooks_remembers(
    ago: timedelta, look_back: timedelta
) -> None:
    assert can_follow(NOW - ago, NOW, look_back) is (ago <= look_back)


def test_what_was_never_read_cannot_be_followed() -> None:
    assert not can_follow(None, NOW, timedelta(days=30))


@given(entities=NAMES, data=st.data())
def test_a_capped_answer_is_split_into_its_largest_entity_and_all_others(
    entities: list[str], data: st.DataObject
) -> None:
    counts = data.draw(st.dictionaries(st.sampled_from(entities), st.integers(min_value=0, max_value=1000)))

    heavy, others = split(entities, counts)

    assert sorted([heavy, *others]) == sorted(entities)
    assert all(counts.get(heavy, 0) >= counts.get(one, 0) for one in others)


@given(entities=NAMES, data=st.data())
def test_splitting_again_and_again_ends_after_each_entity_once(entities: list[str], data: st.DataObject) -> None:
    counts = data.draw(st.dictionaries(st.sampled_from(entities), st.integers(min_value=0, max_value=1000)))
    left, order = list(entities), list[str]()
    while left:
        heavy, left = split(left, counts)
        order.append(heavy)

    assert sorted(order) == sorted(entities)
    assert [counts.get(one, 0) for one in order] == sorted((counts.get(one, 0) for one in entities), reverse=True)
