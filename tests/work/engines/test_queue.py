"""Workers on PostgreSQL share the work through a queue; what a dead one left behind stops nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from databases import PostgresServer, SqliteFiles
from ml_connector.store.database import Database
from ml_connector.work.engines import queue
from ml_connector.work.engines.queue import QueueEngine, QueueNeedsPostgresError, prepare
from ml_connector.work.engines.runs import Ending, Run
from ml_connector.work.jobs import Job
from paperwork import invoice
from world import World, build_world

PATIENCE = 60.0
"""Seconds after which a test gives up on a worker."""


@pytest.fixture
def world(postgres: PostgresServer) -> Iterator[World]:
    """The demo company, mapped, with no document waiting, on PostgreSQL."""
    with postgres.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


@contextmanager
def working(world: World, until: Callable[[Run], bool], seen: Event | None = None) -> Iterator[Event]:
    """A worker on a thread of its own; the event, which several may share, is set once a run fits. Whatever ended the worker is
    raised here."""
    stop, seen, ends = Event(), seen or Event(), list[BaseException]()

    def look(run: Run) -> None:
        if until(run):
            seen.set()

    def work() -> None:
        try:
            QueueEngine(world.app, threads=2, on_run=look).run(stop)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            ends.append(error)
            seen.set()

    thread = Thread(target=work)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert ends == []


def posted(run: Run) -> bool:
    return run.job is Job.INVOICES and run.ending is Ending.DONE


def test_a_worker_posts_what_was_approved(world: World) -> None:
    world.approve(invoice("A-1"))

    with working(world, posted) as seen:
        assert seen.wait(PATIENCE)

    world.only_transaction("A-1")


def test_two_workers_post_each_document_once(world: World) -> None:
    numbers = [f"A-{number}" for number in range(20)]
    for number in numbers:
        world.approve(invoice(number))

    seen = Event()
    with working(world, posted, seen), working(world, posted, seen):
        assert seen.wait(PATIENCE)

    for number in numbers:
        world.only_transaction(number)
        assert [answer["success"] for answer in world.answers(number)] == [True]


def test_the_place_of_a_dead_worker_in_the_queue_is_taken_away_and_its_job_done(world: World) -> None:
    world.approve(invoice("A-1"))
    prepare(world.database)
    name = f"{world.connection.id}/{Job.INVOICES}"
    with world.database.write() as tx:
        dead = tx.exec_driver_sql(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        ).scalar_one()
        tx.exec_driver_sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
            " VALUES ('ml-connector', 'job', %s, %s, '{}', 'doing', %s)",
            (name, name, dead),
        )

    with working(world, posted) as seen:
        assert seen.wait(PATIENCE)

    world.only_transaction("A-1")


def test_workers_that_start_together_make_the_queue_once(world: World) -> None:
    threads = [Thread(target=prepare, args=(world.database,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    with world.database.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM procrastinate_jobs").scalar_one() == 0


def test_a_database_that_is_away_for_long_does_not_end_a_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that could not be opened within half a minute leave a pool that is closed for good."""
    world.approve(invoice("A-1"))
    really, tries = AsyncConnectionPool.open, list[int]()

    async def open_(pool: AsyncConnectionPool[Any], wait: bool = False, timeout: float = 30.0) -> None:
        tries.append(len(tries))
        if len(tries) <= 2:
            await really(pool)
            await pool.close()
            raise PoolTimeout("pool initialization incomplete")
        await really(pool, wait=wait, timeout=timeout)

    monkeypatch.setattr(AsyncConnectionPool, "open", open_)
    monkeypatch.setattr(queue, "_RESTART", 0.01)

    with working(world, posted) as seen:
        assert seen.wait(PATIENCE)

    assert len(tries) == 3
    world.only_transaction("A-1")


def test_on_sqlite_the_queue_is_refused_with_what_to_do(sqlite: SqliteFiles) -> None:
    with sqlite.fresh() as url:
        database = Database.open(url)
        world = build_world(database, company="empty")
        with pytest.raises(QueueNeedsPostgresError, match="ML_CONNECTOR_DATABASE_URL"):
            QueueEngine(world.app)
        database.close()
