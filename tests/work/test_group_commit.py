"""Many callers, one commit: each is told of its own item only, a bad one fails alone, and nothing handed over is dropped."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from ml_connector.store.errors import DatabaseUnavailableError, ValueRefusedError
from ml_connector.work.group_commit import MOST_AT_ONCE, GroupCommit


class Disk:
    """Keeps what is committed, and lets a test hold a commit up."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.busy = threading.Event()
        self.free = threading.Event()
        self.free.set()

    def store_all(self, items: Sequence[str]) -> None:
        self.busy.set()
        assert self.free.wait(30)
        if "unavailable" in items:
            raise DatabaseUnavailableError("full")
        if "bad" in items:
            raise ValueRefusedError("bad")
        self.commits.append(list(items))

    def store_one(self, item: str) -> None:
        self.store_all([item])


@pytest.fixture
def disk() -> Disk:
    return Disk()


def hand_over(disk: Disk, *items: str) -> list["Future[None]"]:
    """Hand items over while a first commit keeps the disk busy, then let it go on and end."""
    commits = GroupCommit(disk.store_all, disk.store_one)
    disk.free.clear()
    first = commits.submit("first")
    assert disk.busy.wait(30)
    rest = [commits.submit(item) for item in items]
    disk.free.set()
    commits.close()
    return [first, *rest]


def test_whoever_comes_while_the_disk_is_busy_shares_the_next_commit(disk: Disk) -> None:
    done = hand_over(disk, "a", "b", "c")

    assert all(one.result(0) is None for one in done)
    assert disk.commits == [["first"], ["a", "b", "c"]]


def test_a_commit_does_not_grow_without_end(disk: Disk) -> None:
    hand_over(disk, *map(str, range(MOST_AT_ONCE + 1)))

    assert [len(commit) for commit in disk.commits] == [1, MOST_AT_ONCE, 1]


def test_a_bad_item_fails_alone(disk: Disk) -> None:
    _, good, bad, also_good = hand_over(disk, "good", "bad", "also good")

    assert (good.exception(0), also_good.exception(0)) == (None, None)
    assert isinstance(bad.exception(0), ValueRefusedError)
    assert disk.commits == [["first"], ["good"], ["also good"]]


def test_when_nothing_can_be_stored_everybody_is_told_and_the_next_try_is_good(disk: Disk) -> None:
    _, *refused = hand_over(disk, "unavailable", "other")
    assert all(isinstance(one.exception(0), DatabaseUnavailableError) for one in refused)

    assert hand_over(disk, "other")[1].exception(0) is None


def test_what_was_handed_over_is_stored_before_it_ends_and_nothing_is_taken_after(disk: Disk) -> None:
    commits = GroupCommit(disk.store_all, disk.store_one)
    done = [commits.submit(str(number)) for number in range(50)]
    commits.close()
    commits.close()

    assert all(one.done() for one in done)
    assert sorted(item for commit in disk.commits for item in commit) == sorted(map(str, range(50)))
    with pytest.raises(RuntimeError):
        commits.submit("late")
