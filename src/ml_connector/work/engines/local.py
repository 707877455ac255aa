"""The local engine: one process, any database. A loop that looks for what is due and does it on a few threads.

Nothing is remembered between two looks: what is due is read from the tables each time. `step` does the same without threads and
without waiting, for tests, the simulation and whoever calls once.
"""

import logging
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, get_native_id

from ml_connector.store.errors import DatabaseUnavailableError
from ml_connector.work.engines.due import DueJob, Plans, due_jobs
from ml_connector.work.engines.heart import beating
from ml_connector.work.engines.runs import Heart, Run, run_job
from ml_connector.work.engines.tidying import Tidying
from ml_connector.work.engines.workshop import Workshop
from ml_connector.work.messages.courier import couriering
from ml_connector.work.workers import worker_name

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks. What a webhook or another process makes due is seen at the next look."""

OnRun = Callable[[Run], None]


class LocalEngine:
    """Does the due jobs of some connections, or of all when none is named. `threads`: how many at once."""

    def __init__(
        self,
        shop: Workshop,
        *,
        connections: Collection[str] = (),
        threads: int = 4,
        heart: Heart | None = beating,
        on_run: OnRun = lambda _run: None,
        worker: str = "",
    ) -> None:
        self._shop = shop
        self._connections = tuple(connections)
        self._threads = threads
        self._heart = heart
        self._on_run = on_run
        self._worker = worker
        self._plans = Plans()
        self._tidying = Tidying(shop)
        self._courier = shop.courier()
        self._running: dict[tuple[str, str], Future[None]] = {}

    def step(self) -> list[Run]:
        """Do everything that is due at this moment, one after another, most urgent first; what each run came to.

        Then people are told what they have to know.
        """
        self._tidying.look()
        runs = [self._run(one, lambda: False) for one in due_jobs(self._shop, self._plans, self._connections)]
        self._courier.look()
        return runs

    def run(self, stop: Event) -> None:
        """Go on until told to stop; then wait for what is running, which ends at its next safe point."""
        with (
            couriering(self._courier, stop),
            ThreadPoolExecutor(self._threads, thread_name_prefix="job") as pool,
        ):
            while not stop.wait(TICK):
                try:
                    self._look(pool, stop)
                except DatabaseUnavailableError as error:
                    logger.warning("the database cannot be used, looking again in a moment: %s", error)

    def _look(self, pool: ThreadPoolExecutor, stop: Event) -> None:
        self._tidying.look()
        for name, future in list(self._running.items()):
            if future.done():
                del self._running[name]
                future.result()  # a defect of the engine itself ends it, visibly
        for one in due_jobs(self._shop, self._plans, self._connections):
            if len(self._running) >= self._threads:
                return
            if (one.row.id, one.job) not in self._running:
                self._running[one.row.id, one.job] = pool.submit(self._run_safely, one, stop)

    def _run_safely(self, one: DueJob, stop: Event) -> None:
        """A run on a thread of its own. What it could not write down itself is logged, and due again at the next look."""
        try:
            self._run(one, stop.is_set)
        except DatabaseUnavailableError as error:
            logger.warning("%s of %s stopped, the database cannot be used: %s", one.job, one.row.name, error)

    def _run(self, one: DueJob, stopping: Callable[[], bool]) -> Run:
        worker = self._worker or worker_name(str(get_native_id()))
        run = run_job(self._shop, one.row, one.job, worker=worker, heart=self._heart, stopping=stopping)
        self._on_run(run)
        return run
