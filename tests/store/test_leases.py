"""One worker at a time, and never none for ever."""

import threading
from datetime import datetime, timedelta

from ml_connector.store import leases
from ml_connector.store.database import Database


def after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def test_a_lease_has_one_holder_until_it_is_released(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert leases.acquire(tx, north, "deliver", "one", now, 60) == 1
        assert leases.acquire(tx, north, "deliver", "two", after(now, 59), 60) is None
        assert not leases.release(tx, north, "deliver", "two")
        assert leases.release(tx, north, "deliver", "one")
        assert leases.acquire(tx, north, "deliver", "two", after(now, 59), 60) == 2


def test_the_lease_of_a_dead_worker_is_taken_over_with_a_higher_fence(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        leases.acquire(tx, north, "deliver", "one", now, 60)
        assert leases.acquire(tx, north, "deliver", "two", after(now, 60), 60) == 2
        assert not leases.extend(tx, north, "deliver", 1, after(now, 61), 60)
        assert not leases.is_current(tx, north, "deliver", 1)
        assert not leases.give_back(tx, north, "deliver", 1)
        assert not leases.release(tx, north, "deliver", "one")
        assert leases.is_current(tx, north, "deliver", 2)
        assert leases.give_back(tx, north, "deliver", 2)
        assert not leases.is_current(tx, north, "deliver", 2)


def test_a_worker_that_renews_keeps_its_lease(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        leases.acquire(tx, north, "deliver", "one", now, 60)
        assert leases.extend(tx, north, "deliver", 1, after(now, 50), 60)
        assert leases.acquire(tx, north, "deliver", "two", after(now, 100), 60) is None
        assert leases.extend(tx, north, "deliver", 1, after(now, 120), 60)  # ran out, and nobody had it meanwhile
        assert leases.acquire(tx, north, "deliver", "two", after(now, 179), 60) is None


def test_a_worker_that_was_restarted_gets_its_lease_back_at_once(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        leases.acquire(tx, north, "deliver", "one", now, 60)
        assert leases.acquire(tx, north, "deliver", "one", after(now, 1), 60) == 2


def test_leases_of_other_names_are_free(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert leases.acquire(tx, north, "deliver", "one", now, 60) == 1
        assert leases.acquire(tx, north, "token", "two", now, 60) == 1


def test_of_workers_that_want_a_lease_at_once_exactly_one_gets_it(
    database: Database, north: str, now: datetime
) -> None:
    start, fences = threading.Barrier(6), dict[str, int | None]()

    def work(worker: str) -> None:
        start.wait()
        with database.write() as tx:
            fences[worker] = leases.acquire(tx, north, "deliver", worker, now, 60)

    for round_number, moment in enumerate((now, after(now, 60)), start=1):
        threads = [threading.Thread(target=work, args=(f"{round_number}-{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [fence for fence in fences.values() if fence is not None] == [round_number]
        fences.clear()
        now = after(moment, 60)
