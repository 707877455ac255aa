"""The lease under which one of all threads and processes changes what Intuit has of a sign-in: renews it, or gives it back.

Intuit replaces a refresh token in the moment it answers, so whoever asks with a token that another one is exchanging asks with a
dead one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from ml_connector.model.clock import Clock
from ml_connector.store import leases
from ml_connector.store.database import Database
from ml_connector.work.workers import has_died

LEASE = "quickbooks token"


class RefreshLease:
    """One holder's way to the lease of a connection's sign-in; it lasts `seconds` unless kept."""

    def __init__(self, database: Database, clock: Clock, *, connection_id: str, worker: str, seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._connection_id = connection_id
        self._holder = f"{worker}/{uuid4().hex[:12]}"  # two chains of one process are two refreshers
        self._seconds = seconds

    @contextmanager
    def taken(self) -> Iterator[int | None]:
        """Have the lease for a block; None when another one has it. That of a process that died on this machine is taken over."""
        now = self._clock.now()
        with self._database.read() as tx:
            holder = leases.holder(tx, self._connection_id, LEASE, now)
        if holder is not None and not has_died(holder):
            yield None
            return
        with self._database.write() as tx:
            if holder is not None:
                leases.release(tx, self._connection_id, LEASE, holder)
            fence = leases.acquire(tx, self._connection_id, LEASE, self._holder, now, self._seconds)
        try:
            yield fence
        finally:
            if fence is not None:
                with self._database.write() as tx:
                    leases.give_back(tx, self._connection_id, LEASE, fence)

    def keep(self, fence: int) -> bool:
        """Have the lease for another whole while; False when another one has it by now."""
        with self._database.write() as tx:
            return leases.extend(tx, self._connection_id, LEASE, fence, self._clock.now(), self._seconds)
