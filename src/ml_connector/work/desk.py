"""Everything the jobs of one connection need, handed in: database, clock, both clients, settings.

Only `app.py` makes one. A job takes a desk and nothing else, so the simulation and the tests run the very same jobs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ml_connector.basware.client import BaswareClient
from ml_connector.model.clock import Clock
from ml_connector.model.policy import PostingPolicy
from ml_connector.quickbooks.client import QuickBooksClient
from ml_connector.store import leases
from ml_connector.store.database import Database
from ml_connector.work.calls import CallLog
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.workers import has_died

Watch = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 when nobody knows), for a progress bar."""

LEASE = "work"
LEASE_SECONDS = 600.0
"""Longer than any single call with all its waiting for the vendor's budget."""


class ConnectionBusyError(Exception):
    """Another worker holds the connection; it does the same work, so there is nothing to do here."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One connection, ready to work. `worker` names this process in leases and batches."""

    database: Database
    connection_id: str
    connection_name: str
    settings: ConnectionSettings
    clock: Clock
    quickbooks: QuickBooksClient
    basware: BaswareClient
    worker: str
    calls: CallLog
    close: Callable[[], None]
    """Ends the connections to both systems."""
    watch: Watch = lambda _what, _done, _total: None

    @property
    def policy(self) -> PostingPolicy:
        """The company's choices. Unless they say otherwise, only documents of the connection's own companies are posted."""
        policy = self.settings.policy
        if policy.company_codes:
            return policy
        return msgspec.structs.replace(policy, company_codes=self.settings.basware.company_codes)

    def write_calls(self) -> None:
        """Put calls into the log that no job has put there yet."""
        if self.calls.is_empty:
            return
        with self.database.write() as tx:
            self.calls.write(tx, self.connection_id)

    def take_lease(self) -> None:
        """Become the one worker of this connection. Raises ConnectionBusyError when another one is."""
        now = self.clock.now()
        with self.database.write() as tx:
            holder = leases.holder(tx, self.connection_id, LEASE, now)
            if holder is not None and has_died(holder):
                leases.release(tx, self.connection_id, LEASE, holder)
            fence = leases.acquire(tx, self.connection_id, LEASE, self.worker, now, LEASE_SECONDS)
        if fence is None:
            raise ConnectionBusyError(
                f"Another worker is busy with {self.connection_name}. Wait for it to finish, then try again."
            )

    def keep_lease(self) -> None:
        """Stay the one worker, said before every call that writes. Raises ConnectionBusyError when it is too late."""
        with self.database.write() as tx:
            self.calls.write(tx, self.connection_id)
            kept = leases.renew(tx, self.connection_id, LEASE, self.worker, self.clock.now(), LEASE_SECONDS)
        if not kept:
            raise ConnectionBusyError(
                f"This worker was too slow; another one took {self.connection_name} over and goes on."
            )

    def release_lease(self) -> None:
        """Let another worker in."""
        with self.database.write() as tx:
            self.calls.write(tx, self.connection_id)
            self.calls.forget_old(tx, self.connection_id)
            leases.release(tx, self.connection_id, LEASE, self.worker)
