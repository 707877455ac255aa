"""One worker's right to do one job of a connection: taken for the job, kept while it runs, checked in every write.

The lease says who may begin. The fence, which rises whenever the lease changes hands, is compared inside each transaction that
writes, so a worker that was stopped, forgotten and woken again cannot change anything any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ml_connector.model.clock import Clock
from ml_connector.store import leases
from ml_connector.store.database import Database, Tx
from ml_connector.work.workers import has_died

LONG = 600.0
"""Seconds a lease lasts when nobody renews it in the background: longer than any single call with all its waiting."""


class ConnectionBusyError(Exception):
    """Another worker holds the connection; it does the same work, so there is nothing to do here."""


class StoppedError(ConnectionBusyError):
    """This process was asked to stop: the job ended at a safe point, and whoever works next goes on from there."""

    def __init__(self) -> None:
        super().__init__("Stopped at a safe point, as asked. What was done stays done; the next run goes on.")


class Tenure:
    """The right to do one job of one connection. Until it is taken, writes are not fenced: a person's decisions for example."""

    def __init__(
        self,
        database: Database,
        *,
        connection_id: str,
        connection_name: str,
        worker: str,
        clock: Clock,
        name: str,
        seconds: float = LONG,
    ) -> None:
        self.name = name
        self.seconds = seconds
        self._database = database
        self._connection_id = connection_id
        self._connection_name = connection_name
        self._worker = worker
        self._clock = clock
        self._fence: int | None = None

    def take(self) -> None:
        """Become the one worker. The lease of a process that died on this machine is taken over at once, and the database lets go
        of what a stopped one had locked.

        Raises ConnectionBusyError when another worker is at it.
        """
        now = self._clock.now()
        self._database.end_stopped()
        with self._database.write() as tx:
            holder = leases.holder(tx, self._connection_id, self.name, now)
            if holder is not None and has_died(holder):
                leases.release(tx, self._connection_id, self.name, holder)
            fence = leases.acquire(tx, self._connection_id, self.name, self._worker, now, self.seconds)
        if fence is None:
            raise ConnectionBusyError(
                f"Another worker is busy with {self._connection_name}. Wait for it to finish, then try again."
            )
        self._fence = fence

    def keep(self, tx: Tx) -> bool:
        """Stay the one worker for another while; False once another one took over. Nothing to keep before `take`."""
        if self._fence is None:
            return True
        return leases.extend(tx, self._connection_id, self.name, self._fence, self._clock.now(), self.seconds)

    def release(self) -> None:
        """Let another worker in. Harmless when another one took over meanwhile."""
        if self._fence is None:
            return
        with self._database.write() as tx:
            leases.give_back(tx, self._connection_id, self.name, self._fence)
        self._fence = None

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Tx]:
        """A transaction that writes only if this worker still has the right to. Raises ConnectionBusyError if it has not."""
        with self._database.write(durable=durable) as tx:
            if self._fence is not None and not leases.is_current(tx, self._connection_id, self.name, self._fence):
                raise self.lost()
            yield tx

    def lost(self) -> ConnectionBusyError:
        """What is raised once another worker took over."""
        return ConnectionBusyError(
            f"This worker was too slow; another one took {self._connection_name} over and goes on."
        )
