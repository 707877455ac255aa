"""The queue's own tables do not grow: what was done is gone at once, what is still needed stays."""

from collections.abc import Collection, Iterator
from threading import Event, Thread
from typing import Any

import pytest

from databases import PostgresServer
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.errors import DatabaseUnavailableError
from ml_connector.work.engines import queue
from ml_connector.work.engines.queue import QueueEngine, prepare
from ml_connector.work.engines.runs import Ending, Run
from ml_connector.work.jobs import Job
from paperwork import invoice
from world import World, build_world

PATIENCE = 60.0
"""Seconds after which a test gives up on a worker."""


@pytest.fixture
def world(postgres: PostgresServer) -> Iterator[World]:
    """The demo company, mapped, one invoice approved, on PostgreSQL, with an empty queue."""
    with postgres.fresh() as url:
        database = Database.open(url)
        made = build_world(database, company="empty")
        made.approve(invoice("A-1"))
        prepare(database)
        yield made
        database.close()


def work_until_done(world: World, jobs: Collection[Job]) -> None:
    """Let one worker work until each of these jobs went through once, and then stop in order."""
    stop, all_done, left = Event(), Event(), set(jobs)

    def look(run: Run) -> None:
        if run.ending is Ending.DONE:
            left.discard(run.job)
        if not left:
            all_done.set()

    worker = Thread(target=lambda: QueueEngine(world.app, threads=2, on_run=look).run(stop))
    worker.start()
    try:
        assert all_done.wait(PATIENCE), f"not done: {left}"
    finally:
        stop.set()
        worker.join(PATIENCE)
    assert not worker.is_alive()


def sql(world: World, statement: str, *values: object) -> Any:
    """Run one statement on the queue's tables; its rows, if it has any."""
    with world.database.write() as tx:
        found = tx.exec_driver_sql(statement, values)
        return found.all() if found.returns_rows else None


def count(world: World, table: str) -> int:
    return int(sql(world, f"SELECT count(*) FROM {table}")[0][0])


def a_worker(world: World, *, silent_for: str) -> int:
    """A worker that is registered; a negative silence is a heartbeat that lasts for the test."""
    row = sql(
        world,
        f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '{silent_for}') RETURNING id",
    )
    return int(row[0][0])


def an_entry(world: World, job: Job, status: str, worker: int | None = None) -> None:
    """An entry in the queue for a job of the company."""
    name = f"{world.connection.id}/{job}"
    sql(
        world,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
        " VALUES ('ml-connector', 'job', %s, %s, '{}', %s, %s)",
        name, name, status, worker,
    )  # fmt: skip


def entries(world: World, job: Job) -> list[str]:
    """The states of a job's entries."""
    found = sql(
        world, "SELECT status FROM procrastinate_jobs WHERE lock = %s ORDER BY id", f"{world.connection.id}/{job}"
    )
    return [str(row[0]) for row in found]


def finished(world: World) -> int:
    """Entries that are neither waiting nor being worked on: what would grow for ever."""
    return int(sql(world, "SELECT count(*) FROM procrastinate_jobs WHERE status NOT IN ('todo', 'doing')")[0][0])


def test_what_was_done_leaves_nothing_behind_and_what_waits_waits_once(world: World) -> None:
    for _ in range(3):
        work_until_done(world, [Job.INVOICES, Job.CHANGES, Job.OUTCOMES])
        world.clock.advance(3600)

    waiting = sql(world, "SELECT lock, status FROM procrastinate_jobs")
    assert {row[1] for row in waiting} <= {"todo"}
    assert len({row[0] for row in waiting}) == len(waiting)
    of_waiting = "SELECT count(*) FROM procrastinate_events WHERE job_id NOT IN (SELECT id FROM procrastinate_jobs)"
    assert sql(world, of_waiting)[0][0] == 0
    assert count(world, "procrastinate_workers") == 0


def test_an_entry_whose_look_broke_off_is_gone_too_and_its_job_is_done_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = list[Job]()

    def look(shop: Any, plans: Any, row: ConnectionRow, job: Job) -> bool:
        if job not in broken:
            broken.append(job)
            raise DatabaseUnavailableError("away for a moment")
        return due_now(shop, plans, row, job)

    due_now = queue.due_now
    monkeypatch.setattr(queue, "due_now", look)

    work_until_done(world, [Job.INVOICES])

    assert Job.INVOICES in broken
    world.only_transaction("A-1")
    assert finished(world) == 0


def test_workers_that_died_are_forgotten_with_their_entries(world: World) -> None:
    for job in (Job.INVOICES, Job.CHANGES):
        an_entry(world, job, "doing", a_worker(world, silent_for="1 hour"))
    a_worker(world, silent_for="400 days")

    work_until_done(world, [Job.INVOICES, Job.CHANGES])

    assert "doing" not in entries(world, Job.INVOICES) + entries(world, Job.CHANGES)
    assert (finished(world), count(world, "procrastinate_workers")) == (0, 0)


def test_the_entry_of_a_living_worker_stays_and_what_waits_behind_it_too(world: World) -> None:
    alive = a_worker(world, silent_for="-1 hour")
    an_entry(world, Job.CHANGES, "doing", alive)

    work_until_done(world, [Job.INVOICES])

    assert entries(world, Job.CHANGES) == ["doing", "todo"]
    assert [row[0] for row in sql(world, "SELECT id FROM procrastinate_workers")] == [alive]


def test_an_entry_of_a_company_that_is_gone_is_taken_away_and_stops_nobody(world: World) -> None:
    sql(
        world,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('ml-connector', 'job', %s)",
        '{"connection_id": "gone", "job": "invoices"}',
    )

    work_until_done(world, [Job.INVOICES])

    assert sql(world, "SELECT count(*) FROM procrastinate_jobs WHERE lock IS NULL")[0][0] == 0
    assert finished(world) == 0
