"""The engine for several workers on PostgreSQL, over procrastinate: the same jobs, handed out by a queue in the same database.

A queue entry says "look at this job of this connection" and nothing else. Its lock lets one worker at a time look, its queueing
lock keeps one entry waiting at most, and the entry of a worker that died is taken away. That is all the queue is trusted with:
that only one worker does a job, and that a woken one does no harm, rests on the lease and its fence.
"""

import asyncio
import logging
from collections.abc import Callable
from threading import Event, get_native_id

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.jobs import Job as QueueEntry
from procrastinate.schema import SchemaManager
from psycopg import OperationalError
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

from ml_connector.store import connections
from ml_connector.store.database import Database
from ml_connector.store.errors import ConnectionUnknownError, DatabaseUnavailableError
from ml_connector.work.engines.due import Plans, due_jobs, due_now
from ml_connector.work.engines.heart import beating
from ml_connector.work.engines.runs import Run, run_job
from ml_connector.work.engines.tidying import Tidying
from ml_connector.work.engines.workshop import Workshop
from ml_connector.work.jobs import Job
from ml_connector.work.messages.courier import couriering
from ml_connector.work.workers import worker_name

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks for what is due, by each worker."""
HEARTBEAT = 1.0
"""Seconds between a worker's signs of life."""
STALLED = 4.0
"""Seconds without one after which a worker counts as gone."""
_QUEUE = "ml-connector"
_RESTART = 2.0
_LOCK = 0x6D6C_7175  # any number, the same in every version of the program


class QueueNeedsPostgresError(Exception):
    """The queue needs PostgreSQL; one process with the local engine serves SQLite."""

    def __init__(self) -> None:
        super().__init__(
            "Several workers need PostgreSQL: set ML_CONNECTOR_DATABASE_URL to a PostgreSQL address, or run one process with "
            "`--engine local`."
        )


class QueueEngine:
    """One worker of many. `threads`: how many jobs it does at once."""

    def __init__(self, shop: Workshop, *, threads: int = 4, on_run: Callable[[Run], None] = lambda _run: None) -> None:
        if shop.database.engine.dialect.name != "postgresql":
            raise QueueNeedsPostgresError
        self._shop = shop
        self._threads = threads
        self._on_run = on_run
        self._plans = Plans()
        self._tidying = Tidying(shop)
        self._stop = Event()
        self._open_queue()

    def _open_queue(self) -> None:
        """The queue as it is before anybody connected. One whose connections could not be opened is of no more use."""
        connector = procrastinate.PsycopgConnector(
            conninfo=_libpq_address(self._shop.database.engine.url), min_size=1, max_size=self._threads + 3
        )
        self._queue = procrastinate.App(connector=connector)
        self._look = self._queue.task(name="job", queue=_QUEUE)(self._do)

    def run(self, stop: Event) -> None:
        """Work until told to stop; then finish what is running, which ends at its next safe point."""
        self._stop = stop
        with couriering(self._shop.courier(), stop):
            asyncio.run(self._work(stop))

    async def _work(self, stop: Event) -> None:
        while not stop.is_set():
            try:
                await asyncio.to_thread(prepare, self._shop.database)
                async with self._queue.open_async():
                    await self._work_while_connected(stop)
            except (ConnectorException, OperationalError, DatabaseUnavailableError) as error:
                logger.warning("the queue cannot be used, trying again in a moment: %s", error.__cause__ or error)
                await self._queue.close_async()
                self._open_queue()
                await asyncio.to_thread(stop.wait, _RESTART)

    async def _work_while_connected(self, stop: Event) -> None:
        worker = asyncio.create_task(
            self._queue.run_worker_async(
                queues=[_QUEUE],
                name=worker_name(),
                concurrency=self._threads,
                fetch_job_polling_interval=TICK,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
            )
        )
        ticker = asyncio.create_task(self._tick(stop))
        try:
            await asyncio.wait({worker, ticker}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ticker.cancel()
            worker.cancel()
            ended = await asyncio.gather(worker, ticker, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    async def _tick(self, stop: Event) -> None:
        """Put what is due into the queue, and take away what a dead worker left there."""
        while not stop.is_set():
            await asyncio.to_thread(self._tidying.look)
            for one in await asyncio.to_thread(due_jobs, self._shop, self._plans, ()):
                name = f"{one.row.id}/{one.job}"
                entry = self._look.configure(lock=name, queueing_lock=name)
                try:
                    await entry.defer_async(connection_id=one.row.id, job=one.job.value)
                except AlreadyEnqueued:
                    continue
            for stalled in await self._queue.job_manager.get_stalled_jobs(
                queue=_QUEUE, seconds_since_heartbeat=STALLED
            ):
                await self._clear(stalled)
            await asyncio.to_thread(stop.wait, TICK)

    async def _clear(self, stalled: QueueEntry) -> None:
        """Take a dead worker's entry away, and its lock with it. The job shows as cut off, so the next look makes up for it."""
        if stalled.id is None:
            return
        logger.warning("a worker is gone; its place at %s is free again", stalled.lock)
        try:
            await self._queue.job_manager.finish_job_by_id_async(stalled.id, Status.FAILED, delete_job=True)
        except ConnectorException as error:  # another worker was first
            logger.info("%s was freed by somebody else: %s", stalled.lock, error)

    def _do(self, connection_id: str, job: str) -> None:
        """One entry: look whether the job is still due, and do it. Runs on a thread of its own."""
        try:
            with self._shop.database.read() as tx:
                row = connections.get(tx, connection_id)
            kind = Job(job)
        except (ConnectionUnknownError, ValueError) as error:
            logger.warning("a queue entry speaks of something that is not there: %s", error)
            return
        if due_now(self._shop, self._plans, row, kind):
            worker = worker_name(str(get_native_id()))
            self._on_run(run_job(self._shop, row, kind, worker=worker, heart=beating, stopping=self._stop.is_set))


def prepare(database: Database) -> None:
    """Make the queue's own tables, which procrastinate brings along, unless they are there. Workers take turns."""
    with database.write() as tx:
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if not inspect(tx).has_table("procrastinate_jobs"):
            # Many statements in one text, which only the driver itself sends as they are.
            tx.connection.cursor().execute(SchemaManager.get_schema())


def _libpq_address(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
