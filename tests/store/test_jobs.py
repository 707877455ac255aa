"""What people and other jobs ask of a job is not lost to somebody who writes at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

from ml_connector.store import jobs
from ml_connector.store.database import Database, Tx


def _meanwhile(database: Database, first: Callable[[Tx], object], second: Callable[[Tx], object]) -> None:
    """Let the second write begin while the first one is not committed yet."""
    begun, over = Event(), Event()

    def other() -> None:
        begun.set()
        with database.write() as tx:
            second(tx)
        over.set()

    with ThreadPoolExecutor(1) as pool:
        with database.write() as tx:
            first(tx)
            running = pool.submit(other)
            begun.wait()
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            over.wait(0.3)
        running.result(timeout=30)


def test_a_day_asked_for_while_an_earlier_wish_is_being_settled_stays(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        jobs.change(tx, north, "orders", now, backfill_from="2026-01-01")

    _meanwhile(
        database,
        lambda tx: jobs.change(tx, north, "orders", now, backfill_from="2025-06-01"),
        lambda tx: jobs.backfilled(tx, north, "orders", "2026-01-01", now),
    )

    with database.read() as tx:
        assert jobs.get(tx, north, "orders").backfill_from == "2025-06-01"


def test_of_two_who_bring_a_job_forward_the_earlier_moment_counts(
    database: Database, north: str, now: datetime
) -> None:
    soon, later = now + timedelta(minutes=1), now + timedelta(minutes=9)

    _meanwhile(
        database,
        lambda tx: jobs.bring_forward(tx, north, "outcomes", soon, now),
        lambda tx: jobs.bring_forward(tx, north, "outcomes", later, now),
    )

    with database.read() as tx:
        assert jobs.get(tx, north, "outcomes").again_at == soon


def test_what_was_worked_out_for_a_job_is_void_once_it_is_another(
    database: Database, north: str, now: datetime
) -> None:
    due, later = now + timedelta(hours=5), now + timedelta(seconds=1)
    with database.write() as tx:
        fresh = jobs.get(tx, north, "orders")
        assert jobs.worked_out(tx, fresh, due, now)
        assert not jobs.worked_out(tx, fresh, due + timedelta(hours=1), now)  # somebody was quicker
        seen = jobs.get(tx, north, "orders")
        assert seen.due_at == due

    _meanwhile(
        database,
        lambda tx: jobs.plan_changed(tx, north, "orders", later),
        lambda tx: jobs.worked_out(tx, seen, due + timedelta(hours=2), later),
    )

    with database.read() as tx:
        assert jobs.get(tx, north, "orders").due_at is None
