"""Reading a list by positions while it changes: no record that stays is missed, whatever is deleted ahead of a page."""

from hypothesis import given
from hypothesis import strategies as st

from ml_connector.rules.paging import OVERLAP, anchors, earlier_position, joins, next_position

PAGE = 50


def read_all(records: list[str], deletions: dict[int, list[str]]) -> list[str]:
    """Read as the product does, from a list that loses records before some of its pages; what was seen."""
    left, seen, position, wanted = list(records), list[str](), 1, list[str]()
    for number in range(1_000):
        left = [one for one in left if one not in deletions.get(number, ())]
        page = left[position - 1 : position - 1 + PAGE]
        if not joins(position, page, wanted):
            position = earlier_position(position, PAGE)
            continue
        seen += page
        if len(page) < PAGE:
            return seen
        position, wanted = next_position(position, len(page)), anchors(page)
    raise AssertionError("reading never ended")


def test_the_first_page_joins_whatever_it_shows() -> None:
    assert joins(1, ["a"], ["b"])


def test_a_page_joins_when_it_shows_one_of_the_last_records_again() -> None:
    assert joins(31, ["c", "d"], ["b", "c"])
    assert not joins(31, ["d", "e"], ["b", "c"])
    assert not joins(31, [], ["b", "c"])


def test_without_anything_to_join_to_every_page_joins() -> None:
    assert joins(31, ["d"], [])


@given(st.lists(st.text(min_size=1), max_size=100))
def test_anchors_are_the_last_records_of_a_page(ids: list[str]) -> None:
    assert anchors(ids) == ids[len(ids) - min(len(ids), OVERLAP) :]


@given(position=st.integers(min_value=1, max_value=10**6), read=st.integers(min_value=0, max_value=1000))
def test_the_next_page_is_further_on_and_repeats_the_overlap_at_most(position: int, read: int) -> None:
    following = next_position(position, read)

    assert following > position
    assert following <= max(position + 1, position + read)
    assert position + read - following <= OVERLAP


@given(position=st.integers(min_value=1, max_value=10**6), page=st.integers(min_value=1, max_value=1000))
def test_going_back_ends_at_the_first_record(position: int, page: int) -> None:
    earlier = earlier_position(position, page)

    assert earlier >= 1
    assert earlier < position or position == 1


def test_a_list_that_stays_the_same_is_read_whole() -> None:
    records = [f"r{number}" for number in range(333)]

    assert list(dict.fromkeys(read_all(records, {}))) == records


@given(st.data())
def test_no_record_that_stays_is_missed_while_others_are_deleted(data: st.DataObject) -> None:
    records = [f"r{number}" for number in range(data.draw(st.integers(min_value=0, max_value=300)))]
    doomed = data.draw(st.lists(st.sampled_from(records), unique=True)) if records else []
    at = data.draw(st.lists(st.integers(min_value=0, max_value=8), min_size=len(doomed), max_size=len(doomed)))
    deletions = dict[int, list[str]]()
    for one, number in zip(doomed, at, strict=True):
        deletions.setdefault(number, []).append(one)

    seen = read_all(records, deletions)

    assert set(records) - set(doomed) <= set(seen)
